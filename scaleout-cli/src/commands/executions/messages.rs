//! `soctl executions messages`.

use std::time::Duration;

use clap::Args;
use scaleout_core::client::{Client, Row};
use scaleout_core::registry::{Rows, ViewQuery};

use super::follow::{line_of, pause};
use crate::error::CliError;
use crate::execution_summary::by_id;
use crate::output::{Cell, Outcome, Report, Talk};
use crate::rows::{self, text};

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
    /// Keep printing new messages on stderr until the execution has ended
    #[arg(short, long)]
    follow: bool,
}

/// Reads `catalog.event_messages`.
///
/// # Errors
/// There is no such execution, or the master refuses.
pub async fn run(args: MessagesArgs, client: &Client, talk: &Talk) -> Result<Outcome, CliError> {
    let mut execution = client.execution(args.execution_id).await?;
    let mut all = Rows::default();
    let mut after = 0;
    loop {
        let ended = execution.status.is_terminal();
        let page = page(client, args.execution_id, after).await?;
        after = last_id(&page).unwrap_or(after);
        let full = page.rows.len() == PAGE as usize;
        if args.follow {
            page.iter()
                .filter(|row| !args.errors || is_bad(*row))
                .for_each(|row| talk.say(&line_of(row)));
        }
        all.columns = page.columns;
        all.rows.extend(page.rows);
        if !full && (ended || !args.follow) {
            break;
        }
        if !full {
            pause(Duration::from_millis(200)).await;
            execution = client.execution(args.execution_id).await?;
        }
    }
    Ok(outcome(&all, args.errors))
}

const PAGE: u32 = 1000;

/// The next messages of an execution.
async fn page(client: &Client, execution_id: i64, after: i64) -> Result<Rows, CliError> {
    let query = ViewQuery {
        equals: by_id("operation_id", execution_id),
        greater: by_id("event_message_id", after),
        order_by: Some("event_message_id".to_owned()),
        descending: false,
        limit: Some(PAGE),
    };
    Ok(client.view("event_messages", &query).await?)
}

fn last_id(page: &Rows) -> Option<i64> {
    page.iter()
        .filter_map(|row| row.integer("event_message_id"))
        .max()
}

fn is_bad(row: Row<'_>) -> bool {
    matches!(row.integer("message_type"), Some(110 | 120 | 130))
}

fn outcome(all: &Rows, errors: bool) -> Outcome {
    let mut report = Report::table(["time", "event", "source", "message"]);
    let wanted: Vec<bool> = all.iter().map(|row| !errors || is_bad(row)).collect();
    for row in all
        .iter()
        .zip(&wanted)
        .filter_map(|(row, wanted)| wanted.then_some(row))
    {
        report.rows.push(vec![
            Cell::Text(text(row, "message_time").chars().take(23).collect()),
            Cell::State {
                text: text(row, "event_name"),
                good: is_bad(row).then_some(false),
            },
            Cell::Text(text(row, "package_path")),
            Cell::Text(text(row, "message")),
        ]);
    }
    let mut keep = wanted.iter();
    let mut filtered = all.clone();
    filtered
        .rows
        .retain(|_| keep.next().copied().unwrap_or(true));
    Outcome::new(&rows::objects(&filtered), report)
}
