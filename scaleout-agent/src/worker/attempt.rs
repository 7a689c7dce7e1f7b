//! One attempt: project, executor, events into the spool, outcome.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use scaleout_core::error::{Explain as _, explained, with_sources};
use scaleout_core::kill_points::{KillPoint, pass};
use scaleout_core::protocol::event::PackageResult;
use scaleout_core::protocol::executor::{FromExecutor, RunPackage, RuntimeSettings};
use scaleout_core::protocol::task::TaskDescription;
use scaleout_core::protocol::worker::{AttemptKey, AttemptOutcome, LeasedTask};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};
use uuid::Uuid;

use super::attempts::{Listener, Order};
use super::children::Children;
use super::command;
use super::error::WorkerError;
use super::executor::Executor;
use super::fence::{first_end, reliable};
use super::hand_back::hand_back;
use super::job_calls::JobCalls;
use super::machine::begun_in;
use super::shipper::ship;
use super::spool::Spool;
use super::state::Shared;
use super::task_log::TaskLog;

/// How long a package has to stop by itself before its executor is killed.
const STOP_GRACE: Duration = Duration::from_millis(1500);

/// Folder of the files of data taps, in the worker's data folder; the original's name.
const DATA_DUMPS: &str = "DataDumps";
/// Folder of dumps.
const ERROR_DUMPS: &str = "ErrorDumps";

/// How the run of a package ended here.
pub(super) enum Ended {
    /// To be reported.
    With(AttemptOutcome),
    /// No longer ours: nothing is reported.
    Lost,
    /// To be given back to the master.
    Back(GivenBack),
    /// This worker stops: what was said is kept.
    Left,
}

/// An attempt that is given back.
#[derive(Clone, Debug)]
pub(super) struct GivenBack {
    /// Why, as a clause.
    pub why: String,
    /// Whether its package had begun.
    pub begun: bool,
}

/// Runs a leased task in the background, until the master has recorded its end.
pub(super) fn run_leased(shared: &Arc<Shared>, leased: LeasedTask) {
    let LeasedTask { task, lease_until } = leased;
    let key = AttemptKey {
        execution_id: task.execution_id,
        attempt: task.attempt,
    };
    let lease = reliable(shared.settings().lease_internval.as_duration());
    let (now, clock) = (Instant::now(), shared.master_clock());
    let lease_end = first_end(now, lease, lease_until, clock);
    if lease_end < now + lease {
        // It was long on its way: make sure that it is still in force.
        shared.beat_now.notify_one();
    }
    let Some(listener) = shared.attempts.add(key, lease_end) else {
        tracing::error!(?key, "the master has leased an attempt twice");
        return;
    };
    let shared = Arc::clone(shared);
    tokio::spawn(async move {
        if let Err(error) = run_and_report(&shared, key, task, listener).await {
            let message = with_sources(&error);
            tracing::error!(code = error.code(), ?key, "an attempt is lost: {message}");
        }
        shared.attempts.remove(key);
    });
}

async fn run_and_report(
    shared: &Arc<Shared>,
    key: AttemptKey,
    task: TaskDescription,
    listener: Listener,
) -> Result<(), WorkerError> {
    let failed = |source| WorkerError::Data {
        path: shared.spools.path().to_owned(),
        source,
    };
    pass(KillPoint::WorkerLeased);
    let spool = Spool::create(&shared.spools, key).map_err(failed)?;
    pass(KillPoint::WorkerSpoolMade);
    let task_log = TaskLog::new(shared, key);
    task_log.audit(&format!(
        "worker {} has begun attempt {}",
        shared.id, key.attempt
    ));
    let spool = Arc::new(spool.told_to(task_log));
    let shipping = {
        let (shared, spool) = (Arc::clone(shared), Arc::clone(&spool));
        let orders = listener.orders.clone();
        tokio::spawn(async move { ship(&shared, key, &spool, orders).await })
    };
    let orders = listener.orders.clone();
    let begun = Instant::now();
    let ended = run(shared, key, task, &spool, listener).await;
    shared.attempts.nothing_runs(key);
    if let Ended::With(outcome) = &ended {
        shared.metrics.ended(outcome, begun.elapsed());
    }
    match ended {
        Ended::With(outcome) => {
            pass(KillPoint::WorkerEndHeard);
            spool.finish(outcome).map_err(failed)?;
            pass(KillPoint::WorkerEndSpooled);
            shared.attempts.set_ended(key);
            // An abort or a panic there leaves the spool for the next start of this worker.
            let _ = shipping.await;
        }
        Ended::Lost => {
            shipping.abort();
            let _ = shipping.await;
            // The shipper may have been first.
            let _ = spool.remove();
        }
        Ended::Back(given) => {
            shipping.abort();
            let _ = shipping.await;
            hand_back(shared, key, &spool, orders, given).await;
        }
        // The same order has ended the shipper, or will.
        Ended::Left => {
            let _ = shipping.await;
        }
    }
    Ok(())
}

