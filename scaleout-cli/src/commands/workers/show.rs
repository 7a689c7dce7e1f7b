//! `soctl workers show`.

use clap::Args;
use jiff::Timestamp;
use scaleout_core::client::Client;
use scaleout_core::registry::ViewQuery;
use serde::Serialize;

use super::list::state;
use super::standing::{self, Standing};
use crate::commands::cert::shown::expiry_cell;
use crate::error::CliError;
use crate::output::{Cell, Outcome, Report};

/// Show one worker and what it runs
///
/// Examples:
///   soctl workers show computerA
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct ShowArgs {
    /// Id, display name or machine name
    worker: String,
}

#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    standing: Standing,
    running_executions: Vec<i64>,
}

/// Reads the worker and its running executions.
///
/// # Errors
/// The worker is unknown, or the master refuses.
pub async fn run(args: ShowArgs, client: &Client, now: Timestamp) -> Result<Outcome, CliError> {
    let workers = standing::all(client, now).await?;
    let worker = standing::find(&workers, &args.worker)?;
    let query = ViewQuery {
        equals: vec![
            (
                "worker_agent_id".to_owned(),
                worker.worker_agent_id.to_string(),
            ),
            ("status".to_owned(), "2".to_owned()),
        ],
        ..ViewQuery::default()
    };
    let found = client.view("executions", &query).await?;
    let running: Vec<i64> = found
        .iter()
        .filter_map(|row| row.integer("execution_id"))
        .collect();
    let ids: Vec<String> = running.iter().map(ToString::to_string).collect();
    let report = Report::facts([
        ("worker", Cell::Text(worker.worker_agent_id.to_string())),
        ("name", Cell::Text(worker.display_name.clone())),
        ("machine", Cell::Text(worker.machine_name.clone())),
        ("account", Cell::Text(worker.user_account.clone())),
        ("description", Cell::Text(worker.description.clone())),
        ("tags", Cell::Text(worker.tags.clone())),
        (
            "enabled",
            Cell::Text(if worker.enabled { "yes" } else { "no" }.to_owned()),
        ),
        ("state", state(worker)),
        (
            "certificate",
            Cell::Text(worker.certificate_thumbprint.clone().unwrap_or_default()),
        ),
        (
            "certificate ends",
            worker
                .certificate_not_after
                .map_or(Cell::Empty, |end| expiry_cell(end, now)),
        ),
        (
            "drained until",
            match worker.drain_until {
                Some(until) => Cell::Text(until.to_string()),
                None if worker.draining => Cell::Text("what it runs has ended".to_owned()),
                None => Cell::Empty,
            },
        ),
        (
            "asks for nothing more",
            worker.gate.clone().map_or(Cell::Empty, Cell::Text),
        ),
        (
            "tasks",
            Cell::Text(format!(
                "{} of {}",
                worker.leased_tasks, worker.max_task_count
            )),
        ),
        ("last seen", Cell::age(worker.last_online_time, now)),
        ("running executions", Cell::Text(ids.join(", "))),
    ]);
    let shown = Shown {
        standing: worker.clone(),
        running_executions: running,
    };
    Ok(Outcome::new(&shown, report))
}
