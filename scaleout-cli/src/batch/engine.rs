//! Runs a batch: starts what the plan says, waits, asks the plan again.

use std::time::Duration;

use scaleout_core::batch::{ItemState, Plan, Step};
use scaleout_core::client::{Client, Execution};
use scaleout_core::error::Blame;
use scaleout_core::model::OperationStatus;

use super::check::Member;
use crate::commands::executions::follow::{Watched, pause};
use crate::error::{CliError, CommandError};
use crate::execution_diagnostics::DiagnosticArgs;
use crate::output::Talk;

/// How often a person sees something new.
const EVERY: Duration = Duration::from_millis(200);
/// How often in a row a master that cannot be reached is asked again, a second apart.
const TRIES: u32 = 300;
/// Between two of these tries.
const BETWEEN_TRIES: Duration = Duration::from_secs(1);

/// A batch that runs.
pub struct Batch<'b> {
    /// What may start when.
    pub plan: Plan,
    /// Its packages, in the order of the plan.
    pub members: Vec<Member>,
    /// The master.
    pub client: &'b Client,
    /// Where it speaks.
    pub talk: &'b Talk,
    /// What each execution is prepared with before it starts.
    pub diagnostics: Option<&'b DiagnosticArgs>,
}

/// How one item ended.
pub struct Ended {
    /// Its name.
    pub name: String,
    /// Its package.
    pub package: String,
    /// How.
    pub state: ItemState,
    /// Its execution, if there was one.
    pub execution: Option<Execution>,
    /// Why it was not started.
    pub why: Option<String>,
}

/// What the engine knows of its items.
struct Progress {
    states: Vec<ItemState>,
    ids: Vec<Option<i64>>,
    executions: Vec<Option<Execution>>,
    why: Vec<Option<String>>,
}

impl Batch<'_> {
    /// Runs it to its end. `earlier` has the executions of a run that broke off; `created` is told
    /// of each new execution before it is started, and keeps it.
    ///
    /// # Errors
    /// The master cannot be reached for long, or `created` fails. What is refused for one package
    /// fails that package alone.
    pub async fn run(
        &self,
        earlier: &[Option<i64>],
        created: &mut (dyn FnMut(&str, i64) -> Result<(), CommandError> + Send),
        watched: &mut Watched,
    ) -> Result<Vec<Ended>, CliError> {
        let mut progress = self.resumed(earlier, watched).await?;
        let bar = self.talk.spinner("batch");
        loop {
            for step in self.plan.next(&progress.states) {
                match step {
                    Step::Start(item) => {
                        self.start(item, &mut progress, created, watched).await?;
                    }
                    Step::Skip { item, because } => {
                        let because = &self.members[because].name;
                        let why = format!("`{because}` did not succeed");
                        self.talk
                            .say(&format!("{}: skipped, as {why}", self.members[item].name));
                        progress.states[item] = ItemState::Skipped;
                        progress.why[item] = Some(why);
                    }
                }
            }
            if let Some(bar) = &bar {
                bar.set_message(counted(&progress.states));
            }
            if Plan::is_over(&progress.states) {
                break;
            }
            self.look(&mut progress, watched).await?;
            pause(EVERY).await;
        }
        if let Some(bar) = bar {
            bar.finish_and_clear();
        }
        Ok(self.ended(progress))
    }

    /// The states that an earlier run has left. What it created and did not start is canceled, so
    /// that nobody starts it later; what failed or was skipped is to run again.
    async fn resumed(
        &self,
        earlier: &[Option<i64>],
        watched: &mut Watched,
    ) -> Result<Progress, CliError> {
        let count = self.members.len();
        let mut progress = Progress {
            states: vec![ItemState::Waiting; count],
            ids: vec![None; count],
            executions: vec![None; count],
            why: vec![None; count],
        };
        for (item, id) in earlier.iter().enumerate() {
            let Some(id) = *id else { continue };
            let execution = self.execution_of(item, id).await?;
            let left = left_of(execution.status);
            if left == Left::Unstarted {
                // Refused only when it was started after all; then it runs.
                if self.client.stop(id).await.is_ok() {
                    continue;
                }
            }
            match left {
                Left::Done => {
                    progress.states[item] = ItemState::Succeeded;
                    progress.executions[item] = Some(execution);
                }
                Left::Runs | Left::Unstarted => {
                    progress.states[item] = ItemState::Running;
                    watched.add(id);
                }
                Left::Again => continue,
            }
            progress.ids[item] = Some(id);
        }
        Ok(progress)
    }

    /// An execution of an earlier run, which must be one of this item.
    async fn execution_of(&self, item: usize, id: i64) -> Result<Execution, CliError> {
        let member = &self.members[item];
        let execution = self.client.execution(id).await?;
        let (is, wanted) = (
            (&execution.project, &execution.package),
            (&member.new.project, &member.new.package),
        );
        if is == wanted {
            return Ok(execution);
        }
        Err(CommandError::Argument {
            message: format!(
                "the state of the batch says that execution {id} is of `{}`, and on this master it is of `{}/{}`",
                member.name, execution.project, execution.package
            ),
            hint: "resume on the master where the batch was run, or begin anew with `soctl batch run`"
                .to_owned(),
        }
        .into())
    }

    async fn start(
        &self,
        item: usize,
        progress: &mut Progress,
        created: &mut (dyn FnMut(&str, i64) -> Result<(), CommandError> + Send),
        watched: &mut Watched,
    ) -> Result<(), CliError> {
        let member = &self.members[item];
        let created_id = self
            .patient(|| self.client.create_execution(&member.new))
            .await;
        let id = match created_id {
            Ok(id) => id,
            Err(error) => return self.refused(item, progress, error),
        };
        if let Some(diagnostics) = self.diagnostics
            && let Err(error) = diagnostics.prepare(self.client, id).await
        {
            return self.refused(item, progress, error);
        }
        created(&member.name, id)?;
        watched.add(id);
        progress.ids[item] = Some(id);
        progress.states[item] = ItemState::Running;
        let started = self
            .patient(|| self.client.start_execution(id, member.retry_count))
            .await;
        let Err(error) = started else { return Ok(()) };
        // The answer of an earlier try may have been lost: then it runs.
        let execution = self.patient(|| self.client.execution(id)).await?;
        if execution.status == OperationStatus::Created {
            watched.forget(id);
            // What was refused is the news; a failure to cancel it as well is not told.
            let _canceled = self.client.stop(id).await;
            return self.refused(item, progress, error);
        }
        Ok(())
    }

    /// A package that the master does not start fails; the others go on.
    fn refused(
        &self,
        item: usize,
        progress: &mut Progress,
        error: CliError,
    ) -> Result<(), CliError> {
        if is_unreachable(&error) {
            return Err(error);
        }
        let why = format!("{}: {}", error.body.code, error.body.message);
        self.talk.say(&format!(
            "{}: not started: {why} ({})",
            self.members[item].name,
            error.body.hint.as_deref().unwrap_or_default()
        ));
        progress.states[item] = ItemState::Failed;
        progress.why[item] = Some(why);
        Ok(())
    }

    async fn look(&self, progress: &mut Progress, watched: &mut Watched) -> Result<(), CliError> {
        let mut tries = 0;
        let seen = loop {
            match watched.look(self.client, self.talk).await {
                Ok(seen) => break seen,
                Err(error) => tries = self.another(tries, error).await?,
            }
        };
        for execution in seen {
            let id = Some(execution.execution_id);
            let Some(item) = progress.ids.iter().position(|known| *known == id) else {
                continue;
            };
            progress.states[item] = state_of(execution.status);
            progress.executions[item] = Some(execution);
        }
        Ok(())
    }

    /// Asks a master that cannot be reached again for some minutes: it may be restarted in the
    /// night, and the batch goes on then.
    async fn patient<T, E, F>(&self, ask: impl Fn() -> F) -> Result<T, CliError>
    where
        F: Future<Output = Result<T, E>>,
        CliError: From<E>,
    {
        let mut tries = 0;
        loop {
            match ask().await {
                Ok(answer) => return Ok(answer),
                Err(error) => tries = self.another(tries, error.into()).await?,
            }
        }
    }

    async fn another(&self, tries: u32, error: CliError) -> Result<u32, CliError> {
        if !is_unreachable(&error) || TRIES <= tries {
            return Err(error);
        }
        if tries == 0 {
            self.talk
                .say(&format!("{}; trying again", error.body.message));
        }
        pause(BETWEEN_TRIES).await;
        Ok(tries + 1)
    }

    fn ended(&self, progress: Progress) -> Vec<Ended> {
        let parts = progress.states.into_iter();
        let parts = parts.zip(progress.executions).zip(progress.why);
        let members = self.members.iter().zip(parts);
        members
            .map(|(member, ((state, execution), why))| Ended {
                name: member.name.clone(),
                package: member.new.package.clone(),
                state,
                execution,
                why,
            })
            .collect()
    }
}

