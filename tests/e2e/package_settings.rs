//! What a package brings along for its run: configurations, a log, checkpoints, transactions.

use std::path::Path;

use crate::support::{Ran, Site, Soctl};

/// A package that loads a table in a transaction, behind a checkpoint; where its database is it
/// takes from a file, and it logs into that database.
fn load(home: &Path) -> String {
    let at = |name: &str| home.join(name).display().to_string();
    let (config, checkpoint, mark) = (at("load.dtsConfig"), at("checkpoint.xml"), at("mark"));
    let sql = |parent: &str, name: &str, number: u32, statement: &str, more: &str| {
        format!(
            r#"<DTS:Executable DTS:refId="{parent}\{name}" DTS:CreationName="Microsoft.ExecuteSQLTask" DTS:ExecutableType="Microsoft.ExecuteSQLTask" DTS:ObjectName="{name}" DTS:DTSID="{{00000000-0000-4000-8000-0000000000{number:02}}}" {more}><DTS:ObjectData><SQLTask:SqlTaskData xmlns:SQLTask="www.microsoft.com/sqlserver/dts/tasks/sqltask" SQLTask:Connection="DW" SQLTask:SqlStatementSource="{statement}"/></DTS:ObjectData></DTS:Executable>"#
        )
    };
    let process = format!(
        r#"<DTS:Executable DTS:refId="Package\Load\Check" DTS:CreationName="Microsoft.ExecuteProcess" DTS:ExecutableType="Microsoft.ExecuteProcess" DTS:ObjectName="Check" DTS:DTSID="{{00000000-0000-4000-8000-000000000013}}"><DTS:ObjectData><ExecuteProcessData Executable="test" Arguments="-f {mark}" RequireFullFileName="False"/></DTS:ObjectData></DTS:Executable>"#
    );
    let constraint = |parent: &str, from: &str, to: &str| {
        format!(
            r#"<DTS:PrecedenceConstraint DTS:ObjectName="{from}" DTS:From="{parent}\{from}" DTS:To="{parent}\{to}" DTS:LogicalAnd="True"/>"#
        )
    };
    let inside = sql(
        r"Package\Load",
        "Insert",
        12,
        "INSERT INTO Orders VALUES (1)",
        "",
    ) + &process;
    let load = format!(
        r#"<DTS:Executable DTS:refId="Package\Load" DTS:CreationName="STOCK:SEQUENCE" DTS:ExecutableType="STOCK:SEQUENCE" DTS:ObjectName="Load" DTS:DTSID="{{00000000-0000-4000-8000-000000000011}}" DTS:TransactionOption="2" DTS:FailPackageOnFailure="True"><DTS:Executables>{inside}</DTS:Executables><DTS:PrecedenceConstraints>{}</DTS:PrecedenceConstraints></DTS:Executable>"#,
        constraint(r"Package\Load", "Insert", "Check")
    );
    let make = sql("Package", "Make", 10, "CREATE TABLE Orders (Id int)", "");
    format!(
        r#"<?xml version="1.0"?>
<DTS:Executable xmlns:DTS="www.microsoft.com/SqlServer/Dts" DTS:refId="Package" DTS:CreationName="Microsoft.Package" DTS:ExecutableType="Microsoft.Package" DTS:ObjectName="load" DTS:DTSID="{{00000000-0000-4000-8000-000000000001}}" DTS:LocaleID="1033" DTS:ProtectionLevel="0" DTS:EnableConfig="True" DTS:SaveCheckpoints="True" DTS:CheckpointUsage="1" DTS:CheckpointFileName="{checkpoint}">
<DTS:Property DTS:Name="PackageFormatVersion">8</DTS:Property>
<DTS:ConnectionManagers><DTS:ConnectionManager DTS:refId="Package.ConnectionManagers[DW]" DTS:CreationName="OLEDB" DTS:ObjectName="DW" DTS:DTSID="{{00000000-0000-4000-8000-0000000000db}}"><DTS:ObjectData><DTS:ConnectionManager DTS:ConnectionString="Provider=SQLite;Data Source=/nowhere/design.db"/></DTS:ObjectData></DTS:ConnectionManager></DTS:ConnectionManagers>
<DTS:Configurations><DTS:Configuration DTS:ObjectName="where" DTS:ConfigurationType="1" DTS:ConfigurationString="{config}"/></DTS:Configurations>
<DTS:LogProviders><DTS:LogProvider DTS:ObjectName="to DW" DTS:CreationName="DTS.LogProviderSQLServer.3" DTS:ConfigString="DW" DTS:DTSID="{{00000000-0000-4000-8000-0000000000aa}}"/></DTS:LogProviders>
<DTS:LoggingOptions DTS:LoggingMode="1" DTS:FilterKind="0"><DTS:Property DTS:DataType="8" DTS:Name="EventFilter">2,7,OnError,12,OnTaskFailed</DTS:Property><DTS:SelectedLogProviders><DTS:SelectedLogProvider DTS:InstanceID="{{00000000-0000-4000-8000-0000000000aa}}"/></DTS:SelectedLogProviders></DTS:LoggingOptions>
<DTS:Executables>{make}{load}</DTS:Executables>
<DTS:PrecedenceConstraints>{}</DTS:PrecedenceConstraints>
</DTS:Executable>"#,
        constraint("Package", "Make", "Load")
    )
}

