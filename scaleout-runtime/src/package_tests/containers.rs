//! Sequences, concurrency, panics of tasks, stopping.

use scaleout_core::protocol::event::PackageResult;

use super::harness::{Dtsx, ok, process, run_crashing_at, run_stopped_at, sequence};

#[test]
fn an_empty_container_and_an_empty_package_succeed() {
    assert_eq!(Dtsx::new().run().result, PackageResult::Success);
    let ran = Dtsx::new().with(&sequence("Package", "S", "", "")).run();
    assert_eq!(ran.result, PackageResult::Success);
    assert_eq!(ran.result_of("S"), Some(0));
}

#[test]
fn children_of_a_sequence_run_under_its_path() {
    let inner = ok("Package\\S", "a");
    let ran = Dtsx::new()
        .with(&sequence("Package", "S", "", &inner))
        .run();
    assert_eq!(ran.execution_paths("a"), ["\\Package\\S\\a"]);
}

#[test]
fn one_place_is_enough_for_many_parallel_tasks() {
    let mut dtsx = Dtsx::new().attributes(r#"DTS:MaxConcurrentExecutables="1""#);
    let names: Vec<String> = (0..6).map(|number| format!("t{number}")).collect();
    for name in &names {
        dtsx = dtsx.with(&ok("Package", name));
    }
    assert_eq!(dtsx.run().tasks_sorted(), names);
}

#[test]
fn a_stop_ends_a_running_process_and_starts_nothing_more() {
    let dtsx = Dtsx::new()
        .with(&process("Package", "sleeps", "sleep", "600", ""))
        .with(&ok("Package", "after"))
        .after("sleeps", "after", "");
    let ran = run_stopped_at(&dtsx, "ExecuteProcessExecutingProcess");
    assert_eq!(ran.result, PackageResult::Canceled);
    assert_eq!(ran.result_of("sleeps"), Some(3));
    assert_eq!(ran.tasks(), ["sleeps"]);
}

#[test]
fn a_crash_of_a_task_is_its_error_and_the_package_goes_on() {
    let dtsx = Dtsx::new()
        .with(&process("Package", "crashes", "true", "", ""))
        .with(&ok("Package", "after"))
        .after("crashes", "after", r#"DTS:Value="1""#);
    let ran = run_crashing_at(&dtsx, "ExecuteProcessExecutingProcess");
    assert_eq!(ran.result, PackageResult::Failure);
    assert_eq!(ran.tasks(), ["crashes", "after"]);
    assert!(
        ran.error().message.contains("SO4002"),
        "{}",
        ran.error().message
    );
}
