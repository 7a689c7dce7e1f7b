//! Log providers of packages that run.

use std::path::Path;

use scaleout_core::package::xml;
use scaleout_core::protocol::event::PackageResult;

use super::harness::{Dtsx, executable, fails, ok, sequence};
use crate::run::SurveyOptions;
use crate::validation::validate_project;

const TO_FILE: &str = "{00000000-0000-0000-0000-0000000000AA}";

fn manager(kind: &str, string: &str) -> String {
    format!(
        r#"<DTS:ConnectionManager DTS:refId="Package.ConnectionManagers[log]" DTS:CreationName="{kind}" DTS:ObjectName="log" DTS:DTSID="{{00000000-0000-4000-8000-000000000077}}"><DTS:ObjectData><DTS:ConnectionManager DTS:ConnectionString="{string}"/></DTS:ObjectData></DTS:ConnectionManager>"#
    )
}

fn provider(kind: &str) -> String {
    format!(
        r#"<DTS:LogProviders><DTS:LogProvider DTS:ObjectName="to log" DTS:CreationName="{kind}" DTS:ConfigString="log" DTS:DTSID="{TO_FILE}"><DTS:ObjectData><InnerObject/></DTS:ObjectData></DTS:LogProvider></DTS:LogProviders>"#
    )
}

fn options(mode: u8, kind: u8, events: &[&str], columns: &str) -> String {
    let mut filter = events.len().to_string();
    for event in events {
        filter += &format!(",{},{event}", event.len());
    }
    format!(
        r#"<DTS:LoggingOptions DTS:LoggingMode="{mode}" DTS:FilterKind="{kind}"><DTS:Property DTS:DataType="8" DTS:Name="EventFilter">{filter}</DTS:Property>{columns}<DTS:SelectedLogProviders><DTS:SelectedLogProvider DTS:InstanceID="{TO_FILE}"/></DTS:SelectedLogProviders></DTS:LoggingOptions>"#
    )
}

fn logging(manager: &str, kind: &str, options: &str) -> Dtsx {
    let managers = format!("<DTS:ConnectionManagers>{manager}</DTS:ConnectionManagers>");
    Dtsx::new().collections(&(managers + &provider(kind) + options))
}

/// `event source` of each record of an XML log.
fn records(path: &Path) -> Vec<String> {
    let root = xml::read(&std::fs::read(path).unwrap(), "log").unwrap();
    let records = root.children.iter().flat_map(|run| &run.children);
    records
        .map(|record| {
            let text = |name: &str| record.child(name).unwrap().text.clone();
            format!("{} {}", text("event"), text("source"))
        })
        .collect()
}

fn xml_log(options: &str) -> (tempfile::TempDir, Dtsx) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.xml");
    let file = manager("FILE", &path.display().to_string());
    let dtsx = logging(&file, "DTS.LogProviderXMLFile.3", options);
    (folder, dtsx)
}

#[test]
fn a_list_of_events_is_what_is_written_besides_the_frame_of_the_package() {
    let (folder, dtsx) = xml_log(&options(1, 0, &["OnError", "OnPreExecute"], ""));
    let ran = dtsx.with(&fails("Package", "a", "")).run();
    assert_eq!(ran.result, PackageResult::Failure);
    assert_eq!(
        records(&folder.path().join("log.xml")),
        [
            "PackageStart Pack",
            "OnPreExecute Pack",
            "OnPreExecute a",
            "OnError a",
            "PackageEnd Pack"
        ]
    );
}

#[test]
fn containers_log_as_their_own_options_say_or_as_those_around_them() {
    let (folder, dtsx) = xml_log(&options(1, 0, &["OnPostExecute"], ""));
    let own = options(1, 0, &["OnPreExecute"], "");
    let silent = options(2, 0, &["OnPostExecute"], "");
    let within = |options: &str, name: &str, task: &str| {
        let inner = ok(&format!("Package\\{name}"), task);
        let body = format!("{options}<DTS:Executables>{inner}</DTS:Executables>");
        executable("Package", name, "STOCK:SEQUENCE", "", &body)
    };
    let ran = dtsx
        .with(&within(&own, "Own", "a"))
        .with(&within(&silent, "Silent", "b"))
        .with(&sequence(
            "Package",
            "Plain",
            "",
            &ok("Package\\Plain", "c"),
        ))
        .after("Own", "Silent", "")
        .after("Silent", "Plain", "")
        .run();
    assert_eq!(ran.tasks(), ["a", "b", "c"]);
    assert_eq!(
        records(&folder.path().join("log.xml")),
        [
            "PackageStart Pack",
            "OnPreExecute Own",
            "OnPreExecute a",
            "OnPostExecute c",
            "OnPostExecute Plain",
            "OnPostExecute Pack",
            "PackageEnd Pack"
        ]
    );
}

