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
