//! The executor with real projects, over real pipes: the test is the worker.

use std::io::{BufRead, BufReader, Lines, PipeReader, PipeWriter, Write};
use std::path::Path;

use scaleout_core::model::LoggingLevel;
use scaleout_core::package::bare;
use scaleout_core::protocol::event::{EventBody, EventMessage, PackageResult};
use scaleout_core::protocol::executor::{FromExecutor, RunPackage, ToExecutor};
use scaleout_core::protocol::task::{PropertyOverride, TaskDescription};

use super::harness::{Dtsx, ok, process};
use super::settling::{overriding, parameter};
use crate::executor::{design_values, serve};

struct Worker {
    to: PipeWriter,
    from: Lines<BufReader<PipeReader>>,
}

impl Worker {
    fn start() -> Self {
        let (input, to) = std::io::pipe().unwrap();
        let (from, output) = std::io::pipe().unwrap();
        std::thread::spawn(|| serve(BufReader::new(input), output));
        let mut worker = Self {
            to,
            from: BufReader::new(from).lines(),
        };
        assert!(matches!(worker.hear(), FromExecutor::Ready { .. }));
        worker
    }

    fn say(&mut self, command: &ToExecutor) {
        let line = serde_json::to_string(command).unwrap();
        writeln!(self.to, "{line}").unwrap();
    }

    fn hear(&mut self) -> FromExecutor {
        let line = self.from.next().unwrap().unwrap();
        serde_json::from_str(&line).unwrap()
    }

    fn run(&mut self, project_file: &Path, hash: &str) {
        self.run_with(project_file, hash, |_| {});
    }

    fn run_with(&mut self, project_file: &Path, hash: &str, change: fn(&mut TaskDescription)) {
        let mut task = design_values("p", "p.dtsx");
        task.project_hash = hash.to_owned();
        change(&mut task);
        self.say(&ToExecutor::Run(Box::new(RunPackage {
            task,
            project_file: project_file.to_owned(),
            settings: Default::default(),
        })));
    }

    /// Event names until the end, and how it ended.
    fn hear_all(&mut self) -> (Vec<String>, PackageResult, Option<String>) {
        let (events, result, error) = self.hear_events();
        let name = |event: EventBody| match event {
            EventBody::Message(message) => message.event_name,
            _ => "other".to_owned(),
        };
        (events.into_iter().map(name).collect(), result, error)
    }

    fn hear_events(&mut self) -> (Vec<EventBody>, PackageResult, Option<String>) {
        let mut events = Vec::new();
        loop {
            match self.hear() {
                FromExecutor::Event(event) => {
                    assert_eq!(event.sequence, events.len() as u64 + 1);
                    events.push(event.body);
                }
                FromExecutor::Finished { result, error, .. } => {
                    return (events, result, error.map(|error| error.code));
                }
                other => panic!("unexpected: {other:?}"),
            }
        }
    }
}

fn deployed(dtsx: &Dtsx, folder: &Path) -> std::path::PathBuf {
    let built = bare::build(dtsx.text().as_bytes(), "p.dtsx", "p").unwrap();
    let file = folder.join("p.ispac");
    std::fs::write(&file, built.ispac).unwrap();
    file
}

#[test]
fn a_project_is_read_once_for_its_hash() {
    let folder = tempfile::tempdir().unwrap();
    let file = deployed(&Dtsx::new().with(&ok("Package", "a")), folder.path());
    let mut worker = Worker::start();
    worker.run(&file, "one");
    let (names, result, error) = worker.hear_all();
    assert_eq!((result, error), (PackageResult::Success, None));
    assert_eq!(names.first().map(String::as_str), Some("PackageStart"));

    std::fs::remove_file(&file).unwrap();
    worker.run(&file, "one");
    assert_eq!(worker.hear_all().1, PackageResult::Success);
    worker.run(&file, "two");
    let (names, result, error) = worker.hear_all();
    assert_eq!(names, [""; 0]);
    assert_eq!(
        (result, error.as_deref()),
        (PackageResult::Failure, Some("SO4014"))
    );
}

#[test]
fn a_project_that_is_no_archive_fails_with_the_readers_error() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("p.ispac");
    std::fs::write(&file, "not a zip").unwrap();
    let mut worker = Worker::start();
    worker.run(&file, "one");
    let said = only_error(worker.hear_events());
    assert!(said.message.contains("(SO2"), "{}", said.message);
}

