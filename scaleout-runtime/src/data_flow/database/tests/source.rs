//! The source: what is read, and what happens to values that do not fit.

use scaleout_core::package::pipeline::{Component, Disposition, ExternalColumn, Pipeline};

use super::{Fixture, WSTR, connected};
use crate::data_flow::testing::kinds::collecting;
use crate::data_flow::testing::pipelines::{
    column, component, error_output, of_type, output, path, pipeline, property, reads, with_input,
};
use crate::data_flow::testing::run::rows_of;
use crate::value::{DataType, Value};

pub(super) fn source(settings: &[(&str, &str)]) -> Component {
    let mut out = output("src", "");
    for (name, data_type) in [("id", DataType::I4), ("name", DataType::Wstr { length: 3 })] {
        out.external_columns.push(ExternalColumn {
            id: format!("ext {name}"),
            name: name.to_owned(),
            data_type: Some(data_type),
            properties: Vec::new(),
        });
        let mut declared = column(&format!("src.{name}"), data_type);
        declared.external_id = format!("ext {name}");
        declared.error_row_disposition = Disposition::FailComponent;
        declared.truncation_row_disposition = Disposition::FailComponent;
        out.columns.push(declared);
    }
    let mut errors = error_output("src", "");
    errors.columns.insert(0, column("e.id", DataType::I4));
    let mut it = component("src", vec![out, errors]);
    it.properties = settings
        .iter()
        .map(|(name, value)| property(name, value))
        .collect();
    connected(of_type("Microsoft.OLEDBSource", it))
}

/// `src` to `good`, its error rows to `bad`.
pub(super) fn read_flow(source: Component) -> Pipeline {
    let mut good = with_input(component("good", Vec::new()));
    good.inputs[0].columns = vec![reads("src.id"), reads("src.name")];
    let mut bad = with_input(component("bad", Vec::new()));
    bad.inputs[0].columns = vec![reads("e.id")];
    for sink in [&mut good, &mut bad] {
        sink.inputs[0].has_side_effects = true;
    }
    let paths = vec![path("src.out", "good.in"), path("src.error", "bad.in")];
    pipeline(vec![source, good, bad], paths)
}

pub(super) const GOOD: [DataType; 2] = [DataType::I4, DataType::Wstr { length: 3 }];
pub(super) const FILLED: &str = "CREATE TABLE T (name nvarchar(9), extra int, ID bigint); INSERT INTO T VALUES ('a', 0, 1), (NULL, 0, 2), ('long text', 0, 3), ('x', 0, 5000000000)";

#[test]
fn every_way_to_say_what_is_read() {
    let parameter = ("ParameterMapping", "\"Parameter0:Input\",User::Most;");
    for settings in [
        vec![("AccessMode", "0"), ("OpenRowset", "[dbo].[v]")],
        vec![("AccessMode", "1"), ("OpenRowsetVariable", "User::Table")],
        vec![
            ("AccessMode", "2"),
            (
                "SqlCommand",
                "SELECT TOP 2 [Name], [Id] FROM dbo.T WHERE Id <= ? ORDER BY Id",
            ),
            parameter,
        ],
        vec![
            ("AccessMode", "2"),
            ("SqlCommand", "SELECT id + 0, name AS other FROM v"),
        ],
        vec![("AccessMode", "3"), ("SqlCommandVariable", "User::Sql")],
    ] {
        let fixture = Fixture::new(&format!(
            "{FILLED}; CREATE VIEW v AS SELECT name, id FROM T WHERE id < 3"
        ))
        .with_variable("User::Table", WSTR, Value::Str("v".into()))
        .with_variable("User::Most", DataType::I4, Value::I4(2))
        .with_variable("User::Sql", WSTR, Value::Str("SELECT * FROM v".into()));
        let (good, collected) = collecting("good");
        let (bad, _) = collecting("bad");
        assert!(
            fixture.run(&read_flow(source(&settings)), vec![good, bad]),
            "{settings:?}: {:?}",
            fixture.recorder.messages
        );
        assert_eq!(
            rows_of(&collected, &GOOD),
            [["I4(1)", "Str(\"a\")"], ["I4(2)", "Null"]],
            "{settings:?}"
        );
    }
}

#[test]
fn dispositions_decide_about_values_that_do_not_fit() {
    use Disposition::{FailComponent, IgnoreFailure, RedirectRow};
    let settings = [("AccessMode", "0"), ("OpenRowset", "T")];
    let with = |disposition: Disposition| {
        let mut src = source(&settings);
        for column in &mut src.outputs[0].columns {
            column.error_row_disposition = disposition;
            column.truncation_row_disposition = disposition;
        }
        let fixture = Fixture::new(FILLED);
        let (good, collected) = collecting("good");
        let (bad, errors) = collecting("bad");
        let succeeded = fixture.run(&read_flow(src), vec![good, bad]);
        let bad_types = [DataType::I4, DataType::I4, DataType::I4];
        (
            succeeded,
            rows_of(&collected, &GOOD),
            rows_of(&errors, &bad_types),
            fixture,
        )
    };
    let (succeeded, good, bad, _) = with(IgnoreFailure);
    assert!(succeeded && bad.is_empty());
    assert_eq!(good[2], ["I4(3)", "Str(\"lon\")"]);
    assert_eq!(good[3], ["Null", "Str(\"x\")"]);

    let (succeeded, good, bad, _) = with(RedirectRow);
    assert!(succeeded);
    assert_eq!(good.len(), 2);
    assert_eq!(bad[0], ["I4(3)", "I4(-1071607766)", "I4(2)"]);
    assert_eq!(bad[1], ["Null", "I4(-1071607694)", "I4(1)"]);

    let (succeeded, _, _, fixture) = with(FailComponent);
    assert!(!succeeded);
    let message = fixture.recorder.find(0xC020_902A);
    assert_eq!(
        (message.row, message.column.as_deref()),
        (Some(3), Some("name"))
    );
}

#[test]
fn a_missing_table_or_column_of_the_source_is_named() {
    for (settings, code, part) in [
        (
            [("AccessMode", "0"), ("OpenRowset", "[dbo].[U]")],
            0xC020_20E8,
            "[dbo].[U]",
        ),
        (
            [("AccessMode", "2"), ("SqlCommand", "SELECT id FROM T")],
            0xC020_2005,
            "`name`",
        ),
        (
            [("AccessMode", "2"), ("SqlCommand", "SELEC x")],
            0xC020_2009,
            "SELEC x",
        ),
        (
            [("AccessMode", "2"), ("SqlCommand", "")],
            0xC020_2021,
            "`SqlCommand` is empty",
        ),
    ] {
        let fixture = Fixture::new(FILLED);
        let (good, _) = collecting("good");
        let (bad, _) = collecting("bad");
        assert!(!fixture.run(&read_flow(source(&settings)), vec![good, bad]));
        let messages = fixture.recorder.messages.lock().unwrap().clone();
        let said = messages
            .iter()
            .any(|(_, it)| it.code == code && it.text.contains(part));
        assert!(said, "{code:X}: {messages:?}");
    }
}
