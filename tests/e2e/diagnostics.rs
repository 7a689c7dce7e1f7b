//! Looking closer at executions: logging levels, data taps, dumps, counters, validations.

use std::io::Read as _;
use std::path::PathBuf;

use serde_json::Value;

use crate::support::package::{self, FlatFile};
use crate::support::patience::tries;
use crate::support::service::Pair;

/// A file of two columns in the home of a pair.
fn file(pair: &Pair, name: &'static str) -> FlatFile {
    FlatFile {
        name,
        path: pair
            .soctl
            .home()
            .join(format!("{name}.csv"))
            .display()
            .to_string(),
        code_page: 65001,
        columns: vec![("Id", "i4", 0), ("Name", "wstr", 20)],
    }
}

/// Writes a package that copies `In.csv` to `Out.csv`.
fn write_copy(pair: &Pair) {
    let text = package::copy("copy", &file(pair, "In"), &file(pair, "Out"));
    std::fs::write(pair.soctl.home().join("copy.dtsx"), text).unwrap();
}

fn write_input(pair: &Pair) {
    std::fs::write(
        &file(pair, "In").path,
        "Id,Name\r\n1,one\r\n2,two\r\n3,three\r\n",
    )
    .unwrap();
}

fn run(pair: &Pair, arguments: &[&str]) -> String {
    pair.run(arguments).success().stdout
}

fn json(pair: &Pair, arguments: &[&str]) -> Value {
    let mut all = arguments.to_vec();
    all.extend(["--output", "json"]);
    pair.run(&all).success().json()
}

/// The id of the only execution of a report, or of what was started.
fn id_of(report: &Value) -> String {
    report[0]["execution_id"].to_string()
}

const TASK: &str = r"\Package\Load";
const PATH: &str = "Paths[Read.Flat File Source Output]";

#[test]
fn a_tap_keeps_rows_in_a_file_of_the_worker() {
    let pair = Pair::start();
    write_copy(&pair);
    write_input(&pair);
    let ended = json(
        &pair,
        &[
            "execute",
            "-p",
            "./copy.dtsx",
            "--tap",
            TASK,
            PATH,
            "read.csv",
            "--tap-rows",
            "2",
        ],
    );
    let id = id_of(&ended);
    let kept = pair.soctl.home().join(format!("w/DataDumps/{id}/read.csv"));
    assert_eq!(
        std::fs::read_to_string(&kept).unwrap(),
        "Id,Name\n1,one\n2,two\n"
    );
    let said = run(&pair, &["executions", "messages", &id]);
    assert!(said.contains("wrote 2 rows to"), "{said}");
    assert!(
        std::fs::read_to_string(&file(&pair, "Out").path)
            .unwrap()
            .contains("three")
    );
    let taps = json(&pair, &["executions", "taps", "list", &id]);
    assert_eq!(taps[0]["filename"], "read.csv");

    // A path that is not there is a warning that names those that are.
    let ended = json(
        &pair,
        &[
            "execute",
            "-p",
            "./copy.dtsx",
            "--tap",
            TASK,
            "Paths[x]",
            "x.csv",
        ],
    );
    let said = run(&pair, &["executions", "messages", &id_of(&ended)]);
    assert!(said.contains("SO4030") && said.contains(PATH), "{said}");
}

