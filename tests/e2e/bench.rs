//! `soctl bench`, small: that it measures what it says, not how fast this machine is.

use super::support::Soctl;
use super::support::postgres::PostgresCluster;

#[test]
fn dispatch_runs_every_execution_and_counts_its_commits() {
    let soctl = Soctl::new();
    let measured = soctl.json(&[
        "bench",
        "dispatch",
        "--executions",
        "20",
        "--probes",
        "3",
        "--rate",
        "2",
        "--callers",
        "4",
    ]);
    assert_eq!(measured["executions"], 20);
    assert_eq!(measured["succeeded"], 20);
    assert_eq!(measured["catalog"], "SQLite");
    let number = |name: &str| measured[name].as_f64().unwrap();
    // Created, started and ended at least, and granted, some of them together; commits are shared, so that
    // there are fewer.
    assert!(3.0 < number("changes_per_execution"), "{measured:#}");
    assert!(0.0 < number("commits_per_execution"), "{measured:#}");
    assert!(
        number("commits_per_execution") <= number("changes_per_execution"),
        "{measured:#}"
    );
    for latency in ["latency_ms", "latency_under_load_ms"] {
        let [middle, most] = ["p50", "p99"].map(|name| measured[latency][name].as_f64().unwrap());
        assert!(0.0 < middle && middle <= most, "{measured:#}");
    }
}

#[test]
fn two_masters_share_a_catalog_on_a_server_and_only_there() {
    let soctl = Soctl::new();
    let arguments = ["bench", "dispatch", "--masters", "2", "--executions", "20"];
    let refused = soctl.run(&arguments);
    refused.fails(6, &["has one master", "--catalog"]);
    let Some(cluster) = PostgresCluster::start_or_skip() else {
        return;
    };
    let few = ["--probes", "3", "--rate", "2", "--callers", "4"];
    let server = ["--catalog", &cluster.url("postgres")];
    let measured = soctl.json(&[&arguments[..], &few, &server].concat());
    assert_eq!(measured["masters"], 2);
    assert_eq!(measured["succeeded"], 20);
}

#[test]
fn idle_workers_join_and_get_nothing_of_what_waits_for_another_one() {
    let soctl = Soctl::new();
    let arguments = ["bench", "workers", "--workers", "20", "--seconds", "1"];
    let measured = soctl.json(&[&arguments[..], &["--pending", "10"]].concat());
    assert_eq!(measured["workers"], 20);
    assert_eq!(measured["pending"], 10);
    assert_eq!(measured["granted"], 0, "{measured:#}");
    for name in ["master_memory_mb", "master_peak_memory_mb"] {
        assert!(0 < measured[name].as_u64().unwrap(), "{measured:#}");
    }
}
