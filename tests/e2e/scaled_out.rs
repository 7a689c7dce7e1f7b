//! Execute Package tasks whose children are executions of their own, and the sample
//! `samples/load-balancing`.

use std::path::Path;

use serde_json::Value;

use crate::support::cluster::Cluster;
use crate::support::patience::tries;
use crate::support::postgres::PostgresCluster;
use crate::support::project;
use crate::support::tasks::TaskPackage;
use crate::support::{Site, Soctl};

const CHILD: &str = "Microsoft.ExecutePackageTask";
const PROCESS: &str = "Microsoft.ExecuteProcess";

/// An Execute Package task's data.
fn call(package: &str, out_of_process: bool, bindings: &[(&str, &str)]) -> String {
    let bound: String = bindings
        .iter()
        .map(|(parameter, from)| {
            format!("<ParameterAssignment><ParameterName>{parameter}</ParameterName><BindedVariableOrParameterName>{from}</BindedVariableOrParameterName></ParameterAssignment>")
        })
        .collect();
    format!(
        "<ExecutePackageTask><ExecuteOutOfProcess>{out_of_process}</ExecuteOutOfProcess><UseProjectReference>True</UseProjectReference><PackageName>{package}</PackageName>{bound}</ExecutePackageTask>"
    )
}

/// An Execute Process task's data that runs a line of `sh`.
fn shell(line: &str) -> String {
    format!(
        r#"<ExecuteProcessData Executable="sh" Arguments="-c &quot;{line}&quot;" RequireFullFileName="False"/>"#
    )
}

fn deploy(soctl: &Soctl, packages: &[(&str, String)]) {
    project::write(&soctl.home().join("p"), "Parts", packages);
    soctl.json(&["deploy", "p", "--folder", "F"]);
}

fn execute(soctl: &Soctl, more: &[&str]) -> Value {
    let mut arguments = vec!["execute", "-p", "parent.dtsx", "--folder", "F"];
    arguments.extend(more);
    arguments.extend(["--output", "json"]);
    soctl.run(&arguments).json()[0].clone()
}

fn children(report: &Value) -> &Vec<Value> {
    report["children"].as_array().unwrap()
}

#[test]
fn a_child_is_an_execution_of_its_own_with_parameters_and_variables_of_its_parent() {
    let site = Site::start_with(&["--workers", "2"]);
    let soctl = &site.soctl;
    let out = soctl.home().join("out.txt");
    // Of the parent: a bound parameter, and a variable that only the parent declares.
    let arguments = format!(
        r#""-c \"echo " + @[$Package::Word] + " " + @[User::FromParent] + " > {}\"""#,
        out.display()
    );
    let child = TaskPackage::new("child")
        .parameter("Word", "nothing")
        .task(
            "Write",
            PROCESS,
            r#"<ExecuteProcessData Executable="sh" RequireFullFileName="False"/>"#,
        )
        .expression("Write", "Arguments", &arguments);
    let parent = TaskPackage::new("parent")
        .variable("Said", 8, "hello")
        .variable("FromParent", 8, "world")
        .task(
            "Run",
            CHILD,
            &call("child.dtsx", true, &[("Word", "User::Said")]),
        );
    deploy(
        soctl,
        &[("parent.dtsx", parent.text()), ("child.dtsx", child.text())],
    );
    let ran = execute(soctl, &[]);
    let id = ran["execution_id"].to_string();
    let report = soctl.json(&["executions", "report", &id]);
    assert_eq!(ran["status"], "succeeded", "{report:#}");
    assert_eq!(std::fs::read_to_string(&out).unwrap(), "hello world\n");
    let [child] = &children(&report)[..] else {
        panic!("{report:#}");
    };
    assert_eq!(child["package"], "child.dtsx");
    assert_eq!(child["result"], "succeeded");
    assert_eq!(child["called_by"], r"\Package\Run");
    let own = child["execution_id"].to_string();
    assert_ne!(own, id);
    assert!(child["worker"].is_string() && child["duration_ms"].is_number());
    // What runs in a process of its own only because the execution says so.
    let in_process = TaskPackage::new("parent")
        .variable("Said", 8, "hello")
        .variable("FromParent", 8, "world")
        .task(
            "Run",
            CHILD,
            &call("child.dtsx", false, &[("Word", "User::Said")]),
        );
    let child_text = child_package_text(soctl);
    deploy(
        soctl,
        &[
            ("parent.dtsx", in_process.text()),
            ("child.dtsx", child_text),
        ],
    );
    let option = [
        "--parameter",
        "$ServerOption::SCALE_OUT_CHILD_PACKAGES=True",
    ];
    for (more, is_own) in [(&[][..], false), (&option[..], true)] {
        let id = execute(soctl, more)["execution_id"].to_string();
        let report = soctl.json(&["executions", "report", &id, "--page", "children"]);
        assert_eq!(
            children(&report)[0]["execution_id"].is_number(),
            is_own,
            "{report:#}"
        );
    }
    soctl.json(&["catalog", "set", "SCALE_OUT_CHILD_PACKAGES", "TRUE"]);
    let id = execute(soctl, &[])["execution_id"].to_string();
    let report = soctl.json(&["executions", "report", &id, "--page", "children"]);
    assert!(
        children(&report)[0]["execution_id"].is_number(),
        "{report:#}"
    );
}

