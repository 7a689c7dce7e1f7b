//! What packages start ends with them: no process is left, whoever is killed.

use std::path::Path;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::support::package;
use crate::support::patience::tries;
use crate::support::service::Pair;

/// Starts a program in a session of its own, one whose parent is gone, and becomes a third; none
/// of them listens to SIGTERM.
const STUBBORN: &str = "trap '' TERM
setsid tail -f /dev/null &
(setsid tail -f /dev/null &)
exec tail -f /dev/null
";

/// One process of this test: all inherit the home of its `soctl`.
#[derive(Debug)]
struct Process {
    pid: i32,
    command: String,
}

fn processes(home: &Path) -> Vec<Process> {
    let mark = format!("HOME={}", home.display());
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    let found = entries.filter_map(|entry| {
        let pid = entry.file_name().to_str()?.parse().ok()?;
        let environment = std::fs::read(entry.path().join("environ")).ok()?;
        let mut variables = environment.split(|byte| *byte == 0);
        variables.find(|variable| *variable == mark.as_bytes())?;
        let command = std::fs::read(entry.path().join("cmdline")).ok()?;
        let command = String::from_utf8_lossy(&command).replace('\0', " ");
        Some(Process { pid, command })
    });
    found.collect()
}

/// What a package has started.
fn started(home: &Path) -> Vec<Process> {
    let mut found = processes(home);
    found.retain(|process| process.command.starts_with("tail "));
    found
}

fn executors(home: &Path) -> Vec<Process> {
    let mut found = processes(home);
    found.retain(|process| process.command.ends_with("soctl executor "));
    found
}

#[track_caller]
fn until(what: &str, home: &Path, is_so: impl Fn(&Path) -> bool) {
    for () in tries() {
        if is_so(home) {
            return;
        }
        std::thread::yield_now();
    }
    panic!("{what}: {:#?}", processes(home));
}

#[track_caller]
fn none_is_left(home: &Path) {
    until("something is left", home, |home| {
        started(home).is_empty() && executors(home).is_empty()
    });
}

fn signal_executor(home: &Path, signal: Signal) {
    let found = executors(home);
    assert_eq!(found.len(), 1, "{found:?}");
    kill(Pid::from_raw(found[0].pid), signal).unwrap();
}

/// A site whose worker runs the stubborn package: all three programs are there.
fn running() -> (Pair, String) {
    let pair = Pair::start();
    let home = pair.soctl.home();
    let script = home.join("stubborn.sh");
    std::fs::write(&script, STUBBORN).unwrap();
    let file = home.join("stubborn.dtsx");
    let text = package::process("stubborn", "sh", &script.display().to_string());
    std::fs::write(&file, text).unwrap();
    let file = file.to_str().unwrap();
    let execute = ["execute", "--package", file, "--detach", "--output", "json"];
    let id = pair.run(&execute).success().json()[0]["execution_id"].to_string();
    until("it does not start", home, |home| started(home).len() == 3);
    (pair, id)
}

#[test]
fn nothing_outlives_a_killed_executor() {
    let (pair, id) = running();
    signal_executor(pair.soctl.home(), Signal::SIGKILL);
    none_is_left(pair.soctl.home());
    pair.wait_for_status(&id, "ended_unexpectedly");
}

#[test]
fn nothing_outlives_a_package_that_is_stopped() {
    let (pair, id) = running();
    pair.run(&["executions", "stop", &id, "--yes"]).success();
    pair.wait_for_status(&id, "canceled");
    none_is_left(pair.soctl.home());
}

#[test]
fn nothing_outlives_a_package_whose_executor_does_not_stop_in_time() {
    let (pair, id) = running();
    signal_executor(pair.soctl.home(), Signal::SIGSTOP);
    pair.run(&["executions", "stop", &id, "--yes"]).success();
    pair.wait_for_status(&id, "canceled");
    none_is_left(pair.soctl.home());
}

#[test]
fn nothing_outlives_a_killed_worker() {
    let (mut pair, _) = running();
    pair.worker.take().unwrap().kill();
    none_is_left(pair.soctl.home());
}

#[test]
fn a_worker_ends_what_its_killed_predecessor_has_left() {
    let (mut pair, id) = running();
    // This executor cannot clean up behind itself.
    signal_executor(pair.soctl.home(), Signal::SIGSTOP);
    let before: Vec<i32> = started(pair.soctl.home())
        .iter()
        .map(|one| one.pid)
        .collect();
    pair.worker.take().unwrap().kill();
    assert_eq!(started(pair.soctl.home()).len(), 3);
    pair.restart_worker();
    until("the old ones are left", pair.soctl.home(), |home| {
        started(home).iter().all(|one| !before.contains(&one.pid))
    });
    // The new worker runs the package again, and ends like the first.
    until("it is not run again", pair.soctl.home(), |home| {
        started(home).len() == 3
    });
    pair.run(&["executions", "stop", &id, "--yes"]).success();
    pair.wait_for_status(&id, "canceled");
    none_is_left(pair.soctl.home());
}