#[test]
fn taps_are_added_and_removed_until_the_start() {
    let pair = Pair::start();
    write_copy(&pair);
    write_input(&pair);
    run(&pair, &["deploy", "copy.dtsx", "--folder", "F"]);
    let arguments = [
        "proc",
        "create_execution",
        "--param",
        "folder_name=F",
        "--param",
        "project_name=copy",
        "--param",
        "package_name=copy.dtsx",
        "--param",
        "runinscaleout=1",
    ];
    let made = json(&pair, &arguments);
    let id = made["outputs"]["@execution_id"].to_string();
    let add = |task: &[&str], file: &str| {
        let mut line = vec![
            "executions",
            "taps",
            "add",
            &id,
            "--path",
            PATH,
            "--file",
            file,
        ];
        line.extend(task);
        json(&pair, &line)["data_tap_id"].to_string()
    };
    let first = add(&["--task", TASK], "first.csv");
    let guid = "00000000-0000-4000-8000-000000000000";
    let second = add(&["--task-guid", guid], "second.csv");
    assert_ne!(first, second);
    run(&pair, &["executions", "taps", "remove", &second]);
    pair.run(&["executions", "taps", "remove", &second])
        .fails(4, &["SO7146"]);
    pair.run(&[
        "executions",
        "taps",
        "add",
        &id,
        "--task",
        TASK,
        "--path",
        PATH,
        "--file",
        "../x",
    ])
    .fails(6, &["SO7148"]);
    let parameter = format!("execution_id={id}");
    run(&pair, &["proc", "start_execution", "--param", &parameter]);
    run(&pair, &["executions", "watch", &id]);
    pair.run(&["executions", "taps", "remove", &first])
        .fails(6, &["SO7149"]);
    assert!(
        pair.soctl
            .home()
            .join(format!("w/DataDumps/{id}/first.csv"))
            .exists()
    );
}

/// The execution of the package at a customized level.
fn execute_at(pair: &Pair, level: &str) -> String {
    let line = ["execute", "-p", "./copy.dtsx", "--customized-level", level];
    id_of(&json(pair, &line))
}

/// The names of the events of an execution.
fn events_of(pair: &Pair, id: &str) -> Vec<String> {
    let messages = json(pair, &["executions", "messages", id]);
    let all = messages.as_array().unwrap().iter();
    all.map(|one| one["event_name"].as_str().unwrap_or_default().to_owned())
        .collect()
}

/// How many rows a view has of an execution.
fn rows_in(pair: &Pair, view: &str, id: &str) -> usize {
    let filter = format!("execution_id={id}");
    let rows = json(pair, &["view", view, "--where", &filter]);
    rows.as_array().unwrap().len()
}

#[test]
fn a_customized_level_logs_what_its_masks_say() {
    let pair = Pair::start();
    write_copy(&pair);
    write_input(&pair);
    run(
        &pair,
        &[
            "logging-levels",
            "create",
            "quiet",
            "--event",
            "OnError",
            "--event-with-context",
            "OnTaskFailed",
            "--statistics",
            "Volume",
            "--description",
            "nearly nothing",
        ],
    );
    let level = &json(&pair, &["logging-levels", "list"])[0];
    assert_eq!(level["events"], serde_json::json!(["OnError"]));
    assert_eq!(
        level["events_with_context"],
        serde_json::json!(["OnTaskFailed"])
    );
    assert_eq!(level["events_value"], (1_i64 << 8) + (1_i64 << 41));
    assert_eq!(level["profile_value"], 2);
    let quiet = execute_at(&pair, "QUIET");
    assert_eq!(events_of(&pair, &quiet), ["PackageStart", "PackageEnd"]);
    assert_eq!(rows_in(&pair, "execution_data_statistics", &quiet), 1);
    assert_eq!(rows_in(&pair, "executable_statistics", &quiet), 0);
    assert_eq!(rows_in(&pair, "execution_component_phases", &quiet), 0);

    run(
        &pair,
        &[
            "logging-levels",
            "set",
            "quiet",
            "--event",
            "OnPreExecute",
            "--statistics",
            "Execution",
        ],
    );
    run(&pair, &["logging-levels", "rename", "quiet", "starts"]);
    pair.run(&[
        "execute",
        "-p",
        "./copy.dtsx",
        "--customized-level",
        "quiet",
    ])
    .fails(4, &["SO7140", "starts"]);
    let starts = execute_at(&pair, "starts");
    let heard = events_of(&pair, &starts);
    assert!(heard.contains(&"OnPreExecute".to_owned()), "{heard:?}");
    assert!(!heard.contains(&"OnPostExecute".to_owned()), "{heard:?}");
    assert_eq!(rows_in(&pair, "execution_data_statistics", &starts), 0);
    assert!(0 < rows_in(&pair, "executables", &starts));
    pair.run(&["logging-levels", "delete", "starts"])
        .fails(6, &["--yes"]);
    run(&pair, &["logging-levels", "delete", "starts", "--yes"]);
    assert_eq!(
        json(&pair, &["logging-levels", "list"]),
        serde_json::json!([])
    );
}

