//! Runs of jobs and their state, which only guarded updates move.

use jiff::Timestamp;
use scaleout_core::jobs::run::{Outcome, RunState};
use uuid::Uuid;

use super::super::{Row, Session, StoreError, args};
use super::schedule::Due;

/// Where a run comes from: `run_requested_source`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// 1
    Schedule,
    /// 3
    MasterStart,
    /// 4
    User,
    /// 6
    Idle,
}

impl Source {
    /// The number in the views.
    pub fn number(self) -> i64 {
        match self {
            Self::Schedule => 1,
            Self::MasterStart => 3,
            Self::User => 4,
            Self::Idle => 6,
        }
    }
}

/// A run to insert.
#[derive(Clone, Debug)]
pub struct NewRun {
    /// The job.
    pub job_id: Uuid,
    /// Where it comes from.
    pub source: Source,
    /// A login, or the name of a schedule.
    pub source_name: String,
    /// The schedule and its time, each of which fires once.
    pub fired: Option<(i64, Timestamp)>,
    /// It waits behind another run.
    pub queued: bool,
    /// The step that it begins with.
    pub step_id: i64,
    /// When it was asked for.
    pub now: Timestamp,
}

/// A run.
#[derive(Clone, Debug, PartialEq)]
pub struct RunRow {
    /// Number.
    pub run_id: i64,
    /// The job.
    pub job_id: Uuid,
    /// `run_requested_source`
    pub source: i64,
    /// A login, or the name of a schedule.
    pub source_name: String,
    /// Where it stands.
    pub state: RunState,
    /// The step that it is at.
    pub step_id: i64,
    /// Steps behind it.
    pub steps_done: u32,
    /// When it was asked for.
    pub requested: Timestamp,
    /// When it began.
    pub started: Option<Timestamp>,
    /// When its step began.
    pub step_started: Option<Timestamp>,
    /// What its step waits for.
    pub operation_id: Option<i64>,
    /// Until when the master that runs its step has it, or the retry comes.
    pub due: Option<Timestamp>,
    /// Who stops it.
    pub stop_requested_by: Option<String>,
}

fn run(row: &Row) -> Result<RunRow, StoreError> {
    let damaged = |column: &str| StoreError::Damaged {
        column: column.to_owned(),
    };
    let (step, retry) = (row.get("step_id")?, row.get("retry")?);
    let due: Option<Timestamp> = row.get("due")?;
    let state = match row.get::<String>("state")?.as_str() {
        "queued" => RunState::Queued,
        "ready" => RunState::Ready { step, retry },
        "running" => RunState::Running { step, retry },
        "waiting" => RunState::Waiting {
            step,
            retry,
            until: due.ok_or_else(|| damaged("due"))?,
        },
        "ended" => {
            let outcome = Outcome::from_number(row.get("outcome")?);
            RunState::Ended(outcome.ok_or_else(|| damaged("outcome"))?)
        }
        _ => return Err(damaged("state")),
    };
    Ok(RunRow {
        run_id: row.get("run_id")?,
        job_id: row.get("job_id")?,
        source: row.get("source")?,
        source_name: row.get("source_name")?,
        state,
        step_id: row.get("step_id")?,
        steps_done: row.get("steps_done")?,
        requested: row.get("requested_time")?,
        started: row.get("started_time")?,
        step_started: row.get("step_started")?,
        operation_id: row.get("operation_id")?,
        due,
        stop_requested_by: row.get("stop_requested_by")?,
    })
}

/// Inserts a run; `None` when that time of the schedule has fired already.
pub async fn insert(session: &mut Session, new: &NewRun) -> Result<Option<i64>, StoreError> {
    let row = session
        .row(
            "INSERT INTO job_run (job_id, source, source_name, schedule_id, scheduled_for,
                 requested_time, queued_time, state, step_id)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING RETURNING run_id",
            args![
                new.job_id,
                new.source.number(),
                &new.source_name,
                new.fired.map(|(schedule, _)| schedule),
                new.fired.map(|(_, at)| at),
                new.now,
                new.queued.then_some(new.now),
                if new.queued { "queued" } else { "ready" },
                new.step_id
            ],
        )
        .await?;
    row.map(|row| row.get("run_id")).transpose()
}

/// Whether a schedule has started a job at that moment or later.
pub async fn fired_since(session: &mut Session, due: Due) -> Result<bool, StoreError> {
    let row = session
        .row(
            "SELECT run_id FROM job_run
             WHERE job_id = $1 AND schedule_id = $2 AND requested_time >= $3 LIMIT 1",
            args![due.job_id, due.schedule_id, due.at],
        )
        .await?;
    Ok(row.is_some())
}

/// The run with that number.
pub async fn find(session: &mut Session, run_id: i64) -> Result<Option<RunRow>, StoreError> {
    let row = session
        .row("SELECT * FROM job_run WHERE run_id = $1", args![run_id])
        .await?;
    row.as_ref().map(run).transpose()
}

/// Runs of a job that have not ended, oldest first.
pub async fn open_of_job(session: &mut Session, job_id: Uuid) -> Result<Vec<RunRow>, StoreError> {
    let rows = session
        .rows(
            "SELECT * FROM job_run WHERE job_id = $1 AND state <> 'ended' ORDER BY run_id",
            args![job_id],
        )
        .await?;
    rows.iter().map(run).collect()
}

