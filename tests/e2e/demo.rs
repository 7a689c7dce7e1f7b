//! The first command of the README.

use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::support::Soctl;

#[test]
fn the_demo_runs_both_packages_and_leaves_nothing_behind() {
    let soctl = Soctl::new();
    let ran = soctl.run(&["demo"]).success();
    let rows: Vec<&str> = ran
        .stdout
        .lines()
        .filter(|line| line.contains(".dtsx"))
        .collect();
    assert_eq!(rows.len(), 2, "{}", ran.stdout);
    assert!(
        rows.iter()
            .all(|row| row.contains("succeeded") && row.contains("200000")),
        "{}",
        ran.stdout
    );
    assert!(
        ran.stderr.contains("enabled"),
        "the demo says that it enables its workers:\n{}",
        ran.stderr
    );
    assert_eq!(left_in(&soctl), Vec::<String>::new());
}

#[test]
fn the_demo_as_json_names_workers_rows_and_places() {
    let soctl = Soctl::new();
    let report = soctl.json(&["demo", "--quiet"]);
    let lines = report.as_array().unwrap();
    assert_eq!(lines.len(), 2);
    for line in lines {
        assert_eq!(line["rows"], 200_000, "{line:#}");
        assert!(line["outputs"].as_array().unwrap().len() >= 2, "{line:#}");
        assert!(line["worker_agent_id"].is_string(), "{line:#}");
    }
}

#[test]
fn kept_output_is_what_the_packages_promise() {
    let soctl = Soctl::new();
    let kept = soctl.home().join("kept");
    soctl
        .run(&["demo", "--quiet", "--keep", kept.to_str().unwrap()])
        .success();
    let count = |name: &str| {
        let text = std::fs::read(kept.join("output").join(name)).unwrap();
        text.iter().filter(|byte| **byte == b'\n').count() - 1
    };
    assert_eq!(
        count("orders_large.csv") + count("orders_small.csv"),
        200_000
    );
    assert_eq!(
        count("readings_warm.csv") + count("readings_cold.csv") + count("readings_rejected.csv"),
        200_000
    );
    assert_eq!(count("readings_rejected.csv"), 200);
    let large = std::fs::read(kept.join("output/orders_large.csv")).unwrap();
    assert_eq!(
        large,
        std::fs::read(kept.join("output/archive/orders_large.csv")).unwrap()
    );
    assert_totals_follow_from_the_input(&kept);
}

/// Every line of the split files equals what this test computes from `orders.csv` by itself.
fn assert_totals_follow_from_the_input(kept: &std::path::Path) {
    let mut expected = (Vec::new(), Vec::new());
    let mut input = csv::Reader::from_path(kept.join("input/orders.csv")).unwrap();
    for record in input.records().map(Result::unwrap) {
        let cents: i64 =
            record[5].replace('.', "").parse::<i64>().unwrap() * record[4].parse::<i64>().unwrap();
        let label = format!("{}-{}", record[3].to_uppercase(), &record[0]);
        // SSIS writes a numeric below one without its leading zero.
        let whole = if cents < 100 {
            String::new()
        } else {
            (cents / 100).to_string()
        };
        let total = format!("{whole}.{:02}", cents % 100);
        let line = vec![
            record[0].to_owned(),
            record[1].to_owned(),
            record[2].to_owned(),
            record[3].to_owned(),
            total,
            label,
        ];
        if cents >= 100_000 {
            expected.0.push(line)
        } else {
            expected.1.push(line)
        }
    }
    for (name, wanted) in [
        ("orders_large.csv", expected.0),
        ("orders_small.csv", expected.1),
    ] {
        let mut output = csv::Reader::from_path(kept.join("output").join(name)).unwrap();
        let found: Vec<Vec<String>> = output
            .records()
            .map(|record| record.unwrap().iter().map(str::to_owned).collect())
            .collect();
        assert_eq!(found.len(), wanted.len(), "{name}");
        for (found, wanted) in found.iter().zip(&wanted) {
            assert_eq!(found, wanted, "{name}");
        }
    }
}

#[test]
fn ctrl_c_ends_the_demo_without_a_trace() {
    let soctl = Soctl::new();
    let mut child = soctl
        .command(&["demo"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut said = String::new();
    while !said.contains("running") {
        let read = stderr.read_line(&mut said).unwrap();
        assert_ne!(read, 0, "the demo ended before a package ran:\n{said}");
    }
    kill(
        Pid::from_raw(i32::try_from(child.id()).unwrap()),
        Signal::SIGINT,
    )
    .unwrap();
    // stderr is at its end only when every process that inherited it is gone.
    stderr.read_to_string(&mut said).unwrap();
    let status = child.wait().unwrap();
    assert_eq!(status.code(), Some(130), "{said}");
    assert_eq!(left_in(&soctl), Vec::<String>::new());
}

fn left_in(soctl: &Soctl) -> Vec<String> {
    let entries = std::fs::read_dir(soctl.tmp()).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect()
}
