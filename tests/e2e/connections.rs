//! Databases of packages: ODBC and ADO.NET components, and servers that the worker re-points.

use std::path::Path;

use crate::support::{Site, Soctl, package};

/// The password of the package and the one of the worker's settings.
const PASSWORDS: [&str; 2] = ["Fruehnebel-1234", "Abendtau-5678"];

fn manager(name: &str, number: u32, kind: &str, string: &str) -> String {
    format!(
        r#"<DTS:ConnectionManager DTS:refId="Package.ConnectionManagers[{name}]" DTS:CreationName="{kind}" DTS:ObjectName="{name}" DTS:DTSID="{{00000000-0000-4000-8000-00000000c00{number}}}"><DTS:ObjectData><DTS:ConnectionManager DTS:ConnectionString="{string}"/></DTS:ObjectData></DTS:ConnectionManager>"#
    )
}

const MAKE: &str = "IF OBJECT_ID('[dbo].[Sale]') IS NULL CREATE TABLE [dbo].[Sale] ([Key] int IDENTITY(1,1) PRIMARY KEY, [Id] int NOT NULL, [Buyer] nvarchar(20))&#xA;TRUNCATE TABLE [dbo].[Sale]";

/// An Execute SQL task `Make` of the connection manager `Prod`, before the task `Load`.
fn make_task() -> String {
    format!(
        r#"<DTS:Executable DTS:refId="Package\Make" DTS:CreationName="Microsoft.ExecuteSQLTask" DTS:ExecutableType="Microsoft.ExecuteSQLTask" DTS:ObjectName="Make" DTS:DTSID="{{00000000-0000-4000-8000-00000000d001}}" DTS:DelayValidation="True"><DTS:Variables/><DTS:ObjectData><SQLTask:SqlTaskData xmlns:SQLTask="www.microsoft.com/sqlserver/dts/tasks/sqltask" SQLTask:Connection="{{00000000-0000-4000-8000-00000000c001}}" SQLTask:SqlStatementSource="{MAKE}"/></DTS:ObjectData></DTS:Executable>"#
    )
}

