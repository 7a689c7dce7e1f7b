//! What `soctl` prints: on a terminal, in a pipe, as CSV, as JSON, while something runs.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

use jiff::Timestamp;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::support::package::{self, FlatFile};
use crate::support::terminal::on_terminal;
use crate::support::{Site, Soctl};

/// Writes a package that copies rows into a column of 5 characters, runs it, gives its id.
fn execute_copy(soctl: &Soctl, rows: &str, code: i32) -> String {
    let path = |name: &str| soctl.home().join(name).display().to_string();
    let people = |name, file: &str| FlatFile {
        name,
        path: path(file),
        code_page: 65001,
        columns: vec![("id", "i4", 0), ("name", "wstr", 5)],
    };
    std::fs::write(path("in.csv"), format!("id,name\r\n{rows}")).unwrap();
    let text = package::copy("copy", &people("In", "in.csv"), &people("Out", "out.csv"));
    std::fs::write(path("copy.dtsx"), text).unwrap();
    let ran = soctl.run(&["execute", "--package", "./copy.dtsx", "--output", "json"]);
    assert_eq!(ran.code, code, "{}", ran.stderr);
    ran.json()[0]["execution_id"].to_string()
}

/// Starts a package that ends once a file is there; gives its id and the file.
fn start_waiting(site: &Site) -> (String, std::path::PathBuf) {
    let soctl = &site.soctl;
    let go = soctl.home().join("go");
    let script = format!(
        "-c &quot;while ! test -e {}; do sleep 0.05; done&quot;",
        go.display()
    );
    let file = soctl.home().join("waits.dtsx");
    std::fs::write(&file, package::process("waits", "sh", &script)).unwrap();
    let started = soctl.json(&["execute", "--package", "./waits.dtsx", "--detach"]);
    let id = started[0]["execution_id"].to_string();
    site.wait_for_status(&id, "running");
    (id, go)
}

fn signal(child: &std::process::Child) {
    let id = i32::try_from(child.id()).unwrap();
    kill(Pid::from_raw(id), Signal::SIGINT).unwrap();
}

#[track_caller]
fn assert_fits(shown: &str, width: usize) {
    for line in shown.lines() {
        assert!(line.chars().count() <= width, "over {width}:\n{shown}");
    }
}

#[test]
fn a_terminal_gets_tables_that_fit_and_records_where_none_would() {
    let site = Site::start();
    let soctl = &site.soctl;
    execute_copy(soctl, "1,a\r\n", 0);
    let plain = |arguments: &[&str]| {
        let mut command = soctl.command(arguments);
        command.env("NO_COLOR", "1");
        command
    };
    for width in [80, 100, 200] {
        let wide = on_terminal(plain(&["view", "executions"]), width);
        assert_fits(&wide, width.into());
        assert!(wide.starts_with("── record 1 ──\nexecution_id "), "{wide}");
        for command in ["executions", "workers", "packages"] {
            let listed = on_terminal(plain(&[command, "list"]), width);
            assert_fits(&listed, width.into());
            assert!(listed.starts_with('┌'), "{listed}");
        }
        let worker = on_terminal(plain(&["workers", "list"]), width);
        let id = soctl.json(&["workers", "list"])[0]["worker_agent_id"].clone();
        assert!(worker.contains(id.as_str().unwrap()), "{worker}");
    }
    let coloured = on_terminal(soctl.command(&["executions", "list"]), 200);
    assert!(coloured.contains('\u{1b}'), "{coloured}");
    let piped = soctl.run(&["view", "executions"]).success().stdout;
    assert_eq!(piped.lines().count(), 5, "{piped}");
}

#[test]
fn csv_and_json_hold_moments_where_tables_hold_ages() {
    let site = Site::start();
    let soctl = &site.soctl;
    execute_copy(soctl, "1,a\r\n", 0);
    let table = soctl.run(&["workers", "list"]).success().stdout;
    assert!(table.contains(" s ago"), "{table}");
    let cell = |arguments: &[&str], column: &str| {
        let mut all = arguments.to_vec();
        all.extend(["--output", "csv"]);
        let csv = soctl.run(&all).success().stdout;
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        let at = reader
            .headers()
            .unwrap()
            .iter()
            .position(|title| title == column);
        let record = reader.records().next().unwrap().unwrap();
        record[at.unwrap()].to_owned()
    };
    let moment = |text: &str| text.parse::<Timestamp>().unwrap();
    moment(&cell(&["workers", "list"], "last seen"));
    moment(&cell(&["executions", "list"], "created"));
    moment(&cell(&["projects", "list"], "deployed"));
    let duration = cell(&["executions", "list"], "duration");
    assert!(duration.parse::<f64>().unwrap() >= 0.0);
    let worker = &soctl.json(&["workers", "list"])[0];
    moment(worker["last_online_time"].as_str().unwrap());
}

