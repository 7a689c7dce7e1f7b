//! Secrets stay where they belong: in no file in clear, in no log, message or command line.

use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::support::{Site, Soctl, package};

/// What no one may find: a sensitive parameter's value, and the password of a connection string.
const SECRETS: [&str; 2] = [
    "Zaunkoenig-4711-Tannenzapfen",
    "Eichelhaeher-0815-Moosbeere",
];

fn connection(name: &str, id: u32, more: &str) -> String {
    format!(
        r#"<DTS:ConnectionManager DTS:refId="Package.ConnectionManagers[{name}]" DTS:CreationName="OLEDB" DTS:ObjectName="{name}" DTS:DTSID="{{00000000-0000-4000-8000-0000000000{id}}}">{more}<DTS:ObjectData><DTS:ConnectionManager DTS:ConnectionString="Provider=PostgreSQL;Data Source=127.0.0.1;Port=1;User ID=u;Connect Timeout=5"/></DTS:ObjectData></DTS:ConnectionManager>"#
    )
}

fn task(name: &str, kind: &str, id: u32, data: &str) -> String {
    format!(
        r#"<DTS:Executable DTS:refId="Package\{name}" DTS:CreationName="{kind}" DTS:ExecutableType="{kind}" DTS:ObjectName="{name}" DTS:DelayValidation="True" DTS:DTSID="{{00000000-0000-4000-8000-0000000001{id}}}"><DTS:Variables/><DTS:ObjectData>{data}</DTS:ObjectData></DTS:Executable>"#
    )
}

fn sql(name: &str, id: u32, connection: u32) -> String {
    let data = format!(
        r#"<SQLTask:SqlTaskData xmlns:SQLTask="www.microsoft.com/sqlserver/dts/tasks/sqltask" SQLTask:Connection="{{00000000-0000-4000-8000-0000000000{connection}}}" SQLTask:SqlStatementSource="SELECT 1"/>"#
    );
    task(name, "Microsoft.ExecuteSQLTask", id, &data)
}

/// A project whose package writes down what every process of the machine shows of itself, and
/// fails to connect with both secrets.
fn write_project(folder: &Path, look: &Path) {
    std::fs::create_dir(folder).unwrap();
    let script = folder.join("look.sh");
    let shown = "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ";
    let text = format!("{shown} > {} 2>/dev/null; true\n", look.display());
    std::fs::write(&script, text).unwrap();
    let process = format!(
        r#"<ExecuteProcessData Executable="sh" Arguments="{}" RequireFullFileName="False"/>"#,
        script.display()
    );
    let from_parameter = r#"<DTS:PropertyExpression DTS:Name="Password">@[$Project::Secret]</DTS:PropertyExpression>"#;
    let managers = connection("One", 11, from_parameter) + &connection("Two", 12, "");
    let tasks = task("Look", "Microsoft.ExecuteProcess", 11, &process)
        + &sql("First", 12, 11)
        + &sql("Second", 13, 12);
    let text = package::with_body("p", &managers, &tasks);
    std::fs::write(folder.join("p.dtsx"), text).unwrap();
    let parameters = r#"<SSIS:Parameters xmlns:SSIS="www.microsoft.com/SqlServer/SSIS"><SSIS:Parameter SSIS:Name="Secret"><SSIS:Properties><SSIS:Property SSIS:Name="Required">1</SSIS:Property><SSIS:Property SSIS:Name="Sensitive">1</SSIS:Property><SSIS:Property SSIS:Name="DataType">18</SSIS:Property></SSIS:Properties></SSIS:Parameter></SSIS:Parameters>"#;
    std::fs::write(folder.join("Project.params"), parameters).unwrap();
    let project = r#"<?xml version="1.0"?><Project><DeploymentModel>Project</DeploymentModel><DeploymentModelSpecificContent><Manifest><SSIS:Project xmlns:SSIS="www.microsoft.com/SqlServer/SSIS" SSIS:ProtectionLevel="DontSaveSensitive"><SSIS:Properties><SSIS:Property SSIS:Name="Name">P</SSIS:Property></SSIS:Properties><SSIS:Packages><SSIS:Package SSIS:Name="p.dtsx" SSIS:EntryPoint="1"/></SSIS:Packages></SSIS:Project></Manifest></DeploymentModelSpecificContent></Project>"#;
    std::fs::write(folder.join("P.dtproj"), project).unwrap();
}

/// Runs the package with both secrets, which no command line has seen; gives the execution.
fn execute(soctl: &Soctl) -> String {
    let mut child = soctl
        .command(&[
            "execute",
            "--package=p.dtsx",
            "--folder=F",
            "--logging-level=verbose",
            "--secrets=-",
            "--output=json",
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let connection = "Provider=PostgreSQL;Data Source=127.0.0.1;Port=1;User ID=u";
    let lines = format!(
        "# sensitive\nSecret={}\n\\Package.Connections[Two].Properties[ConnectionString]={connection};Password={}\n",
        SECRETS[0], SECRETS[1]
    );
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(lines.as_bytes()).unwrap();
    drop(stdin);
    let ran = child.wait_with_output().unwrap();
    assert_eq!(ran.status.code(), Some(1), "{ran:?}");
    assert!(!is_in(&ran.stdout) && !is_in(&ran.stderr), "{ran:?}");
    let report: serde_json::Value = serde_json::from_slice(&ran.stdout).unwrap();
    report[0]["execution_id"].to_string()
}

/// A secret as it is, in UTF-16, and in Base64.
fn is_in(bytes: &[u8]) -> bool {
    SECRETS.iter().any(|secret| {
        let wide: Vec<u8> = secret.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let coded = STANDARD.encode(secret);
        [secret.as_bytes(), &wide, coded.as_bytes()]
            .iter()
            .any(|form| bytes.windows(form.len()).any(|part| part == *form))
    })
}

/// Looks into every file below a folder; says how many there are.
fn search(folder: &Path) -> usize {
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            count += search(&path);
        } else {
            let bytes = std::fs::read(&path).unwrap();
            assert!(!is_in(&bytes), "a secret is in {}", path.display());
            count += 1;
        }
    }
    count
}

