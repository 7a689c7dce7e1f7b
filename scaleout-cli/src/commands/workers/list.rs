//! `soctl workers list`.

use clap::Args;
use jiff::Timestamp;
use scaleout_core::certificates::Expiry;
use scaleout_core::client::Client;

use super::requests;
use super::standing::{self, Standing};
use crate::error::CliError;
use crate::output::{Cell, Outcome, Report};

/// List the workers of this master
///
/// Examples:
///   soctl workers list
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct ListArgs {}

/// Reads `catalog.worker_agents`.
///
/// # Errors
/// The master refuses.
pub async fn run(_args: ListArgs, client: &Client, now: Timestamp) -> Result<Outcome, CliError> {
    let workers = standing::all(client, now).await?;
    let mut report = Report::table(["worker", "name", "machine", "state", "enabled", "last seen"]);
    report.rows = workers.iter().map(|worker| row(worker, now)).collect();
    if workers.is_empty() {
        report
            .after
            .push("no worker has registered with this master yet".to_owned());
    } else if workers.iter().all(|worker| !worker.enabled) {
        report
            .after
            .push("no worker is enabled: `soctl workers enable ID` lets one take work".to_owned());
    }
    report.after.extend(ending(&workers, now));
    report.after.extend(asking(client).await);
    Ok(Outcome::new(&workers, report))
}

/// A line for each worker that asks to join, for those who may read of them.
async fn asking(client: &Client) -> Vec<String> {
    // Who may list workers need not be one who decides about others.
    let pending = requests::pending(client).await.unwrap_or_default();
    let lines = pending.iter().map(|one| {
        format!(
            "`{}` asks to join: `soctl workers requests` shows its certificate, `soctl workers approve {}` \
             lets it in",
            one.display_name, one.request_id
        )
    });
    lines.collect()
}

/// A line for each certificate that ends soon.
#[must_use]
pub fn ending(workers: &[Standing], now: Timestamp) -> Vec<String> {
    let near = workers.iter().filter_map(|worker| {
        match Expiry::at(worker.certificate_not_after?, now) {
            Expiry::Fine { .. } => None,
            near => Some(format!(
                "the certificate of {}: {}; `soctl cert rotate worker {}` replaces it while the worker \
                 is online",
                worker.display_name,
                near.words(),
                worker.worker_agent_id
            )),
        }
    });
    near.collect()
}

fn row(worker: &Standing, now: Timestamp) -> Vec<Cell> {
    vec![
        Cell::Text(worker.worker_agent_id.to_string()),
        Cell::Text(worker.display_name.clone()),
        Cell::Text(worker.machine_name.clone()),
        state(worker),
        Cell::State {
            text: if worker.enabled { "yes" } else { "no" }.to_owned(),
            good: Some(worker.enabled),
        },
        Cell::age(worker.last_online_time, now),
    ]
}

/// Online, draining, busy or offline, coloured.
#[must_use]
pub fn state(worker: &Standing) -> Cell {
    let (text, good) = match worker {
        Standing { online: false, .. } => ("offline", false),
        Standing { draining: true, .. } => ("draining", false),
        Standing { gate: Some(_), .. } => ("busy", true),
        _ => ("online", true),
    };
    Cell::State {
        text: text.to_owned(),
        good: Some(good),
    }
}
