//! The end of a step and the end of a run: history, and who is told.

use jiff::{SignedDuration, Timestamp};
use scaleout_core::jobs::run::{Follow, MOST_STEPS, Outcome, RunState, StepPlan, after_step};

use super::notify::notify;
use crate::error::CatalogError;
use crate::store::jobs::history::{self, NewEntry, local_numbers};
use crate::store::jobs::job::{self, JobRow};
use crate::store::jobs::run::{self, RunRow};
use crate::store::jobs::step::{self, LastRun, StepRow};
use crate::store::{Session, StoreError};

/// How a step ended.
#[derive(Clone, Debug)]
pub struct StepEnd {
    /// How.
    pub outcome: Outcome,
    /// In words.
    pub message: String,
    /// The number of an error of T-SQL; 0 for none.
    pub number: i64,
    /// Where it ran.
    pub server: String,
}

fn plan(step: &StepRow) -> Result<StepPlan, StoreError> {
    let damaged = |column: &str| StoreError::Damaged {
        column: column.to_owned(),
    };
    Ok(StepPlan {
        step: u32::try_from(step.step_id).map_err(|_| damaged("step_id"))?,
        on_success: Follow::from_numbers(step.on_success_action, step.on_success_step_id)
            .ok_or_else(|| damaged("on_success_action"))?,
        on_failure: Follow::from_numbers(step.on_fail_action, step.on_fail_step_id)
            .ok_or_else(|| damaged("on_fail_action"))?,
        retries: u32::try_from(step.retry_attempts).map_err(|_| damaged("retry_attempts"))?,
        pause: SignedDuration::from_mins(step.retry_interval),
    })
}

/// Goes on after a step, if it is still the one that the run is at.
pub async fn finish_step(
    session: &mut Session,
    run: &RunRow,
    end: StepEnd,
    now: Timestamp,
) -> Result<(), CatalogError> {
    let (RunState::Running { step, retry } | RunState::Ready { step, retry }) = run.state else {
        return Ok(());
    };
    let Some(job) = job::find(session, run.job_id).await? else {
        return Ok(());
    };
    let rows = step::all(session, run.job_id).await?;
    let plans = rows.iter().map(plan).collect::<Result<Vec<_>, _>>()?;
    let mut turn = after_step(&plans, step, retry, end.outcome, now);
    let mut remark = turn
        .lost_way
        .map(|lost| format!("The run was to go to step {lost}, which there is not."));
    if MOST_STEPS <= run.steps_done && !matches!(turn.state, RunState::Ended(_)) {
        turn.state = RunState::Ended(Outcome::Failed);
        remark = Some(format!(
            "The run went through {MOST_STEPS} steps without an end."
        ));
    }
    let name = rows
        .iter()
        .find(|row| row.step_id == i64::from(step))
        .map(|row| row.step_name.clone());
    let began = match run.state {
        RunState::Running { .. } => run.step_started.unwrap_or(now),
        _ => now,
    };
    if let RunState::Ended(outcome) = turn.state {
        if !end_run_as(session, run, outcome, now).await? {
            return Ok(());
        }
    } else if !run::move_state(session, run, turn.state, None, now).await? {
        return Ok(());
    }
    let entry = NewEntry {
        run_id: run.run_id,
        job_id: job.job_id,
        job_name: job.name.clone(),
        step_id: step.into(),
        step_name: Some(name.unwrap_or_else(|| "(deleted)".to_owned())),
        sql_message_id: end.number,
        message: end.message.clone(),
        status: turn.step_status,
        began,
        ended: now,
        emailed: None,
        paged: None,
        retries: retry.into(),
        server: end.server,
        operation_id: run.operation_id,
    };
    history::insert(session, &entry).await?;
    let last = LastRun {
        status: turn.step_status,
        seconds: now.duration_since(began).as_secs(),
        retries: retry.into(),
        began: local_numbers(began),
    };
    step::note_run(session, job.job_id, step.into(), last).await?;
    if let RunState::Ended(outcome) = turn.state {
        let reason = remark.or((outcome != Outcome::Succeeded).then_some(end.message));
        tell_end(session, run, &job, outcome, reason, now).await?;
    }
    Ok(())
}

