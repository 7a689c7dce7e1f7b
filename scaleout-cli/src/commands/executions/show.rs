//! `soctl executions show`.

use clap::Args;
use jiff::Timestamp;
use scaleout_core::client::{Client, Execution, Row};
use scaleout_core::registry::ViewQuery;
use serde::Serialize;

use super::roots::{Said, roots};
use crate::error::CliError;
use crate::execution_summary::{self, Output, Summary, by_id, duration, status_cell};
use crate::output::{Cell, Outcome, Report};
use crate::rows::text;

/// Show one execution: state, what it wrote, and for a failed one why, with component, row and column
///
/// Errors that only repeat another one or follow from it are counted, not shown; `--all` shows them.
/// JSON always has all of them and says of each whether it is a `root`.
///
/// Examples:
///   soctl executions show 42
///   soctl executions show 42 --all
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct ShowArgs {
    /// Execution id
    execution_id: i64,
    /// Every error and warning, also those that follow from others
    #[arg(long)]
    all: bool,
}

/// The result.
#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    execution: Execution,
    worker_name: Option<String>,
    outputs: Vec<Output>,
    errors: Vec<Complaint>,
    warnings: Vec<Complaint>,
}

/// An error or warning with its place.
#[derive(Clone, Serialize)]
struct Complaint {
    #[serde(skip)]
    id: i64,
    #[serde(skip)]
    kind: Kind,
    time: Option<Timestamp>,
    /// SSIS's code, as the documentation writes it; empty when it has none.
    code: String,
    #[serde(skip)]
    number: u32,
    package_path: String,
    #[serde(skip)]
    source_name: String,
    component: Option<String>,
    message: String,
    /// Whether it neither repeats another one nor follows from one.
    root: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Error,
    Warning,
}

impl Kind {
    /// `message_type` in the catalog.
    fn message_type(self) -> i64 {
        match self {
            Self::Error => 120,
            Self::Warning => 110,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }

    /// What the text of a message puts behind the name of its source.
    fn prefix(self) -> &'static str {
        match self {
            Self::Error => ":Error: ",
            Self::Warning => ":Warning: ",
        }
    }
}

/// Reads the execution, its outputs, errors and warnings.
///
/// # Errors
/// There is no such execution, or the master refuses.
pub async fn run(args: ShowArgs, client: &Client, now: Timestamp) -> Result<Outcome, CliError> {
    let execution = client.execution(args.execution_id).await?;
    let outputs = execution_summary::outputs(client, args.execution_id).await?;
    let summary = execution_summary::summary(client, args.execution_id).await?;
    let mut said = complaints(client, args.execution_id, Kind::Error).await?;
    said.extend(complaints(client, args.execution_id, Kind::Warning).await?);
    said.sort_by_key(|complaint| complaint.id);
    let causes = causes(&mut said);
    let mut report = facts(&execution, &summary, now);
    for output in &outputs {
        report.after.push(format!(
            "wrote {} rows: {} -> {}",
            output.rows, output.component, output.target
        ));
    }
    report.after.extend(lines(&said, &causes, args.all));
    let of = |kind| said.iter().filter(move |one| one.kind == kind).cloned();
    let shown = Shown {
        worker_name: summary.worker_name,
        outputs,
        errors: of(Kind::Error).collect(),
        warnings: of(Kind::Warning).collect(),
        execution,
    };
    Ok(Outcome::new(&shown, report))
}

async fn complaints(
    client: &Client,
    execution_id: i64,
    kind: Kind,
) -> Result<Vec<Complaint>, CliError> {
    let mut equals = by_id("operation_id", execution_id);
    equals.extend(by_id("message_type", kind.message_type()));
    let query = ViewQuery {
        equals,
        order_by: Some("event_message_id".to_owned()),
        ..ViewQuery::default()
    };
    let found = client.view("event_messages", &query).await?;
    let complaint = |row: Row<'_>| {
        let number = bits(row.integer("message_code").unwrap_or_default());
        Complaint {
            id: row.integer("event_message_id").unwrap_or_default(),
            kind,
            time: row.time("message_time"),
            code: code_text(number),
            number,
            package_path: text(row, "package_path"),
            source_name: text(row, "message_source_name"),
            component: Some(text(row, "subcomponent_name")).filter(|name| !name.is_empty()),
            message: text(row, "message"),
            root: true,
        }
    };
    Ok(found.iter().map(complaint).collect())
}

/// Says of each complaint whether it is a root, and gives what the others follow from.
fn causes(said: &mut [Complaint]) -> Vec<Option<usize>> {
    let causes = roots(&said.iter().map(Complaint::said).collect::<Vec<_>>());
    for (complaint, cause) in said.iter_mut().zip(&causes) {
        complaint.root = cause.is_none();
    }
    causes
}

/// The view holds a signed 32-bit number; the documentation prints its bits.
fn bits(code: i64) -> u32 {
    u32::try_from(code & 0xFFFF_FFFF).unwrap_or_default()
}

/// A message code as the documentation writes it: `0xC0047022`; empty for 0.
fn code_text(code: u32) -> String {
    match code {
        0 => String::new(),
        _ => format!("0x{code:08X}"),
    }
}

