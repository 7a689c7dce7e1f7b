//! Configurations over files and tables, applied to packages.

use std::path::Path;

use scaleout_core::package::{Configuration, ConnectionManager, Package, dtsx};
use scaleout_core::protocol::executor::RuntimeSettings;

use super::{Around, apply};
use crate::connections::test_manager::manager;
use crate::connections::{Connection, open};
use crate::events::{Remark, Severity};

fn package(configurations: Vec<(&str, i32, &str, &str)>) -> Package {
    let text = r#"<DTS:Executable xmlns:DTS="www.microsoft.com/SqlServer/Dts" DTS:refId="Package"
        DTS:ExecutableType="Microsoft.Package" DTS:ObjectName="p" DTS:EnableConfig="True">
        <DTS:Property DTS:Name="PackageFormatVersion">8</DTS:Property>
        <DTS:Variables>
        <DTS:Variable DTS:Namespace="User" DTS:ObjectName="s"><DTS:VariableValue DTS:DataType="8">design</DTS:VariableValue></DTS:Variable>
        <DTS:Variable DTS:Namespace="User" DTS:ObjectName="n"><DTS:VariableValue DTS:DataType="3">0</DTS:VariableValue></DTS:Variable>
        </DTS:Variables></DTS:Executable>"#;
    let mut package = dtsx::read(text.as_bytes(), "p.dtsx").unwrap();
    package.configurations = configurations
        .into_iter()
        .map(
            |(name, configuration_type, string, variable)| Configuration {
                name: name.to_owned(),
                configuration_type,
                configuration_string: string.to_owned(),
                configuration_variable: variable.to_owned(),
            },
        )
        .collect();
    package
}

fn run(package: &mut Package, managers: &mut [ConnectionManager]) -> (Vec<Remark>, Vec<String>) {
    let settings = RuntimeSettings::default();
    let around = Around {
        settings: &settings,
        environment: &|name| (name == "SSIS_S").then(|| "from environment".to_owned()),
        parent: None,
        open: &|manager| open(manager, &RuntimeSettings::default(), &Default::default()),
        hide: &|_| {},
    };
    apply(package, managers, .., &around)
}

fn value<'p>(package: &'p Package, name: &str) -> &'p str {
    let mut variables = package.root.variables.iter();
    &variables.find(|one| one.name == name).unwrap().value.text
}

fn codes(remarks: &[Remark]) -> Vec<&str> {
    remarks.iter().map(|remark| remark.code).collect()
}

fn file(folder: &Path, entries: &[(&str, &str)]) -> String {
    let entries: String = entries
        .iter()
        .map(|(path, value)| {
            format!(
                r#"<Configuration ConfiguredType="Property" Path="{path}" ValueType="String"><ConfiguredValue>{value}</ConfiguredValue></Configuration>"#
            )
        })
        .collect();
    let path = folder.join("x.dtsConfig");
    std::fs::write(&path, format!("<?xml version=\"1.0\"?><DTSConfiguration><DTSConfigurationHeading/>{entries}</DTSConfiguration>")).unwrap();
    path.display().to_string()
}

const S: &str = r"\Package.Variables[User::s].Properties[Value]";
const N: &str = r"\Package.Variables[User::n].Properties[Value]";

#[test]
fn later_configurations_win_and_each_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), &[(S, "from file"), (N, "7")]);
    let mut package = package(vec![("env", 2, "SSIS_S", S), ("file", 1, &path, "")]);

    let (remarks, failed) = run(&mut package, &mut []);

    assert_eq!(
        (value(&package, "s"), value(&package, "n")),
        ("from file", "7")
    );
    assert_eq!(codes(&remarks), ["0x40016038", "0x40016041"]);
    assert_eq!(failed, [""; 0]);
}

#[test]
fn a_disabled_set_of_configurations_does_nothing() {
    let mut package = package(vec![("env", 2, "SSIS_S", S)]);
    package.configurations_enabled = false;
    assert_eq!(run(&mut package, &mut []), Default::default());
    assert_eq!(value(&package, "s"), "design");
}