async fn end_run_as(
    session: &mut Session,
    run: &RunRow,
    outcome: Outcome,
    now: Timestamp,
) -> Result<bool, StoreError> {
    run::move_state(session, run, RunState::Ended(outcome), None, now).await
}

/// Ends a run that no step ends.
pub async fn end_run(
    session: &mut Session,
    run: &RunRow,
    job: &JobRow,
    outcome: Outcome,
    reason: Option<String>,
    now: Timestamp,
) -> Result<(), CatalogError> {
    if end_run_as(session, run, outcome, now).await? {
        tell_end(session, run, job, outcome, reason, now).await?;
    }
    Ok(())
}

/// The entry of the whole run, who is told, and the end of jobs that delete themselves.
async fn tell_end(
    session: &mut Session,
    run: &RunRow,
    job: &JobRow,
    outcome: Outcome,
    reason: Option<String>,
    now: Timestamp,
) -> Result<(), CatalogError> {
    let message = in_words(run, outcome, reason.as_deref());
    let told = notify(session, run, job, outcome, &message, now).await?;
    let began = run.started.unwrap_or(run.requested);
    let entry = NewEntry {
        run_id: run.run_id,
        job_id: job.job_id,
        job_name: job.name.clone(),
        step_id: 0,
        step_name: None,
        sql_message_id: 0,
        message: message.clone(),
        status: outcome.number(),
        began,
        ended: now,
        emailed: told.emailed,
        paged: told.paged,
        retries: 0,
        server: job
            .server_name
            .clone()
            .unwrap_or_else(|| "(local)".to_owned()),
        operation_id: None,
    };
    let history_id = history::insert(session, &entry).await?;
    run::note_end(session, run.run_id, &message, history_id).await?;
    job::note_run(session, job.job_id, local_numbers(began), outcome.number()).await?;
    let alone = run::open_of_job(session, job.job_id).await?.is_empty();
    if reached(job.levels.delete, outcome) && alone {
        // Its history goes with it, as in the original.
        job::delete(session, job.job_id, true).await?;
    }
    Ok(())
}

/// Whether a level is reached: 1 success, 2 failure, 3 always. A run that was stopped is a failure.
pub fn reached(level: i64, outcome: Outcome) -> bool {
    match level {
        1 => outcome == Outcome::Succeeded,
        2 => outcome != Outcome::Succeeded,
        3 => true,
        _ => false,
    }
}

fn in_words(run: &RunRow, outcome: Outcome, reason: Option<&str>) -> String {
    let how = match (outcome, &run.stop_requested_by) {
        (Outcome::Succeeded, _) => "The job succeeded.".to_owned(),
        (Outcome::Failed, _) => "The job failed.".to_owned(),
        (Outcome::Canceled, Some(by)) => format!("The job was stopped by {by}."),
        (Outcome::Canceled, None) => "The job was stopped.".to_owned(),
    };
    let who = match run.source {
        4 => format!("It was started by the user {}.", run.source_name),
        3 => "It was started because a master started.".to_owned(),
        6 => "It was started because the workers were idle.".to_owned(),
        _ => format!("It was started by the schedule {}.", run.source_name),
    };
    let last = format!("The last step to run was step {}.", run.step_id);
    let why = reason.map(|reason| format!(" {reason}"));
    format!("{how} {who} {last}{}", why.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_reached_as_the_documentation_says() {
        for (level, success, failure) in [
            (0, false, false),
            (1, true, false),
            (2, false, true),
            (3, true, true),
        ] {
            assert_eq!(reached(level, Outcome::Succeeded), success, "{level}");
            assert_eq!(reached(level, Outcome::Failed), failure, "{level}");
            assert_eq!(reached(level, Outcome::Canceled), failure, "{level}");
        }
    }
}
