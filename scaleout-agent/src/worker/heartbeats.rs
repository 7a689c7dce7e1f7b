//! Three regular duties: measure the load, say "alive", and report what runs.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use scaleout_core::protocol::worker::{Heartbeat, TaskHeartbeat, TaskHeartbeatReply};
use tokio::time::{Instant, sleep, timeout};

use super::attempts::Order;
use super::backoff::Backoff;
use super::fence::{is_refused, reliable};
use super::logs;
use super::machine::{Load, Ticks, free_memory_mb};
use super::renewal::renew_if_due;
use super::state::Shared;

/// How often the load is measured, and over which time.
const MEASURE_EVERY: Duration = Duration::from_secs(1);

/// Shortest time between two heartbeats: a machine may be busy and free again every second.
const SHORTEST: Duration = Duration::from_secs(5);

/// Measures how busy the machine is.
pub(super) async fn measure_load(shared: Arc<Shared>) {
    let mut before = Ticks::read().unwrap_or_default();
    loop {
        sleep(MEASURE_EVERY).await;
        let now = Ticks::read().unwrap_or_default();
        shared.load.send_replace(Some(Load {
            cpu_percent: now.busy_since(before),
            free_memory_mb: free_memory_mb(),
        }));
        before = now;
    }
}

/// Says "alive" every `AgentHeartbeatInterval`.
pub(super) async fn say_alive(shared: Arc<Shared>) {
    let mut backoff = Backoff::new("send a heartbeat");
    let mut gate = shared.gate.subscribe();
    loop {
        shared.until_registered().await;
        let load = shared.load.borrow().unwrap_or(Load {
            cpu_percent: 0.0,
            free_memory_mb: free_memory_mb(),
        });
        let heartbeat = Heartbeat {
            cpu_percent: load.cpu_percent,
            free_memory_mb: load.free_memory_mb,
            running_tasks: u32::try_from(shared.attempts.count()).unwrap_or(u32::MAX),
            gate: gate.borrow_and_update().clone(),
        };
        let rest = match shared.link.heartbeat(&heartbeat).await {
            Ok(reply) => {
                backoff.succeeded();
                shared.learn_master(&reply.master_certificates);
                logs::answer(&shared, reply.logs_wanted);
                renew_if_due(&shared, reply.renew_certificate).await;
                shared.settings().agent_heartbeat_interval.as_duration()
            }
            Err(error) => {
                shared.notice(&error);
                backoff.failed(&error)
            }
        };
        sleep(rest.min(SHORTEST)).await;
        // Whichever comes first.
        let _ = timeout(rest.saturating_sub(SHORTEST), gate.changed()).await;
    }
}

/// Reports what runs every `TaskHeartbeatInterval`, at once when the master has something to
/// say, and carries out what it says.
pub(super) async fn report_tasks(shared: Arc<Shared>) {
    let mut backoff = Backoff::new("report the running tasks");
    let mut rest = shared.settings().task_heartbeat_interval.as_duration();
    loop {
        // Whichever comes first.
        let _ = timeout(rest, shared.beat_now.notified()).await;
        rest = shared.settings().task_heartbeat_interval.as_duration();
        let running = shared.attempts.running();
        if running.is_empty() {
            shared.note_contact();
            continue;
        }
        let (running, process_ids) = running.into_iter().unzip();
        let counters = shared.attempts.counters();
        let began = shared.attempts.untold_beginnings();
        let heartbeat = TaskHeartbeat {
            running,
            lease_ms: shared.settings().lease_internval.as_millis(),
            process_ids,
            counters,
            began,
        };
        // Counted from here, so that a lease ends here no later than at the master.
        let lease_end = Instant::now() + reliable(shared.settings().lease_internval.as_duration());
        match shared.link.task_heartbeat(&heartbeat).await {
            Ok(reply) => {
                backoff.succeeded();
                shared.note_contact();
                shared.note_refusal(false);
                shared.attempts.renew(&reply.renewed, lease_end);
                shared.attempts.told_beginnings(&heartbeat.began);
                carry_out(&shared, &reply);
            }
            Err(error) => {
                shared.notice(&error);
                shared.note_refusal(is_refused(&error));
                rest = rest.min(backoff.failed(&error));
                give_up_after_tolerance(&shared);
            }
        }
    }
}

fn carry_out(shared: &Shared, reply: &TaskHeartbeatReply) {
    for key in &reply.stop {
        shared.attempts.order(*key, &Order::Stop);
    }
    for key in &reply.hand_back {
        let why = "it is drained and its time is over".to_owned();
        shared.attempts.order(*key, &Order::HandBack(why));
    }
    for request in &reply.dumps {
        shared.attempts.dump(*request);
    }
    for key in &reply.lost {
        if shared.attempts.order(*key, &Order::Drop) {
            tracing::warn!(
                execution_id = key.execution_id,
                attempt = key.attempt,
                "this attempt is no longer this worker's; it is ended here"
            );
        }
    }
}

fn give_up_after_tolerance(shared: &Shared) {
    let tolerance = shared.settings().heartbeat_error_tollerance;
    let silent = shared.clock.now().duration_since(shared.last_contact());
    let limit = SignedDuration::try_from(tolerance.as_duration()).unwrap_or(SignedDuration::MAX);
    if limit < silent {
        let reason = format!(
            "the worker had no contact with the master for longer than HeartbeatErrorTollerance ({tolerance})"
        );
        tracing::error!("{reason}; all tasks are ended");
        shared.attempts.order_all(&Order::Abandon(reason));
    }
}
