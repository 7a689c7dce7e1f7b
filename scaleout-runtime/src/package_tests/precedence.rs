//! Precedence constraints in whole packages.

use super::harness::{Dtsx, escaped, fails, ok, set};

fn expression(text: &str) -> String {
    format!(r#"DTS:EvalOp="3" DTS:Expression="{}""#, escaped(text))
}

#[test]
fn the_failure_path_runs_after_a_failure_and_the_success_path_does_not() {
    let ran = Dtsx::new()
        .with(&fails("Package", "a", ""))
        .with(&ok("Package", "onFailure"))
        .with(&ok("Package", "onSuccess"))
        .with(&ok("Package", "anyway"))
        .after("a", "onFailure", r#"DTS:Value="1""#)
        .after("a", "onSuccess", "")
        .after("a", "anyway", r#"DTS:Value="2""#)
        .run();
    assert_eq!(ran.tasks_sorted(), ["a", "anyway", "onFailure"]);
}

#[test]
fn an_expression_decides_beside_the_result() {
    let ran = Dtsx::new()
        .int("n", 3)
        .with(&ok("Package", "a"))
        .with(&ok("Package", "large"))
        .with(&ok("Package", "small"))
        .after("a", "large", &expression("@[User::n] > 2"))
        .after("a", "small", &expression("@[User::n] <= 2"))
        .run();
    assert_eq!(ran.tasks(), ["a", "large"]);
}

#[test]
fn an_expression_sees_what_the_task_before_it_has_set() {
    let ran = Dtsx::new()
        .int("n", 0)
        .with(&set("Package", "a", "@[User::n] = 7", ""))
        .with(&ok("Package", "b"))
        .after("a", "b", &expression("@[User::n] == 7"))
        .run();
    assert_eq!(ran.tasks(), ["a", "b"]);
}

#[test]
fn an_expression_that_fails_is_an_error_and_the_constraint_is_not_met() {
    let ran = Dtsx::new()
        .int("n", 1)
        .with(&set("Package", "a", "@[User::n] = 0", ""))
        .with(&ok("Package", "b"))
        .after("a", "b", &expression("10 / @[User::n] > 1"))
        .run();
    assert_eq!(ran.tasks(), ["a"]);
    assert_eq!(ran.error().message_code, 0xC001_4021_u32.cast_signed());
}

#[test]
fn a_disabled_task_counts_as_a_success_and_says_nothing() {
    let ran = Dtsx::new()
        .with(&set("Package", "a", "1 == 1", r#"DTS:Disabled="True""#))
        .with(&ok("Package", "b"))
        .with(&ok("Package", "c"))
        .after("a", "b", "")
        .after("a", "c", r#"DTS:Value="1""#)
        .run();
    assert_eq!(ran.tasks(), ["b"]);
    assert!(ran.stream().iter().all(|line| !line.ends_with("\\a")));
}

#[test]
fn and_waits_for_both_or_for_one() {
    let base = |more: &str| {
        Dtsx::new()
            .with(&ok("Package", "a"))
            .with(&fails("Package", "b", ""))
            .with(&ok("Package", "c"))
            .after("a", "c", more)
            .after("b", "c", more)
            .run()
    };
    assert_eq!(base(r#"DTS:LogicalAnd="True""#).tasks_sorted(), ["a", "b"]);
    assert_eq!(base("").tasks_sorted(), ["a", "b", "c"]);
}
