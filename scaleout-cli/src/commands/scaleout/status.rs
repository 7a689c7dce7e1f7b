//! `soctl scaleout status`.

use clap::Args;
use jiff::{SignedDuration, Timestamp};
use scaleout_core::client::{Client, Row};
use scaleout_core::registry::ViewQuery;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

use crate::commands::workers::standing;
use crate::error::CliError;
use crate::output::{Cell, Outcome, Report};
use crate::rows::text;

/// After how long a master counts as silent: twice the longest time between its reports.
const SILENT_AFTER: SignedDuration = SignedDuration::from_secs(120);

/// Show the masters, their properties and how many workers there are
///
/// Examples:
///   soctl scaleout status
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct StatusArgs {}

/// A master, and whether it has said lately that it is there.
#[derive(Serialize)]
struct MasterStatus {
    address: String,
    machine_name: String,
    process_id: i64,
    program_version: String,
    started_time: String,
    last_online_time: String,
    online: bool,
}

#[derive(Serialize)]
struct Status {
    masters: Vec<MasterStatus>,
    master_properties: BTreeMap<String, String>,
    workers: usize,
    workers_online: usize,
    workers_enabled: usize,
}

/// Reads `catalog.master_properties` and `catalog.worker_agents`.
///
/// # Errors
/// The master refuses.
pub async fn run(_args: StatusArgs, client: &Client, now: Timestamp) -> Result<Outcome, CliError> {
    let found = client
        .view("master_properties", &ViewQuery::default())
        .await?;
    let workers = standing::all(client, now).await?;
    let masters = client.view("masters", &ViewQuery::default()).await?;
    let status = Status {
        masters: masters.iter().map(|row| master(row, now)).collect(),
        master_properties: found
            .iter()
            .map(|row| (text(row, "property_name"), text(row, "property_value")))
            .collect(),
        workers: workers.len(),
        workers_online: workers.iter().filter(|worker| worker.online).count(),
        workers_enabled: workers.iter().filter(|worker| worker.enabled).count(),
    };
    let mut report = Report::table(["property", "value"]);
    for (name, value) in &status.master_properties {
        report
            .rows
            .push(vec![Cell::Text(name.clone()), Cell::Text(value.clone())]);
    }
    for master in &status.masters {
        let online = if master.online { "online" } else { "silent" };
        report.after.push(format!(
            "master at {}, process {} on {}: {online}, last heard of {}",
            master.address, master.process_id, master.machine_name, master.last_online_time
        ));
    }
    report.after.push(format!(
        "{} workers, {} online, {} enabled",
        status.workers, status.workers_online, status.workers_enabled
    ));
    report
        .after
        .extend(crate::commands::workers::list::ending(&workers, now));
    Ok(Outcome::new(&status, report))
}

fn master(row: Row<'_>, now: Timestamp) -> MasterStatus {
    let last_online_time = text(row, "last_online_time");
    let heard: Option<Timestamp> = last_online_time.parse().ok();
    MasterStatus {
        address: text(row, "address"),
        machine_name: text(row, "machine_name"),
        process_id: row
            .value("process_id")
            .and_then(Value::as_i64)
            .unwrap_or_default(),
        program_version: text(row, "program_version"),
        started_time: text(row, "started_time"),
        online: heard.is_some_and(|heard| now.duration_since(heard) < SILENT_AFTER),
        last_online_time,
    }
}
