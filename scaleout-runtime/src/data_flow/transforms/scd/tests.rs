//! Slowly Changing Dimension over a real table.

use std::sync::Arc;

use scaleout_core::package::pipeline::{ComponentConnection, Pipeline};

use crate::data_flow::testing::kinds::{Collected, TestKind, collecting};
use crate::data_flow::testing::pipelines::{
    column, component, named_output, of_type, path, pipeline, property, reads, sink, with_input,
};
use crate::data_flow::testing::run::{Ran, Row, rows_kind, rows_of, run_flow_with, source_of};
use crate::data_flow::testing::sqlite::SqliteFile;
use crate::value::{DataType, Value};

const TEXT: DataType = DataType::Wstr { length: 10 };
const TYPES: [DataType; 4] = [DataType::I4, TEXT, TEXT, TEXT];
/// The key, and a changing, a historical and a fixed attribute. Of 1 there is an old row.
const DIMENSION: &str = "CREATE TABLE D (Id int, Phone nvarchar(10), City nvarchar(10),
        Born nvarchar(10), Current int, Inferred bit);
    INSERT INTO D VALUES
        (1, 'old', 'Oslo', '1970', 0, 0), (1, '11', 'Rome', '1970', 1, 0),
        (2, '22', 'Bonn', '1980', 1, 0), (3, NULL, NULL, NULL, 1, 1),
        (4, '44', NULL, '1990', 1, 0)";
const OUTPUTS: [&str; 6] = [
    "Unchanged Output",
    "New Output",
    "Fixed Attribute Output",
    "Changing Attribute Updates Output",
    "Historical Attribute Inserts Output",
    "Inferred Member Updates Output",
];
const SINKS: [&str; 6] = [
    "unchanged",
    "new",
    "fixed",
    "changing",
    "historical",
    "inferred",
];

fn scd(properties: &[(&str, &str)]) -> Pipeline {
    let mut outputs = Vec::new();
    for (name, sink) in OUTPUTS.iter().zip(SINKS) {
        let mut output = named_output("scd", sink, "scd.in");
        output.name = (*name).to_owned();
        output.exclusion_group = 1 + i32::from(sink == "historical");
        outputs.push(output);
    }
    let mut scd = with_input(of_type("Microsoft.SCD", component("scd", outputs)));
    scd.properties = vec![
        property(
            "SqlCommand",
            "SELECT [Id], [Phone], [City], [Born], [Inferred] FROM [D]",
        ),
        property("CurrentRowWhere", "[Current] = 1"),
    ];
    for (name, value) in properties {
        scd.properties.push(property(name, value));
    }
    scd.connections.push(ComponentConnection {
        name: "LookupConnection".to_owned(),
        manager_id: "db".to_owned(),
        manager_ref_id: String::new(),
    });
    for (name, kind) in [("Id", "1"), ("Phone", "2"), ("City", "3"), ("Born", "4")] {
        let mut read = reads(&format!("source.{name}"));
        read.properties.push(property("ColumnType", kind));
        scd.inputs[0].columns.push(read);
    }
    let columns = ["Id", "Phone", "City", "Born"].into_iter().zip(TYPES);
    let columns = columns.map(|(name, data_type)| column(&format!("source.{name}"), data_type));
    let mut components = vec![source_of("source", columns.collect()), scd];
    let mut paths = vec![path("source.out", "scd.in")];
    for sink_name in SINKS {
        components.push(sink(sink_name, &["source.Id"]));
        paths.push(path(
            &format!("scd.{sink_name}"),
            &format!("{sink_name}.in"),
        ));
    }
    pipeline(components, paths)
}

