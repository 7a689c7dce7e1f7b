//! From the spool to the master: batches in order, each until it is durable there, then the end.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use scaleout_core::client::ClientError;
use scaleout_core::error::{Blame, Explain as _, with_sources};
use scaleout_core::kill_points::{KillPoint, pass};
use scaleout_core::protocol::event::Event;
use scaleout_core::protocol::worker::{
    AttemptKey, AttemptOutcome, Complete, CompleteReply, LogBatch,
};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::attempts::Order;
use super::backoff::Backoff;
use super::buffers::Buffer;
use super::spool::{Progress, Spool};
use super::spool_reader::SpoolReader;
use super::state::{NOT_REGISTERED, Shared};

/// How long messages wait for others to go with them.
const GATHER: Duration = Duration::from_millis(20);
/// How long the end of an attempt is left to the system's cache while the master is told of it.
const SOON: Duration = Duration::from_millis(500);
/// About the most bytes of one batch.
const BATCH_BYTES: usize = 4 << 20;

/// So few messages take no place among the batches in memory.
const FEW: u64 = 100;

/// Why shipping ended without the master having everything.
enum GivenUp {
    /// The master does not want it: the attempt is not in force.
    Refused {
        /// The master's code.
        code: String,
        /// What it said.
        said: String,
    },
    /// `ExecutionLogRetryTimeout` is over.
    TooLong,
    /// The spool cannot be read or written.
    Unusable(std::io::Error),
}

/// How often a full disk is tried again while the package says nothing.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// How long to rest before sending again what the master says it does not have.
const AGAIN: Duration = Duration::from_millis(200);

/// Ships one attempt to its end and removes its spool, unless this worker stops before.
pub(super) async fn ship(
    shared: &Arc<Shared>,
    key: AttemptKey,
    spool: &Spool,
    mut orders: watch::Receiver<Order>,
) {
    let shipped = tokio::select! {
        shipped = ship_all(shared, key, spool) => shipped,
        dropped = dropped(&mut orders) => {
            if !dropped {
                return;
            }
            Ok(())
        }
    };
    if let Err(why) = shipped {
        tell(key, &why);
        shared.attempts.order(key, &Order::Drop);
    }
    // Gone already if the attempt was dropped.
    let _ = spool.remove();
    pass(KillPoint::WorkerSpoolFreed);
}

/// Waits for the order to drop the attempt (true) or to leave it for the next start (false).
pub(super) async fn dropped(orders: &mut watch::Receiver<Order>) -> bool {
    let ordered = orders.wait_for(|order| matches!(order, Order::Drop | Order::Leave));
    matches!(ordered.await.as_deref(), Ok(Order::Drop))
}

/// Ships what an attempt without an end has left behind; nothing is completed.
pub(super) async fn ship_remains(shared: &Arc<Shared>, key: AttemptKey, spool: &Spool) {
    let mut shipment = Shipment::new(shared, key, spool);
    shipment.needs_registration = false;
    if let Err(why) = shipment.ship_written(&mut spool.reader(), None).await {
        tell(key, &why);
    }
    // If it stays, the next start ships it again, which changes nothing.
    let _ = spool.remove();
}

fn tell(key: AttemptKey, why: &GivenUp) {
    let (execution_id, attempt) = (key.execution_id, key.attempt);
    match why {
        GivenUp::Refused { code, said } => tracing::warn!(
            execution_id,
            attempt,
            code,
            "the master refused the log of this attempt: {said}",
        ),
        GivenUp::TooLong => tracing::error!(
            execution_id,
            attempt,
            "the log was not accepted within ExecutionLogRetryTimeout and is dropped"
        ),
        GivenUp::Unusable(error) => {
            tracing::error!(execution_id, attempt, "the spool cannot be used: {error}");
        }
    }
}