fn facts(execution: &Execution, summary: &Summary, now: Timestamp) -> Report {
    let package = format!(
        "{}/{}/{}",
        execution.folder, execution.project, execution.package
    );
    let caller = execution.caller_name.clone().unwrap_or_default();
    Report::facts([
        ("execution", Cell::Text(execution.execution_id.to_string())),
        ("package", Cell::Text(package)),
        ("status", status_cell(execution)),
        ("worker", worker_cell(execution, summary)),
        ("caller", Cell::Text(caller)),
        ("created", Cell::moment(execution.created_time)),
        ("started", Cell::moment(execution.start_time)),
        ("ended", Cell::moment(execution.end_time)),
        ("duration", Cell::duration(duration(execution, now))),
        (
            "times executed",
            Cell::Text(execution.executed_count.to_string()),
        ),
    ])
}

/// The name of the worker, with its id.
fn worker_cell(execution: &Execution, summary: &Summary) -> Cell {
    match (execution.worker_agent_id, &summary.worker_name) {
        (Some(id), Some(name)) => Cell::Text(format!("{name} ({id})")),
        (Some(id), None) => Cell::Text(id.to_string()),
        (None, _) => Cell::Empty,
    }
}

/// Roots with the number of what follows from them; or everything.
fn lines(said: &[Complaint], causes: &[Option<usize>], all: bool) -> Vec<String> {
    let mut lines = Vec::new();
    for (at, complaint) in said.iter().enumerate() {
        if !all && causes[at].is_some() {
            continue;
        }
        lines.push(complaint.line());
        let following = causes.iter().filter(|cause| **cause == Some(at)).count();
        if !all && 0 < following {
            lines.push(format!(
                "  and {following} more that {} from it: `--all` shows them",
                if following == 1 { "follows" } else { "follow" }
            ));
        }
    }
    lines
}

impl Complaint {
    fn said(&self) -> Said<'_> {
        Said {
            code: self.number,
            package_path: &self.package_path,
            component: self.component.as_deref(),
            text: self.own_code_and_text().1,
        }
    }

    /// The text without its source, which the path names already, and our own code apart.
    fn own_code_and_text(&self) -> (&str, &str) {
        let text = self.message.strip_prefix(&self.source_name);
        let text = text.and_then(|text| text.strip_prefix(self.kind.prefix()));
        let text = text.unwrap_or(&self.message);
        let leading = text.split_once(": ").filter(|(code, _)| is_own_code(code));
        let trailing = text
            .strip_suffix(')')
            .and_then(|text| text.rsplit_once(" ("))
            .map(|(text, code)| (code, text))
            .filter(|(code, _)| is_own_code(code));
        leading.or(trailing).unwrap_or(("", text))
    }

    fn line(&self) -> String {
        let (own_code, text) = self.own_code_and_text();
        let code = match (self.code.as_str(), own_code) {
            ("", "") => String::new(),
            ("", code) | (code, _) => format!("[{code}]"),
        };
        let component = self.component.as_deref();
        let component = component.map_or(String::new(), |name| format!("\\{name}"));
        let place = match format!("{}{component}", self.package_path) {
            // The execution as a whole, such as one whose executor died.
            nowhere if nowhere.is_empty() => nowhere,
            place => format!(" at {place}"),
        };
        format!("{}{code}{place}: {text}", self.kind.word())
    }
}

/// `SO1234`
fn is_own_code(text: &str) -> bool {
    let digits = text.strip_prefix("SO").unwrap_or_default();
    digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(number: u32, component: Option<&str>, message: &str) -> Complaint {
        Complaint {
            id: 1,
            kind: Kind::Error,
            time: None,
            code: code_text(number),
            number,
            package_path: r"\Package\Load".to_owned(),
            source_name: "Load".to_owned(),
            component: component.map(str::to_owned),
            message: message.to_owned(),
            root: true,
        }
    }

    #[test]
    fn an_error_outside_the_package_has_no_place() {
        let mut error = error(0, None, "the executor died");
        error.package_path.clear();
        error.source_name.clear();
        assert_eq!(error.line(), "error: the executor died");
    }

    #[test]
    fn codes_are_printed_as_their_bits() {
        assert_eq!(code_text(bits((-1_073_450_974_i32).into())), "0xC0047022");
        assert_eq!(code_text(bits(0)), "");
    }

    #[test]
    fn a_line_names_each_place_and_code_once() {
        let line = |message| error(0, Some("Read"), message).line();
        let expected = r"error[SO6004] at \Package\Load\Read: refused (really)";
        assert_eq!(line("Load:Error: SO6004: refused (really)"), expected);
        assert_eq!(line("Load:Error: refused (really) (SO6004)"), expected);
        assert_eq!(
            error(0xC004_7022, None, "Load:Error: no: luck").line(),
            r"error[0xC0047022] at \Package\Load: no: luck"
        );
    }

    #[test]
    fn what_follows_is_counted_unless_all_is_asked_for() {
        let mut said = [
            error(0xC020_20A1, Some("Read"), "Load:Error: row 2 was truncated"),
            error(0xC020_902A, Some("Read"), "Load:Error: says fail"),
            error(0xC004_7021, None, "Load:Error: a thread ended"),
        ];
        let causes = causes(&mut said);
        assert_eq!(
            lines(&said, &causes, false),
            [
                r"error[0xC02020A1] at \Package\Load\Read: row 2 was truncated",
                "  and 2 more that follow from it: `--all` shows them"
            ]
        );
        assert_eq!(lines(&said, &causes, true).len(), 3);
        assert_eq!(said.map(|one| one.root), [true, false, false]);
    }
}