#[test]
fn a_failed_load_shows_once_why_with_component_row_and_column() {
    let site = Site::start();
    let soctl = &site.soctl;
    let id = execute_copy(soctl, "1,a\r\n2,too long\r\n", 1);
    let complaints = |text: &str| {
        let lines = text.lines();
        let found = lines.filter(|line| line.starts_with("error") || line.starts_with("warning"));
        found.map(str::to_owned).collect::<Vec<String>>()
    };
    let shown = soctl.run(&["executions", "show", &id]).success().stdout;
    let roots = complaints(&shown);
    assert_eq!(roots.len(), 1, "{shown}");
    assert!(
        roots[0].starts_with(r"error[0xC02020A1] at \Package\Load\Read [2]: "),
        "{shown}"
    );
    assert!(
        roots[0].contains("row 2") && roots[0].contains("\"name\"") && !roots[0].contains("Load:"),
        "{shown}"
    );
    assert!(shown.contains("more that follow from it"), "{shown}");

    let all = soctl.run(&["executions", "show", &id, "--all"]).success();
    let json = soctl.json(&["executions", "show", &id]);
    let count = |key: &str| json[key].as_array().unwrap().len();
    assert_eq!(
        complaints(&all.stdout).len(),
        count("errors") + count("warnings")
    );
    let errors = json["errors"].as_array().unwrap();
    let roots = errors.iter().filter(|error| error["root"] == true).count();
    assert_eq!(
        (roots, errors[0]["component"].as_str()),
        (1, Some("Read [2]"))
    );
    let worker = json["worker_name"].as_str().unwrap();
    let with_id = format!("{worker} ({})", json["worker_agent_id"].as_str().unwrap());
    assert!(worker.starts_with("worker") && shown.contains(&with_id));
    let watched = soctl.run(&["executions", "watch", &id]);
    let said = format!("failed on {worker}");
    assert!(watched.stderr.contains(&said), "{}", watched.stderr);
}

#[test]
fn messages_are_followed_as_they_come() {
    let site = Site::start();
    let (id, go) = start_waiting(&site);
    let follow = |more: &[&str]| {
        let mut arguments = vec!["executions", "messages", &id, "--follow"];
        arguments.extend(more);
        let mut command = site.soctl.command(&arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    };
    let started = |mut command: Command| {
        let mut child = command.spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut first = String::new();
        stdout.read_line(&mut first).unwrap();
        assert!(first.contains("PackageStart"), "{first}");
        (child, stdout, first)
    };
    // It ends with Ctrl-C, and the execution goes on.
    let (child, _stdout, _) = started(follow(&[]));
    signal(&child);
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(130));
    assert_eq!(
        site.soctl.json(&["executions", "show", &id])["status"],
        "running"
    );
    // It ends when nobody reads any more.
    let (child, stdout, _) = started(follow(&[]));
    drop(stdout);
    // It ends with the execution.
    let (mut last, mut stdout, mut said) = started(follow(&["--output", "json"]));
    std::fs::write(go, "").unwrap();
    stdout.read_to_string(&mut said).unwrap();
    let events: Vec<serde_json::Value> = said
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(events[events.len() - 1]["event_name"], "PackageEnd");
    assert_eq!(last.wait().unwrap().code(), Some(0));
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(0));
}

#[test]
fn the_service_log_has_no_colours_outside_a_terminal() {
    let soctl = Soctl::new();
    let data = soctl.home().join("data");
    let arguments = ["up", "-v", "--port", "0", "--data", data.to_str().unwrap()];
    let mut command = soctl.command(&arguments);
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut said = String::new();
    while !said.contains("ready: ") {
        assert_ne!(stderr.read_line(&mut said).unwrap(), 0, "{said}");
    }
    signal(&child);
    stderr.read_to_string(&mut said).unwrap();
    child.wait().unwrap();
    assert!(
        said.contains(" INFO ") && !said.contains('\u{1b}'),
        "{said}"
    );
}
