//! `soctl workers requests`.

use clap::Args;
use jiff::Timestamp;
use scaleout_core::client::Client;
use scaleout_core::registry::ViewQuery;
use serde::Serialize;

use crate::error::CliError;
use crate::output::{Cell, Outcome, Report};
use crate::rows::text;

/// List the workers that ask to join
///
/// Examples:
///   soctl workers requests
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct RequestsArgs {
    /// Show those that were decided about too
    #[arg(long)]
    all: bool,
}

/// A worker that asks to join.
#[derive(Clone, Debug, Serialize)]
pub struct Request {
    /// Number.
    pub request_id: i64,
    /// `AgentId`
    pub worker_agent_id: String,
    /// `DisplayName`
    pub display_name: String,
    /// Host name.
    pub machine_name: String,
    /// From where it asked.
    pub address: String,
    /// SHA-256 thumbprint of its certificate.
    pub thumbprint: String,
    /// `pending`, `approved` or `rejected`.
    pub state: String,
    /// When it asked.
    pub requested_time: Option<Timestamp>,
}

/// Reads `catalog.worker_requests`.
///
/// # Errors
/// The master refuses.
pub async fn run(args: RequestsArgs, client: &Client, now: Timestamp) -> Result<Outcome, CliError> {
    let mut found = every(client).await?;
    if !args.all {
        found.retain(|request| request.state == "pending");
    }
    let mut report = Report::table([
        "request",
        "worker",
        "machine",
        "from",
        "asked",
        "thumbprint",
        "state",
    ]);
    report.rows = found
        .iter()
        .map(|request| {
            vec![
                Cell::Number(request.request_id.to_string()),
                Cell::Text(request.display_name.clone()),
                Cell::Text(request.machine_name.clone()),
                Cell::Text(request.address.clone()),
                Cell::age(request.requested_time, now),
                Cell::Text(request.thumbprint.clone()),
                Cell::Text(request.state.clone()),
            ]
        })
        .collect();
    if found.is_empty() {
        report.after.push("no worker asks to join".to_owned());
    }
    Ok(Outcome::new(&found, report))
}

/// Those that nobody has decided about.
///
/// # Errors
/// The master refuses.
pub async fn pending(client: &Client) -> Result<Vec<Request>, CliError> {
    let mut all = every(client).await?;
    all.retain(|request| request.state == "pending");
    Ok(all)
}

async fn every(client: &Client) -> Result<Vec<Request>, CliError> {
    let query = ViewQuery {
        order_by: Some("request_id".to_owned()),
        ..ViewQuery::default()
    };
    let rows = client.view("worker_requests", &query).await?;
    Ok(rows
        .iter()
        .filter_map(|row| {
            Some(Request {
                request_id: row.integer("request_id")?,
                worker_agent_id: row.guid("WorkerAgentId")?.to_string(),
                display_name: text(row, "DisplayName"),
                machine_name: text(row, "MachineName"),
                address: text(row, "address"),
                thumbprint: text(row, "thumbprint").to_uppercase(),
                state: text(row, "state"),
                requested_time: row.time("requested_time"),
            })
        })
        .collect())
}
