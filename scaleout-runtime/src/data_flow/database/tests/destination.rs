//! The destination: what is loaded, committed, refused and redirected.

use scaleout_core::package::pipeline::{
    Component, Disposition, ExternalColumn, InputColumn, Path, Pipeline,
};

use super::{Fixture, WSTR, connected};
use crate::data_flow::component::BuildContext;
use crate::data_flow::kinds::kind;
use crate::data_flow::memory::MemoryPool;
use crate::data_flow::testing::kinds::{TestKind, collecting};
use crate::data_flow::testing::pipelines::{
    column, component, error_output, of_type, path, pipeline, property, reads, with_input,
};
use crate::data_flow::testing::run::{Row, rows_kind, rows_of, source_of};
use crate::events::Severity;
use crate::value::{DataType, Value};

pub(super) fn destination(settings: &[(&str, &str)]) -> Component {
    let mut it = with_input(component("dst", vec![error_output("dst", "dst.in")]));
    let input = &mut it.inputs[0];
    input.error_row_disposition = Disposition::FailComponent;
    for (name, data_type) in [("id", DataType::I4), ("name", DataType::Wstr { length: 5 })] {
        input.external_columns.push(ExternalColumn {
            id: format!("ext {name}"),
            name: name.to_owned(),
            data_type: Some(data_type),
            properties: Vec::new(),
        });
        input.columns.push(InputColumn {
            external_id: format!("ext {name}"),
            ..reads(&format!("src.{name}"))
        });
    }
    it.properties = settings
        .iter()
        .map(|(name, value)| property(name, value))
        .collect();
    connected(of_type("Microsoft.OLEDBDestination", it))
}

pub(super) const FAST: [(&str, &str); 2] = [("AccessMode", "3"), ("OpenRowset", "[dbo].[T]")];

/// `src` sends rows to `dst`, whose error rows go to `bad`.
pub(super) fn load_flow(destination: Component) -> Pipeline {
    let columns = vec![column("src.id", DataType::I4), column("src.name", WSTR)];
    let mut bad = with_input(component("bad", Vec::new()));
    bad.inputs[0].has_side_effects = true;
    let components = vec![source_of("src", columns), destination, bad];
    let paths: Vec<Path> = vec![path("src.out", "dst.in"), path("dst.error", "bad.in")];
    pipeline(components, paths)
}

pub(super) fn source_rows(rows: &[(i32, Option<&str>)], batch: usize) -> TestKind {
    let rows = rows.iter().map(|(id, name)| {
        let name = name.map_or(Value::Null, |name| Value::Str(name.into()));
        vec![Value::I4(*id), name]
    });
    let rows: Vec<Row> = rows.collect();
    rows_kind("src", vec![DataType::I4, WSTR], rows, batch)
}

pub(super) const TABLE: &str =
    "CREATE TABLE T (ID int NOT NULL, Name nvarchar(5) NOT NULL, x int DEFAULT 7)";

#[test]
fn rows_are_loaded_and_defaults_filled() {
    let fixture = Fixture::new(TABLE);
    let (bad, _) = collecting("bad");
    let rows = [(1, Some("a")), (2, Some("ä")), (3, Some("c"))];
    let flow = load_flow(destination(&FAST));
    assert!(
        fixture.run(&flow, vec![source_rows(&rows, 2), bad]),
        "{:?}",
        fixture.recorder.messages
    );
    assert_eq!(
        fixture.rows("SELECT id, name, x FROM T ORDER BY id"),
        [
            "Integer(1)|Text([97])|Integer(7)",
            "Integer(2)|Text([195, 164])|Integer(7)",
            "Integer(3)|Text([99])|Integer(7)",
        ]
    );
    let informed = fixture.recorder.codes(Severity::Information);
    assert!(informed.contains(&0x4020_90DF) && informed.contains(&0x4020_90E0));
}

#[test]
fn null_in_a_column_that_has_none_names_row_column_and_what_is_committed() {
    let fixture = Fixture::new(TABLE);
    let (bad, _) = collecting("bad");
    let rows = [(1, Some("a")), (2, Some("b")), (3, Some("c")), (4, None)];
    let flow = load_flow(destination(&FAST));
    assert!(!fixture.run(&flow, vec![source_rows(&rows, 3), bad]));
    let message = fixture.recorder.find(0xC020_2009);
    assert!(
        message
            .text
            .starts_with("SSIS Error Code DTS_E_OLEDBERROR.")
    );
    for part in [
        "[dbo].[T]",
        "row 4",
        "`Name`",
        "NOT NULL",
        "3 rows of this load are committed",
    ] {
        assert!(message.text.contains(part), "{part}: {}", message.text);
    }
    assert_eq!(
        (message.row, message.column.as_deref()),
        (Some(4), Some("Name"))
    );
    assert!(fixture.errors().contains(&0xC020_9029));
    assert_eq!(fixture.rows("SELECT count(*) FROM T"), ["Integer(3)"]);
}

#[test]
fn a_commit_size_of_zero_loads_all_or_nothing() {
    for (last, count) in [(None, "Integer(0)"), (Some("d"), "Integer(4)")] {
        let fixture = Fixture::new(TABLE);
        let (bad, _) = collecting("bad");
        let rows = [(1, Some("a")), (2, Some("b")), (3, Some("c")), (4, last)];
        let settings = [FAST[0], FAST[1], ("FastLoadMaxInsertCommitSize", "0")];
        let flow = load_flow(destination(&settings));
        let succeeded = fixture.run(&flow, vec![source_rows(&rows, 1), bad]);
        assert_eq!(succeeded, last.is_some());
        assert_eq!(fixture.rows("SELECT count(*) FROM T"), [count]);
        if !succeeded {
            let text = fixture.recorder.find(0xC020_2009).text;
            assert!(text.contains("no row of this load"), "{text}");
        }
    }
}