async fn run(
    shared: &Arc<Shared>,
    key: AttemptKey,
    task: TaskDescription,
    spool: &Spool,
    mut listener: Listener,
) -> Ended {
    if let Some(command) = &task.command {
        return command::run(shared, key, command, spool, listener).await;
    }
    let prepared = tokio::select! {
        prepared = prepare(shared, task) => prepared,
        ended = ended_early(&mut listener.orders) => return ended,
    };
    let (mut executor, package) = match prepared {
        Ok(prepared) => prepared,
        Err(error) => return Ended::With(unexpected(&error)),
    };
    let began = begun_in(executor.pid());
    shared.attempts.set_began(key, began);
    if let Err(source) = spool.begin(began) {
        shared.pool.give_back(executor);
        return Ended::With(unexpected(&spool_failed(source)));
    }
    pass(KillPoint::WorkerBegan);
    let hear = |said| match said {
        FromExecutor::Counters(counters) => {
            shared.attempts.set_counters(key, counters);
            None
        }
        other => Some(other),
    };
    let mut asked = Asked {
        children: Children::new(shared, key),
        jobs: JobCalls::new(shared, key),
    };
    let talk = converse(
        &mut executor,
        package,
        spool,
        &mut listener,
        &mut asked,
        hear,
    );
    match talk.await {
        Ok(Heard::Finished(outcome)) => {
            match outcome {
                // What a stopped package has started is to stop too, wherever it hides.
                AttemptOutcome::Ran {
                    result: PackageResult::Canceled,
                } => executor.kill().await,
                _ => shared.pool.give_back(executor),
            }
            Ended::With(outcome)
        }
        Ok(Heard::Overruled(ended)) => {
            executor.kill().await;
            ended
        }
        Err(error) => {
            executor.kill().await;
            Ended::With(unexpected(&error))
        }
    }
}

async fn prepare(
    shared: &Shared,
    task: TaskDescription,
) -> Result<(Executor, RunPackage), WorkerError> {
    let project_file: PathBuf = shared.cache.file(&task.project_hash, &shared.link).await?;
    let executor = shared.pool.take().await?;
    let package = RunPackage {
        task,
        project_file,
        settings: RuntimeSettings {
            data_dumps_folder: Some(shared.folder.join(DATA_DUMPS)),
            error_dumps_folder: Some(shared.folder.join(ERROR_DUMPS)),
            ..shared.settings().runtime_settings()
        },
    };
    Ok((executor, package))
}

/// An order before the package has started: there is nothing to stop gently.
async fn ended_early(orders: &mut watch::Receiver<Order>) -> Ended {
    match orders.wait_for(|order| *order != Order::Run).await {
        Ok(order) => overruled(&order, false),
        Err(_) => Ended::Lost,
    }
}

/// How an attempt ends whose package was ended by force.
pub(super) fn overruled(order: &Order, begun: bool) -> Ended {
    match order {
        Order::Run | Order::Drop => Ended::Lost,
        Order::Leave => Ended::Left,
        Order::HandBack(why) => Ended::Back(GivenBack {
            why: why.clone(),
            begun,
        }),
        Order::Stop => Ended::With(AttemptOutcome::Ran {
            result: PackageResult::Canceled,
        }),
        Order::Abandon(reason) => Ended::With(AttemptOutcome::EndedUnexpectedly {
            reason: reason.clone(),
        }),
    }
}

/// What came of listening to an executor.
enum Heard {
    /// It said how the package ended, and is free again.
    Finished(AttemptOutcome),
    /// An order ended it; the process has to go.
    Overruled(Ended),
}

/// What the package has asked the master for.
struct Asked {
    children: Children,
    jobs: JobCalls,
}

