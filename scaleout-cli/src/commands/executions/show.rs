//! `soctl executions show`.

use clap::Args;
use jiff::Timestamp;
use scaleout_core::client::{Client, Execution, Row};
use scaleout_core::registry::ViewQuery;
use serde::Serialize;

use crate::error::CliError;
use crate::execution_summary::{self, Output, by_id, duration, status_cell};
use crate::output::{Cell, Outcome, Report, local_time};
use crate::rows::text;

/// Show one execution: state, what it wrote, and for a failed one every error with its place
///
/// Examples:
///   soctl executions show 42
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct ShowArgs {
    /// Execution id
    execution_id: i64,
}

/// The result.
#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    execution: Execution,
    outputs: Vec<Output>,
    errors: Vec<ErrorShown>,
    warnings: Vec<ErrorShown>,
}

/// An error or warning with its place.
#[derive(Serialize)]
struct ErrorShown {
    time: Option<Timestamp>,
    code: String,
    package_path: String,
    component: Option<String>,
    message: String,
}

/// Reads the execution, its outputs, errors and warnings.
///
/// # Errors
/// There is no such execution, or the master refuses.
pub async fn run(args: ShowArgs, client: &Client, now: Timestamp) -> Result<Outcome, CliError> {
    let execution = client.execution(args.execution_id).await?;
    let outputs = execution_summary::outputs(client, args.execution_id).await?;
    let errors = messages(client, args.execution_id, 120).await?;
    let warnings = messages(client, args.execution_id, 110).await?;
    let shown = Shown {
        execution,
        outputs,
        errors,
        warnings,
    };
    Ok(Outcome::new(&shown, report(&shown, now)))
}

async fn messages(
    client: &Client,
    execution_id: i64,
    message_type: i64,
) -> Result<Vec<ErrorShown>, CliError> {
    let mut equals = by_id("operation_id", execution_id);
    equals.extend(by_id("message_type", message_type));
    let query = ViewQuery {
        equals,
        order_by: Some("event_message_id".to_owned()),
        ..ViewQuery::default()
    };
    let found = client.view("event_messages", &query).await?;
    let shown = |row: Row<'_>| ErrorShown {
        time: row.time("message_time"),
        code: code_text(row.integer("message_code").unwrap_or_default()),
        package_path: text(row, "package_path"),
        component: Some(text(row, "subcomponent_name")).filter(|name| !name.is_empty()),
        message: text(row, "message"),
    };
    Ok(found.iter().map(shown).collect())
}

/// A message code as the documentation writes it: `0xC0047022`; empty for 0.
fn code_text(code: i64) -> String {
    match code {
        0 => String::new(),
        // The view holds a signed 32-bit number; the documentation prints its bits.
        _ => format!("0x{:08X}", code & 0xFFFF_FFFF),
    }
}

fn report(shown: &Shown, now: Timestamp) -> Report {
    let execution = &shown.execution;
    let time = |time: Option<Timestamp>| Cell::Text(time.map(local_time).unwrap_or_default());
    let mut report = Report::facts([
        ("execution", Cell::Text(execution.execution_id.to_string())),
        (
            "package",
            Cell::Text(format!(
                "{}/{}/{}",
                execution.folder, execution.project, execution.package
            )),
        ),
        ("status", status_cell(execution)),
        (
            "worker",
            Cell::Text(
                execution
                    .worker_agent_id
                    .map(|id| id.to_string())
                    .unwrap_or_default(),
            ),
        ),
        (
            "caller",
            Cell::Text(execution.caller_name.clone().unwrap_or_default()),
        ),
        ("created", time(execution.created_time)),
        ("started", time(execution.start_time)),
        ("ended", time(execution.end_time)),
        ("duration", Cell::Text(duration(execution, now))),
        (
            "times executed",
            Cell::Text(execution.executed_count.to_string()),
        ),
    ]);
    for output in &shown.outputs {
        report.after.push(format!(
            "wrote {} rows: {} -> {}",
            output.rows, output.component, output.target
        ));
    }
    report
        .after
        .extend(shown.errors.iter().map(|error| error.line("error")));
    report
        .after
        .extend(shown.warnings.iter().map(|warning| warning.line("warning")));
    report
}

impl ErrorShown {
    fn line(&self, kind: &str) -> String {
        let code = if self.code.is_empty() {
            String::new()
        } else {
            format!("[{}]", self.code)
        };
        let component = self
            .component
            .as_deref()
            .map(|name| format!("\\{name}"))
            .unwrap_or_default();
        let place = match format!("{}{component}", self.package_path) {
            // The execution as a whole, such as one whose executor died.
            nowhere if nowhere.is_empty() => nowhere,
            place => format!(" at {place}"),
        };
        format!("{kind}{code}{place}: {}", self.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_outside_the_package_has_no_place() {
        let mut error = ErrorShown {
            time: None,
            code: "0xC0047022".to_owned(),
            package_path: "\\Package\\Load".to_owned(),
            component: Some("Read".to_owned()),
            message: "no".to_owned(),
        };
        assert_eq!(
            error.line("error"),
            "error[0xC0047022] at \\Package\\Load\\Read: no"
        );
        error.code.clear();
        error.package_path.clear();
        error.component = None;
        assert_eq!(error.line("error"), "error: no");
    }

    #[test]
    fn codes_are_printed_as_their_bits() {
        assert_eq!(code_text(i64::from(-1_073_450_974_i32)), "0xC0047022");
        assert_eq!(code_text(0), "");
    }
}
