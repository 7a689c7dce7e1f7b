//! `soctl workers approve` and `soctl workers reject`.

use clap::Args;
use scaleout_core::client::Client;
use serde_json::json;

use super::requests::{Request, pending};
use crate::error::{CliError, CommandError};
use crate::output::{Outcome, Report};
use crate::rows::arguments;

/// Let a worker in that has asked to join
///
/// Compare the thumbprint with what `soctl worker join` shows on the worker first.
///
/// Examples:
///   soctl workers approve computerB --enable
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct ApproveArgs {
    /// Number of the request, or name of the worker where only one of that name asks
    worker: String,
    /// Let it take executions at once
    #[arg(long)]
    enable: bool,
}

/// Refuse a worker that has asked to join
///
/// Examples:
///   soctl workers reject computerC
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct RejectArgs {
    /// Number of the request, or name of the worker where only one of that name asks
    worker: String,
}

/// Calls `approve_worker`.
///
/// # Errors
/// Nobody of that name asks, or the master refuses.
pub async fn approve(args: ApproveArgs, client: &Client) -> Result<Outcome, CliError> {
    let request = find(client, &args.worker).await?;
    let decide = arguments([
        ("request_id", json!(request.request_id)),
        ("enable", json!(args.enable)),
    ]);
    client.call("approve_worker", decide).await?;
    let line = format!(
        "worker {} ({}) is let in; its certificate {} is trusted{}",
        request.worker_agent_id,
        request.display_name,
        request.thumbprint,
        if args.enable {
            ", and it is enabled"
        } else {
            ""
        }
    );
    Ok(Outcome::new(&request, Report::lines([line])))
}

/// Calls `reject_worker`.
///
/// # Errors
/// Nobody of that name asks, or the master refuses.
pub async fn reject(args: RejectArgs, client: &Client) -> Result<Outcome, CliError> {
    let request = find(client, &args.worker).await?;
    let decide = arguments([("request_id", json!(request.request_id))]);
    client.call("reject_worker", decide).await?;
    let line = format!("worker {} is refused", request.display_name);
    Ok(Outcome::new(&request, Report::lines([line])))
}

async fn find(client: &Client, wanted: &str) -> Result<Request, CliError> {
    let all = pending(client).await?;
    let number: Option<i64> = wanted.parse().ok();
    let fits = |request: &&Request| {
        number == Some(request.request_id)
            || request.display_name.eq_ignore_ascii_case(wanted)
            || request.machine_name.eq_ignore_ascii_case(wanted)
            || request.worker_agent_id.eq_ignore_ascii_case(wanted)
    };
    let mut found: Vec<Request> = all.iter().filter(fits).cloned().collect();
    match (found.pop(), found.is_empty()) {
        (Some(one), true) => Ok(one),
        (None, _) => Err(CommandError::NotFound {
            kind: "worker that asks to join",
            name: wanted.to_owned(),
            place: String::new(),
            hint: "`soctl workers requests` shows who asks".to_owned(),
        }
        .into()),
        (Some(last), false) => {
            found.push(last);
            let numbers: Vec<String> = found
                .iter()
                .map(|request| request.request_id.to_string())
                .collect();
            Err(CommandError::Ambiguous {
                kind: "request of a worker",
                name: wanted.to_owned(),
                candidates: numbers.join(", "),
                hint: "give the number".to_owned(),
            }
            .into())
        }
    }
}
