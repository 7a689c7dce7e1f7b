//! The executor with real projects, over real pipes: the test is the worker.

use std::io::{BufRead, BufReader, Lines, PipeReader, PipeWriter, Write};
use std::path::Path;

use scaleout_core::package::bare;
use scaleout_core::protocol::event::{EventBody, PackageResult};
use scaleout_core::protocol::executor::{FromExecutor, RunPackage, ToExecutor};

use super::harness::{Dtsx, ok, process};
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
        let mut task = design_values("p", "p.dtsx");
        task.project_hash = hash.to_owned();
        self.say(&ToExecutor::Run(Box::new(RunPackage {
            task,
            project_file: project_file.to_owned(),
            settings: Default::default(),
        })));
    }

    /// Event names until the end, and how it ended.
    fn hear_all(&mut self) -> (Vec<String>, PackageResult, Option<String>) {
        let mut names = Vec::new();
        loop {
            match self.hear() {
                FromExecutor::Event(event) => {
                    assert_eq!(event.sequence, names.len() as u64 + 1);
                    names.push(match event.body {
                        EventBody::Message(message) => message.event_name,
                        _ => "other".to_owned(),
                    });
                }
                FromExecutor::Finished { result, error } => {
                    return (names, result, error.map(|error| error.code));
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
fn a_project_that_is_no_archive_is_finished_with_the_readers_error() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("p.ispac");
    std::fs::write(&file, "not a zip").unwrap();
    let mut worker = Worker::start();
    worker.run(&file, "one");
    let (_, result, error) = worker.hear_all();
    assert_eq!(result, PackageResult::Failure);
    assert!(error.is_some_and(|code| code.starts_with("SO2")));
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
