//! ADO.NET, ODBC and SQL Server components: what differs from those of OLE DB.

use scaleout_core::package::pipeline::{Component, Disposition};

use super::Fixture;
use super::destination::{TABLE, destination, load_flow, source_rows};
use super::source::{FILLED, GOOD, read_flow, source};
use crate::data_flow::testing::kinds::collecting;
use crate::data_flow::testing::pipelines::of_type;
use crate::data_flow::testing::run::rows_of;
use crate::value::DataType;

const ADO_NET: &str = "ADO.NET:System.Data.SqlClient.SqlConnection, System.Data";
const OTHER_ADO_NET: &str = "ADO.NET:System.Data.Odbc.OdbcConnection, System.Data";

fn fixture(connection_type: &'static str, script: &str) -> Fixture {
    Fixture {
        connection_type,
        ..Fixture::new(script)
    }
}

fn reading(component_type: &str, settings: &[(&str, &str)]) -> Component {
    of_type(component_type, source(settings))
}

fn writing(component_type: &str, settings: &[(&str, &str)]) -> Component {
    of_type(component_type, destination(settings))
}

#[test]
fn tables_and_queries_are_read_through_ado_net_and_odbc() {
    let sql = "SELECT Name, Id FROM T WHERE Id < 3";
    for (connection, component, settings) in [
        (
            ADO_NET,
            "Microsoft.DataReaderSourceAdapter",
            vec![("AccessMode", "0"), ("TableOrViewName", "\"dbo\".\"v\"")],
        ),
        (
            ADO_NET,
            "Microsoft.DataReaderSourceAdapter",
            vec![("AccessMode", "2"), ("SqlCommand", sql)],
        ),
        // The DataReader Source of 2005 knows queries only.
        (
            ADO_NET,
            "Microsoft.DataReaderSourceAdapter",
            vec![("SqlCommand", sql), ("CommandTimeout", "0")],
        ),
        (
            "ODBC",
            "Microsoft.SSISODBCSrc",
            vec![("AccessMode", "0"), ("TableName", "\"v\"")],
        ),
        (
            "ODBC",
            "Microsoft.SSISODBCSrc",
            vec![("AccessMode", "1"), ("SqlCommand", sql)],
        ),
    ] {
        let script = format!("{FILLED}; CREATE VIEW v AS SELECT name, id FROM T WHERE id < 3");
        let fixture = fixture(connection, &script);
        let (good, collected) = collecting("good");
        let (bad, _) = collecting("bad");
        assert!(
            fixture.run(&read_flow(reading(component, &settings)), vec![good, bad]),
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
fn the_output_of_an_odbc_source_says_what_becomes_of_bad_rows() {
    let settings = [("AccessMode", "0"), ("TableName", "T")];
    let mut src = reading("Microsoft.SSISODBCSrc", &settings);
    src.outputs[0].error_row_disposition = Disposition::RedirectRow;
    src.outputs[0].truncation_row_disposition = Disposition::IgnoreFailure;
    for column in &mut src.outputs[0].columns {
        column.error_row_disposition = Disposition::NotUsed;
        column.truncation_row_disposition = Disposition::NotUsed;
    }
    let fixture = fixture("ODBC", FILLED);
    let (good, collected) = collecting("good");
    let (bad, errors) = collecting("bad");
    assert!(fixture.run(&read_flow(src), vec![good, bad]));
    let read = rows_of(&collected, &GOOD);
    assert_eq!(read.len(), 3);
    assert_eq!(read[2], ["I4(3)", "Str(\"lon\")"]);
    let types = [DataType::I4, DataType::I4, DataType::I4];
    // 0xC0209072, the value does not convert; the number of column `id`.
    assert_eq!(
        rows_of(&errors, &types),
        [["Null", "I4(-1071607694)", "I4(1)"]]
    );
}

#[test]
fn a_database_that_refuses_is_said_in_the_words_of_the_family() {
    for (connection, component, settings, code, words) in [
        (
            ADO_NET,
            "Microsoft.DataReaderSourceAdapter",
            vec![("SqlCommand", "SELECT x FROM nowhere")],
            0xC004_7062,
            "nowhere",
        ),
        (
            "ODBC",
            "Microsoft.SSISODBCSrc",
            vec![("AccessMode", "1"), ("SqlCommand", "SELECT x FROM nowhere")],
            0xC020_2009,
            "Open Database Connectivity (ODBC) error occurred.",
        ),
        (
            "ODBC",
            "Microsoft.SSISODBCSrc",
            vec![("AccessMode", "7")],
            0xC020_2021,
            "`AccessMode` is 7",
        ),
    ] {
        let fixture = fixture(connection, FILLED);
        let (good, _) = collecting("good");
        let (bad, _) = collecting("bad");
        let flow = read_flow(reading(component, &settings));
        assert!(!fixture.run(&flow, vec![good, bad]));
        let text = fixture.recorder.find(code).text;
        assert!(text.contains(words), "{text}");
    }
}

/// Only `SqlClient` has a bulk copy, in which NULL becomes the default of a column.
#[test]
fn an_ado_net_destination_loads_in_bulk_where_the_original_would() {
    let table = "CREATE TABLE T (ID int, Name nvarchar(5) DEFAULT 'none')";
    let name = ("TableOrViewName", "\"dbo\".\"T\"");
    for (connection, settings, expected) in [
        (ADO_NET, vec![name], "Text([110, 111, 110, 101])"),
        (
            ADO_NET,
            vec![name, ("UseBulkInsertWhenPossible", "false")],
            "Null",
        ),
        (OTHER_ADO_NET, vec![name], "Null"),
    ] {
        let fixture = fixture(connection, table);
        let (bad, _) = collecting("bad");
        let flow = load_flow(writing("Microsoft.ADONETDestination", &settings));
        let rows = [(1, None)];
        assert!(
            fixture.run(&flow, vec![source_rows(&rows, 1), bad]),
            "{:?}",
            fixture.recorder.messages
        );
        assert_eq!(
            fixture.rows("SELECT Name FROM T"),
            [expected],
            "{settings:?}"
        );
    }
}

#[test]
fn a_batch_of_an_ado_net_destination_is_committed_whole() {
    let fixture = fixture(ADO_NET, TABLE);
    let (bad, _) = collecting("bad");
    let settings = [("TableOrViewName", "T"), ("BatchSize", "2")];
    let flow = load_flow(writing("Microsoft.ADONETDestination", &settings));
    let rows = [(1, Some("a")), (2, Some("b")), (3, Some("c")), (4, None)];
    assert!(!fixture.run(&flow, vec![source_rows(&rows, 4), bad]));
    assert_eq!(fixture.rows("SELECT count(*) FROM T"), ["Integer(2)"]);
    let text = fixture.recorder.find(0xC020_844B).text;
    for part in ["row 4", "2 rows of this load are committed"] {
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn an_odbc_destination_commits_by_transaction_size_and_finds_each_bad_row() {
    let rows = [
        (1, Some("a")),
        (2, None),
        (3, Some("c")),
        (4, Some("d")),
        (5, None),
    ];
    let settings = [("TableName", "\"T\""), ("TransactionSize", "3")];
    let mut dst = writing("Microsoft.SSISODBCDst", &settings);
    dst.inputs[0].error_row_disposition = Disposition::RedirectRow;
    let fixture = fixture("ODBC", TABLE);
    let (bad, collected) = collecting("bad");
    assert!(fixture.run(&load_flow(dst), vec![source_rows(&rows, 10), bad]));
    let types = [DataType::I4, super::WSTR, DataType::I4, DataType::I4];
    let ids = rows_of(&collected, &types);
    let ids: Vec<&str> = ids.iter().map(|row| row[0].as_str()).collect();
    assert_eq!(ids, ["I4(2)", "I4(5)"]);
    assert_eq!(
        fixture.rows("SELECT ID FROM T ORDER BY ID"),
        ["Integer(1)", "Integer(3)", "Integer(4)"]
    );
}

#[test]
fn a_sql_server_destination_is_one_transaction_of_the_rows_in_its_window() {
    let rows = [
        (1, Some("a")),
        (2, Some("b")),
        (3, Some("c")),
        (4, Some("d")),
        (5, Some("e")),
    ];
    for (more, succeeds, ids) in [
        (vec![], true, vec![1, 2, 3, 4, 5]),
        (vec![("BulkInsertFirstRow", "2")], true, vec![2, 3, 4, 5]),
        (
            vec![("BulkInsertFirstRow", "2"), ("BulkInsertLastRow", "3")],
            true,
            vec![2, 3],
        ),
        // Row 4 breaks the constraint: nothing stays, or what was committed.
        (vec![("Broken", "")], false, vec![]),
        (
            vec![("Broken", ""), ("MaxInsertCommitSize", "2")],
            false,
            vec![1, 2],
        ),
    ] {
        let broken = more.iter().any(|(name, _)| *name == "Broken");
        let check = if broken { "CHECK (ID <> 4)" } else { "" };
        let fixture = fixture(
            "OLEDB",
            &format!("CREATE TABLE T (ID int {check}, Name nvarchar(5))"),
        );
        let mut settings = vec![("BulkInsertTableName", "[dbo].[T]")];
        settings.extend(more.iter().copied());
        let (bad, _) = collecting("bad");
        let flow = load_flow(writing("Microsoft.SQLServerDestination", &settings));
        let succeeded = fixture.run(&flow, vec![source_rows(&rows, 2), bad]);
        assert_eq!(succeeded, succeeds, "{:?}", fixture.recorder.messages);
        let expected: Vec<String> = ids.iter().map(|id| format!("Integer({id})")).collect();
        let found = fixture.rows("SELECT ID FROM T ORDER BY ID");
        assert_eq!(found, expected, "{more:?}");
    }
}
