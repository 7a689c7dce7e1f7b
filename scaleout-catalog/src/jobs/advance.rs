//! What a run does next.

use jiff::Timestamp;
use scaleout_core::error::{Blame, Explain as _, explained};
use scaleout_core::jobs::run::{Outcome, RunState};
use scaleout_core::lease::ExecutionState;
use scaleout_core::model::{Caller, OperationStatus, Role};
use scaleout_core::registry::procedures::STOP_OPERATION;
use uuid::Uuid;

use super::begin::{SCRIPT_LEASE, begin};
use super::finish::{StepEnd, end_run, finish_step};
use super::owner;
use crate::access::Rights;
use crate::catalog::Catalog;
use crate::error::CatalogError;
use crate::procedures::stop_operation;
use crate::secrets::Keeper;
use crate::store::jobs::job::{self, JobRow};
use crate::store::jobs::run::{self, Held, RunRow};
use crate::store::jobs::step::{self, StepRow};
use crate::store::{Session, executions, operations, workers};

/// Most runs of one look.
const MOST: u32 = 1000;

/// What came of a look at a run.
#[derive(Clone, Debug, PartialEq)]
pub enum Advanced {
    /// It moved on, or somebody else moved it.
    Moved,
    /// A worker is to be told to stop.
    Stopping,
    /// This master runs a script for it.
    Script(ScriptStep),
}

/// A script that this master runs for a step.
#[derive(Clone, Debug, PartialEq)]
pub struct ScriptStep {
    /// The run.
    pub run_id: i64,
    /// Steps behind it: with the run, what tells this step from all others.
    pub steps_done: u32,
    /// As whom.
    pub owner: Caller,
    /// What.
    pub script: String,
    /// The file that gets what came of it.
    pub output_file: Option<String>,
    /// Whether it goes behind what is there.
    pub append: bool,
}

impl Catalog {
    /// Runs for which there is something to do now, oldest first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn job_runs_to_advance(&self) -> Result<Vec<i64>, CatalogError> {
        let mut session = self.shared.store.reader_of_few().await?;
        Ok(run::actionable(&mut session, self.shared.clock.now(), MOST).await?)
    }

    /// Does the next thing for a run. `runner` is this master.
    ///
    /// # Errors
    /// The database fails.
    pub async fn advance_job_run(
        &self,
        run_id: i64,
        runner: Uuid,
    ) -> Result<Advanced, CatalogError> {
        let (keeper, now) = (self.shared.keeper.clone(), self.shared.clock.now());
        let done = self
            .shared
            .store
            .write(move |session| {
                Box::pin(async move { advance(session, &keeper, run_id, runner, now).await })
            })
            .await;
        match done {
            // What cannot begin has failed; that nothing of it happened is the store's promise.
            Err(error) if error.blame() != Blame::Server && error.blame() != Blame::Unreachable => {
                let message = format!("{} ({})", explained(&error), error.code());
                let number = error.number().unwrap_or_default();
                self.shared
                    .store
                    .write(move |session| {
                        Box::pin(async move {
                            could_not_begin(session, run_id, message, number, now).await
                        })
                    })
                    .await
            }
            other => other,
        }
    }

    /// Says that the scripts of this master still run.
    ///
    /// # Errors
    /// The database fails.
    pub async fn renew_job_scripts(&self, runner: Uuid) -> Result<(), CatalogError> {
        let until = self.shared.clock.now() + SCRIPT_LEASE;
        self.shared
            .store
            .write(move |session| {
                Box::pin(async move { Ok(run::renew(session, runner, until).await?) })
            })
            .await
    }

    /// Records how a script ended, unless its step is over already.
    ///
    /// # Errors
    /// The database fails.
    pub async fn finish_job_script(
        &self,
        script: &ScriptStep,
        ended: Result<String, (String, Option<i64>)>,
    ) -> Result<(), CatalogError> {
        let (run_id, steps_done, now) = (script.run_id, script.steps_done, self.shared.clock.now());
        self.shared
            .store
            .write(move |session| {
                Box::pin(async move {
                    let Some(run) = run::find(session, run_id).await? else {
                        return Ok(());
                    };
                    let same = run.steps_done == steps_done && run.operation_id.is_none();
                    if !same || !matches!(run.state, RunState::Running { .. }) {
                        return Ok(());
                    }
                    let (outcome, message, number) = match ended {
                        Ok(message) => (Outcome::Succeeded, message, 0),
                        Err((message, number)) => {
                            (Outcome::Failed, message, number.unwrap_or(50_000))
                        }
                    };
                    let end = StepEnd {
                        outcome,
                        message,
                        number,
                        server: "(local)".to_owned(),
                    };
                    finish_step(session, &run, end, now).await
                })
            })
            .await
    }
}

async fn advance(
    session: &mut Session,
    keeper: &Keeper,
    run_id: i64,
    runner: Uuid,
    now: Timestamp,
) -> Result<Advanced, CatalogError> {
    let Some(run) = run::find(session, run_id).await? else {
        return Ok(Advanced::Moved);
    };
    let Some(job) = job::find(session, run.job_id).await? else {
        return Ok(Advanced::Moved);
    };
    let stopped = run.stop_requested_by.is_some();
    match run.state {
        RunState::Ended(_) => Ok(Advanced::Moved),
        RunState::Queued | RunState::Ready { .. } | RunState::Waiting { .. } if stopped => {
            end_run(session, &run, &job, Outcome::Canceled, None, now).await?;
            Ok(Advanced::Moved)
        }
        RunState::Queued => {
            let step = u32::try_from(run.step_id).unwrap_or(1);
            run::move_state(session, &run, RunState::Ready { step, retry: 0 }, None, now).await?;
            Ok(Advanced::Moved)
        }
        RunState::Waiting { step, retry, .. } => {
            run::move_state(session, &run, RunState::Ready { step, retry }, None, now).await?;
            Ok(Advanced::Moved)
        }
        RunState::Ready { step, retry } => {
            ready(session, keeper, (&run, &job), (step, retry), runner, now).await
        }
        RunState::Running { .. } => running(session, &run, stopped, now).await,
    }
}

