//! `soctl job update`.

use clap::{Args, ValueEnum};
use scaleout_core::client::Client;
use serde_json::json;

use super::named::job_with;
use crate::error::CliError;
use crate::output::{Outcome, Report};

/// What happens when a job is to run while it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OverlapArg {
    /// The new run is left out
    Skip,
    /// The new run waits; at most one does
    Queue,
    /// The run that runs is stopped
    CancelPrevious,
}

impl OverlapArg {
    /// As the catalog has it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Skip => "skip",
            Self::Queue => "queue",
            Self::CancelPrevious => "cancel_previous",
        }
    }
}

/// What happens with times that passed while no master ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum MissedArg {
    /// The job runs once for all of them
    Once,
    /// They are left out
    Skip,
}

impl MissedArg {
    /// As the catalog has it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Once => "once",
            Self::Skip => "skip",
        }
    }
}

/// When somebody is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LevelArg {
    /// Never
    Never,
    /// When the job succeeds
    Success,
    /// When it fails or is stopped
    Failure,
    /// Always
    Always,
}

impl LevelArg {
    fn number(self) -> u8 {
        match self {
            Self::Never => 0,
            Self::Success => 1,
            Self::Failure => 2,
            Self::Always => 3,
        }
    }
}

/// Change a job: what is not named stays as it is
///
/// Examples:
///   soctl job update nightly --overlap queue
///   soctl job update nightly --mail-to dba --mail-on failure
///   soctl job update nightly --name weekly --target worker1
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct UpdateArgs {
    /// The job, by name or id
    job: String,
    /// Its new name
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// The login as which it runs
    #[arg(long, value_name = "LOGIN")]
    owner: Option<String>,
    /// The step that it begins with
    #[arg(long, value_name = "STEP")]
    start_step: Option<u32>,
    /// Where its steps run: any, or the name or id of a worker
    #[arg(long, value_name = "WORKER")]
    target: Option<String>,
    /// What happens when it is to run while it runs
    #[arg(long, value_enum)]
    overlap: Option<OverlapArg>,
    /// What happens with times that passed while no master ran
    #[arg(long, value_enum)]
    missed: Option<MissedArg>,
    /// The operator who gets mail
    #[arg(long, value_name = "OPERATOR")]
    mail_to: Option<String>,
    /// When mail is sent
    #[arg(long, value_enum)]
    mail_on: Option<LevelArg>,
    /// The operator whose webhook is called
    #[arg(long, value_name = "OPERATOR")]
    webhook_of: Option<String>,
    /// When the webhook is called
    #[arg(long, value_enum)]
    webhook_on: Option<LevelArg>,
    /// When the job is deleted after a run
    #[arg(long, value_enum)]
    delete_on: Option<LevelArg>,
}

/// Calls `sp_update_job`, and `sp_add_jobserver` for another target.
///
/// # Errors
/// There is no such job, or the master refuses.
pub async fn run(args: UpdateArgs, client: &Client) -> Result<Outcome, CliError> {
    if let Some(target) = &args.target {
        let target = job_with(&args.job, [("server_name", json!(target))]);
        client.call("sp_add_jobserver", target).await?;
    }
    let change = job_with(
        &args.job,
        [
            ("new_name", json!(args.name)),
            ("description", json!(args.description)),
            ("owner_login_name", json!(args.owner)),
            ("start_step_id", json!(args.start_step)),
            ("overlap_policy", json!(args.overlap.map(OverlapArg::word))),
            ("missed_run_policy", json!(args.missed.map(MissedArg::word))),
            ("notify_email_operator_name", json!(args.mail_to)),
            (
                "notify_level_email",
                json!(args.mail_on.map(LevelArg::number)),
            ),
            ("notify_webhook_operator_name", json!(args.webhook_of)),
            (
                "notify_level_webhook",
                json!(args.webhook_on.map(LevelArg::number)),
            ),
            ("delete_level", json!(args.delete_on.map(LevelArg::number))),
        ],
    );
    client.call("sp_update_job", change).await?;
    let name = args.name.unwrap_or(args.job);
    let line = format!("changed job `{name}`");
    Ok(Outcome::new(&json!({ "job": name }), Report::lines([line])))
}
