//! Results: error counts, limits, forced results, failures that take containers along.

use scaleout_core::protocol::event::PackageResult;

use super::harness::{Dtsx, fails, ok, process, sequence};

#[test]
fn a_failing_task_fails_the_package_although_its_failure_path_handles_it() {
    let ran = Dtsx::new()
        .with(&fails("Package", "a", ""))
        .with(&ok("Package", "b"))
        .after("a", "b", r#"DTS:Value="1""#)
        .run();
    assert_eq!(ran.result, PackageResult::Failure);
    assert_eq!(ran.tasks(), ["a", "b"]);
    let warnings = ran.said("OnWarning");
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(
        warnings[0].starts_with("Pack:Warning: SSIS Warning Code DTS_W_MAXIMUMERRORCOUNTREACHED.")
    );
}

#[test]
fn a_higher_limit_lets_the_package_succeed() {
    let dtsx = Dtsx::new().with(&fails("Package", "a", ""));
    let two = dtsx.clone().attributes(r#"DTS:MaxErrorCount="2""#).run();
    assert_eq!(two.result, PackageResult::Success);
    let no_limit = dtsx.attributes(r#"DTS:MaxErrorCount="0""#).run();
    assert_eq!(no_limit.result, PackageResult::Success);
}

#[test]
fn errors_count_in_every_container_above() {
    let inner = fails("Package\\S", "a", "");
    let ran = Dtsx::new()
        .attributes(r#"DTS:MaxErrorCount="9""#)
        .with(&sequence("Package", "S", "", &inner))
        .with(&ok("Package", "b"))
        .after("S", "b", "")
        .run();
    assert_eq!(ran.result_of("S"), Some(1));
    assert_eq!(ran.tasks(), ["a"]);
    assert_eq!(ran.result, PackageResult::Success);
}

#[test]
fn a_forced_success_continues_but_the_error_still_counts_above() {
    let ran = Dtsx::new()
        .with(&fails("Package", "a", r#"DTS:ForceExecutionResult="0""#))
        .with(&ok("Package", "b"))
        .after("a", "b", "")
        .run();
    assert_eq!(ran.tasks(), ["a", "b"]);
    assert_eq!(ran.result_of("a"), Some(0));
    assert_eq!(ran.result, PackageResult::Failure);
}

#[test]
fn a_forced_failure_without_an_error_leaves_the_package_alone() {
    let task = process(
        "Package",
        "a",
        "true",
        "",
        r#"DTS:ForceExecutionResult="1""#,
    );
    let ran = Dtsx::new().with(&task).run();
    assert_eq!(ran.result_of("a"), Some(1));
    assert_eq!(ran.result, PackageResult::Success);
}

#[test]
fn fail_parent_takes_the_container_and_nothing_more_starts_in_it() {
    let inner = [
        process(
            "Package\\S",
            "a",
            "true",
            "",
            r#"DTS:ForceExecutionResult="1" DTS:FailParentOnFailure="True""#,
        ),
        ok("Package\\S", "b"),
        ok("Package\\S", "c"),
    ];
    let body = format!(
        "<DTS:Executables>{}</DTS:Executables><DTS:PrecedenceConstraints>{}{}</DTS:PrecedenceConstraints>",
        inner.concat(),
        super::harness::constraint("Package\\S", "a", "b", r#"DTS:Value="1""#),
        super::harness::constraint("Package\\S", "a", "c", "")
    );
    let sequence = super::harness::executable("Package", "S", "STOCK:SEQUENCE", "", &body);
    let ran = Dtsx::new().with(&sequence).run();
    assert_eq!(ran.result_of("S"), Some(1));
    assert_eq!(ran.tasks(), ["a", "b"]);
    assert_eq!(ran.result, PackageResult::Success);
}

#[test]
fn fail_package_fails_the_package_without_any_error() {
    let more = r#"DTS:ForceExecutionResult="1" DTS:FailPackageOnFailure="True""#;
    let inner = process("Package\\S", "a", "true", "", more);
    let ran = Dtsx::new()
        .with(&sequence("Package", "S", "", &inner))
        .with(&ok("Package", "b"))
        .after("S", "b", "")
        .run();
    assert_eq!(ran.result, PackageResult::Failure);
    assert_eq!(ran.tasks(), ["a"]);
}

#[test]
fn the_exit_code_is_the_execution_value_and_may_be_forced_and_kept() {
    let task = process(
        "Package",
        "a",
        "sh",
        "-c 'exit 3'",
        r#"DTS:ExecutionValueVariable="User::code"|SuccessValue="3""#,
    );
    let check = super::harness::set("Package", "b", "@[User::seen] = @[User::code] + 1", "");
    let ran = Dtsx::new()
        .int("code", 0)
        .int("seen", 0)
        .with(&task)
        .with(&check)
        .after("a", "b", "")
        .run();
    assert_eq!(ran.result, PackageResult::Success);
    assert_eq!(ran.value_of("a"), Some("3"));
    assert_eq!(ran.value_of("b"), Some("4"));
}

#[test]
fn after_a_failure_that_takes_the_container_other_branches_start_nothing_more() {
    let folder = tempfile::tempdir().unwrap();
    let mark = folder.path().join("mark").display().to_string();
    let parent = "Package\\S";
    let failing = r#"DTS:ForceExecutionResult="1" DTS:FailParentOnFailure="True""#;
    let touch = format!("-c 'touch {mark}'");
    // The other branch's first task ends only when the failure has been handled.
    let wait = format!("-c 'while [ ! -e {mark} ]; do sleep 0.01; done'");
    let children = [
        process(parent, "a", "true", "", failing),
        process(parent, "handles", "sh", &touch, ""),
        process(parent, "other", "sh", &wait, ""),
        ok(parent, "later"),
    ];
    let constraints = [
        super::harness::constraint(parent, "a", "handles", r#"DTS:Value="1""#),
        super::harness::constraint(parent, "other", "later", ""),
    ];
    let body = format!(
        "<DTS:Executables>{}</DTS:Executables><DTS:PrecedenceConstraints>{}</DTS:PrecedenceConstraints>",
        children.concat(),
        constraints.concat()
    );
    let sequence = super::harness::executable("Package", "S", "STOCK:SEQUENCE", "", &body);
    let ran = Dtsx::new().with(&sequence).run();
    assert_eq!(ran.tasks_sorted(), ["a", "handles", "other"]);
}