/// What a package says that fails before it starts.
#[track_caller]
fn only_error(heard: (Vec<EventBody>, PackageResult, Option<String>)) -> EventMessage {
    let (mut events, result, error) = heard;
    assert_eq!((result, error), (PackageResult::Failure, None));
    match (events.pop(), events.as_slice()) {
        (Some(EventBody::Message(message)), []) => {
            assert_eq!(
                (message.event_name.as_str(), message.message_type),
                ("OnError", 120)
            );
            assert_eq!(
                (message.source_name.as_str(), message.source_type),
                ("p", 30)
            );
            assert_eq!(message.package_path, r"\Package");
            message
        }
        other => panic!("one message was expected: {other:?}"),
    }
}

#[test]
fn values_that_do_not_fit_fail_the_package_and_name_what_they_were_for() {
    let folder = tempfile::tempdir().unwrap();
    let file = deployed(&Dtsx::new().int("n", 1), folder.path());
    let mut worker = Worker::start();
    let mut run = |change: fn(&mut TaskDescription)| {
        worker.run_with(&file, "one", change);
        only_error(worker.hear_events())
    };
    let said = run(|task| overriding(r"\Package.Variables[User::n].Value", "abc")(task));
    for part in [
        "p:Error: ",
        r"\Package.Variables[User::n].Value",
        "(SO4007)",
        "Int32",
    ] {
        assert!(said.message.contains(part), "{part}: {}", said.message);
    }
    assert_eq!(said.message_code.cast_unsigned(), 0xC001_F02F);
    // No logging level keeps the only word from being heard.
    let said = run(|task| {
        task.logging_level = LoggingLevel::None;
        overriding(r"\Package\nope.Properties[Disable]", "True")(task);
    });
    assert!(said.message.contains("`nope`"), "{}", said.message);
    let said = run(|task| task.package_parameters.push(parameter("q", "x")));
    assert!(said.message.contains("`$Package::q`"), "{}", said.message);
    let said = run(|task| {
        task.package_parameters
            .push(parameter("CM.Sales.Password", "x"))
    });
    assert!(
        said.message.contains("CM.Sales.Password"),
        "{}",
        said.message
    );
}

#[test]
fn what_a_program_repeats_of_a_secret_is_masked() {
    let folder = tempfile::tempdir().unwrap();
    let task = process("Package", "a", "sh", "", "");
    let file = deployed(&Dtsx::new().with(&task), folder.path());
    let mut worker = Worker::start();
    worker.run_with(&file, "one", |task| {
        let arguments = r#"-c "echo said $0 >&2; exit 1" Zaunkoenig"#;
        overriding(r"\Package\a.Properties[Arguments]", arguments)(task);
        task.property_overrides.push(PropertyOverride {
            path: r"\Package.Properties[Description]".to_owned(),
            value: "Zaunkoenig".to_owned(),
            sensitive: true,
        });
    });
    let (events, result, _) = worker.hear_events();
    assert_eq!(result, PackageResult::Failure);
    let said = format!("{events:?}");
    assert!(said.contains("it wrote: said ******"), "{said}");
    assert!(!said.contains("Zaunkoenig"), "{said}");
}

#[test]
fn a_package_that_the_project_does_not_have_fails_by_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let file = deployed(&Dtsx::new(), folder.path());
    let mut worker = Worker::start();
    worker.run_with(&file, "one", |task| task.package_name = "q.dtsx".to_owned());
    let (events, result, error) = worker.hear_events();
    assert_eq!((result, error), (PackageResult::Failure, None));
    let [EventBody::Message(said)] = events.as_slice() else {
        panic!("one message was expected: {events:?}");
    };
    assert_eq!(
        (said.source_name.as_str(), said.package_name.as_str()),
        ("q", "q.dtsx")
    );
    assert!(said.message.contains("(SO4011)"), "{}", said.message);
}

#[test]
fn stop_ends_the_process_that_a_package_runs() {
    let folder = tempfile::tempdir().unwrap();
    let pid_file = folder.path().join("pid");
    let script = format!("-c 'echo $$ > {}; exec sleep 600'", pid_file.display());
    let file = deployed(
        &Dtsx::new().with(&process("Package", "a", "sh", &script, "")),
        folder.path(),
    );
    let mut worker = Worker::start();
    worker.run(&file, "one");
    let pid = loop {
        // The process writes it once it has started: until then there is nothing to read.
        let text = std::fs::read_to_string(&pid_file).unwrap_or_default();
        if let Ok(pid) = text.trim().parse() {
            break nix::unistd::Pid::from_raw(pid);
        }
        std::thread::yield_now();
    };
    worker.say(&ToExecutor::Stop);
    assert_eq!(worker.hear_all().1, PackageResult::Canceled);
    let is_gone = nix::sys::signal::kill(pid, None).is_err();
    assert!(is_gone, "the process outlived its package");
}
