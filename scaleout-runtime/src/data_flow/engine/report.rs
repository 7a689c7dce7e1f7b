//! What the engine itself says, in the words and order of a data flow task.

use jiff::Timestamp;
use scaleout_core::protocol::event::ComponentPhase;

use crate::data_flow::codes;
use crate::data_flow::component::ComponentError;
use crate::events::{Events, Message, Severity};
use crate::services::Services;
use crate::validation::{Problem, ProblemSeverity};

/// Who speaks when it is not a component.
const PIPELINE: &str = "SSIS.Pipeline";

/// Raises a message of the engine.
pub fn pipeline(events: &dyn Events, severity: Severity, code: u32, text: impl Into<String>) {
    let mut message = Message::new(code, text);
    message.subcomponent = Some(PIPELINE.to_owned());
    events.raise(severity, message);
}

/// Says that a phase begins.
pub fn phase(events: &dyn Events, code: u32, name: &str) {
    pipeline(
        events,
        Severity::Information,
        code,
        format!("{name} phase is beginning."),
    );
}

/// Raises a component's own error, if it has not been raised yet, and gives its code.
pub fn component_error(events: &dyn Events, component: &str, error: ComponentError) -> Option<u32> {
    let ComponentError::Failed(mut message) = error else {
        return None;
    };
    let code = message.code;
    if message.subcomponent.is_none() {
        message.subcomponent = Some(component.to_owned());
    }
    events.raise(Severity::Error, *message);
    Some(code)
}

/// Raises the problems of a validation; true if one of them is an error.
pub fn problems(events: &dyn Events, problems: Vec<Problem>, task_path: &str) -> bool {
    let mut failed = false;
    for problem in problems {
        let code = codes::number(&problem.code);
        let text = if code == 0 {
            format!("{}: {}", problem.code, problem.message)
        } else {
            problem.message
        };
        let mut message = Message::new(code, text);
        let inside = problem.path.strip_prefix(task_path).unwrap_or_default();
        let component = inside.strip_prefix('\\').unwrap_or(PIPELINE);
        message.subcomponent = Some(component.to_owned());
        let severity = match problem.severity {
            ProblemSeverity::Error => Severity::Error,
            ProblemSeverity::Warning => Severity::Warning,
        };
        failed |= severity == Severity::Error;
        events.raise(severity, message);
    }
    failed
}

/// What follows the own error of a component that failed on rows.
pub fn rows_failed(events: &dyn Events, component: &str, input: Option<&str>, code: u32) {
    let (number, text) = match input {
        Some(input) => (
            codes::PROCESS_INPUT_FAILED,
            format!(
                "SSIS Error Code DTS_E_PROCESSINPUTFAILED.  ProcessInput of component \"{component}\" failed with 0x{code:08X} on input \"{input}\". The component defines the code; the data flow stops. Messages before this one may say why."
            ),
        ),
        None => (
            codes::PRIME_OUTPUT_FAILED,
            format!(
                "SSIS Error Code DTS_E_PRIMEOUTPUTFAILED.  PrimeOutput of \"{component}\" returned 0x{code:08X}. The component defines the code; the data flow stops. Messages before this one may say why."
            ),
        ),
    };
    pipeline(events, Severity::Error, number, text);
}

/// The time that the validation of a component took.
pub fn validated(services: &Services, component: &str, start: Timestamp) {
    let end = services.clock.now();
    let active = end.duration_since(start).as_micros();
    services.events.component_phase(ComponentPhase {
        package_name: String::new(),
        task_name: String::new(),
        subcomponent_name: component.to_owned(),
        phase: "Validate".to_owned(),
        start_time: start,
        end_time: end,
        execution_path: String::new(),
        active_us: u64::try_from(active).unwrap_or(0),
    });
}

/// What follows the own error of a component that could not be made ready.
pub fn build_failed(events: &dyn Events, component: &str, code: u32) {
    let text = format!("\"{component}\" did not validate and returned 0x{code:08X}.");
    pipeline(
        events,
        Severity::Error,
        codes::INDIVIDUAL_VALIDATION_FAILED,
        text,
    );
}

/// What follows the own error of a component that failed before the first row.
pub fn pre_execute_failed(events: &dyn Events, component: &str, code: u32) {
    let text = format!("\"{component}\" failed in pre-execute with 0x{code:08X}.");
    pipeline(events, Severity::Error, codes::PRE_EXECUTE_FAILED, text);
}

/// What follows the own error of a component that failed after the last row.
pub fn post_execute_failed(events: &dyn Events, component: &str, code: u32) {
    let text = format!("\"{component}\" failed in post-execute with 0x{code:08X}.");
    pipeline(events, Severity::Error, codes::POST_EXECUTE_FAILED, text);
}

/// A thread ended with an error of one of its components.
pub fn thread_failed(events: &dyn Events, thread: &str, code: u32) {
    let text = format!(
        "SSIS Error Code DTS_E_THREADFAILED.  Thread \"{thread}\" ended with 0x{code:08X}. Messages before this one may say why."
    );
    pipeline(events, Severity::Error, codes::THREAD_FAILED, text);
}

/// A thread was told to stop.
pub fn thread_canceled(events: &dyn Events, thread: &str) {
    let text = format!(
        "SSIS Error Code DTS_E_THREADCANCELLED.  Thread \"{thread}\" was told to shut down: the execution was stopped, or another thread failed."
    );
    pipeline(events, Severity::Error, codes::THREAD_CANCELED, text);
}

/// Rows that a destination wrote.
pub fn rows_written(events: &dyn Events, component: &str, rows: u64) {
    let text = format!("\"{component}\" wrote {rows} rows.");
    pipeline(
        events,
        Severity::Information,
        codes::phase::ROWS_WRITTEN,
        text,
    );
}
