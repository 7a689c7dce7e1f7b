//! Packages with a transaction, a log and a table of configurations on a real PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a failed step of a test should panic")]

mod common;

use std::sync::{Arc, Mutex};

use common::postgres::PostgresCluster;
use postgres::{Client, NoTls};
use scaleout_core::package::dtsx;
use scaleout_core::package::project::{Project, ProjectPackage};
use scaleout_core::protocol::event::{EventBody, PackageResult};
use scaleout_runtime::cancel::CancelToken;
use scaleout_runtime::events::EventSink;
use scaleout_runtime::executor::{design_values, run_local};
use scaleout_runtime::run::Host;

/// Keeps errors and warnings.
#[derive(Default)]
struct Said(Mutex<Vec<String>>);

impl EventSink for Said {
    fn emit(&self, body: EventBody) {
        if let EventBody::Message(message) = body
            && matches!(message.event_name.as_str(), "OnError" | "OnWarning")
        {
            self.0.lock().unwrap().push(message.message);
        }
    }
}

/// A sequence that requires a transaction inserts a row and then asks `last` whether all is well.
fn package(connection: &str, last: &str) -> String {
    let id = |number: u32| format!("{{00000000-0000-4000-8000-0000000000{number:02}}}");
    let insert = format!(
        r#"<DTS:Executable DTS:refId="Package\S\Insert" DTS:CreationName="Microsoft.ExecuteSQLTask" DTS:ExecutableType="Microsoft.ExecuteSQLTask" DTS:ObjectName="Insert" DTS:DTSID="{}"><DTS:ObjectData><SQLTask:SqlTaskData xmlns:SQLTask="www.microsoft.com/sqlserver/dts/tasks/sqltask" SQLTask:Connection="DW" SQLTask:SqlStatementSource="INSERT INTO [dbo].[T] ([a]) VALUES (1)"/></DTS:ObjectData></DTS:Executable>"#,
        id(3)
    );
    let check = format!(
        r#"<DTS:Executable DTS:refId="Package\S\Check" DTS:CreationName="Microsoft.ExecuteProcess" DTS:ExecutableType="Microsoft.ExecuteProcess" DTS:ObjectName="Check" DTS:DTSID="{}"><DTS:ObjectData><ExecuteProcessData Executable="{last}" RequireFullFileName="False"/></DTS:ObjectData></DTS:Executable>"#,
        id(4)
    );
    format!(
        r#"<DTS:Executable xmlns:DTS="www.microsoft.com/SqlServer/Dts" DTS:refId="Package" DTS:CreationName="Microsoft.Package" DTS:ExecutableType="Microsoft.Package" DTS:ObjectName="p" DTS:DTSID="{package}" DTS:LocaleID="1033" DTS:EnableConfig="True">
        <DTS:Property DTS:Name="PackageFormatVersion">8</DTS:Property>
        <DTS:ConnectionManagers><DTS:ConnectionManager DTS:refId="Package.ConnectionManagers[DW]" DTS:CreationName="OLEDB" DTS:ObjectName="DW" DTS:DTSID="{manager}"><DTS:ObjectData><DTS:ConnectionManager DTS:ConnectionString="{connection}"/></DTS:ObjectData></DTS:ConnectionManager></DTS:ConnectionManagers>
        <DTS:Configurations><DTS:Configuration DTS:ObjectName="table" DTS:ConfigurationType="7" DTS:ConfigurationString="&quot;DW&quot;;&quot;[dbo].[SSIS Configurations]&quot;;&quot;p&quot;;"/></DTS:Configurations>
        <DTS:LogProviders><DTS:LogProvider DTS:ObjectName="log" DTS:CreationName="DTS.LogProviderSQLServer.3" DTS:ConfigString="DW" DTS:DTSID="{provider}"/></DTS:LogProviders>
        <DTS:LoggingOptions DTS:LoggingMode="1" DTS:FilterKind="0"><DTS:Property DTS:DataType="8" DTS:Name="EventFilter">1,7,OnError</DTS:Property><DTS:SelectedLogProviders><DTS:SelectedLogProvider DTS:InstanceID="{provider}"/></DTS:SelectedLogProviders></DTS:LoggingOptions>
        <DTS:Executables><DTS:Executable DTS:refId="Package\S" DTS:CreationName="STOCK:SEQUENCE" DTS:ExecutableType="STOCK:SEQUENCE" DTS:ObjectName="S" DTS:DTSID="{sequence}" DTS:TransactionOption="2"><DTS:Executables>{insert}{check}</DTS:Executables>
        <DTS:PrecedenceConstraints><DTS:PrecedenceConstraint DTS:ObjectName="c" DTS:From="Package\S\Insert" DTS:To="Package\S\Check" DTS:LogicalAnd="True"/></DTS:PrecedenceConstraints></DTS:Executable></DTS:Executables></DTS:Executable>"#,
        package = id(1),
        sequence = id(2),
        manager = id(5),
        provider = id(6),
    )
}

fn run(text: &str) -> (PackageResult, Vec<String>) {
    let package = ProjectPackage {
        file_name: "p.dtsx".to_owned(),
        entry_point: true,
        manifest_parameters: Vec::new(),
        package: Arc::new(dtsx::read(text.as_bytes(), "p.dtsx").unwrap()),
    };
    let project = Arc::new(Project {
        name: "project".to_owned(),
        id: String::new(),
        description: String::new(),
        version: (1, 0, 0),
        format_version: 1,
        parameters: Vec::new(),
        connection_managers: Vec::new(),
        packages: vec![package],
        connection_parameters: Vec::new(),
        notes: Vec::new(),
    });
    let said = Arc::new(Said::default());
    let host = Host::of_process(Arc::clone(&said) as Arc<dyn EventSink>, CancelToken::new());
    let task = design_values("project", "p.dtsx");
    let result = run_local(&project, task, Default::default(), host).unwrap();
    let said = std::mem::take(&mut *said.0.lock().unwrap());
    (result, said)
}

#[test]
fn a_rollback_takes_the_rows_and_leaves_the_log() {
    let Some(cluster) = PostgresCluster::start_or_skip() else {
        return;
    };
    let string = cluster.connection_string("postgres");
    let mut client = Client::connect(&cluster.url("postgres"), NoTls).unwrap();
    client
        .batch_execute(
            r#"CREATE TABLE t (a int);
            CREATE TABLE "SSIS Configurations" ("ConfigurationFilter" text, "ConfiguredValue" text, "PackagePath" text, "ConfiguredValueType" text);
            INSERT INTO "SSIS Configurations" VALUES ('p', 'configured', '\Package.Properties[Description]', 'String')"#,
        )
        .unwrap();
    let mut count = |table: &str| -> i64 {
        client
            .query_one(&format!("SELECT count(*) FROM {table}"), &[])
            .unwrap()
            .get(0)
    };

    let (result, said) = run(&package(&string, "false"));
    assert_eq!(result, PackageResult::Failure);
    assert_eq!(
        said.iter().filter(|text| text.contains("Error: ")).count(),
        1,
        "{said:#?}"
    );
    assert_eq!(count("t"), 0);
    assert_eq!(count("sysssislog"), 3);

    let (result, said) = run(&package(&string, "true"));
    assert_eq!(result, PackageResult::Success, "{said:#?}");
    assert_eq!(said, [""; 0]);
    assert_eq!(count("t"), 1);
    assert_eq!(count("sysssislog"), 5);
}