fn child_package_text(soctl: &Soctl) -> String {
    std::fs::read_to_string(soctl.home().join("p/child.dtsx")).unwrap()
}

#[test]
fn children_run_in_the_only_slot_that_their_parent_has_taken() {
    in_the_only_slot(&[]);
}

#[test]
fn children_run_on_a_catalog_on_postgresql_too() {
    if let Some(cluster) = PostgresCluster::start_or_skip() {
        in_the_only_slot(&["--catalog", &cluster.url("postgres")]);
    }
}

fn in_the_only_slot(options: &[&str]) {
    let settings = serde_json::json!({"MaxTaskCount": 1});
    let options = [&["--workers", "1"], options].concat();
    let site = Site::start_set(Soctl::new(), &options, settings);
    let soctl = &site.soctl;
    let mut parent = TaskPackage::new("parent");
    for task in ["One", "Two"] {
        parent = parent.task(task, CHILD, &call("middle.dtsx", true, &[]));
    }
    let middle = TaskPackage::new("middle").task("Run", CHILD, &call("leaf.dtsx", true, &[]));
    let leaf = TaskPackage::new("leaf").task("Do", PROCESS, &shell("true"));
    let packages = [
        ("parent.dtsx", parent.text()),
        ("middle.dtsx", middle.text()),
        ("leaf.dtsx", leaf.text()),
    ];
    deploy(soctl, &packages);
    let ran = execute(soctl, &[]);
    let id = ran["execution_id"].to_string();
    let report = soctl.json(&["executions", "report", &id]);
    assert_eq!(ran["status"], "succeeded", "{report:#}");
    let depths: Vec<i64> = children(&report)
        .iter()
        .map(|child| child["depth"].as_i64().unwrap())
        .collect();
    assert_eq!(depths, [1, 2, 1, 2]);
}

#[test]
fn stopping_the_parent_stops_its_children() {
    let site = Site::start_with(&["--workers", "2"]);
    let soctl = &site.soctl;
    let here = soctl.home().join("here");
    let line = format!("touch {}; sleep 600", here.display());
    let parent = TaskPackage::new("parent").task("Run", CHILD, &call("child.dtsx", true, &[]));
    let child = TaskPackage::new("child").task("Sleep", PROCESS, &shell(&line));
    deploy(
        soctl,
        &[("parent.dtsx", parent.text()), ("child.dtsx", child.text())],
    );
    let started = soctl.json(&["execute", "-p", "parent.dtsx", "--folder", "F", "--detach"]);
    let id = started[0]["execution_id"].to_string();
    let mut report = Value::Null;
    for () in tries() {
        report = soctl.json(&["executions", "report", &id, "--page", "children"]);
        if here.exists() && children(&report).len() == 1 {
            break;
        }
    }
    let own = children(&report)[0]["execution_id"].to_string();
    soctl
        .run(&["executions", "stop", &id, "--output", "json"])
        .success();
    site.wait_for_status(&own, "canceled");
    site.wait_for_status(&id, "canceled");
}

/// The sample, deployed with units of a fraction of a second.
fn deploy_sample(cluster: &Cluster) {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples/load-balancing/new-way");
    let sample = sample.display().to_string();
    cluster.json(&["deploy", &sample, "--folder", "Samples"]);
}

/// Seconds from the first load that was asked for to the end of the last, and the least that four
/// workers need for loads that took as long as these did.
fn makespan(cluster: &Cluster, id: &str) -> (f64, f64) {
    let of_parent = format!("execution_id={id}");
    let view = ["view", "execution_children", "--where", &of_parent];
    let rows = cluster.json(&view);
    let rows = rows.as_array().unwrap();
    let times = |name: &str| -> Vec<f64> {
        let time = |row: &Value| -> f64 {
            let time: jiff::Timestamp = row[name].as_str().unwrap().parse().unwrap();
            time.as_duration().as_secs_f64()
        };
        rows.iter().map(time).collect()
    };
    let (starts, ends) = (times("start_time"), times("end_time"));
    let least = |all: Vec<f64>| all.into_iter().fold(f64::MAX, f64::min);
    let most = |all: Vec<f64>| all.into_iter().fold(f64::MIN, f64::max);
    let lengths: Vec<f64> = starts
        .iter()
        .zip(&ends)
        .map(|(start, end)| end - start)
        .collect();
    let best = most(lengths.clone()).max(lengths.iter().sum::<f64>() / 4.0);
    (most(ends) - least(times("created_time")), best)
}