#[test]
fn what_cannot_be_read_is_a_warning_and_the_next_one_counts() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("no.xml"), "<a>").unwrap();
    let broken = folder.path().join("no.xml").display().to_string();
    let mut package = package(vec![
        ("missing", 1, "/nowhere/x.dtsConfig", ""),
        ("broken", 1, &broken, ""),
        ("gone", 2, "NOT_SET", S),
        ("parent", 0, "User::P", S),
        ("good", 2, "SSIS_S", S),
    ]);

    let (remarks, failed) = run(&mut package, &mut []);

    let bad: Vec<&str> = remarks
        .iter()
        .filter(|remark| remark.is_bad())
        .map(|remark| remark.code)
        .collect();
    assert_eq!(
        bad,
        ["0x80012014", "0x80012011", "0x80012059", "0x8001201A"]
    );
    assert_eq!(failed, ["missing", "broken", "gone", "parent"]);
    assert_eq!(value(&package, "s"), "from environment");
}

#[test]
fn an_entry_that_leads_nowhere_is_a_warning_and_one_that_does_not_fit_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = r"\Package\Gone.Properties[Disable]";
    let path = file(
        folder.path(),
        &[(nowhere, "1"), ("x", "1"), (N, "many"), (S, "set")],
    );
    let mut package = package(vec![("file", 1, &path, "")]);

    let (remarks, failed) = run(&mut package, &mut []);

    assert_eq!(
        codes(&remarks),
        [
            "0x40016041",
            "0x80012017",
            "0x80012018",
            "0xC0012037",
            "0x80012059"
        ]
    );
    assert_eq!(remarks[3].severity, Severity::Error);
    assert!(!remarks[3].text.contains("many"), "{}", remarks[3].text);
    assert_eq!(value(&package, "s"), "set");
    assert_eq!(failed, ["file"]);
}

#[test]
fn warnings_can_be_suppressed_and_errors_cannot() {
    let mut package = package(vec![
        ("missing", 1, "/nowhere/x.dtsConfig", ""),
        ("key", 3, "HKCU", S),
    ]);
    let silent = (
        "SuppressConfigurationWarnings".to_owned(),
        "True".to_owned(),
    );
    package.root.other_properties.extend([silent]);
    let (remarks, failed) = run(&mut package, &mut []);
    assert_eq!(codes(&remarks), ["0x40016041", "SO4040"]);
    assert_eq!(failed, ["missing", "key"]);
    assert!(remarks[1].text.contains("`key`"), "{}", remarks[1].text);
}

#[test]
fn a_table_gives_the_rows_of_its_filter_over_a_connection_that_a_file_configured() {
    let folder = tempfile::tempdir().unwrap();
    let string = |name: &str| {
        let path = folder.path().join(name);
        format!(
            "Provider=SQLite;Data Source={};Mode=ReadWriteCreate",
            path.display()
        )
    };
    let mut database = database(&string("real.db"));
    database
        .execute(
            "CREATE TABLE [dbo].[SSIS Configurations] (ConfigurationFilter nvarchar(255), \
             ConfiguredValue nvarchar(255), PackagePath nvarchar(255), ConfiguredValueType nvarchar(20))",
            &[],
        )
        .unwrap();
    for (filter, path, value) in [
        ("Load", S, "from table"),
        ("Load", N, "3"),
        ("Other", S, "x"),
    ] {
        let sql = format!(
            "INSERT INTO [dbo].[SSIS Configurations] VALUES ('{filter}', '{value}', '{path}', 'String')"
        );
        database.execute(&sql, &[]).unwrap();
    }
    let redirect = r"\Package.Connections[db].Properties[ConnectionString]";
    let path = file(folder.path(), &[(redirect, &string("real.db"))]);
    let place = r#""db";"[dbo].[SSIS Configurations]";"Load";"#;
    let mut package = package(vec![("file", 1, &path, ""), ("table", 7, place, "")]);
    let mut managers = [manager("OLEDB", &string("design.db"))];

    let (remarks, _) = run(&mut package, &mut managers);

    assert_eq!(codes(&remarks), ["0x40016041", "0x40016040"], "{remarks:?}");
    assert_eq!(
        (value(&package, "s"), value(&package, "n")),
        ("from table", "3")
    );
}

#[test]
fn a_table_that_cannot_be_read_is_a_warning_that_names_it() {
    let mut package = package(vec![("table", 7, r#""db";"t";"f";"#, "")]);
    let (remarks, _) = run(&mut package, &mut []);
    assert_eq!(codes(&remarks), ["0x40016040", "0x80012059"]);
    assert!(remarks[1].text.contains("`db`"), "{}", remarks[1].text);
}

fn database(string: &str) -> Box<dyn Connection> {
    open(
        &manager("OLEDB", string),
        &Default::default(),
        &Default::default(),
    )
    .unwrap()
}
