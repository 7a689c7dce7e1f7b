//! `soctl batch run`.

use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;
use scaleout_core::client::Client;
use scaleout_core::error::{Blame, Explain as _};
use scaleout_core::model::OperationStatus;

use crate::batch::{self, Batch, BatchFile, Journal};
use crate::commands::executions::follow::Watched;
use crate::error::{CliError, CommandError};
use crate::interrupt::interrupted;
use crate::output::{Outcome, Talk};

/// Run the packages of a batch, each after those that it depends on
///
/// FILE.toml names the packages with what they come after, their environment, parameters, retries
/// and workers. It is checked wholly before anything starts. What comes after a package that did not
/// succeed is skipped; everything else runs.
///
/// What was started is kept in FILE.state.json beside it until all has succeeded: `soctl batch
/// resume` goes on from there, also after a kill. A new run begins anew, unless something of the
/// earlier one still runs.
///
/// The exit code is 0 only if every package succeeded.
///
/// Examples:
///   soctl batch run nightly.toml
///   soctl batch run nightly.toml --state state.json
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct RunArgs {
    #[command(flatten)]
    pub(super) batch: BatchArgs,
}

/// Which batch.
#[derive(Args, Debug)]
pub struct BatchArgs {
    /// The batch
    #[arg(value_name = "FILE.toml")]
    file: PathBuf,
    /// Where to keep what was started, instead of beside the batch
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
}

/// Whether a batch begins or goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Start {
    Anew,
    FromWhatIsLeft,
}

/// Runs a batch from its beginning.
///
/// # Errors
/// The batch cannot be run as it is, something of an earlier run still runs, or the master refuses.
pub async fn run(args: RunArgs, client: &Client, talk: &Talk) -> Result<Outcome, CliError> {
    run_from(&args.batch, Start::Anew, client, talk).await
}

/// Runs a batch, or goes on with it.
pub(super) async fn run_from(
    args: &BatchArgs,
    start: Start,
    client: &Client,
    talk: &Talk,
) -> Result<Outcome, CliError> {
    let mut watched = Watched::default();
    tokio::select! {
        done = run_watched(args, start, client, talk, &mut watched) => done,
        () = interrupted() => {
            let error = watched.interrupted();
            talk.say(&format!(
                "`soctl batch resume {}` goes on with the batch",
                args.file.display()
            ));
            Err(error.into())
        }
    }
}

async fn run_watched(
    args: &BatchArgs,
    start: Start,
    client: &Client,
    talk: &Talk,
    watched: &mut Watched,
) -> Result<Outcome, CliError> {
    let file = BatchFile::read(&args.file)?;
    let (mut journal, is_there) = Journal::open(&args.file, args.state.as_deref())?;
    if start == Start::FromWhatIsLeft && !is_there {
        return Err(nothing_left(args, &journal).into());
    }
    let (plan, members) = batch::check(&file, client, Timestamp::now()).await?;
    if start == Start::Anew {
        refuse_while_it_runs(&journal, args, client).await?;
        journal.begin(&file.name())?;
    }
    let earlier: Vec<Option<i64>> = members
        .iter()
        .map(|member| journal.execution(&member.name))
        .collect();
    let batch = Batch {
        plan,
        members,
        client,
        talk,
        diagnostics: None,
    };
    let mut created = |item: &str, id: i64| journal.created(item, id);
    let ended = batch.run(&earlier, &mut created, watched).await?;
    let mut outcome = batch::of_batch(&file.name(), &ended, client, Timestamp::now()).await?;
    match outcome.exit_code {
        0 => journal.finish()?,
        _ => outcome.report.after.push(format!(
            "`soctl batch resume {}` runs what has not succeeded",
            args.file.display()
        )),
    }
    Ok(outcome)
}

fn nothing_left(args: &BatchArgs, journal: &Journal) -> CommandError {
    CommandError::NotFound {
        kind: "unfinished run of the batch",
        name: args.file.display().to_string(),
        place: format!(": there is no `{}`", journal.path().display()),
        hint: "its last run succeeded, or it was never run: `soctl batch run` runs it".to_owned(),
    }
}

/// A new run beside an old one would run packages twice.
async fn refuse_while_it_runs(
    journal: &Journal,
    args: &BatchArgs,
    client: &Client,
) -> Result<(), CliError> {
    let mut running = Vec::new();
    for id in journal.executions() {
        match client.execution(id).await {
            Ok(execution) if is_active(execution.status) => running.push(id),
            Ok(_) => {}
            // Housekeeping has removed it.
            Err(error) if error.blame() == Blame::Missing => {}
            Err(error) => return Err(error.into()),
        }
    }
    match running.is_empty() {
        true => Ok(()),
        false => Err(CommandError::BatchRuns {
            file: args.file.clone(),
            executions: running,
        }
        .into()),
    }
}

/// Whether it has been started and has not ended. One that was created and not started runs only
/// when somebody starts it.
fn is_active(status: OperationStatus) -> bool {
    !status.is_terminal() && status != OperationStatus::Created
}
