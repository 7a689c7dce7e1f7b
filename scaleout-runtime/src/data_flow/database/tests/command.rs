//! The command: what runs for each row, what a bad row does, what is refused.

use scaleout_core::package::pipeline::{
    Component, Disposition, ExternalColumn, InputColumn, Path, Pipeline,
};

use super::destination::source_rows;
use super::{Fixture, WSTR, connected};
use crate::data_flow::engine::validate;
use crate::data_flow::testing::kinds::collecting;
use crate::data_flow::testing::pipelines::{
    column, component, error_output, of_type, output, path, pipeline, property, reads, with_input,
};
use crate::data_flow::testing::run::{rows_of, source_of};
use crate::value::DataType;

const TABLE: &str = "CREATE TABLE T (Id int PRIMARY KEY, Name nvarchar(5) NOT NULL);
    INSERT INTO T VALUES (1, 'old'), (2, 'old'), (3, 'old')";
const UPDATE: &str = "UPDATE [dbo].[T] SET [Name] = ? WHERE Id = ?";

fn command(sql: &str, disposition: Disposition) -> Component {
    let outputs = vec![output("cmd", "cmd.in"), error_output("cmd", "cmd.in")];
    let mut it = with_input(component("cmd", outputs));
    it.outputs[0].exclusion_group = 1;
    let input = &mut it.inputs[0];
    input.error_row_disposition = disposition;
    input.has_side_effects = true;
    let parameters = [
        ("Param_0", "src.name", WSTR),
        ("Param_1", "src.id", DataType::I8),
    ];
    for (name, lineage, data_type) in parameters {
        input.external_columns.push(ExternalColumn {
            id: format!("ext {name}"),
            name: name.to_owned(),
            data_type: Some(data_type),
            properties: vec![property("DBParamInfoFlags", "65")],
        });
        input.columns.push(InputColumn {
            external_id: format!("ext {name}"),
            ..reads(lineage)
        });
    }
    it.properties = vec![property("SqlCommand", sql)];
    connected(of_type("Microsoft.OLEDBCommand", it))
}

/// `src` sends rows through `cmd` to `good`, bad ones to `bad`.
fn flow(command: Component) -> Pipeline {
    let columns = vec![column("src.id", DataType::I4), column("src.name", WSTR)];
    let sink = |name: &str| {
        let mut it = with_input(component(name, Vec::new()));
        it.inputs[0].has_side_effects = true;
        it
    };
    let components = vec![
        source_of("src", columns),
        command,
        sink("good"),
        sink("bad"),
    ];
    let paths: Vec<Path> = vec![
        path("src.out", "cmd.in"),
        path("cmd.out", "good.in"),
        path("cmd.error", "bad.in"),
    ];
    pipeline(components, paths)
}

/// Runs it on three rows, of which the second breaks the table's rule; gives whether it succeeded,
/// the ids that went on, the ids that were redirected with their codes, and the table.
fn run(
    fixture: &Fixture,
    disposition: Disposition,
) -> (bool, Vec<String>, Vec<Vec<String>>, Vec<String>) {
    let (good, went_on) = collecting("good");
    let (bad, redirected) = collecting("bad");
    let rows = [(1, Some("new")), (2, None), (3, Some("new"))];
    let flow = flow(command(UPDATE, disposition));
    let done = fixture.run(&flow, vec![source_rows(&rows, 10), good, bad]);
    let ids = |rows: Vec<Vec<String>>| rows.into_iter().map(|row| row[0].clone()).collect();
    (
        done,
        ids(rows_of(&went_on, &[DataType::I4, WSTR])),
        rows_of(
            &redirected,
            &[DataType::I4, WSTR, DataType::I4, DataType::I4],
        ),
        fixture.rows("SELECT Id FROM T WHERE Name = 'new' ORDER BY Id"),
    )
}

#[test]
fn a_bad_row_stops_the_component_and_what_was_done_stays() {
    let fixture = Fixture::new(TABLE);
    let (done, went_on, redirected, changed) = run(&fixture, Disposition::FailComponent);
    assert!(!done);
    assert_eq!((went_on.len(), redirected.len()), (0, 0));
    assert_eq!(changed, ["Integer(1)"]);
    // 0xC0202009 says what, 0xC0209029 whose rule made it fatal.
    let message = fixture.recorder.find(0xC020_2009);
    for part in [
        "row 2",
        "NOT NULL constraint failed: T.Name",
        "SET [Name] = ?",
    ] {
        assert!(message.text.contains(part), "{part}: {}", message.text);
    }
    assert_eq!(message.row, Some(2));
    assert!(fixture.errors().contains(&0xC020_9029));
}

#[test]
fn a_bad_row_is_redirected_or_goes_on_as_its_disposition_says() {
    let fixture = Fixture::new(TABLE);
    let (done, went_on, redirected, changed) = run(&fixture, Disposition::RedirectRow);
    assert!(done, "{:?}", fixture.recorder.messages);
    assert_eq!(went_on, ["I4(1)", "I4(3)"]);
    assert_eq!(redirected.len(), 1);
    assert_eq!(
        (redirected[0][0].as_str(), redirected[0][3].as_str()),
        ("I4(2)", "I4(0)")
    );
    assert_eq!(changed, ["Integer(1)", "Integer(3)"]);

    let fixture = Fixture::new(TABLE);
    let (done, went_on, redirected, changed) = run(&fixture, Disposition::IgnoreFailure);
    assert!(done);
    assert_eq!(went_on, ["I4(1)", "I4(2)", "I4(3)"]);
    assert!(redirected.is_empty());
    assert_eq!(changed, ["Integer(1)", "Integer(3)"]);
}

#[test]
fn validation_says_what_cannot_run() {
    let fixture = Fixture::new(TABLE);
    let mut unmapped = command(UPDATE, Disposition::FailComponent);
    unmapped.inputs[0].columns.pop();
    let mut gives_back = command(UPDATE, Disposition::FailComponent);
    gives_back.inputs[0].external_columns[1].properties = vec![property("DBParamInfoFlags", "67")];
    let fail = Disposition::FailComponent;
    for (it, words) in [
        (command("  ", fail), "`SqlCommand` is empty"),
        (
            command("DELETE FROM T WHERE Id = ?", fail),
            "has 1 parameters",
        ),
        (unmapped, "`Param_1` of the statement has no input column"),
        (gives_back, "`Param_1` gives a value back"),
    ] {
        let services = fixture.services();
        let problems = validate(&flow(it), "\\P\\D", &services, true);
        let texts: Vec<&str> = problems.iter().map(|one| one.message.as_str()).collect();
        assert!(
            texts.iter().any(|text| text.contains(words)),
            "{words}: {texts:?}"
        );
    }
}