/// The text of a member of the only dump of an execution.
fn member(pair: &Pair, id: &str, name: &str) -> String {
    let folder = pair.soctl.home().join("w/ErrorDumps");
    let entries = std::fs::read_dir(folder).unwrap().flatten();
    let mut dumps: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    dumps.retain(|path| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        name.starts_with(&format!("{id}_1_")) && name.ends_with(".zip")
    });
    assert_eq!(dumps.len(), 1, "{dumps:?}");
    let mut archive = zip::ZipArchive::new(std::fs::File::open(&dumps[0]).unwrap()).unwrap();
    let mut text = String::new();
    archive
        .by_name(name)
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();
    text
}

/// A package that waits for the file `go`, started and running; its execution.
fn waiting(pair: &Pair) -> String {
    let go = pair.soctl.home().join("go");
    let text = package::waiting("waits", &go);
    std::fs::write(pair.soctl.home().join("waits.dtsx"), text).unwrap();
    let started = json(pair, &["execute", "-p", "./waits.dtsx", "--detach"]);
    let id = id_of(&started);
    pair.wait_for_status(&id, "running");
    id
}

/// Has the waiting package end.
fn go(pair: &Pair, id: &str) {
    std::fs::write(pair.soctl.home().join("go"), "").unwrap();
    run(pair, &["executions", "watch", id]);
}

#[test]
fn a_running_package_is_measured() {
    let pair = Pair::start();
    let id = waiting(&pair);
    // Figures come with the worker's next beat.
    let figures = tries()
        .map(|()| json(&pair, &["executions", "counters", &id]))
        .find(|rows| rows.as_array().is_some_and(|rows| !rows.is_empty()))
        .unwrap();
    let mut rows = figures.as_array().unwrap().iter();
    let memory = rows.find(|row| row["counter_name"] == "Process memory");
    let memory = memory.unwrap()["counter_value"].as_i64().unwrap();
    assert!(memory > 1 << 20, "{memory}");
    go(&pair, &id);
    pair.run(&["executions", "counters", &id])
        .fails(6, &["SO7150"]);
}

#[test]
fn a_running_package_is_dumped_and_goes_on() {
    let pair = Pair::start();
    let id = waiting(&pair);
    // The status is running before the task of the package is.
    let messages = ["executions", "messages", id.as_str()];
    let begun = (0..200).any(|_| run(&pair, &messages).contains("Run:Start,"));
    assert!(begun);
    run(&pair, &["executions", "dump", &id]);
    let written = (0..200).any(|_| run(&pair, &messages).contains("was written on the worker"));
    assert!(written);
    let filter = format!("execution_id={id}");
    let row = &json(&pair, &["view", "executions", "--where", &filter])[0];
    assert!(row["dump_id"].is_string());
    let dump: Value = serde_json::from_str(&member(&pair, &id, "dump.json")).unwrap();
    assert_eq!(dump["execution_id"].to_string(), id);
    assert_eq!(dump["dump_id"], row["dump_id"]);
    let running: Value = serde_json::from_str(&member(&pair, &id, "executables.json")).unwrap();
    let mut names = running.as_array().unwrap().iter().map(|one| &one["name"]);
    assert!(names.any(|name| name == "Run"), "{running}");
    assert!(member(&pair, &id, "variables.json").contains("System::PackageName"));
    assert!(member(&pair, &id, "threads.txt").contains("thread "));
    assert!(member(&pair, &id, "events.jsonl").contains("PackageStart"));
    pair.run(&["executions", "dump", "999"])
        .fails(4, &["SO7020"]);
    go(&pair, &id);
    pair.run(&["executions", "dump", &id]).fails(6, &["SO7150"]);
}

