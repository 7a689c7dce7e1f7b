//! Execute SQL tasks that call procedures of a real server.

use crate::support::Soctl;
use crate::support::postgres::PostgresCluster;
use crate::support::tasks::TaskPackage;

fn binding(name: &str, variable: &str, direction: &str, data_type: &str) -> String {
    format!(
        r#"<SQLTask:ParameterBinding SQLTask:ParameterName="{name}" SQLTask:DtsVariableName="User::{variable}" SQLTask:ParameterDirection="{direction}" SQLTask:DataType="{data_type}" SQLTask:ParameterSize="-1"/>"#
    )
}

fn statement(text: &str) -> String {
    format!(r#"SQLTask:Connection="Db" SQLTask:SqlStatementSource="{text}""#)
}

#[test]
fn output_parameters_and_return_values_come_back_from_postgresql() {
    let Some(cluster) = PostgresCluster::start_or_skip() else {
        return;
    };
    cluster.psql(
        "postgres",
        "CREATE PROCEDURE half(IN whole int, OUT part int, OUT note text) LANGUAGE plpgsql \
         AS $$ BEGIN part := whole / 2; note := 'of ' || whole; END $$;
         CREATE FUNCTION twice(n int) RETURNS int LANGUAGE sql AS $$ SELECT n * 2 $$;
         CREATE FUNCTION pair(n int) RETURNS TABLE (a int, b int) LANGUAGE sql \
         AS $$ SELECT n, n + 1 $$;
         CREATE TABLE seen (part int, note text, twice int, b int)",
    );
    let call = [
        binding("0", "Whole", "Input", "3"),
        binding("1", "Part", "Output", "3"),
        binding("2", "Note", "Output", "130"),
    ];
    let returned = [
        binding("0", "Twice", "ReturnValue", "3"),
        binding("1", "Whole", "Input", "3"),
    ];
    let rows = binding("0", "Whole", "Input", "3")
        + r#"<SQLTask:ResultBinding SQLTask:ResultName="b" SQLTask:DtsVariableName="User::B"/>"#;
    let all = ["Part", "Note", "Twice", "B"].iter().enumerate();
    let all: String = all
        .map(|(at, name)| {
            binding(
                &at.to_string(),
                name,
                "Input",
                if at == 1 { "130" } else { "3" },
            )
        })
        .collect();
    let single_row = r#" SQLTask:ResultType="ResultSetType_SingleRow""#;
    let package = TaskPackage::new("calls")
        .connection("Db", "OLEDB", &cluster.connection_string("postgres"))
        .variable("Whole", 3, "42")
        .variable("Part", 3, "0")
        .variable("Note", 8, "")
        .variable("Twice", 3, "0")
        .variable("B", 3, "0")
        .sql(
            "Call",
            &statement("EXEC dbo.half ?, ? OUTPUT, ? OUTPUT"),
            &call.concat(),
        )
        .sql("Return", &statement("EXEC ? = twice ?"), &returned.concat())
        .sql("Rows", &(statement("EXEC pair ?") + single_row), &rows)
        .sql(
            "Keep",
            &statement("INSERT INTO seen VALUES (?, ?, ?, ?)"),
            &all,
        );
    let soctl = Soctl::new();
    std::fs::write(soctl.home().join("calls.dtsx"), package.text()).unwrap();
    soctl
        .dtexec(&["/F", "calls.dtsx", "/Rep", "EW"])
        .reports(0, &["DTSER_SUCCESS (0)"]);
    let seen = cluster.psql("postgres", "SELECT * FROM seen");
    assert_eq!(seen.trim(), "21|of 42|84|43");
}
