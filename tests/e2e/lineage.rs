//! `soctl lineage`: what feeds what, without running anything.

use serde_json::Value;

use crate::support::package::{
    self, FlatFile, destination, destination_input, source, source_column, source_output,
};
use crate::support::{Soctl, corpus};

const DERIVE: &str = r"Package\Load\Derive";

/// `Read` → `Derive` (a new column, a changed one, a constant) → `Write`.
fn write_package(soctl: &Soctl) -> String {
    let file = |name: &'static str, columns| FlatFile {
        name,
        path: format!("/data/{name}.csv"),
        code_page: 65001,
        columns,
    };
    let from = file(
        "In",
        vec![
            ("first", "wstr", 20),
            ("last", "wstr", 20),
            ("age", "i4", 0),
        ],
    );
    let to = file(
        "Out",
        vec![
            ("name", "wstr", 41),
            ("age", "i4", 0),
            ("origin", "wstr", 5),
            ("last", "wstr", 20),
        ],
    );
    let (first, last, age) = (
        source_column("Read", "first"),
        source_column("Read", "last"),
        source_column("Read", "age"),
    );
    let (input, output) = (
        format!("{DERIVE}.Inputs[in]"),
        format!("{DERIVE}.Outputs[out]"),
    );
    let derive = derived_column(&first, &last, &age);
    let written = [
        ("name", format!("{output}.Columns[name]")),
        ("age", age.clone()),
        ("origin", format!("{output}.Columns[origin]")),
        ("last", last.clone()),
    ];
    let components = source("Read", "In", &from) + &derive + &destination("Write", &to, &written);
    let flow = package::data_flow(
        &components,
        &[
            (&source_output("Read"), &input),
            (&output, &destination_input("Write")),
        ],
    );
    let managers = from.manager() + &to.manager();
    let path = soctl.home().join("p.dtsx");
    std::fs::write(&path, package::with_body("p", &managers, &flow)).unwrap();
    path.display().to_string()
}

/// The component `Derive` over three columns.
fn derived_column(first: &str, last: &str, age: &str) -> String {
    let input = format!("{DERIVE}.Inputs[in]");
    let output = format!("{DERIVE}.Outputs[out]");
    let used = |column: &str, lineage: &str, more: &str, inner: &str| {
        format!(
            r#"<inputColumn refId="{input}.Columns[{column}]" cachedName="{column}" lineageId="{lineage}"{more}>{inner}</inputColumn>"#
        )
    };
    let expression = |ids: &str, names: &str| {
        format!(
            r#"<properties><property containsID="true" dataType="System.String" name="Expression">{ids}</property><property containsID="true" dataType="System.String" name="FriendlyExpression">{names}</property></properties>"#
        )
    };
    let made = |column: &str, length: u32, properties: &str| {
        format!(
            r#"<outputColumn refId="{output}.Columns[{column}]" dataType="wstr" length="{length}" errorRowDisposition="FailComponent" truncationRowDisposition="FailComponent" lineageId="{output}.Columns[{column}]" name="{column}">{properties}</outputColumn>"#
        )
    };
    let columns = used("first", first, "", "")
        + &used("last", last, "", "")
        + &used(
            "age",
            age,
            r#" usageType="readWrite" errorRowDisposition="FailComponent" truncationRowDisposition="FailComponent""#,
            &expression(&format!("#{{{age}}} + 1"), "age + 1"),
        );
    let outputs = made(
        "name",
        41,
        &expression(
            &format!("#{{{first}}} + \" \" + #{{{last}}}"),
            "first + \" \" + last",
        ),
    ) + &made("origin", 5, &expression("\"file\"", "\"file\""));
    format!(
        r#"<component refId="{DERIVE}" componentClassID="Microsoft.DerivedColumn" name="Derive" usesDispositions="true"><inputs><input refId="{input}" name="in"><inputColumns>{columns}</inputColumns></input></inputs><outputs><output refId="{output}" exclusionGroup="1" synchronousInputId="{input}" name="out"><outputColumns>{outputs}</outputColumns></output></outputs></component>"#
    )
}