async fn ship_all(shared: &Arc<Shared>, key: AttemptKey, spool: &Spool) -> Result<(), GivenUp> {
    let mut reader = spool.reader();
    let mut progress = spool.progress();
    let mut shipment = Shipment::new(shared, key, spool);
    loop {
        let mut state = progress.borrow_and_update().clone();
        let Some(outcome) = state.outcome.take() else {
            shipment
                .ship_written(&mut reader, Some(state.last_sequence))
                .await?;
            // The writer goes away only after an outcome, or with the whole attempt.
            if spool.is_short() {
                if matches!(timeout(LOOK_AGAIN, progress.changed()).await, Ok(Err(_))) {
                    return Ok(());
                }
                spool.retry().map_err(GivenUp::Unusable)?;
            } else if progress.changed().await.is_err() {
                return Ok(());
            }
            // What is said within a moment goes together; the end of a short package with it.
            let ended = progress.wait_for(|state| state.outcome.is_some());
            let _ = timeout(GATHER, ended).await;
            continue;
        };
        let (rest, place) = shipment
            .ship_but_rest(&mut reader, state.last_sequence)
            .await?;
        let reply = shipment.complete((state, outcome), rest).await?;
        drop(place);
        match reply {
            Err(rest) => {
                reader.rewind().map_err(GivenUp::Unusable)?;
                sleep(rest).await;
            }
            Ok(CompleteReply::Accepted) => return Ok(()),
            Ok(CompleteReply::Stale) => {
                let (execution_id, attempt) = (key.execution_id, key.attempt);
                tracing::warn!(
                    execution_id,
                    attempt,
                    "the result came too late: another attempt is in force"
                );
                return Ok(());
            }
            Ok(CompleteReply::LogIncomplete) => {
                shipment.durable = spool.floor();
                reader.rewind().map_err(GivenUp::Unusable)?;
                sleep(AGAIN).await;
            }
        }
    }
}

/// The state of shipping one attempt.
struct Shipment<'a> {
    shared: &'a Shared,
    key: AttemptKey,
    spool: &'a Spool,
    durable: u64,
    backoff: Backoff,
    failing_since: Option<Timestamp>,
    /// Waits for the registration where the master does not know this worker. Off for what is
    /// shipped before it.
    needs_registration: bool,
}

impl<'a> Shipment<'a> {
    fn new(shared: &'a Shared, key: AttemptKey, spool: &'a Spool) -> Self {
        Self {
            shared,
            key,
            spool,
            durable: 0,
            backoff: Backoff::new("ship a log"),
            failing_since: None,
            needs_registration: true,
        }
    }

