//! `soctl executions messages`.

use clap::Args;
use scaleout_core::client::{Client, MessageRow, Progress};
use scaleout_core::registry::ViewQuery;

use crate::error::{CliError, CommandError};
use crate::execution_summary::by_id;
use crate::output::{Cell, Outcome, OutputFormat, Report, Stream, local_time_exact};

/// Show what an execution said
///
/// With --follow each message is printed as it comes, until the execution has ended: a line each,
/// with --output json an object each line.
///
/// Examples:
///   soctl executions messages 42
///   soctl executions messages 42 --errors
///   soctl executions messages 42 --follow
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct MessagesArgs {
    /// Execution id
    execution_id: i64,
    /// Only errors and warnings
    #[arg(long)]
    errors: bool,
    /// Keep printing new messages until the execution has ended
    #[arg(short, long)]
    follow: bool,
}

/// Most messages in one answer.
const PAGE: u32 = 1000;

/// Columns of tables and CSV.
pub(super) const COLUMNS: [&str; 4] = ["time", "event", "where", "message"];

/// Reads `catalog.event_messages`.
///
/// # Errors
/// There is no such execution, or the master refuses.
pub async fn run(
    args: MessagesArgs,
    client: &Client,
    format: OutputFormat,
) -> Result<Outcome, CliError> {
    let wanted = |message: &MessageRow| !args.errors || is_bad(message);
    if args.follow {
        follow(args.execution_id, client, format, wanted).await?;
        return Ok(Outcome::silent());
    }
    // An execution that is not there has no messages, but that is not all there is to say.
    client.execution(args.execution_id).await?;
    let mut all = read_all(client, args.execution_id).await?;
    all.retain(wanted);
    let mut report = Report::table(COLUMNS);
    report.rows = all.iter().map(|message| cells(message).to_vec()).collect();
    Ok(Outcome::new(&all, report))
}

/// Everything that an execution said.
///
/// # Errors
/// The master refuses.
pub(super) async fn read_all(
    client: &Client,
    execution_id: i64,
) -> Result<Vec<MessageRow>, CliError> {
    let mut all: Vec<MessageRow> = Vec::new();
    loop {
        let after = all.last().map_or(0, |message| message.event_message_id);
        let page = page(client, execution_id, after).await?;
        let is_last = page.len() < PAGE as usize;
        all.extend(page);
        if is_last {
            return Ok(all);
        }
    }
}

/// Prints messages as they come, until the execution has ended or nobody reads any more.
async fn follow(
    execution_id: i64,
    client: &Client,
    format: OutputFormat,
    wanted: impl Fn(&MessageRow) -> bool,
) -> Result<(), CliError> {
    let mut stream = Stream::new(format, COLUMNS);
    let mut follow = client.follow(execution_id, 0);
    while let Some(progress) = follow.next().await? {
        let Progress::Message(message) = progress else {
            continue;
        };
        if !wanted(&message) {
            continue;
        }
        let read = stream.put(&message, &cells(&message), &line_of(&message));
        if !read.map_err(CommandError::Output)? {
            break;
        }
    }
    Ok(())
}

/// The next messages of an execution.
async fn page(client: &Client, execution_id: i64, after: i64) -> Result<Vec<MessageRow>, CliError> {
    let query = ViewQuery {
        equals: by_id("operation_id", execution_id),
        greater: by_id("event_message_id", after),
        order_by: Some("event_message_id".to_owned()),
        descending: false,
        limit: Some(PAGE),
    };
    let found = client.view("event_messages", &query).await?;
    let messages = found
        .iter()
        .map(MessageRow::from_row)
        .collect::<Result<_, _>>();
    Ok(messages?)
}

/// Error, warning, task failed.
pub(super) fn is_bad(message: &MessageRow) -> bool {
    matches!(message.message_type, 110 | 120 | 130)
}

pub(super) fn cells(message: &MessageRow) -> [Cell; COLUMNS.len()] {
    let time = message
        .message_time
        .map_or(Cell::Empty, |time| Cell::Rendered {
            shown: local_time_exact(time),
            machine: format!("{time:.3}"),
        });
    let event = Cell::State {
        text: message.event_name.clone(),
        good: is_bad(message).then_some(false),
    };
    [
        time,
        event,
        Cell::Text(place(message)),
        Cell::Text(message.message.clone()),
    ]
}

/// Path of the executable, and the component in it.
fn place(message: &MessageRow) -> String {
    match message.subcomponent_name.as_deref() {
        None | Some("") => message.package_path.clone(),
        Some(component) => format!("{}\\{component}", message.package_path),
    }
}

/// One message as a line of a log.
fn line_of(message: &MessageRow) -> String {
    let [time, event, place, _] = cells(message);
    let text = own_text(message)
        .replace("\r\n", "\n")
        .replace('\n', "\n  ");
    let (time, event, place) = (time.shown(), event.shown(), place.shown());
    format!("{time} {event} {place}: {text}")
}

/// The text without the name of its source, which the place ends with already.
fn own_text(message: &MessageRow) -> &str {
    let text = message.message.strip_prefix(&message.source_name);
    text.and_then(|text| text.strip_prefix(':'))
        .map_or(&message.message, str::trim_start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_its_place_once() {
        let mut message = MessageRow {
            event_message_id: 1,
            message_time: Some(jiff::Timestamp::UNIX_EPOCH),
            message_type: 120,
            event_name: "OnError".to_owned(),
            source_name: "Load".to_owned(),
            subcomponent_name: Some("Read".to_owned()),
            package_path: r"\Package\Load".to_owned(),
            execution_path: r"\Package\Load".to_owned(),
            message_code: 0,
            message: "Load:Error: no file".to_owned(),
        };
        let line = line_of(&message);
        assert!(
            line.ends_with(r" OnError \Package\Load\Read: Error: no file"),
            "{line}"
        );
        message.subcomponent_name = None;
        message.message = "two\r\nlines".to_owned();
        assert!(line_of(&message).ends_with("\\Package\\Load: two\n  lines"));
        assert_eq!(cells(&message)[0].machine(), "1970-01-01T00:00:00.000Z");
    }
}