/// Runs for which there is something to do now, oldest first.
pub async fn actionable(
    session: &mut Session,
    now: Timestamp,
    most: u32,
) -> Result<Vec<i64>, StoreError> {
    let rows = session
        .rows(
            "SELECT r.run_id FROM job_run r
             LEFT JOIN operation o ON o.operation_id = r.operation_id
             WHERE r.state <> 'ended' AND (
                 r.state = 'ready'
                 OR (r.state = 'waiting' AND (r.due <= $1 OR r.stop_requested_by IS NOT NULL))
                 OR (r.state = 'running' AND r.operation_id IS NOT NULL
                     AND (o.operation_id IS NULL OR o.status IN (3, 4, 6, 7, 9)))
                 OR (r.state = 'running' AND r.operation_id IS NOT NULL
                     AND r.stop_requested_by IS NOT NULL AND o.status IN (1, 2, 5))
                 OR (r.state = 'running' AND r.operation_id IS NULL
                     AND (r.due <= $1 OR r.stop_requested_by IS NOT NULL))
                 OR (r.state = 'queued' AND (r.stop_requested_by IS NOT NULL OR NOT EXISTS (
                     SELECT 1 FROM job_run e WHERE e.job_id = r.job_id AND e.state <> 'ended'
                         AND e.run_id < r.run_id))))
             ORDER BY r.run_id LIMIT $2",
            args![now, most],
        )
        .await?;
    rows.iter().map(|row| row.get("run_id")).collect()
}

/// When a run has something to do that only time brings.
pub async fn next_due(session: &mut Session) -> Result<Option<Timestamp>, StoreError> {
    let row = session
        .row(
            "SELECT min(due) AS at FROM job_run
             WHERE state <> 'ended' AND operation_id IS NULL AND due IS NOT NULL",
            args![],
        )
        .await?;
    row.map_or(Ok(None), |row| row.get("at"))
}

/// What a step that begins waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// An operation that a worker runs.
    Operation(i64),
    /// A master, until then unless it says more.
    Master(Uuid, Timestamp),
}

/// A state in its columns.
struct Words {
    state: &'static str,
    at: Option<(u32, u32)>,
    until: Option<Timestamp>,
    outcome: Option<i64>,
}

fn words(state: RunState) -> Words {
    let plain = |state| Words {
        state,
        at: None,
        until: None,
        outcome: None,
    };
    match state {
        RunState::Queued => plain("queued"),
        RunState::Ready { step, retry } => Words {
            at: Some((step, retry)),
            ..plain("ready")
        },
        RunState::Running { step, retry } => Words {
            at: Some((step, retry)),
            ..plain("running")
        },
        RunState::Waiting { step, retry, until } => Words {
            at: Some((step, retry)),
            until: Some(until),
            ..plain("waiting")
        },
        RunState::Ended(outcome) => Words {
            outcome: Some(outcome.number()),
            ..plain("ended")
        },
    }
}

/// Moves a run from one state to the next; false when it is no longer in the first, and then
/// nothing was changed.
pub async fn move_state(
    session: &mut Session,
    from: &RunRow,
    to: RunState,
    held: Option<Held>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let (was, next) = (words(from.state), words(to));
    let at = next.at.or(was.at);
    // A run that waits behind another is at its first step.
    let step = at.map_or(from.step_id, |(step, _)| step.into());
    let retry = at.map_or(0, |(_, retry)| retry);
    let begins = matches!(to, RunState::Running { .. });
    let step_ends = matches!(from.state, RunState::Running { .. });
    let (operation, runner, due) = match held {
        Some(Held::Operation(id)) => (Some(id), None, None),
        Some(Held::Master(runner, until)) => (None, Some(runner), Some(until)),
        None => (None, None, next.until),
    };
    let changed = session
        .execute(
            "UPDATE job_run SET state = $4, step_id = $5, retry = $6, due = $7, operation_id = $8,
                 runner = $9, outcome = $10,
                 steps_done = steps_done + CASE WHEN $11 THEN 1 ELSE 0 END,
                 started_time = CASE WHEN $12 THEN coalesce(started_time, $13) ELSE started_time END,
                 step_started = CASE WHEN $12 THEN $13 ELSE step_started END,
                 ended_time = CASE WHEN $15 THEN $13 ELSE NULL END
             WHERE run_id = $1 AND state = $2 AND retry = $3 AND steps_done = $14",
            args![
                from.run_id,
                was.state,
                was.at.map_or(0, |(_, retry)| retry),
                next.state,
                step,
                retry,
                due,
                operation,
                runner,
                next.outcome,
                step_ends,
                begins,
                now,
                from.steps_done,
                next.outcome.is_some()
            ],
        )
        .await?;
    // Whoever looks after runs looks again.
    session.wake_waiters();
    Ok(changed == 1)
}

/// Asks the open runs of a job, or one of them, to stop; how many.
pub async fn request_stop(
    session: &mut Session,
    job_id: Uuid,
    before: Option<i64>,
    name: &str,
) -> Result<u64, StoreError> {
    let asked = session
        .execute(
            "UPDATE job_run SET stop_requested_by = $3
             WHERE job_id = $1 AND state <> 'ended' AND stop_requested_by IS NULL AND run_id < $2",
            args![job_id, before.unwrap_or(i64::MAX), name],
        )
        .await?;
    session.wake_waiters();
    Ok(asked)
}

/// Records how a run ended, in words, and its entry in the history.
pub async fn note_end(
    session: &mut Session,
    run_id: i64,
    message: &str,
    history_id: i64,
) -> Result<(), StoreError> {
    session
        .execute(
            "UPDATE job_run SET message = $2, history_id = $3 WHERE run_id = $1",
            args![run_id, message, history_id],
        )
        .await?;
    Ok(())
}

/// Says that a master still runs its steps.
pub async fn renew(
    session: &mut Session,
    runner: Uuid,
    until: Timestamp,
) -> Result<(), StoreError> {
    session
        .execute(
            "UPDATE job_run SET due = $2
             WHERE state = 'running' AND operation_id IS NULL AND runner = $1",
            args![runner, until],
        )
        .await?;
    Ok(())
}