type Member = (i32, &'static str, Option<&'static str>, &'static str);

fn run(flow: &Pipeline, members: &[Member]) -> (Ran, Vec<Vec<String>>) {
    let text = |text: &str| Value::Str(text.into());
    let rows: Vec<Row> = members
        .iter()
        .map(|(id, phone, city, born)| {
            let id = match id {
                0 => Value::Null,
                id => Value::I4(*id),
            };
            vec![id, text(phone), city.map_or(Value::Null, text), text(born)]
        })
        .collect();
    let mut kinds: Vec<TestKind> = vec![rows_kind("source", TYPES.into(), rows, 2)];
    let mut collected: Vec<Collected> = Vec::new();
    for name in SINKS {
        let (kind, kept) = collecting(name);
        kinds.push(kind);
        collected.push(kept);
    }
    let ran = run_flow_with(flow, kinds, &[], |services| {
        services.connections = Arc::new(SqliteFile::new(DIMENSION));
    });
    let ids = collected.iter().map(|kept| {
        let rows = rows_of(kept, &TYPES).into_iter();
        rows.map(|row| row[0].clone()).collect()
    });
    (ran, ids.collect())
}

const MEMBERS: [Member; 8] = [
    (1, "11", Some("Rome"), "1970"),
    (9, "99", Some("Kyiv"), "2000"),
    (1, "11", Some("Rome"), "1971"),
    (2, "23", Some("Bonn"), "1980"),
    (2, "22", Some("Köln"), "1980"),
    (2, "23", Some("Köln"), "1980"),
    (3, "33", Some("Wien"), "1999"),
    (4, "44", None, "1990"),
];

fn ids(numbers: &[i32]) -> Vec<String> {
    numbers
        .iter()
        .map(|number| format!("I4({number})"))
        .collect()
}

#[test]
fn each_member_goes_where_its_changes_say() {
    let flow = scd(&[
        ("EnableInferredMember", "true"),
        ("InferredMemberIndicator", "[Inferred]"),
    ]);
    let (ran, found) = run(&flow, &MEMBERS);
    assert_eq!(ran.errors(), Vec::<u32>::new());
    let expected = [
        // NULL is no change of NULL, and the old row of 1 does not count.
        ids(&[1, 4]),
        ids(&[9]),
        ids(&[1]),
        // Both kinds of change at once go to both outputs.
        ids(&[2, 2]),
        ids(&[2, 2]),
        ids(&[3]),
    ];
    assert_eq!(found, expected);
}

#[test]
fn without_an_indicator_a_member_of_nulls_is_inferred() {
    let (_, found) = run(&scd(&[("EnableInferredMember", "true")]), &MEMBERS[6..]);
    assert_eq!(found[5], ids(&[3]));
    // Not enabled: a fixed attribute that was NULL has changed.
    let (_, found) = run(&scd(&[]), &MEMBERS[6..]);
    assert_eq!((&found[2], &found[5]), (&ids(&[3]), &ids(&[])));
}

#[test]
fn outputs_in_another_language_are_known_by_their_order() {
    let mut flow = scd(&[]);
    for output in &mut flow.components[1].outputs {
        output.name = "Sortie".to_owned();
    }
    let (ran, found) = run(&flow, &MEMBERS[..2]);
    assert_eq!(ran.errors(), Vec::<u32>::new());
    assert_eq!((&found[0], &found[1]), (&ids(&[1]), &ids(&[9])));
}

#[test]
fn what_must_not_be_ends_the_data_flow_with_row_and_column() {
    let fails = |properties: &[(&str, &str)], member: Member| {
        let (ran, _) = run(&scd(properties), &[MEMBERS[0], member]);
        let code = ran.errors()[0];
        let message = ran.recorder.find(code);
        assert_eq!(message.row, Some(2), "{}", message.text);
        (code, message.column)
    };
    let born = Some("Born".to_owned());
    let fixed = [("FailOnFixedAttributeChange", "true")];
    assert_eq!(fails(&fixed, MEMBERS[2]), (0xC020_803C, born));
    let new = [("FailOnLookupFailure", "true")];
    assert_eq!(fails(&new, MEMBERS[1]), (0xC020_901E, None));
    let nobody = (0, "", None, "");
    assert_eq!(fails(&[], nobody), (0xC004_7062, Some("Id".to_owned())));
}

#[test]
fn all_rows_are_new_when_nothing_is_compared() {
    let (_, found) = run(&scd(&[("IncomingRowChangeType", "0")]), &MEMBERS);
    assert_eq!(found[1].len(), 8);
}

#[test]
fn what_is_wrong_is_said_before_the_first_row() {
    let mut flow = scd(&[]);
    flow.components[1].inputs[0].columns[0].properties[0].value = "2".to_owned();
    assert_eq!(run(&flow, &[]).0.errors(), [0xC020_2021, 0xC004_700C]);
    let mut flow = scd(&[]);
    flow.components[1].properties[0].value = "SELECT 1 WHERE ? = ?".to_owned();
    assert_eq!(run(&flow, &[]).0.errors(), [0xC020_2021, 0xC004_700C]);
    let mut flow = scd(&[]);
    flow.components[1].connections[0].manager_id = "gone".to_owned();
    assert_eq!(run(&flow, &[]).0.errors().last(), Some(&0xC004_700C));
}
