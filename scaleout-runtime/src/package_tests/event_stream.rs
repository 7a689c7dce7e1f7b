//! The events of whole runs, in order.

use scaleout_core::model::LoggingLevel;
use scaleout_core::protocol::event::EventBody;

use super::harness::{Dtsx, fails, ok};

#[test]
fn a_run_says_these_things_in_this_order() {
    let ran = Dtsx::new().with(&ok("Package", "a")).run();
    assert_eq!(
        ran.stream(),
        [
            "PackageStart \\Package",
            "OnPreValidate \\Package",
            "OnPreValidate \\Package\\a",
            "OnPostValidate \\Package\\a",
            "OnPostValidate \\Package",
            "OnPreExecute \\Package",
            "OnPreExecute \\Package\\a",
            "OnPostExecute \\Package\\a",
            "OnPostExecute \\Package",
            "PackageEnd \\Package",
        ]
    );
    assert_eq!(ran.said("OnPreValidate")[1], "a:Validation has started.");
    assert!(ran.said("OnPostExecute")[0].starts_with("a:Finished, "));
    assert!(ran.said("OnPostExecute")[0].contains(", Elapsed time: 00:00:0"));
}

#[test]
fn a_failure_is_an_error_then_the_failed_task_then_its_end() {
    let ran = Dtsx::new().with(&fails("Package", "a", "")).run();
    let of_task: Vec<String> = ran
        .stream()
        .into_iter()
        .skip_while(|line| line != "OnPreExecute \\Package\\a")
        .collect();
    assert_eq!(
        of_task,
        [
            "OnPreExecute \\Package\\a",
            "OnError \\Package\\a",
            "OnTaskFailed \\Package\\a",
            "OnPostExecute \\Package\\a",
            "OnWarning \\Package",
            "OnPostExecute \\Package",
            "PackageEnd \\Package",
        ]
    );
}

#[test]
fn the_logging_level_decides_what_is_kept() {
    let dtsx = Dtsx::new().with(&fails("Package", "a", ""));
    let at = |level| dtsx.run_with(|task| task.logging_level = level);
    assert_eq!(at(LoggingLevel::None).events, [] as [EventBody; 0]);
    let performance = at(LoggingLevel::Performance);
    assert_eq!(
        performance.stream(),
        [
            "PackageStart \\Package",
            "OnError \\Package\\a",
            "OnWarning \\Package",
            "PackageEnd \\Package"
        ]
    );
    let verbose = at(LoggingLevel::Verbose).stream();
    assert!(verbose.contains(&"ExecuteProcessExecutingProcess \\Package\\a".to_owned()));
}