#[test]
fn a_column_filter_empties_the_other_columns_of_its_event() {
    let columns = r#"<DTS:Property DTS:EventName="OnError" DTS:Name="ColumnFilter"><DTS:Property DTS:Name="Computer">0</DTS:Property>
        <DTS:Property DTS:Name="Operator">0</DTS:Property><DTS:Property DTS:Name="SourceName">-1</DTS:Property><DTS:Property DTS:Name="SourceID">0</DTS:Property>
        <DTS:Property DTS:Name="ExecutionID">0</DTS:Property><DTS:Property DTS:Name="MessageText">-1</DTS:Property><DTS:Property DTS:Name="DataBytes">0</DTS:Property></DTS:Property>"#;
    let (folder, dtsx) = xml_log(&options(1, 0, &["OnError"], columns));
    dtsx.with(&fails("Package", "a", "")).run();
    let bytes = std::fs::read(folder.path().join("log.xml")).unwrap();
    let root = xml::read(&bytes, "log").unwrap();
    let error = &root.children[0].children[1];
    let text = |name: &str| error.child(name).unwrap().text.as_str();
    assert_eq!((text("event"), text("source")), ("OnError", "a"));
    assert_eq!((text("computer"), text("executionid")), ("", ""));
    assert!(text("message").contains("exit code"), "{}", text("message"));
    assert_eq!(text("datacode"), 0xC002_9151_u32.cast_signed().to_string());
    let start = &root.children[0].children[0];
    assert_eq!(start.child("computer").unwrap().text, "machine");
}

#[test]
fn the_table_is_made_and_holds_what_happened_even_while_the_package_keeps_the_file_locked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("dw.db");
    let string = format!(
        "Provider=SQLite;Data Source={};Mode=ReadWriteCreate",
        path.display()
    );
    let options = options(1, 1, &["OnProgress"], "");
    let dtsx = logging(
        &manager("OLEDB", &string),
        "Microsoft.LogProviderSQLServer",
        &options,
    );
    let ran = dtsx.with(&fails("Package", "a", "")).run();
    assert_eq!(ran.said("OnError").len(), 1, "{:?}", ran.said("OnError"));
    let database = rusqlite::Connection::open(&path).unwrap();
    let rows: Vec<(String, String, i64, String)> = database
        .prepare("SELECT event, source, datacode, message FROM sysssislog ORDER BY id")
        .unwrap()
        .query_map([], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    let events: Vec<&str> = rows.iter().map(|(event, ..)| event.as_str()).collect();
    assert_eq!(events.first(), Some(&"PackageStart"));
    assert_eq!(events.last(), Some(&"PackageEnd"));
    let error = rows.iter().find(|(event, ..)| event == "OnError").unwrap();
    assert_eq!(
        (error.1.as_str(), error.2),
        ("a", i64::from(0xC002_9151_u32.cast_signed()))
    );
    assert_eq!(rows[0].3, "Beginning of package execution.");
    // PackageEnd says how the package ended.
    assert_eq!(rows.last().unwrap().2, 1);
}

#[test]
fn a_log_that_cannot_be_opened_is_an_error_and_the_tasks_run() {
    let file = manager("FILE", "/nowhere/at/all/x.log");
    let options = options(1, 0, &["OnError"], "");
    let dtsx = logging(&file, "DTS.LogProviderTextFile.3", &options).with(&ok("Package", "a"));
    let ran = dtsx.run();
    assert_eq!(ran.tasks(), ["a"]);
    assert_eq!(ran.error().message_code, 0xC001_4010_u32.cast_signed());
    assert!(
        ran.error().message.contains("`to log`"),
        "{}",
        ran.error().message
    );
}

#[test]
fn what_is_no_log_provider_here_is_refused_by_name_where_it_is_selected() {
    let profiler = |options: &str| {
        let file = manager("FILE", "/nowhere/x.trc");
        logging(&file, "DTS.LogProviderSQLProfiler.3", options).with(&ok("Package", "a"))
    };
    let selected = profiler(&options(1, 0, &["OnError"], ""));
    let report = validate_project(&selected.project(), &SurveyOptions::default());
    let codes: Vec<&str> = report.packages[0]
        .problems
        .iter()
        .map(|problem| problem.code.as_str())
        .collect();
    assert_eq!(codes, ["SO4041"]);
    assert_eq!(selected.run().tasks(), [""; 0]);
    assert_eq!(profiler("").run().result, PackageResult::Success);
}

#[test]
fn a_provider_without_its_connection_manager_does_not_validate() {
    let dtsx = Dtsx::new()
        .collections(&(provider("DTS.LogProviderTextFile.3") + &options(1, 0, &["OnError"], "")))
        .with(&ok("Package", "a"));
    let ran = dtsx.run();
    assert_eq!(ran.tasks(), [""; 0]);
    let said = ran.said("OnError").join("\n");
    assert!(
        said.contains("log provider `to log` did not validate"),
        "{said}"
    );
}
