//! A new run of a job, whoever asks for it.

use jiff::Timestamp;
use scaleout_core::jobs::policy::Entry;
use scaleout_core::jobs::run::RunState;

use crate::error::{CatalogError, JobError};
use crate::store::Session;
use crate::store::jobs::job::JobRow;
use crate::store::jobs::run::{self, NewRun, Source};
use crate::store::jobs::step;

/// Who asks, and why.
#[derive(Clone, Debug)]
pub struct Request {
    /// Where it comes from.
    pub source: Source,
    /// A login, or the name of a schedule.
    pub source_name: String,
    /// The schedule and its time.
    pub fired: Option<(i64, Timestamp)>,
    /// The step to begin with; the job's first when absent.
    pub step_id: Option<i64>,
    /// When.
    pub now: Timestamp,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entered {
    /// A run.
    Run(i64),
    /// The job runs, and its policy lets nothing else run.
    Refused,
    /// This time of the schedule has fired already.
    FiredBefore,
}

/// Adds a run as the policy of the job says.
pub async fn enter(
    session: &mut Session,
    job: &JobRow,
    request: Request,
) -> Result<Entered, CatalogError> {
    let name = || job.name.clone();
    if job.server_name.is_none() {
        return Err(JobError::NoTarget { name: name() }.into());
    }
    let steps = step::all(session, job.job_id).await?;
    let first = request.step_id.unwrap_or(job.start_step_id);
    if !steps.iter().any(|step| step.step_id == first) {
        return Err(JobError::NoSteps { name: name() }.into());
    }
    let open = run::open_of_job(session, job.job_id).await?;
    let queued = open.iter().filter(|run| run.state == RunState::Queued);
    let queued = u32::try_from(queued.count()).unwrap_or(u32::MAX);
    let all = u32::try_from(open.len()).unwrap_or(u32::MAX);
    let entry = job.overlap.decide(all, queued);
    if entry == Entry::Refuse {
        return Ok(Entered::Refused);
    }
    let new = NewRun {
        job_id: job.job_id,
        source: request.source,
        source_name: request.source_name,
        fired: request.fired,
        queued: entry != Entry::Begin,
        step_id: first,
        now: request.now,
    };
    let Some(id) = run::insert(session, &new).await? else {
        return Ok(Entered::FiredBefore);
    };
    if entry == Entry::StopOthers {
        let by = "a later run of the job";
        run::request_stop(session, job.job_id, Some(id), by).await?;
    }
    session.wake_waiters();
    Ok(Entered::Run(id))
}
