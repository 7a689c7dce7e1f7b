//! Packages in files, and the exact events that they give: `tests/goldens`.
//!
//! Times, ids and machine paths are redacted; a package may be run twice (a second `.events` file).
//! `SCALEOUT_BLESS=1` writes what is there now: read the difference before it is committed.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use scaleout_core::model::LoggingLevel;
use scaleout_core::package::dtsx;
use scaleout_core::package::project::{Project, ProjectPackage};
use scaleout_core::protocol::event::EventBody;
use scaleout_core::protocol::task::TaskDescription;

use super::harness::{Recorder, host, project};
use crate::cancel::CancelToken;
use crate::executor::{design_values, run_local};
use crate::run::Host;

fn goldens() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens")
}

/// The package of a golden; `FOLDER` in its text is a folder of the test.
fn read(name: &str, folder: &Path) -> Arc<Project> {
    let text = std::fs::read_to_string(goldens().join(format!("{name}.dtsx"))).unwrap();
    let text = text.replace("FOLDER", &folder.display().to_string());
    let empty = project(&[]);
    let package = ProjectPackage {
        file_name: format!("{name}.dtsx"),
        entry_point: true,
        manifest_parameters: Vec::new(),
        package: Arc::new(dtsx::read(text.as_bytes(), name).unwrap()),
    };
    Arc::new(Project {
        packages: vec![package],
        ..Project::clone(&empty)
    })
}

/// Everything a run says, a line each.
fn events(project: &Arc<Project>, folder: &Path) -> String {
    let recorder = Arc::new(Recorder::default());
    let environment = [("GOLDEN_VALUE".to_owned(), "from environment".to_owned())];
    let host = Host {
        environment: Arc::new(environment.into()),
        processors: 2,
        ..host(Arc::clone(&recorder) as _, CancelToken::new())
    };
    let task = TaskDescription {
        logging_level: LoggingLevel::Verbose,
        ..design_values("project", &project.packages[0].file_name)
    };
    let result = run_local(project, task, Default::default(), host).unwrap();
    let lines = recorder.take().into_iter().map(|event| line(&event));
    let mut text: String = lines.map(|line| line + "\n").collect();
    text += &format!("{result:?}\n");
    text.replace(&folder.display().to_string(), "FOLDER")
}

fn line(event: &EventBody) -> String {
    match event {
        EventBody::Message(message) => {
            let text = match message.event_name.as_str() {
                "OnPreExecute" | "OnPostExecute" => message.message.split(',').next().unwrap(),
                // What a program of this machine says is not ours to say.
                _ => message.message.split("; it wrote: ").next().unwrap(),
            };
            let code = match message.message_code {
                0 => String::new(),
                code => format!(" {code:#010X}"),
            };
            format!(
                "{} {}/{}{code} {} | {}",
                message.event_name,
                message.message_type,
                message.source_type,
                message.execution_path,
                text.replace('\n', " ")
            )
        }
        EventBody::ExecutableEnded(ended) => format!(
            "ended {} {} result {} value {}",
            ended.package_path,
            ended.execution_path,
            ended.execution_result,
            ended.execution_value.as_deref().unwrap_or("-")
        ),
        other => panic!("no event of the control flow: {other:?}"),
    }
}

fn check(name: &str, runs: usize) {
    let folder = tempfile::tempdir().unwrap();
    prepare(folder.path());
    let project = read(name, folder.path());
    for run in 1..=runs {
        let found = events(&project, folder.path());
        let suffix = if run == 1 {
            String::new()
        } else {
            format!(" {run}")
        };
        let file = goldens().join(format!("{name}{suffix}.events"));
        if std::env::var_os("SCALEOUT_BLESS").is_some() {
            std::fs::write(&file, &found).unwrap();
        }
        let expected = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(
            found == expected,
            "{} is not what the package says now:\n{found}",
            file.display()
        );
        // What the first run of `checkpoints` waits for.
        std::fs::create_dir_all(folder.path().join("made")).unwrap();
    }
}

fn prepare(folder: &Path) {
    let path = r"\Package.Variables[User::s].Properties[Value]";
    let values = format!(
        r#"<DTSConfiguration><Configuration ConfiguredType="Property" Path="{path}" ValueType="String"><ConfiguredValue>from file</ConfiguredValue></Configuration></DTSConfiguration>"#
    );
    std::fs::write(folder.join("values.dtsConfig"), values).unwrap();
}

#[test]
fn precedence() {
    check("precedence", 1);
}

#[test]
fn loops() {
    check("loops", 1);
}

#[test]
fn event_handlers() {
    check("event handlers", 1);
}

#[test]
fn forced_results() {
    check("forced results", 1);
}

#[test]
fn failures_that_end_containers() {
    check("failures that end containers", 1);
}

#[test]
fn configurations() {
    check("configurations", 1);
}

#[test]
fn checkpoints() {
    check("checkpoints", 2);
}

#[test]
fn transactions() {
    check("transactions", 1);
}