fn start_sample(cluster: &Cluster, more: &[&str]) -> String {
    let mut arguments = vec![
        "execute",
        "-p",
        "parent.dtsx",
        "--folder",
        "Samples",
        "--detach",
    ];
    arguments.extend(more);
    if !more.iter().any(|one| one.starts_with("$Project::Unit")) {
        arguments.extend(["--parameter", "$Project::Unit=1"]);
    }
    cluster.json(&arguments)[0]["execution_id"].to_string()
}

/// The report when the execution has ended.
fn report_of(cluster: &Cluster, id: &str) -> Value {
    let _exit_code = cluster.run(&["executions", "watch", id]);
    cluster.json(&["executions", "report", id])
}

fn ran<'v>(report: &'v Value, task: &str) -> Vec<&'v Value> {
    let tasks = report["tasks"].as_array().unwrap().iter();
    tasks.filter(|one| one["name"] == task).collect()
}

/// Whether all moments at which something starts and ends hold no more than so many at once.
fn most_at_once(children: &[Value]) -> usize {
    let time = |child: &Value, name: &str| child[name].as_str().unwrap().to_owned();
    let spans: Vec<(String, String)> = children
        .iter()
        .map(|child| (time(child, "start_time"), time(child, "end_time")))
        .collect();
    let at = |moment: &String| {
        let over = |span: &&(String, String)| span.0 <= *moment && *moment < span.1;
        spans.iter().filter(over).count()
    };
    spans.iter().map(|span| at(&span.0)).max().unwrap_or(0)
}

#[test]
fn the_sample_spreads_eight_loads_over_four_workers_and_a_killed_worker_costs_one_load() {
    let mut cluster = Cluster::start(4);
    deploy_sample(&cluster);
    let id = start_sample(&cluster, &[]);
    let report = report_of(&cluster, &id);
    assert_eq!(report["overview"]["status"], "succeeded", "{report:#}");
    let loads = children(&report);
    assert_eq!(loads.len(), 8);
    let mut workers: Vec<&str> = loads
        .iter()
        .map(|load| load["worker"].as_str().unwrap())
        .collect();
    workers.sort_unstable();
    workers.dedup();
    // One slot each, the parent's among them, and none is idle while loads wait.
    assert_eq!(workers, ["w1", "w2", "w3", "w4"]);
    assert_eq!(most_at_once(loads), 4, "{report:#}");
    let (makespan, best) = makespan(&cluster, &id);
    assert!(
        makespan < 1.3 * best,
        "{makespan} s, best {best} s: {report:#}"
    );
    assert_eq!(ran(&report, "All loaded").len(), 1);
    assert_eq!(ran(&report, "A load failed").len(), 0);

    // A worker that runs a load, and not the parent, goes down in the middle.
    let id = start_sample(&cluster, &["--parameter", "$Project::Unit=2"]);
    let mut killed = None;
    for () in tries() {
        let report = cluster.json(&["executions", "report", &id]);
        let parent = report["overview"]["worker_name"]
            .as_str()
            .unwrap_or_default();
        let loads = children(&report).iter();
        let mut other =
            loads.filter(|load| load["result"] == "running" && load["worker"] != parent);
        let found = other.next_back().map(|load| {
            (
                load["worker"].as_str().unwrap().to_owned(),
                load["execution_id"].to_string(),
            )
        });
        if found.is_some() {
            killed = found;
            break;
        }
    }
    let (worker, load) = killed.unwrap();
    cluster.kill(&worker);
    let report = report_of(&cluster, &id);
    assert_eq!(report["overview"]["status"], "succeeded", "{report:#}");
    assert_eq!(report["overview"]["executed_count"], 1);
    for child in children(&report) {
        let own = child["execution_id"].to_string();
        let lost = i64::from(own == load);
        assert_eq!(child["lost_count"], lost, "{report:#}");
        assert_eq!(child["executed_count"], 1);
        assert_eq!(child["result"], "succeeded");
    }
    assert_eq!(children(&report).len(), 8);
    assert!(0 < cluster.master_id());
}

#[test]
fn a_load_that_fails_reaches_the_failure_constraint_of_the_sample() {
    let cluster = Cluster::start(2);
    deploy_sample(&cluster);
    let id = start_sample(
        &cluster,
        &[
            "--parameter",
            "Fail=load3",
            "--parameter",
            "$Project::Unit=0.1",
        ],
    );
    let report = report_of(&cluster, &id);
    assert_eq!(report["overview"]["status"], "failed", "{report:#}");
    assert_eq!(ran(&report, "A load failed").len(), 1);
    assert_eq!(ran(&report, "All loaded").len(), 0);
    let failed: Vec<&str> = children(&report)
        .iter()
        .filter(|load| load["result"] == "failed")
        .map(|load| load["package"].as_str().unwrap())
        .collect();
    assert_eq!(failed, ["load3.dtsx"]);
    // Its errors are errors of the task.
    let shown = cluster
        .run(&["executions", "show", &id, "--all"])
        .success()
        .stdout;
    assert!(
        shown.contains(r"\Package\Load 3") && shown.contains("no such source"),
        "{shown}"
    );
}