    /// A place for the next batch, where that may be a large one: up to this message.
    async fn place(&self, through: Option<u64>) -> Option<Buffer<'a>> {
        let left = through.map_or(u64::MAX, |through| through.saturating_sub(self.durable));
        if left <= FEW {
            return None;
        }
        let settings = self.shared.settings_changed();
        Some(self.shared.buffers.take(settings).await)
    }

    /// Ships everything that is written now, which goes up to this message where that is known.
    async fn ship_written(
        &mut self,
        reader: &mut SpoolReader,
        through: Option<u64>,
    ) -> Result<(), GivenUp> {
        loop {
            let most = self.shared.settings().execution_log_max_buffer_log_count;
            let place = self.place(through).await;
            let events = reader
                .next_batch(self.durable, most, BATCH_BYTES)
                .map_err(GivenUp::Unusable)?;
            let Some(last) = events.last().map(|event| event.sequence) else {
                return Ok(());
            };
            let rest = self.log(events).await?;
            drop(place);
            if self.durable < last {
                // The master has less than was sent: go back to where it stands.
                reader.rewind().map_err(GivenUp::Unusable)?;
                sleep(rest.unwrap_or(AGAIN)).await;
            }
        }
    }

    /// Sends a batch. Gives a rest when it leaves memory, to be read and sent anew after that: it was
    /// retried `ExecutionLogRetryCount` times in vain, and others need its place.
    async fn log(&mut self, events: Vec<Event>) -> Result<Option<Duration>, GivenUp> {
        let batch = LogBatch {
            attempt: self.key,
            events,
        };
        let mut retries = 0;
        loop {
            match self.shared.link.log(&batch).await {
                Ok(reply) => {
                    pass(KillPoint::WorkerLogSent);
                    self.succeeded();
                    self.shared.metrics.shipped(batch.events.len());
                    self.durable = reply.durable_through;
                    self.spool.acknowledge(self.durable);
                    return Ok(None);
                }
                Err(error) if self.shared.settings().execution_log_retry_count <= retries => {
                    return Ok(Some(self.failed(&error)?));
                }
                Err(error) => sleep(self.failed(&error)?).await,
            }
            self.spool.retry().map_err(GivenUp::Unusable)?;
            retries += 1;
        }
    }

    /// Ships what is written but the last batch, which goes with the end.
    async fn ship_but_rest(
        &mut self,
        reader: &mut SpoolReader,
        last_sequence: u64,
    ) -> Result<(Vec<Event>, Option<Buffer<'a>>), GivenUp> {
        loop {
            let most = self.shared.settings().execution_log_max_buffer_log_count;
            let place = self.place(Some(last_sequence)).await;
            let events = reader
                .next_batch(self.durable, most, BATCH_BYTES)
                .map_err(GivenUp::Unusable)?;
            match events.last().map(|event| event.sequence) {
                Some(last) if last < last_sequence => {
                    let rest = self.log(events).await?;
                    drop(place);
                    if self.durable < last {
                        reader.rewind().map_err(GivenUp::Unusable)?;
                        sleep(rest.unwrap_or(AGAIN)).await;
                    }
                }
                _ => return Ok((events, place)),
            }
        }
    }

    /// Reports the end until it is heard; gives a rest when its messages leave memory, as those of
    /// [`Self::log`] do.
    async fn complete(
        &mut self,
        (ended, outcome): (Progress, AttemptOutcome),
        events: Vec<Event>,
    ) -> Result<Result<CompleteReply, Duration>, GivenUp> {
        let complete = Complete {
            attempt: self.key,
            outcome,
            last_sequence: ended.last_sequence,
            events,
            began: ended.began,
            usage: ended.usage,
            left_out: ended.left_out,
        };
        let mut on_disk = false;
        let mut retries = 0;
        loop {
            let answer = self.report(&complete, &mut on_disk).await?;
            match answer {
                Ok(reply) => {
                    pass(KillPoint::WorkerEndReported);
                    self.succeeded();
                    self.shared.metrics.shipped(complete.events.len());
                    return Ok(Ok(reply));
                }
                Err(error) if self.shared.settings().execution_log_retry_count <= retries => {
                    return Ok(Err(self.failed(&error)?));
                }
                Err(error) => sleep(self.failed(&error)?).await,
            }
            retries += 1;
        }
    }

    /// Reports the end once. Where the master takes its time, the end is brought to the disk meanwhile.
    async fn report(
        &self,
        complete: &Complete,
        on_disk: &mut bool,
    ) -> Result<Result<CompleteReply, ClientError>, GivenUp> {
        let mut call = pin!(self.shared.link.complete(complete));
        if *on_disk {
            return Ok(call.await);
        }
        match timeout(SOON, &mut call).await {
            Ok(Ok(reply)) => Ok(Ok(reply)),
            late_or_failed => {
                *on_disk = self.spool.sync().map_err(GivenUp::Unusable)?;
                pass(KillPoint::WorkerEndSynced);
                match late_or_failed {
                    Ok(failed) => Ok(failed),
                    Err(_) => Ok(call.await),
                }
            }
        }
    }

    fn succeeded(&mut self) {
        self.backoff.succeeded();
        self.failing_since = None;
    }

    /// How long to rest before the next try, if there is to be one.
    fn failed(&mut self, error: &ClientError) -> Result<Duration, GivenUp> {
        self.shared.notice(error);
        let never_known = error.code() == NOT_REGISTERED && !self.needs_registration;
        if is_final(error) || never_known {
            return Err(GivenUp::Refused {
                code: error.code().to_owned(),
                said: with_sources(error),
            });
        }
        let now = self.shared.clock.now();
        let since = *self.failing_since.get_or_insert(now);
        let patience = self
            .shared
            .settings()
            .execution_log_retry_timeout
            .as_duration();
        let patience = SignedDuration::try_from(patience).unwrap_or(SignedDuration::MAX);
        if patience < now.duration_since(since) {
            return Err(GivenUp::TooLong);
        }
        Ok(self.backoff.failed(error))
    }
}

/// Whether asking again cannot help. A refused certificate can be repaired by an administrator,
/// and the log is not to be lost over it.
pub(super) fn is_final(error: &ClientError) -> bool {
    match error {
        ClientError::Api(body) => matches!(
            body.blame,
            Blame::Caller | Blame::Missing | Blame::Conflict | Blame::Unreadable
        ),
        _ => false,
    }
}
