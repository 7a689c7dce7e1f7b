//! Event handlers: bubbling, propagation, their variables.

use scaleout_core::protocol::event::PackageResult;

use super::harness::{Dtsx, fails, handler, ok, sequence, set};

fn append(parent: &str, name: &str, what: &str) -> String {
    set(
        parent,
        name,
        &format!("@[User::log] = @[User::log] + {what} + ';'"),
        "",
    )
}

#[test]
fn every_level_that_has_a_handler_runs_it() {
    let inner = fails("Package\\S", "a", "");
    let own = handler(
        "Package\\S",
        "OnError",
        true,
        &append(
            "Package\\S.EventHandlers[OnError]",
            "h1",
            "@[System::SourceName]",
        ),
    );
    let body = sequence("Package", "S", "", &inner).replace(
        "</DTS:Executables></DTS:Executable>",
        &format!("</DTS:Executables><DTS:EventHandlers>{own}</DTS:EventHandlers></DTS:Executable>"),
    );
    let ran = Dtsx::new()
        .string("log", "")
        .with(&body)
        .handler(
            "OnError",
            true,
            &append("Package.EventHandlers[OnError]", "h2", "'p'"),
        )
        .run();
    assert_eq!(ran.value_of("h2"), Some("a;p;"));
    assert_eq!(ran.result, PackageResult::Failure);
}

#[test]
fn propagate_false_ends_handlers_and_counting_above() {
    let inner = fails("Package\\S", "a", "");
    let own = handler(
        "Package\\S",
        "OnError",
        false,
        &append("Package\\S.EventHandlers[OnError]", "h1", "'s'"),
    );
    let body = sequence("Package", "S", "", &inner).replace(
        "</DTS:Executables></DTS:Executable>",
        &format!("</DTS:Executables><DTS:EventHandlers>{own}</DTS:EventHandlers></DTS:Executable>"),
    );
    let ran = Dtsx::new()
        .string("log", "")
        .with(&body)
        .handler(
            "OnError",
            true,
            &append("Package.EventHandlers[OnError]", "h2", "'p'"),
        )
        .run();
    assert_eq!(ran.result_of("S"), Some(1));
    assert_eq!(ran.result_of("h2"), None);
    assert_eq!(ran.result, PackageResult::Success);
}

#[test]
fn a_handler_on_the_package_runs_once_per_executable() {
    let ran = Dtsx::new()
        .string("log", "")
        .with(&ok("Package", "a"))
        .with(&ok("Package", "b"))
        .after("a", "b", "")
        .handler(
            "OnPostExecute",
            true,
            &append(
                "Package.EventHandlers[OnPostExecute]",
                "h",
                "@[System::SourceName]",
            ),
        )
        .run();
    assert_eq!(ran.value_of("h"), Some("a;b;Pack;"));
}

#[test]
fn a_handler_that_fails_does_not_call_itself() {
    let ran = Dtsx::new()
        .with(&fails("Package", "a", ""))
        .handler(
            "OnError",
            true,
            &fails("Package.EventHandlers[OnError]", "h", ""),
        )
        .run();
    assert_eq!(ran.tasks(), ["h", "a"]);
    assert_eq!(ran.result, PackageResult::Failure);
}

#[test]
fn a_variable_tells_its_container_when_its_value_is_another_one() {
    let changed = "@[User::log] = @[User::log] + @[System::VariableName] + '=' + @[System::VariableValue] + ';'";
    let body = set(
        "Package.EventHandlers[OnVariableValueChanged]",
        "h",
        changed,
        "",
    );
    let ran = Dtsx::new()
        .string("log", "")
        .variable("n", 3, "1", r#"DTS:RaiseChangedEvent="True""#)
        .int("quiet", 1)
        .with(&set("Package", "a", "@[User::n] = 1", ""))
        .with(&set("Package", "b", "@[User::n] = 2", ""))
        .with(&set("Package", "c", "@[User::quiet] = 2", ""))
        .after("a", "b", "")
        .after("b", "c", "")
        .handler("OnVariableValueChanged", true, &body)
        .run();
    assert_eq!(ran.tasks(), ["a", "h", "b", "c"]);
    assert_eq!(ran.value_of("h"), Some("n=2;"));
    let said = ran.said("OnVariableValueChanged");
    assert_eq!(said, ["Pack:The value of variable `User::n` has changed."]);
}

#[test]
fn a_handler_that_changes_the_variable_it_listens_to_runs_once() {
    let again = set(
        "Package.EventHandlers[OnVariableValueChanged]",
        "h",
        "@[User::n] = @[User::n] + 1",
        "",
    );
    let ran = Dtsx::new()
        .variable("n", 3, "1", r#"DTS:RaiseChangedEvent="True""#)
        .with(&set("Package", "a", "@[User::n] = 5", ""))
        .handler("OnVariableValueChanged", true, &again)
        .run();
    assert_eq!(ran.tasks(), ["h", "a"]);
    assert_eq!(ran.said("OnVariableValueChanged").len(), 2);
}

#[test]
fn a_handler_that_cancels_itself_starts_nothing_more() {
    let parent = "Package.EventHandlers[OnError]";
    let body = set(parent, "h1", "@[System::Cancel] = TRUE", "") + &ok(parent, "h2");
    let handler = handler("Package", "OnError", true, &body).replace(
        "</DTS:Executables></DTS:EventHandler>",
        &format!(
            "</DTS:Executables><DTS:PrecedenceConstraints>{}</DTS:PrecedenceConstraints></DTS:EventHandler>",
            super::harness::constraint(parent, "h1", "h2", "")
        ),
    );
    let mut dtsx = Dtsx::new()
        .with(&fails("Package", "a", ""))
        .with(&fails("Package", "b", ""));
    dtsx = dtsx.after("a", "b", r#"DTS:Value="1""#).handlers(&handler);
    assert_eq!(dtsx.run().tasks(), ["h1", "a", "h1", "b"]);
}

#[test]
fn an_execution_value_can_be_read_in_the_handler_of_a_task_that_failed() {
    let ran = Dtsx::new()
        .string("log", "")
        .with(&fails("Package", "a", ""))
        .handler(
            "OnTaskFailed",
            true,
            &append(
                "Package.EventHandlers[OnTaskFailed]",
                "h",
                "(ISNULL(@[System::ExecutionValue]) ? 'none' : 'some')",
            ),
        )
        .run();
    assert_eq!(
        ran.value_of("h"),
        Some("none;"),
        "{:?}",
        ran.said("OnError")
    );
}
