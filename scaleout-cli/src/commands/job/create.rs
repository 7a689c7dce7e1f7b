//! `soctl job create`.

use clap::Args;
use scaleout_core::client::Client;
use scaleout_core::registry::Arguments;
use serde_json::{Value, json};
use uuid::Uuid;

use super::named::{given, job_with};
use super::update::{MissedArg, OverlapArg};
use crate::error::CliError;
use crate::output::{Outcome, Report};

/// Create a job; steps and schedules are added to it
///
/// Examples:
///   soctl job create nightly
///   soctl job create nightly --description 'the nightly load' --overlap queue
///   soctl job create nightly --target worker1 --owner etl
///   soctl job create 'load 1' --id b99d5b5c-a716-54f5-9da4-3966b6e6b5cf
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct CreateArgs {
    /// Its name
    name: String,
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// The login as which it runs; you, when left out
    #[arg(long, value_name = "LOGIN")]
    owner: Option<String>,
    /// Where its steps run: any, or the name or id of a worker
    #[arg(long, value_name = "WORKER", default_value = "any")]
    target: String,
    /// The id that packages know it by, such as that of the job it takes the place of
    #[arg(long, value_name = "GUID")]
    id: Option<Uuid>,
    /// What happens when it is to run while it runs
    #[arg(long, value_enum)]
    overlap: Option<OverlapArg>,
    /// What happens with times that passed while no master ran
    #[arg(long, value_enum)]
    missed: Option<MissedArg>,
    /// Its schedules do not start it yet
    #[arg(long)]
    disabled: bool,
}

/// Calls `sp_add_job` and `sp_add_jobserver`.
///
/// # Errors
/// The name is taken, or the master refuses.
pub async fn run(args: CreateArgs, client: &Client) -> Result<Outcome, CliError> {
    let new: Arguments = given([
        ("job_name", json!(args.name)),
        ("description", json!(args.description)),
        ("owner_login_name", json!(args.owner)),
        ("job_uid", json!(args.id)),
        ("enabled", json!(u8::from(!args.disabled))),
        ("overlap_policy", json!(args.overlap.map(OverlapArg::word))),
        ("missed_run_policy", json!(args.missed.map(MissedArg::word))),
    ])
    .collect();
    let made = client.call("sp_add_job", new).await?;
    let id = made.outputs.get("@job_id").cloned().unwrap_or(Value::Null);
    let target = job_with(&args.name, [("server_name", json!(args.target))]);
    if let Err(error) = client.call("sp_add_jobserver", target).await {
        // A job without the target that was asked for is not what was asked for.
        let back = job_with(&args.name, []);
        client.call("sp_delete_job", back).await?;
        return Err(error.into());
    }
    let line = format!("created job `{}`", args.name);
    Ok(Outcome::new(
        &json!({ "job_name": args.name, "job_id": id }),
        Report::lines([line]),
    ))
}