async fn converse(
    executor: &mut Executor,
    package: RunPackage,
    spool: &Spool,
    listener: &mut Listener,
    asked: &mut Asked,
    hear: impl Fn(FromExecutor) -> Option<FromExecutor>,
) -> Result<Heard, WorkerError> {
    let Listener { orders, dumps } = listener;
    let Asked { children, jobs } = asked;
    executor.run(package).await?;
    let mut heard = 0;
    let mut kill_at: Option<Instant> = None;
    loop {
        let order = orders.borrow_and_update().clone();
        match &order {
            Order::Run => {}
            Order::Stop if kill_at.is_none() => {
                executor.stop().await?;
                kill_at = Some(Instant::now() + STOP_GRACE);
            }
            Order::Stop => {}
            Order::HandBack(_) | Order::Abandon(_) | Order::Drop | Order::Leave => {
                return Ok(Heard::Overruled(overruled(&order, true)));
            }
        }
        let patience = kill_at.unwrap_or_else(|| Instant::now() + Duration::from_secs(3600));
        tokio::select! {
            said = executor.next() => {
                match hear(said?) {
                    Some(FromExecutor::RunChild(call)) => children.run(*call),
                    Some(FromExecutor::CallJob(call)) => jobs.make(*call),
                    Some(said) => {
                        if let Some(outcome) = take_in(said, executor, spool, &mut heard)? {
                            return Ok(Heard::Finished(outcome));
                        }
                    }
                    None => {}
                }
            }
            answer = children.answered() => executor.child_ended(answer).await?,
            answer = jobs.answered() => executor.job_called(answer).await?,
            wanted = next_dump(dumps) => executor.dump(wanted).await?,
            _ = orders.changed() => {}
            () = sleep_until(patience), if kill_at.is_some() => {
                tracing::warn!(pid = executor.pid(), "the package did not stop by itself; it is killed");
                return Ok(Heard::Overruled(overruled(&Order::Stop, true)));
            }
        }
    }
}

/// Waits for the next dump that someone asks for.
async fn next_dump(dumps: &mut watch::Receiver<Option<Uuid>>) -> Uuid {
    loop {
        if dumps.changed().await.is_err() {
            // The attempt is dropped; its orders say so.
            std::future::pending::<()>().await;
        }
        if let Some(wanted) = *dumps.borrow_and_update() {
            return wanted;
        }
    }
}

/// Spools an event; gives the outcome when the package has ended. `heard` is the number of the last
/// event: the spool has numbers of its own.
fn take_in(
    said: FromExecutor,
    executor: &Executor,
    spool: &Spool,
    heard: &mut u64,
) -> Result<Option<AttemptOutcome>, WorkerError> {
    match said {
        FromExecutor::Event(event) => {
            let expected = *heard + 1;
            if event.sequence != expected {
                let got = event.sequence;
                return Err(executor.odd(format!("event {got} came where {expected} was due")));
            }
            *heard = expected;
            pass(KillPoint::WorkerEventHeard);
            spool.append(*event).map_err(spool_failed)?;
            pass(KillPoint::WorkerEventSpooled);
            Ok(None)
        }
        FromExecutor::Finished {
            error: None,
            result,
            usage,
        } => {
            if let Some(used) = usage {
                spool.used(used).map_err(spool_failed)?;
                tracing::info!(
                    pid = executor.pid(),
                    processor_ms = used.processor_ms,
                    peak_memory_kb = used.peak_memory_kb,
                    "the package has ended"
                );
            }
            Ok(Some(AttemptOutcome::Ran { result }))
        }
        FromExecutor::Finished {
            error: Some(body), ..
        } => {
            let hint = body
                .hint
                .map(|hint| format!("; {hint}"))
                .unwrap_or_default();
            Ok(Some(AttemptOutcome::EndedUnexpectedly {
                reason: format!("{}: {}{hint}", body.code, body.message),
            }))
        }
        _ => Err(executor.odd("it said something unexpected while a package ran".to_owned())),
    }
}

fn spool_failed(source: std::io::Error) -> WorkerError {
    WorkerError::Data {
        path: "spool".into(),
        source,
    }
}

pub(super) fn unexpected(error: &WorkerError) -> AttemptOutcome {
    AttemptOutcome::EndedUnexpectedly {
        reason: format!("{}: {}", error.code(), explained(error)),
    }
}