fn configure(home: &Path) {
    let path = r"\Package.Connections[DW].Properties[ConnectionString]";
    let string = format!(
        "Provider=SQLite;Data Source={};Mode=ReadWriteCreate",
        home.join("dw.db").display()
    );
    let file = format!(
        r#"<?xml version="1.0"?><DTSConfiguration><Configuration ConfiguredType="Property" Path="{path}" ValueType="String"><ConfiguredValue>{string}</ConfiguredValue></Configuration></DTSConfiguration>"#
    );
    std::fs::write(home.join("load.dtsConfig"), file).unwrap();
}

fn rows(home: &Path, sql: &str) -> Vec<String> {
    let database = rusqlite::Connection::open(home.join("dw.db")).unwrap();
    let mut statement = database.prepare(sql).unwrap();
    let rows = statement
        .query_map([], |row| row.get::<_, String>(0))
        .unwrap();
    rows.map(Result::unwrap).collect()
}

fn execute(soctl: &Soctl, file: &Path) -> Ran {
    let file = file.to_str().unwrap();
    soctl.run(&["execute", "--package", file, "--output", "json"])
}

#[test]
fn a_load_that_fails_leaves_nothing_but_its_log_and_goes_on_where_it_failed() {
    let site = Site::start_with(&["--workers", "1"]);
    let (soctl, home) = (&site.soctl, site.soctl.home());
    configure(home);
    let file = home.join("load.dtsx");
    std::fs::write(&file, load(home)).unwrap();

    let failed = execute(soctl, &file);
    assert_eq!(failed.code, 1, "{}", failed.stderr);
    assert_eq!(rows(home, "SELECT CAST(Id AS text) FROM Orders"), [""; 0]);
    assert!(home.join("checkpoint.xml").exists());
    let logged = rows(
        home,
        "SELECT event || ' ' || source FROM sysssislog ORDER BY id",
    );
    assert_eq!(
        logged,
        [
            "PackageStart load",
            "OnError Check",
            "OnTaskFailed Check",
            "PackageEnd load"
        ]
    );

    // `Make` would fail a second time: the table is there.
    std::fs::write(home.join("mark"), "").unwrap();
    let ran = execute(soctl, &file);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    assert_eq!(rows(home, "SELECT CAST(Id AS text) FROM Orders"), ["1"]);
    assert!(!home.join("checkpoint.xml").exists());
}

#[test]
fn a_configuration_that_is_missing_is_a_warning_of_the_execution() {
    let site = Site::start_with(&["--workers", "1"]);
    let (soctl, home) = (&site.soctl, site.soctl.home());
    let file = home.join("load.dtsx");
    std::fs::write(&file, load(home)).unwrap();

    let ran = execute(soctl, &file);

    assert_eq!(ran.code, 1, "{}", ran.stderr);
    let id = ran.json()[0]["execution_id"].to_string();
    let said = soctl.run(&["executions", "messages", &id]).success().stdout;
    assert!(said.contains("load.dtsConfig` was not found"), "{said}");
    assert!(said.contains("/nowhere/design.db"), "{said}");
}
