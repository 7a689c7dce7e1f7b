//! Times of schedules that have come.

use jiff::Timestamp;
use scaleout_core::error::{Explain as _, explained};

use super::enter::{Entered, Request, enter};
use crate::catalog::Catalog;
use crate::error::{CatalogError, JobError};
use crate::store::Session;
use crate::store::jobs::history::{self, NewEntry};
use crate::store::jobs::job::{self, JobRow};
use crate::store::jobs::run;
use crate::store::jobs::run::Source;
use crate::store::jobs::schedule::{self, Due};

/// Most times of one look.
const MOST: u32 = 1000;
/// `freq_type` of schedules that the start of a master fires.
const ON_START: i64 = 64;
/// `freq_type` of schedules that idle workers fire.
const WHEN_IDLE: i64 = 128;

impl Catalog {
    /// Times of schedules that have come, earliest first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn jobs_due(&self) -> Result<Vec<Due>, CatalogError> {
        let mut session = self.shared.store.reader_of_few().await?;
        Ok(schedule::due(&mut session, self.shared.clock.now(), MOST).await?)
    }

    /// Fires one of them, unless another master has; the number of the run, if there is one.
    ///
    /// # Errors
    /// The database fails.
    pub async fn fire_job(&self, due: Due) -> Result<Option<i64>, CatalogError> {
        let now = self.shared.clock.now();
        self.shared
            .store
            .write(move |session| Box::pin(async move { fire(session, due, now).await }))
            .await
    }

    /// Fires what waits for the start of a master.
    ///
    /// # Errors
    /// The database fails.
    pub async fn fire_jobs_on_start(&self, started: Timestamp) -> Result<(), CatalogError> {
        self.fire_jobs_of(ON_START, Source::MasterStart, started)
            .await
    }

    /// Fires what waits for idle workers, once for each time that they have become idle: of several
    /// masters, which see that at different moments, only the first does.
    ///
    /// # Errors
    /// The database fails.
    pub async fn fire_jobs_when_idle(&self, since: Timestamp) -> Result<(), CatalogError> {
        self.fire_jobs_of(WHEN_IDLE, Source::Idle, since).await
    }

    /// Whether a schedule waits for idle workers.
    ///
    /// # Errors
    /// The database fails.
    pub async fn jobs_wait_for_idle(&self) -> Result<bool, CatalogError> {
        let mut session = self.shared.store.reader_of_few().await?;
        let waiting = schedule::of_type(&mut session, WHEN_IDLE).await?;
        Ok(!waiting.is_empty())
    }

    async fn fire_jobs_of(
        &self,
        freq_type: i64,
        source: Source,
        moment: Timestamp,
    ) -> Result<(), CatalogError> {
        let now = self.shared.clock.now();
        let mut session = self.shared.store.reader_of_few().await?;
        let waiting = schedule::of_type(&mut session, freq_type).await?;
        drop(session);
        for (job_id, schedule_id) in waiting {
            let due = Due {
                job_id,
                schedule_id,
                at: moment,
            };
            self.shared
                .store
                .write(move |session| {
                    Box::pin(async move { start(session, due, source, now).await.map(drop) })
                })
                .await?;
        }
        Ok(())
    }

    /// When jobs have something to do next that only time brings.
    ///
    /// # Errors
    /// The database fails.
    pub async fn next_job_time(&self) -> Result<Option<Timestamp>, CatalogError> {
        let mut session = self.shared.store.reader_of_few().await?;
        let times = [
            schedule::next(&mut session).await?,
            run::next_due(&mut session).await?,
        ];
        Ok(times.into_iter().flatten().min())
    }
}

async fn fire(
    session: &mut Session,
    due: Due,
    now: Timestamp,
) -> Result<Option<i64>, CatalogError> {
    let found = schedule::find(session, due.schedule_id).await?;
    let Some((row, job)) = found.zip(job::find(session, due.job_id).await?) else {
        return Ok(None);
    };
    let read = match row.read() {
        Ok(read) => read,
        // It was checked; only a time zone can have gone since.
        Err(fault) => return Err(JobError::from(fault).into()),
    };
    // Whatever passed since then is fired by this one.
    if !schedule::take(session, due, &read, read.next_after(now)).await? {
        return Ok(None);
    }
    if !job.missed.runs(due.at, now) {
        let text = format!(
            "The job was not run: its time {} passed while no master ran, and it leaves such times out.",
            due.at
        );
        note(session, &job, text, now).await?;
        return Ok(None);
    }
    start(session, due, Source::Schedule, now).await
}

/// Starts a job for a schedule; that it cannot run is written into its history.
async fn start(
    session: &mut Session,
    due: Due,
    source: Source,
    now: Timestamp,
) -> Result<Option<i64>, CatalogError> {
    let found = schedule::find(session, due.schedule_id).await?;
    let Some((row, job)) = found.zip(job::find(session, due.job_id).await?) else {
        return Ok(None);
    };
    if source == Source::Idle && run::fired_since(session, due).await? {
        return Ok(None);
    }
    let request = Request {
        source,
        source_name: row.name.clone(),
        fired: Some((due.schedule_id, due.at)),
        step_id: None,
        now,
    };
    match enter(session, &job, request).await {
        Ok(Entered::Run(id)) => Ok(Some(id)),
        Ok(Entered::FiredBefore) => Ok(None),
        Ok(Entered::Refused) => {
            let text = format!(
                "The job was not run at {}: it runs already. Its overlap policy is {}.",
                due.at,
                job.overlap.as_str()
            );
            note(session, &job, text, now).await?;
            Ok(None)
        }
        Err(error @ CatalogError::Job(_)) => {
            let text = format!(
                "The job was not run: {} ({})",
                explained(&error),
                error.code()
            );
            note(session, &job, text, now).await?;
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// An entry of the history for a run that there was not.
async fn note(
    session: &mut Session,
    job: &JobRow,
    message: String,
    now: Timestamp,
) -> Result<(), CatalogError> {
    let entry = NewEntry {
        run_id: 0,
        job_id: job.job_id,
        job_name: job.name.clone(),
        step_id: 0,
        step_name: None,
        sql_message_id: 0,
        message,
        status: 3,
        began: now,
        ended: now,
        emailed: None,
        paged: None,
        retries: 0,
        server: "(local)".to_owned(),
        operation_id: None,
    };
    history::insert(session, &entry).await?;
    Ok(())
}
