//! `soctl workers show`.

use std::collections::BTreeMap;

use clap::Args;
use jiff::Timestamp;
use scaleout_core::client::{Client, LogName};
use scaleout_core::protocol::logs::LogQuery;
use scaleout_core::registry::ViewQuery;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::list::state;
use super::standing::{self, Standing};
use crate::commands::cert::shown::expiry_cell;
use crate::error::CliError;
use crate::output::{Cell, Outcome, Report};

/// Show one worker and what it runs
///
/// With --settings the master asks the worker for them, which must be online; that needs the role
/// ssis_logreader, ssis_admin or sysadmin.
///
/// Examples:
///   soctl workers show computerA
///   soctl workers show computerA --settings
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct ShowArgs {
    /// Id, display name or machine name
    worker: String,
    /// Show the settings that are in force there too
    #[arg(long)]
    settings: bool,
}

#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    standing: Standing,
    running_executions: Vec<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settings: Option<BTreeMap<String, Value>>,
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
    let settings = match args.settings {
        true => Some(settings(client, worker.worker_agent_id).await?),
        false => None,
    };
    let mut report = Report::facts(facts(worker, &ids, now));
    for (key, value) in settings.iter().flatten() {
        report.after.push(format!("{key} = {value}"));
    }
    let shown = Shown {
        standing: worker.clone(),
        running_executions: running,
        settings,
    };
    Ok(Outcome::new(&shown, report))
}

/// The settings in force at a worker.
async fn settings(client: &Client, worker: Uuid) -> Result<BTreeMap<String, Value>, CliError> {
    let name = LogName::WorkerSettings(worker);
    let page = client.log(&name, &LogQuery::default()).await?;
    let read = page.lines.iter().filter_map(|line| {
        let line: Value = serde_json::from_str(line).ok()?;
        Some((line["key"].as_str()?.to_owned(), line["value"].clone()))
    });
    Ok(read.collect())
}

fn facts(worker: &Standing, running: &[String], now: Timestamp) -> Vec<(&'static str, Cell)> {
    let load = match (worker.cpu_percent, worker.free_memory_mb) {
        (Some(cpu), Some(memory)) => Cell::Text(format!("{cpu} % busy, {memory} MB free")),
        _ => Cell::Empty,
    };
    let version = worker.program_version.clone();
    vec![
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
        ("load", load),
        ("version", version.map_or(Cell::Empty, Cell::Text)),
        ("last seen", Cell::age(worker.last_online_time, now)),
        ("running executions", Cell::Text(running.join(", "))),
    ]
}
