//! Validation: everything at once, nothing runs when something is wrong.

use scaleout_core::protocol::event::{EventBody, PackageResult};

use super::harness::{Dtsx, executable, ok, process, sequence, set};
use crate::run::SurveyOptions;
use crate::validation::{Problem, validate_project};

fn problems(dtsx: &Dtsx) -> Vec<Problem> {
    let mut report = validate_project(&dtsx.project(), &SurveyOptions::default());
    report.packages.remove(0).problems
}

#[test]
fn nothing_runs_when_one_task_does_not_validate() {
    let ran = Dtsx::new()
        .with(&ok("Package", "a"))
        .with(&process("Package", "b", "no-such-program", "", ""))
        .run();
    assert_eq!(ran.result, PackageResult::Failure);
    assert_eq!(ran.tasks(), [""; 0]);
    assert!(ran.said("OnError")[0].contains("no-such-program"));
}

#[test]
fn an_unknown_task_is_refused_by_name_at_validation() {
    let script = executable("Package", "s", "Microsoft.ScriptTask", "", "");
    let dtsx = Dtsx::new()
        .with(&script)
        .with(&script.replace("\"s\"", "\"t\"").replace("\\s", "\\t"));
    let found = problems(&dtsx);
    let codes: Vec<&str> = found.iter().map(|problem| problem.code.as_str()).collect();
    assert_eq!(codes, ["SO4001", "SO4001"]);
    assert_eq!(found[0].path, "\\Package\\s");
    assert_eq!(found[0].kind, "Microsoft.ScriptTask");
    assert!(
        found[0]
            .message
            .contains("this version has no engine for that; disable it")
    );
}

#[test]
fn what_the_original_has_a_number_for_is_said_under_it() {
    let said = |executable: &str| {
        let ran = Dtsx::new().with(executable).run();
        let first = ran.events.iter().find_map(|event| match event {
            EventBody::Message(message) if message.event_name == "OnError" => Some(message),
            _ => None,
        });
        let first = first.unwrap();
        (first.message_code, first.message.clone())
    };
    let script = executable("Package", "s", "Microsoft.ScriptTask", "", "");
    let (code, text) = said(&script);
    assert_eq!(code, 0xC001_0026_u32.cast_signed());
    assert!(text.ends_with("(SO4001)"), "{text}");
    let data = r#"<DTS:ObjectData><SqlTaskData Connection="gone" SqlStatementSource="SELECT 1"/></DTS:ObjectData>"#;
    let query = executable("Package", "q", "Microsoft.ExecuteSQLTask", "", data);
    let (code, text) = said(&query);
    assert_eq!(code, 0xC001_000E_u32.cast_signed());
    assert!(
        text.contains("`gone`") && text.ends_with("(SO6001)"),
        "{text}"
    );
}

#[test]
fn what_is_disabled_is_not_validated() {
    let script = executable("Package\\S", "s", "Microsoft.ScriptTask", "", "");
    let dtsx = Dtsx::new().with(&sequence("Package", "S", r#"DTS:Disabled="True""#, &script));
    assert_eq!(problems(&dtsx), []);
    assert_eq!(dtsx.run().result, PackageResult::Success);
}

#[test]
fn an_unknown_task_is_named_before_anything_runs_even_when_it_delays_its_validation() {
    let more = r#"DTS:DelayValidation="True""#;
    let script = executable("Package", "s", "Microsoft.ScriptTask", more, "");
    let ran = Dtsx::new().with(&ok("Package", "a")).with(&script).run();
    assert_eq!(ran.tasks(), [""; 0]);
}

#[test]
fn a_delayed_task_may_be_wrong_until_it_runs() {
    let more = r#"DTS:DelayValidation="True""#;
    let ran = Dtsx::new()
        .with(&ok("Package", "a"))
        .with(&process("Package", "b", "no-such-program", "", more))
        .after("a", "b", "")
        .run();
    assert_eq!(ran.tasks(), ["a", "b"]);
    assert_eq!(ran.result, PackageResult::Failure);
}

#[test]
fn circles_of_constraints_are_refused() {
    let dtsx = Dtsx::new()
        .with(&ok("Package", "a"))
        .with(&ok("Package", "b"))
        .after("a", "b", "")
        .after("b", "a", "");
    let found = problems(&dtsx);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].code, "SO4008");
    assert!(found[0].message.contains("a -> b -> a") || found[0].message.contains("b -> a -> b"));
    assert_eq!(dtsx.run().result, PackageResult::Failure);
}

#[test]
fn a_missing_variable_is_found_without_running() {
    let dtsx = Dtsx::new().with(&set("Package", "a", "@[User::nope] = 1", ""));
    let found = problems(&dtsx);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].message.contains("nope"), "{}", found[0].message);
}
