//! The jobs' loop: fires schedules, moves runs on, runs scripts, and tells who is to be told.
//!
//! What is to be done is decided in `scaleout_core::jobs` and stored by the catalog; here is only
//! the waiting.

mod idle;
mod notify;
mod script;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use jiff::SignedDuration;
use scaleout_catalog::CatalogError;
use scaleout_catalog::jobs::Advanced;
use scaleout_core::model::{IdSource as _, RandomIds};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use self::idle::IdleWatch;
use super::state::Shared;

pub(super) use notify::send_notifications;

/// Longest rest between two looks.
const LONGEST: Duration = Duration::from_secs(60);
/// Shortest rest, so that many endings cause one look.
const SHORTEST: Duration = Duration::from_millis(25);
/// Shortest time between a look that found no run to move on and the next one: where executions end all
/// the time, hardly any is the step of a job.
const IN_VAIN: Duration = Duration::from_millis(100);
/// How long the loop rests after the catalog failed.
const AFTER_FAILURE: Duration = Duration::from_secs(1);
/// How often a master says that its scripts still run, and looks at idle workers.
const BEAT: Duration = Duration::from_secs(20);
/// Scripts that call procedures at the same time; others wait, so that many jobs of one second leave
/// the catalog to everybody else.
const SCRIPTS: usize = 16;
/// Looks in a row before the loop rests, so that steps that end at once cannot keep it for ever.
const ROUNDS: usize = 1000;

/// Looks after jobs until the master stops.
pub(super) async fn look_after_jobs(shared: Shared, data_dir: PathBuf) {
    let runner = RandomIds.next_id();
    let mut keeper = Keeper {
        runner,
        data_dir,
        scripts: JoinSet::new(),
        turns: Arc::new(Semaphore::new(SCRIPTS)),
        idle: IdleWatch::default(),
        started: false,
    };
    let mut bell = shared.catalog().endings();
    loop {
        bell.mark_unchanged();
        let begun = Instant::now();
        let Looked { rest, moved } = match keeper.look(&shared).await {
            Ok(looked) => looked,
            Err(error) => {
                tracing::error!("failed to look after jobs: {error}");
                Looked {
                    rest: AFTER_FAILURE,
                    moved: false,
                }
            }
        };
        tokio::select! {
            () = sleep(rest) => {}
            changed = bell.changed() => {
                if changed.is_err() {
                    return;
                }
                let pause = if moved { SHORTEST } else { IN_VAIN };
                sleep(pause.saturating_sub(begun.elapsed()).max(SHORTEST)).await;
            }
            Some(_) = keeper.scripts.join_next(), if !keeper.scripts.is_empty() => {}
            () = shared.closed() => return,
        }
    }
}

/// What came of a look.
struct Looked {
    /// How long there is nothing to do.
    rest: Duration,
    /// Some run moved on, and its next step may end soon.
    moved: bool,
}

struct Keeper {
    runner: Uuid,
    data_dir: PathBuf,
    scripts: JoinSet<()>,
    turns: Arc<Semaphore>,
    idle: IdleWatch,
    started: bool,
}

impl Keeper {
    /// Does what is due.
    async fn look(&mut self, shared: &Shared) -> Result<Looked, CatalogError> {
        let catalog = shared.catalog();
        if !self.started {
            catalog.fire_jobs_on_start(shared.now()).await?;
            self.started = true;
        }
        let due = catalog.jobs_due().await?;
        let fired = join_all(due.iter().map(|due| catalog.fire_job(*due))).await;
        for (due, fired) in due.iter().zip(fired) {
            match fired {
                Ok(Some(run_id)) => tracing::info!(job_id = %due.job_id, run_id, "a job starts"),
                Ok(None) => {}
                Err(error) => tracing::error!(
                    job_id = %due.job_id,
                    schedule_id = due.schedule_id,
                    "failed to start a job by its schedule: {error}"
                ),
            }
        }
        let moved = self.advance(shared).await?;
        let waits_for_idle = self.look_for_idle(shared).await?;
        if !self.scripts.is_empty() {
            catalog.renew_job_scripts(self.runner).await?;
        }
        let next = catalog.next_job_time().await?;
        let rest = next.map_or(LONGEST, |next| {
            let until = next.duration_since(shared.now()) + SignedDuration::from_millis(1);
            Duration::try_from(until).unwrap_or(SHORTEST).max(SHORTEST)
        });
        let beats = waits_for_idle || !self.scripts.is_empty();
        Ok(Looked {
            rest: rest.min(if beats { BEAT } else { LONGEST }),
            moved,
        })
    }

    /// Moves runs on until nothing moves; says whether something did.
    async fn advance(&mut self, shared: &Shared) -> Result<bool, CatalogError> {
        let catalog = shared.catalog();
        let mut failed: BTreeSet<i64> = BTreeSet::new();
        let mut has_moved = false;
        for _ in 0..ROUNDS {
            let mut runs = catalog.job_runs_to_advance().await?;
            runs.retain(|run| !failed.contains(run));
            if runs.is_empty() {
                return Ok(has_moved);
            }
            has_moved = true;
            let moved = runs
                .iter()
                .map(|run| catalog.advance_job_run(*run, self.runner));
            let moved = join_all(moved).await;
            for (run_id, moved) in runs.iter().zip(moved) {
                match moved {
                    Ok(Advanced::Moved) => {}
                    Ok(Advanced::Stopping) => shared.dispatch().wake_busy_workers(),
                    Ok(Advanced::Script(step)) => {
                        let (shared, data_dir) = (shared.clone(), self.data_dir.clone());
                        let turns = Arc::clone(&self.turns);
                        self.scripts.spawn(async move {
                            // It is closed never; its place goes with the script.
                            let _turn = turns.acquire_owned().await;
                            script::run(&shared, &data_dir, step).await;
                        });
                    }
                    Err(error) => {
                        tracing::error!(run_id, "failed to move the run of a job on: {error}");
                        failed.insert(*run_id);
                    }
                }
            }
            shared.note_activity();
        }
        Ok(has_moved)
    }

    /// Fires what waits for idle workers; whether anything waits.
    async fn look_for_idle(&mut self, shared: &Shared) -> Result<bool, CatalogError> {
        if !shared.catalog().jobs_wait_for_idle().await? {
            self.idle = IdleWatch::default();
            return Ok(false);
        }
        let snapshot = shared.catalog().scheduling_snapshot().await?;
        if let Some(since) = self.idle.observe(&snapshot) {
            shared.catalog().fire_jobs_when_idle(since).await?;
        }
        Ok(true)
    }
}