#[test]
fn an_error_is_dumped_where_that_is_asked_for_and_has_its_context() {
    let pair = Pair::start();
    write_copy(&pair);
    let failed = pair.run(&[
        "execute",
        "-p",
        "./copy.dtsx",
        "--dump-on-error",
        "--caller-info",
        "night job",
        "--output",
        "json",
    ]);
    assert_eq!(failed.code, 1, "{}", failed.stderr);
    let id = id_of(&failed.json());
    let dump = member(&pair, &id, "dump.json");
    assert!(dump.contains("In.csv"), "the reason is the error: {dump}");
    assert!(member(&pair, &id, "threads.txt").contains("stack of the thread"));
    let options = json(
        &pair,
        &[
            "view",
            "execution_parameter_values",
            "--where",
            "parameter_name=CALLER_INFO",
        ],
    );
    assert_eq!(options[0]["parameter_value"], "night job");
    let errors = json(
        &pair,
        &[
            "view",
            "event_messages",
            "--where",
            &format!("operation_id={id}"),
            "--where",
            "message_type=120",
        ],
    );
    let context = json(
        &pair,
        &[
            "view",
            "event_message_context",
            "--where",
            &format!(
                "event_message_guid={}",
                errors[0]["event_message_guid"].as_str().unwrap()
            ),
        ],
    );
    let of = |name: &str| {
        let rows = context.as_array().unwrap().iter();
        rows.filter(|row| row["Context_source_name"] == name)
            .count()
    };
    assert_eq!((of("In"), of("Out")), (1, 1), "{context:#}");

    // Codes that do not come cause no dump.
    let failed = pair.run(&[
        "execute",
        "-p",
        "./copy.dtsx",
        "--dump-on-codes",
        "0xC0000001",
        "--output",
        "json",
    ]);
    let id = id_of(&failed.json());
    let said = run(&pair, &["executions", "messages", &id]);
    assert!(!said.contains("Dump "), "{said}");
}

#[test]
fn a_deployed_project_is_validated_on_a_worker() {
    let pair = Pair::start();
    let text = package::copy_without_connection("copy", &file(&pair, "In"), &file(&pair, "Out"));
    std::fs::write(pair.soctl.home().join("copy.dtsx"), text).unwrap();
    run(&pair, &["deploy", "copy.dtsx", "--folder", "F"]);
    let failed = pair.run(&["validations", "start", "copy", "--folder", "F"]);
    let failed = failed.fails(1, &["validation"]);
    assert!(failed.stdout.contains("Missing"), "{}", failed.stdout);
    assert!(
        failed.stdout.contains("0 of 1 packages"),
        "{}",
        failed.stdout
    );
    let status = |kind: &str| {
        let rows = json(&pair, &["view", kind, "--where", "name=copy"]);
        rows[0]["validation_status"].clone()
    };
    assert_eq!(status("projects"), "I");

    write_copy(&pair);
    write_input(&pair);
    run(&pair, &["deploy", "copy.dtsx", "--folder", "F"]);
    assert_eq!(status("projects"), "N");
    let shown = json(&pair, &["validations", "start", "copy"]);
    assert_eq!(shown["validation"]["status"], 7, "{shown:#}");
    assert_eq!(shown["parts"][0]["object_name"], "copy.dtsx");
    assert_eq!(status("projects"), "V");
    let one = json(
        &pair,
        &[
            "validations",
            "start",
            "copy",
            "--package",
            "copy.dtsx",
            "--detach",
        ],
    );
    let id = one["validation_id"].to_string();
    run(&pair, &["validations", "show", &id, "--wait"]);
    let listed = json(&pair, &["validations", "list"]);
    assert_eq!(listed.as_array().unwrap().len(), 3);
    assert_eq!(listed[0]["operation_type"], 301);
    assert!(!pair.soctl.home().join("Out.csv").exists(), "nothing ran");

    // They are operations as all others are.
    let operations = run(&pair, &["operations", "list"]);
    assert!(
        operations.contains("validation of a package"),
        "{operations}"
    );
    let operation = json(&pair, &["operations", "show", &id]);
    assert_eq!(operation["operation_type"], 301);
    let first = listed[2]["validation_id"].to_string();
    let said = run(&pair, &["operations", "messages", &first]);
    assert!(said.contains("Missing"), "{said}");
    pair.run(&["operations", "stop", &id, "--yes"])
        .fails(6, &["SO7022"]);
    pair.run(&["validations", "show", "999"])
        .fails(4, &["soctl validations list"]);
    pair.run(&["operations", "show", "999"])
        .fails(4, &["soctl operations list"]);
}