/// `Read` (ODBC) to `Write` (ADO.NET).
fn components() -> String {
    let out = r"Package\Load\Read.Outputs[out]";
    let into = r"Package\Load\Write.Inputs[in]";
    let mut outputs = String::new();
    let (mut externals, mut inputs, mut targets) = (String::new(), String::new(), String::new());
    for (name, target, facets) in [
        ("id", "Id", r#"dataType="i4""#),
        ("buyer", "Buyer", r#"dataType="wstr" length="20""#),
    ] {
        outputs += &format!(
            r#"<outputColumn refId="{out}.Columns[{name}]" {facets} externalMetadataColumnId="{out}.ExternalColumns[{name}]" lineageId="{out}.Columns[{name}]" name="{name}"/>"#
        );
        externals += &format!(
            r#"<externalMetadataColumn refId="{out}.ExternalColumns[{name}]" {facets} name="{name}"/>"#
        );
        inputs += &format!(
            r#"<inputColumn refId="{into}.Columns[{name}]" cachedName="{name}" externalMetadataColumnId="{into}.ExternalColumns[{target}]" lineageId="{out}.Columns[{name}]"/>"#
        );
        targets += &format!(
            r#"<externalMetadataColumn refId="{into}.ExternalColumns[{target}]" {facets} name="{target}"/>"#
        );
    }
    format!(
        r#"<component refId="Package\Load\Read" componentClassID="Microsoft.SSISODBCSrc" name="Read" usesDispositions="true" version="1"><properties><property dataType="System.Int32" name="AccessMode">1</property><property dataType="System.String" name="SqlCommand">SELECT TOP 3 id, buyer FROM [dbo].[orders] ORDER BY id</property></properties><connections><connection refId="Package\Load\Read.Connections[ODBCConnection]" connectionManagerID="Package.ConnectionManagers[Orders]" connectionManagerRefId="Package.ConnectionManagers[Orders]" name="ODBCConnection"/></connections><outputs><output refId="{out}" errorRowDisposition="FailComponent" truncationRowDisposition="FailComponent" name="out"><outputColumns>{outputs}</outputColumns><externalMetadataColumns isUsed="True">{externals}</externalMetadataColumns></output></outputs></component>
<component refId="Package\Load\Write" componentClassID="Microsoft.ManagedComponentHost" name="Write" version="1"><properties><property dataType="System.String" name="TableOrViewName">"dbo"."Sale"</property><property dataType="System.String" name="UserComponentTypeName">Microsoft.ADONETDestination</property></properties><connections><connection refId="Package\Load\Write.Connections[IDbConnection]" connectionManagerID="Package.ConnectionManagers[Client]" connectionManagerRefId="Package.ConnectionManagers[Client]" name="IDbConnection"/></connections><inputs><input refId="{into}" errorRowDisposition="FailComponent" hasSideEffects="true" name="in"><inputColumns>{inputs}</inputColumns><externalMetadataColumns isUsed="True">{targets}</externalMetadataColumns></input></inputs></component>"#
    )
}

fn write_package(folder: &Path) -> String {
    let server = format!(
        "Data Source=DWH01\\PROD;Initial Catalog=Sales;User ID=etl;Password={}",
        PASSWORDS[0]
    );
    let orders = format!(
        "Driver={{SQLite3 ODBC Driver}};Database={};",
        folder.join("orders.db").display()
    );
    let client = "ADO.NET:System.Data.SqlClient.SqlConnection, System.Data, Version=4.0.0.0, Culture=neutral, PublicKeyToken=b77a5c561934e089";
    let managers = manager(
        "Prod",
        1,
        "OLEDB",
        &format!("{server};Provider=SQLNCLI11.1;"),
    ) + &manager("Client", 2, client, &server)
        + &manager("Orders", 3, "ODBC", &orders);
    let flow = package::data_flow(
        &components(),
        &[(
            r"Package\Load\Read.Outputs[out]",
            r"Package\Load\Write.Inputs[in]",
        )],
    );
    let flow = flow.replacen(
        " DTS:ObjectName=",
        r#" DTS:DelayValidation="True" DTS:ObjectName="#,
        1,
    );
    let text = package::with_body("sales", &managers, &(make_task() + &flow));
    // First the table, then the rows.
    let order = r#"<DTS:PrecedenceConstraints><DTS:PrecedenceConstraint DTS:refId="Package.PrecedenceConstraints[c]" DTS:From="Package\Make" DTS:To="Package\Load" DTS:LogicalAnd="True" DTS:ObjectName="c" DTS:DTSID="{00000000-0000-4000-8000-00000000e001}"/></DTS:PrecedenceConstraints></DTS:Executable>"#;
    let end = text.rfind("</DTS:Executable>").unwrap();
    let file = folder.join("sales.dtsx");
    std::fs::write(&file, format!("{}{order}", &text[..end])).unwrap();
    file.display().to_string()
}

#[test]
fn a_package_for_sql_server_and_odbc_runs_on_what_the_worker_maps_it_to() {
    let soctl = Soctl::new();
    let folder = soctl.home().to_owned();
    let orders = rusqlite::Connection::open(folder.join("orders.db")).unwrap();
    orders
        .execute_batch("CREATE TABLE orders (id int, buyer nvarchar(20)); INSERT INTO orders VALUES (4, 'd'), (2, 'b'), (3, NULL), (1, 'ä')")
        .unwrap();
    let target = folder.join("dwh.db");
    let mapped = format!(
        "Provider=SQLite;Mode=ReadWriteCreate;Data Source={};",
        target.display()
    );
    // A map for another server, whose password must not show either.
    let other = format!(
        "Provider=PostgreSQL;Data Source=x;User ID=u;Password={}",
        PASSWORDS[1]
    );
    let settings = serde_json::json!({
        "ConnectionMap": { "dwh01\\prod/sales": mapped, "DWH02": other }
    });
    let site = Site::start_set(soctl, &["--workers", "1"], settings);
    let file = write_package(&folder);
    let report = site
        .soctl
        .json(&["execute", "--package", &file, "--logging-level", "verbose"]);
    assert_eq!(report[0]["status"], "succeeded", "{report:#}");
    assert_eq!(report[0]["rows"], 3);

    let target = rusqlite::Connection::open(&target).unwrap();
    let mut rows = target
        .prepare("SELECT Id, Buyer FROM Sale ORDER BY Key")
        .unwrap();
    let rows = rows.query_map([], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, Option<String>>(1)?))
    });
    let rows: Vec<_> = rows.unwrap().map(Result::unwrap).collect();
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(rows, [(1, text("ä")), (2, text("b")), (3, None)]);

    let id = report[0]["execution_id"].to_string();
    let messages = site
        .soctl
        .run(&["executions", "messages", &id, "--output", "json"]);
    let messages = messages.success().stdout;
    for part in [
        "connection manager `Prod` was sent the translation",
        "DELETE FROM",
        "connection manager `Orders` was sent the translation",
        "LIMIT 3",
    ] {
        assert!(messages.contains(part), "`{part}` is not in:\n{messages}");
    }
    for password in PASSWORDS {
        assert!(!messages.contains(password), "{messages}");
    }
}

#[test]
fn a_server_that_is_not_mapped_names_the_map() {
    let site = Site::start_with(&["--workers", "1"]);
    let folder = site.soctl.home().to_owned();
    let file = write_package(&folder);
    let text = std::fs::read_to_string(&file).unwrap();
    // Nothing listens there, so that no time passes.
    std::fs::write(&file, text.replace("DWH01\\PROD", "tcp:127.0.0.1,9")).unwrap();
    let ran = site
        .soctl
        .run(&["execute", "--package", &file, "--output", "json"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    let id = ran.json()[0]["execution_id"].to_string();
    let shown = site
        .soctl
        .run(&["executions", "show", &id])
        .success()
        .stdout;
    for part in ["`Prod`", "tcp:127.0.0.1,9", "ConnectionMap"] {
        assert!(shown.contains(part), "`{part}` is not in:\n{shown}");
    }
    assert!(!shown.contains(PASSWORDS[0]), "{shown}");
}