#[test]
fn columns_are_followed_through_expressions() {
    let soctl = Soctl::new();
    let file = write_package(&soctl);
    let lineage = soctl.json(&["lineage", &file]);
    let columns = lineage[0]["tasks"][0]["columns"]
        .as_array()
        .unwrap()
        .clone();
    assert_eq!(lineage[0]["tasks"][0]["path"], r"\p\Load");
    let told = |at: usize| {
        let column: &Value = &columns[at];
        let names = column["sources"].as_array().unwrap().iter();
        let names: Vec<&str> = names.map(|it| it["column"].as_str().unwrap()).collect();
        let steps = column["through"].as_array().unwrap().iter();
        let steps: Vec<&str> = steps.map(|it| it["expression"].as_str().unwrap()).collect();
        (
            column["destination"]["column"].as_str().unwrap().to_owned(),
            names.join(","),
            steps.join(","),
        )
    };
    let column = |name: &str, from: &str, through: &str| {
        (name.to_owned(), from.to_owned(), through.to_owned())
    };
    assert_eq!(columns.len(), 4);
    assert_eq!(
        told(0),
        column("name", "first,last", "first + \" \" + last")
    );
    assert_eq!(told(1), column("age", "age", "age + 1"));
    assert_eq!(told(2), column("origin", "", "\"file\""));
    assert_eq!(told(3), column("last", "last", ""));
    assert_eq!(columns[0]["destination"]["object"], "/data/Out.csv");
    assert_eq!(columns[0]["sources"][0]["connection"], "In");

    let table = soctl.run(&["lineage", &file]).success().stdout;
    for part in ["/data/In.csv: first", "Derive: age + 1"] {
        assert!(table.contains(part), "`{part}` is not in:\n{table}");
    }
    let chart = soctl.run(&["lineage", &file, "--format", "mermaid"]);
    let chart = chart.success().stdout;
    for part in [
        "flowchart LR\n",
        "subgraph b0[\"Read: /data/In.csv\"]",
        "-->|\"age + 1\"|",
        "([\"&quot;file&quot;\"])",
    ] {
        assert!(chart.contains(part), "`{part}` is not in:\n{chart}");
    }
}

#[test]
fn every_destination_column_of_the_corpus_has_its_sources() {
    let Some(corpus) = corpus::folder() else {
        return;
    };
    let soctl = Soctl::new();
    let project = corpus.join("AndreyQC__CrimeStat.SSIS/CrimeStat.SSIS.dtproj");
    let lineage = soctl.json(&["lineage", project.to_str().unwrap()]);
    let mut columns = 0;
    for package in lineage.as_array().unwrap() {
        for task in package["tasks"].as_array().unwrap() {
            for column in task["columns"].as_array().unwrap() {
                columns += 1;
                let is_made = !column["through"].as_array().unwrap().is_empty();
                let has_sources = !column["sources"].as_array().unwrap().is_empty();
                assert!(has_sources || is_made, "{}: {column:#}", task["path"]);
            }
        }
    }
    assert!(150 < columns, "{columns}");
    // The key of a fact is looked up in its dimension.
    let facts = lineage.as_array().unwrap().iter();
    let fact = facts
        .filter(|it| it["package"] == "dwh_Load_FactCrime.dtsx")
        .flat_map(|it| it["tasks"].as_array().unwrap())
        .flat_map(|it| it["columns"].as_array().unwrap())
        .find(|it| it["destination"]["column"] == "DimCountryKey")
        .unwrap();
    let source = &fact["sources"][0];
    assert_eq!(source["column"], "DimCountryKey", "{fact:#}");
    assert!(
        source["object"]
            .as_str()
            .unwrap()
            .contains("[dwh].[DimCountry]"),
        "{fact:#}"
    );
}
