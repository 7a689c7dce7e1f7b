//! `soctl job schedule add`.

use clap::Args;
use scaleout_core::client::Client;
use serde_json::{Value, json};

use super::when::WhenArgs;
use crate::commands::job::named::job_with;
use crate::error::CliError;
use crate::output::{Outcome, Report};

/// Let a new schedule start a job
///
/// Examples:
///   soctl job schedule add nightly --daily --at 02:00
///   soctl job schedule add nightly --weekly mon,fri --at 18:30
///   soctl job schedule add nightly --monthly last-weekday --at 22:00
///   soctl job schedule add nightly --daily --at 08:00 --every 15m --until 18:00
///   soctl job schedule add nightly --once 2030-01-31 --at 23:00 --time-zone UTC
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct AddArgs {
    /// The job, by name or id
    job: String,
    /// Name of the schedule; that of the job when left out
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    #[command(flatten)]
    when: WhenArgs,
}

/// Calls `sp_add_jobschedule`.
///
/// # Errors
/// There is no such job, the schedule cannot be, or the master refuses.
pub async fn run(args: Box<AddArgs>, client: &Client) -> Result<Outcome, CliError> {
    let name = args.name.as_ref().unwrap_or(&args.job);
    let mut new = job_with(&args.job, [("name", json!(name))]);
    new.extend(args.when.arguments());
    let made = client.call("sp_add_jobschedule", new).await?;
    let id = made
        .outputs
        .get("@schedule_id")
        .cloned()
        .unwrap_or(Value::Null);
    let line = format!("schedule {id} starts job `{}`", args.job);
    let shown = json!({ "job": args.job, "schedule_id": id });
    Ok(Outcome::new(&shown, Report::lines([line])))
}
