//! `soctl executions messages`.

use std::time::Duration;

use clap::Args;
use scaleout_core::client::{Client, MessageRow};
use scaleout_core::registry::ViewQuery;

use super::follow::{line_of, pause};
use crate::error::CliError;
use crate::execution_summary::by_id;
use crate::output::{Cell, Outcome, Report, Talk};

/// Show what an execution said
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
    /// Keep showing new messages on stderr until the execution has ended
    #[arg(short, long)]
    follow: bool,
}

/// Most messages in one answer.
const PAGE: u32 = 1000;

/// How often a follower looks for more.
const EVERY: Duration = Duration::from_millis(200);

/// Reads `catalog.event_messages`.
///
/// # Errors
/// There is no such execution, or the master refuses.
pub async fn run(args: MessagesArgs, client: &Client, talk: &Talk) -> Result<Outcome, CliError> {
    let mut all: Vec<MessageRow> = Vec::new();
    loop {
        // The state first: what is said after the end was there before it was shown as ended.
        let ended = client
            .execution(args.execution_id)
            .await?
            .status
            .is_terminal();
        let after = all.last().map_or(0, |message| message.event_message_id);
        let page = page(client, args.execution_id, after).await?;
        let is_last = page.len() < PAGE as usize;
        if args.follow {
            page.iter()
                .filter(|message| !args.errors || is_bad(message))
                .for_each(|message| talk.say(&line_of(message)));
        }
        all.extend(page);
        match (is_last, ended || !args.follow) {
            (true, true) => break,
            (true, false) => pause(EVERY).await,
            (false, _) => {}
        }
    }
    all.retain(|message| !args.errors || is_bad(message));
    Ok(Outcome::new(&all, report(&all)))
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
fn is_bad(message: &MessageRow) -> bool {
    matches!(message.message_type, 110 | 120 | 130)
}

fn report(messages: &[MessageRow]) -> Report {
    let mut report = Report::table(["time", "event", "where", "message"]);
    for message in messages {
        report.rows.push(vec![
            Cell::Text(
                message
                    .message_time
                    .map(|time| format!("{time:.3}"))
                    .unwrap_or_default(),
            ),
            Cell::State {
                text: message.event_name.clone(),
                good: is_bad(message).then_some(false),
            },
            Cell::Text(message.package_path.clone()),
            Cell::Text(message.message.clone()),
        ]);
    }
    report
}