#[test]
fn a_small_commit_size_keeps_what_came_before() {
    let fixture = Fixture::new(TABLE);
    let (bad, _) = collecting("bad");
    let rows = [(1, Some("a")), (2, Some("b")), (3, Some("c")), (4, None)];
    let settings = [FAST[0], FAST[1], ("FastLoadMaxInsertCommitSize", "2")];
    let flow = load_flow(destination(&settings));
    assert!(!fixture.run(&flow, vec![source_rows(&rows, 4), bad]));
    assert_eq!(fixture.rows("SELECT count(*) FROM T"), ["Integer(2)"]);
    let text = fixture.recorder.find(0xC020_2009).text;
    assert!(text.contains("2 rows of this load are committed"), "{text}");
}

#[test]
fn fast_load_redirects_whole_units_and_row_by_row_the_rows_to_blame() {
    let rows = [
        (1, Some("a")),
        (2, None),
        (3, Some("c")),
        (4, Some("d")),
        (5, Some("e")),
    ];
    for (mode, redirected) in [("3", vec![1, 2]), ("0", vec![2])] {
        let fixture = Fixture::new(TABLE);
        let (bad, collected) = collecting("bad");
        let settings = [
            ("AccessMode", mode),
            FAST[1],
            ("FastLoadMaxInsertCommitSize", "2"),
        ];
        let mut dst = destination(&settings);
        dst.inputs[0].error_row_disposition = Disposition::RedirectRow;
        assert!(fixture.run(&load_flow(dst), vec![source_rows(&rows, 10), bad]));
        let types = [DataType::I4, WSTR, DataType::I4, DataType::I4];
        let sent = rows_of(&collected, &types);
        let ids: Vec<String> = sent.iter().map(|row| row[0].clone()).collect();
        let expected: Vec<String> = redirected.iter().map(|id| format!("I4({id})")).collect();
        assert_eq!(ids, expected, "mode {mode}");
        // 0xC020907D, the row breaks a constraint; no column.
        assert_eq!(sent[0][2..], ["I4(-1071607683)", "I4(0)"]);
        let count = format!("Integer({})", 5 - redirected.len());
        assert_eq!(fixture.rows("SELECT count(*) FROM T"), [count]);
    }
}

#[test]
fn text_that_is_too_long_names_column_and_type() {
    let fixture = Fixture::new(TABLE);
    let (bad, _) = collecting("bad");
    let rows = [(1, Some("fine")), (2, Some("much too long"))];
    assert!(!fixture.run(
        &load_flow(destination(&FAST)),
        vec![source_rows(&rows, 9), bad]
    ));
    let message = fixture.recorder.find(0xC020_901C);
    for part in [
        "row 2",
        "`name`",
        "DT_WSTR(5)",
        "longer than the column",
        "no row of this load",
    ] {
        assert!(message.text.contains(part), "{part}: {}", message.text);
    }
}

#[test]
fn ignored_rows_are_left_out() {
    let fixture = Fixture::new(TABLE);
    let (bad, collected) = collecting("bad");
    let rows = [
        (1, Some("fine")),
        (2, Some("much too long")),
        (3, Some("ok")),
    ];
    let mut dst = destination(&[("AccessMode", "0"), FAST[1]]);
    dst.inputs[0].error_row_disposition = Disposition::IgnoreFailure;
    assert!(fixture.run(&load_flow(dst), vec![source_rows(&rows, 9), bad]));
    assert_eq!(
        fixture.rows("SELECT id FROM T"),
        ["Integer(1)", "Integer(3)"]
    );
    assert!(collected.lock().unwrap().is_empty());
}

#[test]
fn a_missing_table_or_column_is_said_before_the_first_row() {
    for (script, code, part) in [
        ("SELECT 1", 0xC020_2040, "[dbo].[T]"),
        ("CREATE TABLE T (id int)", 0xC020_2005, "`name`"),
    ] {
        let fixture = Fixture::new(script);
        let (bad, _) = collecting("bad");
        let kinds = vec![source_rows(&[(1, Some("a"))], 1), bad];
        assert!(!fixture.run(&load_flow(destination(&FAST)), kinds));
        let text = fixture.recorder.find(code).text;
        assert!(
            text.contains(part) && text.contains("manager `db`"),
            "{text}"
        );
    }
}

#[test]
fn redirection_without_batches_is_refused_by_validation() {
    let fixture = Fixture::new(TABLE);
    let settings = [FAST[0], FAST[1], ("FastLoadMaxInsertCommitSize", "0")];
    let mut dst = destination(&settings);
    dst.inputs[0].error_row_disposition = Disposition::RedirectRow;
    let services = fixture.services();
    let cx = BuildContext {
        services: &services,
        task_path: "\\P\\D",
        inputs: &[None],
        orders: &[],
        attached: &[true],
        memory: &MemoryPool::of(&services.settings),
        is_used: &|_| true,
        lineage_number: &|_| 0,
        batch_rows: 10,
    };
    let problems = kind("Microsoft.OLEDBDestination")
        .unwrap()
        .validate(&dst, &cx, false);
    let codes: Vec<&str> = problems.iter().map(|it| it.code.as_str()).collect();
    assert_eq!(codes, ["0xC00470C7"]);
    assert_eq!(problems[0].path, "\\P\\D\\dst");
}