#[test]
fn no_secret_of_a_package_is_written_or_shown_anywhere() {
    let site = Site::start_with(&["--workers", "1", "-vv"]);
    let home = site.soctl.home().to_owned();
    let (project, look) = (home.join("project"), home.join("look.txt"));
    write_project(&project, &look);
    site.soctl
        .run(&["deploy", project.to_str().unwrap(), "--folder", "F"])
        .success();
    let in_the_open = ["execute", "--package=p.dtsx", "--parameter", "Secret=x"];
    site.soctl
        .run(&in_the_open)
        .fails(6, &["SO8005", "`Secret` is sensitive", "--secrets"]);
    let id = execute(&site.soctl);

    let task_log = site.soctl.run(&["logs", "execution", &id]).success();
    assert!(task_log.stdout.contains("First"), "{}", task_log.stdout);
    assert!(!is_in(task_log.stdout.as_bytes()), "{}", task_log.stdout);
    let shown = site.soctl.run(&["executions", "show", &id]).success();
    for words in [r"\Package\First", r"\Package\Second", "127.0.0.1:1"] {
        assert!(shown.stdout.contains(words), "{words}: {}", shown.stdout);
    }
    for arguments in [
        ["executions", "show", &id],
        ["executions", "messages", &id],
        ["view", "execution_parameter_values", "--output=json"],
        [
            "view",
            "execution_property_override_values",
            "--output=json",
        ],
        ["view", "event_messages", "--output=json"],
        ["view", "operation_messages", "--output=json"],
    ] {
        let ran = site.soctl.run(&arguments).success();
        assert!(!ran.stdout.is_empty(), "{arguments:?}");
        assert!(
            !is_in(ran.stdout.as_bytes()),
            "{arguments:?}: {}",
            ran.stdout
        );
    }
    let seen = std::fs::read(&look).unwrap();
    let executor = b"executor\0";
    assert!(seen.windows(executor.len()).any(|part| part == executor));
    assert!(5 < search(&home));
    let (log, soctl) = site.end();
    assert!(log.contains("registered"), "{log}");
    assert!(!is_in(log.as_bytes()), "{log}");
    assert!(5 < search(soctl.home()));
}

/// Commands that show what the catalog or this machine has, with what they need. Those that change
/// something say what they did with the same words.
const SHOWING: [&str; 35] = [
    "executions list",
    "executions show ID",
    "executions messages ID",
    "executions counters",
    "operations list",
    "operations show ID",
    "operations messages ID",
    "validations list",
    "workers list",
    "folders list",
    "projects list",
    "projects show P --folder F",
    "projects versions P --folder F",
    "packages list",
    "parameters list P --folder F",
    "parameters explain p.dtsx --folder F",
    "environments list",
    "environments show dev --folder F",
    "variables list dev --folder F",
    "references list P --folder F",
    "logins list",
    "permissions list",
    "permissions list --granted",
    "tokens list",
    "audit",
    "catalog properties",
    "context list",
    "context show",
    "logging-levels list",
    "scaleout status",
    "validate project",
    "validate project/p.dtsx",
    "inspect project",
    "inspect project/p.dtsx",
    "lineage project/p.dtsx",
];

#[test]
fn no_command_prints_a_secret_as_json() {
    let site = Site::start_with(&["--workers", "1"]);
    let soctl = &site.soctl;
    let home = soctl.home().to_owned();
    write_project(&home.join("project"), &home.join("look.txt"));
    std::fs::write(home.join("secret"), SECRETS[0]).unwrap();
    let words = |line: &str| -> Vec<String> { line.split(' ').map(str::to_owned).collect() };
    for line in [
        "deploy project --folder F",
        "parameters set P Secret --folder F --value-file secret",
        "environments create dev --folder F",
        "variables set dev Password --folder F --sensitive --value-file secret",
        "references create P --folder F --environment dev",
    ] {
        let mut arguments = words(line);
        arguments.extend(["--output".to_owned(), "json".to_owned()]);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let ran = soctl.run(&arguments).success();
        assert!(!is_in(ran.stdout.as_bytes()), "{line}: {}", ran.stdout);
    }
    let id = execute(soctl);

    let mut shown = 0;
    let views = soctl.json(&["view", "--list"]);
    let views = views.as_array().unwrap().iter();
    let views = views.map(|view| format!("view {}", view["name"].as_str().unwrap()));
    let showing = SHOWING.iter().map(|line| (*line).to_owned());
    for line in showing.chain(views) {
        let line = line.replace("ID", &id);
        let mut arguments = words(&line);
        arguments.extend(["--output".to_owned(), "json".to_owned()]);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let ran = soctl.run(&arguments);
        // A view may ask for more than its name; it says so then.
        assert!(
            ran.code != 2 || line.starts_with("view "),
            "{line}: {}",
            ran.stderr
        );
        let said = [ran.stdout.as_bytes(), ran.stderr.as_bytes()].concat();
        assert!(!is_in(&said), "{line}: {}{}", ran.stdout, ran.stderr);
        shown += usize::from(ran.code == 0 && 2 < ran.stdout.trim().len());
    }
    // Far more than half of them have something to show.
    assert!(40 < shown, "{shown}");
}