async fn ready(
    session: &mut Session,
    keeper: &Keeper,
    (run, job): (&RunRow, &JobRow),
    (step_id, retry): (u32, u32),
    runner: Uuid,
    now: Timestamp,
) -> Result<Advanced, CatalogError> {
    let steps = step::all(session, job.job_id).await?;
    let Some(step) = steps.iter().find(|step| step.step_id == i64::from(step_id)) else {
        let text = format!("Step {step_id} was deleted.");
        end_run(session, run, job, Outcome::Failed, Some(text), now).await?;
        return Ok(Advanced::Moved);
    };
    let held = begin(session, keeper, (job, step), runner, now).await?;
    let to = RunState::Running {
        step: step_id,
        retry,
    };
    if !run::move_state(session, run, to, Some(held), now).await? {
        // Another master was faster: what was begun here goes back with the transaction.
        return Err(CatalogError::AlreadyStarted {
            id: run.run_id,
            state: ExecutionState::Created,
        });
    }
    match held {
        Held::Operation(_) => Ok(Advanced::Moved),
        Held::Master(..) => {
            let owner = owner::caller(session, &job.owner_name).await?;
            Ok(Advanced::Script(script(run, step, owner)))
        }
    }
}

fn script(run: &RunRow, step: &StepRow, owner: Caller) -> ScriptStep {
    ScriptStep {
        run_id: run.run_id,
        steps_done: run.steps_done,
        owner,
        script: step.command.clone().unwrap_or_default(),
        output_file: step.output_file_name.clone(),
        append: step.flags & 2 != 0,
    }
}

/// A step that could not begin has failed.
async fn could_not_begin(
    session: &mut Session,
    run_id: i64,
    message: String,
    number: i64,
    now: Timestamp,
) -> Result<Advanced, CatalogError> {
    let Some(run) = run::find(session, run_id).await? else {
        return Ok(Advanced::Moved);
    };
    if matches!(run.state, RunState::Ready { .. }) {
        let end = StepEnd {
            outcome: Outcome::Failed,
            message,
            number,
            server: "(local)".to_owned(),
        };
        finish_step(session, &run, end, now).await?;
    }
    Ok(Advanced::Moved)
}

async fn running(
    session: &mut Session,
    run: &RunRow,
    stopped: bool,
    now: Timestamp,
) -> Result<Advanced, CatalogError> {
    let end = |outcome, message: String, server: String| StepEnd {
        outcome,
        message,
        number: 0,
        server,
    };
    let local = || "(local)".to_owned();
    let Some(id) = run.operation_id else {
        let (outcome, text) = if stopped {
            (Outcome::Canceled, "The step was stopped.")
        } else if run.due.is_some_and(|due| due <= now) {
            (
                Outcome::Failed,
                "The master that ran the step went away before it ended.",
            )
        } else {
            return Ok(Advanced::Moved);
        };
        finish_step(session, run, end(outcome, text.to_owned(), local()), now).await?;
        return Ok(Advanced::Moved);
    };
    let Some(execution) = executions::find(session, id).await? else {
        let text = format!("The operation {id} of the step was removed before it was seen to end.");
        finish_step(session, run, end(Outcome::Failed, text, local()), now).await?;
        return Ok(Advanced::Moved);
    };
    let status = execution.state.status();
    if !status.is_terminal() {
        if !stopped || status == OperationStatus::Stopping {
            return Ok(Advanced::Moved);
        }
        let by = run.stop_requested_by.clone().unwrap_or_default();
        let rights = Rights::of(&Caller::new(by, Role::SysAdmin), &STOP_OPERATION);
        stop_operation::stop(session, &rights, id, now).await?;
        return Ok(Advanced::Stopping);
    }
    let outcome = match status {
        OperationStatus::Succeeded | OperationStatus::Completed => Outcome::Succeeded,
        OperationStatus::Canceled if stopped => Outcome::Canceled,
        _ => Outcome::Failed,
    };
    let message = message_of(session, id, execution.project_id == 0, status).await?;
    let server = server_of(session, id).await?.unwrap_or_else(local);
    finish_step(session, run, end(outcome, message, server), now).await?;
    Ok(Advanced::Moved)
}

/// What the history says of an operation: for a command its output, for a package its errors.
async fn message_of(
    session: &mut Session,
    id: i64,
    is_command: bool,
    status: OperationStatus,
) -> Result<String, CatalogError> {
    let lines = operations::last_messages(session, id, !is_command).await?;
    let text = lines.join("\n");
    if is_command {
        return Ok(if text.is_empty() {
            format!("The command wrote nothing; it {}.", status.as_str())
        } else {
            text
        });
    }
    let start = format!("Execution {id} {}.", status.as_str());
    if status == OperationStatus::Succeeded {
        return Ok(start);
    }
    let more = format!("`soctl executions messages {id}` shows everything.");
    Ok(match text.as_str() {
        "" => format!("{start} {more}"),
        text => format!("{start} {text}\n{more}"),
    })
}

async fn server_of(session: &mut Session, id: i64) -> Result<Option<String>, CatalogError> {
    let Some(worker) = operations::last_worker(session, id).await? else {
        return Ok(None);
    };
    let all = workers::all(session).await?;
    let found = all.into_iter().find(|one| one.worker == worker);
    Ok(found.map(|one| one.display_name))
}
