//! `soctl scaleout status`.

use clap::Args;
use jiff::Timestamp;
use scaleout_core::client::Client;
use scaleout_core::registry::ViewQuery;
use serde::Serialize;
use std::collections::BTreeMap;

use crate::commands::workers::standing;
use crate::error::CliError;
use crate::output::{Cell, Outcome, Report};
use crate::rows::text;

/// Show the master's properties and how many workers there are
///
/// Examples:
///   soctl scaleout status
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct StatusArgs {}

#[derive(Serialize)]
struct Status {
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
    let status = Status {
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
    report.after.push(format!(
        "{} workers, {} online, {} enabled",
        status.workers, status.workers_online, status.workers_enabled
    ));
    report
        .after
        .extend(crate::commands::workers::list::ending(&workers, now));
    Ok(Outcome::new(&status, report))
}