fn is_unreachable(error: &CliError) -> bool {
    error.body.blame == Blame::Unreachable
}

/// What an earlier run has left of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Left {
    /// It has succeeded.
    Done,
    /// It still runs.
    Runs,
    /// Its execution was created and not started.
    Unstarted,
    /// It failed or was stopped.
    Again,
}

fn left_of(status: OperationStatus) -> Left {
    match status {
        OperationStatus::Succeeded | OperationStatus::Completed => Left::Done,
        OperationStatus::Created => Left::Unstarted,
        OperationStatus::Pending | OperationStatus::Running | OperationStatus::Stopping => {
            Left::Runs
        }
        OperationStatus::Failed
        | OperationStatus::Canceled
        | OperationStatus::EndedUnexpectedly => Left::Again,
    }
}

fn state_of(status: OperationStatus) -> ItemState {
    match left_of(status) {
        Left::Done => ItemState::Succeeded,
        Left::Runs | Left::Unstarted => ItemState::Running,
        Left::Again => ItemState::Failed,
    }
}

/// `batch: 3 of 8 ended, 2 run, 3 wait`
fn counted(states: &[ItemState]) -> String {
    let count = |wanted: ItemState| states.iter().filter(|state| **state == wanted).count();
    let (running, waiting) = (count(ItemState::Running), count(ItemState::Waiting));
    format!(
        "batch: {} of {} ended, {running} run, {waiting} wait",
        states.len() - running - waiting,
        states.len()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resumed_batch_runs_again_what_failed_and_nothing_that_succeeded_or_runs() {
        for status in OperationStatus::ALL {
            let expected = match status.as_str() {
                "succeeded" | "completed" => Left::Done,
                "created" => Left::Unstarted,
                "failed" | "canceled" | "ended unexpectedly" => Left::Again,
                _ => Left::Runs,
            };
            assert_eq!(left_of(status), expected, "{}", status.as_str());
        }
    }

    #[test]
    fn the_progress_counts_what_ended_runs_and_waits() {
        use ItemState::{Failed, Running, Skipped, Succeeded, Waiting};
        assert_eq!(
            counted(&[Failed, Running, Skipped, Succeeded, Waiting]),
            "batch: 3 of 5 ended, 1 run, 1 wait"
        );
    }
}
