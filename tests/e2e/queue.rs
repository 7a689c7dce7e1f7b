//! Where and when executions run, and why they wait, as a person sees it.

use std::path::PathBuf;

use nix::sys::signal::{Signal, kill};
use nix::sys::stat::Mode;
use nix::unistd::{Pid, mkfifo};
use serde_json::Value;

use crate::support::package;
use crate::support::patience::tries;
use crate::support::service::Pair;

/// A package that ends at once.
fn quick(pair: &Pair) -> String {
    let file = pair.soctl.home().join("quick.dtsx");
    std::fs::write(&file, package::process("quick", "true", "")).unwrap();
    file.display().to_string()
}

/// A package that waits at a named pipe.
struct Gate {
    package: String,
    pipe: PathBuf,
    /// Is there once a run has come to the pipe.
    come: PathBuf,
}

impl Gate {
    fn new(pair: &Pair) -> Self {
        let home = pair.soctl.home();
        let (script, pipe, come) = (home.join("gate.sh"), home.join("gate"), home.join("come"));
        mkfifo(&pipe, Mode::S_IRWXU).unwrap();
        std::fs::write(
            &script,
            format!(
                "touch '{}'\nread -r _ <'{}'\n",
                come.display(),
                pipe.display()
            ),
        )
        .unwrap();
        let file = home.join("gate.dtsx");
        let text = package::process("gate", "sh", &script.display().to_string());
        std::fs::write(&file, text).unwrap();
        let package = file.display().to_string();
        Self {
            package,
            pipe,
            come,
        }
    }

    /// Waits until a run has come to the gate.
    fn wait(&self) {
        for () in tries() {
            if self.come.exists() {
                return;
            }
            std::thread::yield_now();
        }
        panic!("nothing comes to the gate");
    }

    /// Lets one run through; waits until it has come to the gate.
    fn open(&self) {
        std::fs::write(&self.pipe, "go\n").unwrap();
    }
}

fn execute(pair: &Pair, file: &str, more: &[&str]) -> String {
    let mut arguments = vec!["execute", "--package", file, "--detach", "--output", "json"];
    arguments.extend(more);
    pair.run(&arguments).success().json()[0]["execution_id"].to_string()
}

fn explained(pair: &Pair, id: &str) -> Value {
    pair.run(&["executions", "explain", id, "--output", "json"])
        .success()
        .json()
}

fn worker_name(pair: &Pair) -> String {
    let workers = pair
        .run(&["workers", "list", "--output", "json"])
        .success()
        .json();
    workers[0]["worker_agent_id"].as_str().unwrap().to_owned()
}

fn report_of(pair: &Pair, id: &str) -> Value {
    let condition = format!("execution_id={id}");
    let rows = pair
        .run(&[
            "view",
            "execution_report",
            "--where",
            &condition,
            "--output",
            "json",
        ])
        .success()
        .json();
    rows[0].clone()
}

#[test]
fn an_execution_waits_for_a_worker_with_its_tags_and_says_so() {
    let pair = Pair::start();
    let file = quick(&pair);
    let id = execute(
        &pair,
        &file,
        &["--worker-tag", "big", "--worker-tag", "gpu"],
    );
    let why = explained(&pair, &id);
    assert_eq!(why["reason_code"], "NO_WORKER_WITH_TAGS");
    assert_eq!(why["reason"], "no worker has all of the tags big, gpu");
    let worker = worker_name(&pair);
    let told = pair
        .run(&["workers", "tag", &worker, "--tag", "GPU", "--tag", "big"])
        .success();
    assert!(
        told.stdout.contains("has the tags: GPU, big"),
        "{}",
        told.stdout
    );
    pair.wait_for_status(&id, "succeeded");
    assert_eq!(explained(&pair, &id)["reason_code"], "ENDED");
}

#[test]
fn a_drained_worker_gets_nothing_until_it_is_resumed() {
    let pair = Pair::start();
    let file = quick(&pair);
    let worker = worker_name(&pair);
    pair.run(&["workers", "drain", &worker]).success();
    let listed = pair.run(&["workers", "list"]).success();
    assert!(listed.stdout.contains("draining"), "{}", listed.stdout);
    let id = execute(&pair, &file, &[]);
    assert_eq!(explained(&pair, &id)["reason_code"], "WORKER_DRAINING");
    pair.run(&["workers", "resume", &worker]).success();
    pair.wait_for_status(&id, "succeeded");
}

#[test]
fn a_cap_holds_back_the_second_of_a_package_and_names_the_first() {
    let pair = Pair::start();
    let gate = Gate::new(&pair);
    let first = execute(&pair, &gate.package, &[]);
    pair.wait_for_status(&first, "running");
    let second = execute(&pair, &gate.package, &["--package-limit", "1"]);
    let why = explained(&pair, &second);
    assert_eq!(why["reason_code"], "PACKAGE_LIMIT");
    let reason = format!("the cap of its package (1 at once) is reached by {first}");
    assert_eq!(why["reason"], reason.as_str());
    gate.open();
    pair.wait_for_status(&first, "succeeded");
    gate.open();
    pair.wait_for_status(&second, "succeeded");
}

#[test]
fn what_must_not_run_twice_takes_no_retries() {
    let pair = Pair::start();
    let file = quick(&pair);
    let both = [
        "execute",
        "--package",
        &file,
        "--at-most-once",
        "--retry-count",
        "1",
    ];
    pair.run(&both).fails(6, &["contradict each other"]);
    let id = execute(&pair, &file, &["--at-most-once", "--priority", "-5"]);
    pair.wait_for_status(&id, "succeeded");
}

/// The processes that a process has started.
fn children_of(parent: u32) -> Vec<i32> {
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    let found = entries.filter_map(|entry| {
        let pid = entry.file_name().to_str()?.parse().ok()?;
        let stat = std::fs::read_to_string(entry.path().join("stat")).ok()?;
        let (_, behind) = stat.rsplit_once(')')?;
        let of: u32 = behind.split_whitespace().nth(1)?.parse().ok()?;
        (of == parent).then_some(pid)
    });
    found.collect()
}

#[test]
fn a_worker_that_is_terminated_hands_back_what_it_runs_and_nothing_has_failed() {
    let mut pair = Pair::start();
    let gate = Gate::new(&pair);
    let id = execute(&pair, &gate.package, &[]);
    gate.wait();
    let worker = pair.worker.take().unwrap();
    // As a service manager does that stops every process of a service.
    let executors = children_of(worker.id());
    assert!(!executors.is_empty());
    for executor in executors {
        kill(Pid::from_raw(executor), Signal::SIGTERM).unwrap();
    }
    let said = worker.end();
    assert!(said.contains("stopping"), "{said}");
    // No lease had to end for it.
    pair.wait_for_status(&id, "pending");
    pair.restart_worker();
    gate.open();
    pair.wait_for_status(&id, "succeeded");
    let report = report_of(&pair, &id);
    // Twice where a lease request of the stopping worker was still open at the master.
    assert!(
        report["handed_back_count"].as_i64().unwrap() >= 1,
        "{report}"
    );
    assert_eq!(report["lost_count"], 0);
    assert_eq!(report["executed_count"], 1);
}
