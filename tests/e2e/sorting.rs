//! Rows that are sorted, joined and added up on their way from files to a file.

use std::fmt::Write;

use crate::support::package::{
    self, FlatFile, destination, destination_input, source, source_column, source_output,
};
use crate::support::{Site, Soctl};

fn file(
    soctl: &Soctl,
    name: &'static str,
    columns: Vec<(&'static str, &'static str, u32)>,
) -> FlatFile {
    let path = soctl.home().join(format!("{name}.csv"));
    FlatFile {
        name,
        path: path.display().to_string(),
        code_page: 65001,
        columns,
    }
}

fn property(name: &str, value: &str) -> String {
    format!(
        r#"<property dataType="System.String" containsID="true" name="{name}">{value}</property>"#
    )
}

/// A Sort of a source's columns by some of them.
fn sort(name: &str, source: &str, columns: &[(&str, &str, i32)]) -> String {
    let (input, output) = (input(name, "in"), output(name));
    let (mut read, mut made) = (String::new(), String::new());
    for (column, facets, position) in columns {
        let from = source_column(source, column);
        let properties = property("NewSortKeyPosition", &position.to_string());
        write!(read, r#"<inputColumn refId="{input}.Columns[{column}]" lineageId="{from}" cachedName="{column}"><properties>{properties}</properties></inputColumn>"#).unwrap();
        let properties = property("SortColumnId", &format!("#{{{from}}}"));
        write!(made, r#"<outputColumn refId="{output}.Columns[{column}]" lineageId="{output}.Columns[{column}]" name="{column}" {facets} sortKeyPosition="{position}"><properties>{properties}</properties></outputColumn>"#).unwrap();
    }
    format!(
        r#"<component refId="Package\Load\{name}" componentClassID="Microsoft.Sort" name="{name}"><inputs><input refId="{input}" name="in"><inputColumns>{read}</inputColumns></input></inputs><outputs><output refId="{output}" isSorted="true" name="out"><outputColumns>{made}</outputColumns></output></outputs></component>"#
    )
}

fn input(component: &str, name: &str) -> String {
    format!(r"Package\Load\{component}.Inputs[{name}]")
}

fn output(component: &str) -> String {
    format!(r"Package\Load\{component}.Outputs[out]")
}

fn made(component: &str, column: &str) -> String {
    format!("{}.Columns[{column}]", output(component))
}

/// Orders beside the city of their customer.
fn join() -> String {
    let (left, right, output) = (
        input("Join", "left"),
        input("Join", "right"),
        output("Join"),
    );
    let read = |input: &str, sort: &str, column: &str| {
        let lineage = made(sort, column);
        format!(
            r#"<inputColumn refId="{input}.Columns[{column}]" lineageId="{lineage}" cachedName="{column}"/>"#
        )
    };
    let lefts = read(&left, "Orders", "customer") + &read(&left, "Orders", "amount");
    let rights = read(&right, "Customers", "id") + &read(&right, "Customers", "city");
    let out = |column: &str, facets: &str, from: &str| {
        let properties = property("InputColumnID", &format!("#{{{from}.Columns[{column}]}}"));
        format!(
            r#"<outputColumn refId="{output}.Columns[{column}]" lineageId="{output}.Columns[{column}]" name="{column}" {facets}><properties>{properties}</properties></outputColumn>"#
        )
    };
    let outs = out("amount", r#"dataType="i4""#, &left)
        + &out("city", r#"dataType="wstr" length="10""#, &right);
    let properties = property("JoinType", "1") + &property("NumKeyColumns", "1");
    format!(
        r#"<component refId="Package\Load\Join" componentClassID="Microsoft.MergeJoin" name="Join"><properties>{properties}</properties><inputs><input refId="{left}" name="left"><inputColumns>{lefts}</inputColumns></input><input refId="{right}" name="right"><inputColumns>{rights}</inputColumns></input></inputs><outputs><output refId="{output}" name="out"><outputColumns>{outs}</outputColumns></output></outputs></component>"#
    )
}

/// Orders and their sum for each city.
fn total() -> String {
    let (input, output) = (input("Total", "in"), output("Total"));
    let (mut read, mut outs) = (String::new(), String::new());
    for column in ["city", "amount"] {
        let lineage = made("Join", column);
        write!(read, r#"<inputColumn refId="{input}.Columns[{column}]" lineageId="{lineage}" cachedName="{column}"/>"#).unwrap();
    }
    for (column, facets, from, function) in [
        ("city", r#"dataType="wstr" length="10""#, "city", "0"),
        ("orders", r#"dataType="i4""#, "city", "2"),
        ("total", r#"dataType="i8""#, "amount", "4"),
    ] {
        let properties = property(
            "AggregationColumnId",
            &format!("#{{{}}}", made("Join", from)),
        ) + &property("AggregationType", function);
        write!(outs, r#"<outputColumn refId="{output}.Columns[{column}]" lineageId="{output}.Columns[{column}]" name="{column}" {facets}><properties>{properties}</properties></outputColumn>"#).unwrap();
    }
    format!(
        r#"<component refId="Package\Load\Total" componentClassID="Microsoft.Aggregate" name="Total"><inputs><input refId="{input}" name="in"><inputColumns>{read}</inputColumns></input></inputs><outputs><output refId="{output}" name="out"><outputColumns>{outs}</outputColumns></output></outputs></component>"#
    )
}

/// Writes the package; `customers` is what the right side of the join comes from.
fn totals_package(soctl: &Soctl) -> String {
    let orders = file(
        soctl,
        "orders",
        vec![("customer", "i4", 0), ("amount", "i4", 0)],
    );
    let customers = file(
        soctl,
        "customers",
        vec![("id", "i4", 0), ("city", "wstr", 10)],
    );
    let totals = file(
        soctl,
        "totals",
        vec![
            ("city", "wstr", 10),
            ("orders", "i4", 0),
            ("total", "i8", 0),
        ],
    );
    let number = r#"dataType="i4""#;
    let text = r#"dataType="wstr" length="10""#;
    let written = ["city", "orders", "total"].map(|column| (column, made("Total", column)));
    let components = [
        source("ReadOrders", "orders", &orders),
        source("ReadCustomers", "customers", &customers),
        sort(
            "Orders",
            "ReadOrders",
            &[("customer", number, 1), ("amount", number, 0)],
        ),
        sort(
            "Customers",
            "ReadCustomers",
            &[("id", number, 1), ("city", text, 0)],
        ),
        join(),
        total(),
        destination("Write", &totals, &written),
    ];
    let flow = package::data_flow(
        &components.concat(),
        &[
            (&source_output("ReadOrders"), &input("Orders", "in")),
            (&source_output("ReadCustomers"), &input("Customers", "in")),
            (&output("Orders"), &input("Join", "left")),
            (&output("Customers"), &input("Join", "right")),
            (&output("Join"), &input("Total", "in")),
            (&output("Total"), &destination_input("Write")),
        ],
    );
    let managers = orders.manager() + &customers.manager() + &totals.manager();
    package::with_body("totals", &managers, &flow)
}

#[test]
fn orders_are_sorted_joined_with_their_customers_and_added_up() {
    let site = Site::start();
    let soctl = &site.soctl;
    let path = |name: &str| soctl.home().join(name);
    std::fs::write(
        path("orders.csv"),
        "customer,amount\r\n3,30\r\n1,10\r\n9,90\r\n2,20\r\n1,11\r\n",
    )
    .unwrap();
    std::fs::write(
        path("customers.csv"),
        "id,city\r\n3,Rome\r\n2,Oslo\r\n1,Rome\r\n4,Bonn\r\n",
    )
    .unwrap();
    std::fs::write(path("totals.dtsx"), totals_package(soctl)).unwrap();
    let package = path("totals.dtsx").display().to_string();

    let valid = soctl.run(&["validate", &package]);
    assert_eq!(valid.code, 0, "{}{}", valid.stdout, valid.stderr);
    let report = soctl.json(&["execute", "--package", &package]);
    assert_eq!(report[0]["status"], "succeeded", "{report:#}");
    assert_eq!(report[0]["rows"], 3);
    assert_eq!(
        std::fs::read_to_string(path("totals.csv")).unwrap(),
        "\"city\",\"orders\",\"total\"\r\n\"Rome\",\"3\",\"51\"\r\n\"Oslo\",\"1\",\"20\"\r\n\"\",\"1\",\"90\"\r\n"
    );
}

#[test]
fn a_join_of_rows_that_nobody_sorted_is_refused_before_it_runs() {
    let site = Site::start();
    let soctl = &site.soctl;
    let package = soctl.home().join("totals.dtsx");
    let text = totals_package(soctl).replacen(r#" isSorted="true""#, "", 1);
    std::fs::write(&package, text).unwrap();
    let ran = soctl.run(&["validate", package.to_str().unwrap()]);
    assert_ne!(ran.code, 0);
    let said = ran.stdout + &ran.stderr;
    assert!(
        said.contains("0xC02020AF") && said.contains("put a Sort before it"),
        "{said}"
    );
}
