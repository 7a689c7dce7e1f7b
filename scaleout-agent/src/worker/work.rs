//! Asking for work, and listening for a stop while something runs.

use std::sync::Arc;
use std::time::Duration;

use scaleout_core::protocol::worker::{AttemptKey, LeaseRequest};
use tokio::time::{Instant, sleep};

use super::attempt::run_leased;
use super::attempts::Order;
use super::backoff::Backoff;
use super::logs;
use super::machine::Load;
use super::state::Shared;

/// How long the master may hold a request.
const WAIT: Duration = Duration::from_secs(30);

/// Asks for as many tasks as there are free slots, whenever there are some.
pub(super) async fn ask_for_work(shared: Arc<Shared>) {
    let mut backoff = Backoff::new("ask for work");
    let mut stopping = shared.stopping.subscribe();
    loop {
        shared.until_registered().await;
        let free = free_slot(&shared).await;
        if *shared.stopping.borrow() {
            return;
        }
        let wanted = request(&shared, free);
        let asked = tokio::select! {
            asked = shared.link.lease(&wanted) => asked,
            // What is handed back is not to come here again. A lease that is on its way is handed back
            // with the last word to the master.
            _ = stopping.wait_for(|stopping| *stopping) => return,
        };
        match asked {
            Ok(reply) => {
                backoff.succeeded();
                if !reply.tasks.is_empty() {
                    shared.note_contact();
                }
                let wanted = reply.logs_wanted;
                for leased in reply.tasks {
                    let key = AttemptKey {
                        execution_id: leased.task.execution_id,
                        attempt: leased.task.attempt,
                    };
                    run_leased(&shared, leased);
                    if *shared.stopping.borrow() {
                        let why = "it is going to stop".to_owned();
                        shared.attempts.order(key, &Order::HandBack(why));
                    }
                }
                // After the tasks: it may be about one of them.
                logs::answer(&shared, wanted);
            }
            Err(error) => {
                shared.notice(&error);
                sleep(backoff.failed(&error)).await;
            }
        }
    }
}

/// Keeps a request without slots open while something runs. The master answers it early when a
/// task is to be stopped, which the next task heartbeat then tells.
pub(super) async fn listen_for_stops(shared: Arc<Shared>) {
    let mut backoff = Backoff::new("listen for stops");
    let mut changed = shared.attempts.changed();
    loop {
        shared.until_registered().await;
        if shared.attempts.count() == 0 {
            if changed.changed().await.is_err() {
                return;
            }
            continue;
        }
        let asked = Instant::now();
        match shared.link.lease(&request(&shared, Free::default())).await {
            Ok(reply) => {
                backoff.succeeded();
                logs::answer(&shared, reply.logs_wanted);
                if asked.elapsed() < WAIT {
                    shared.beat_now.notify_one();
                    // A master that answers at once, for whatever reason, is not asked in a circle.
                    sleep(Duration::from_millis(20)).await;
                }
            }
            Err(error) => {
                shared.notice(&error);
                sleep(backoff.failed(&error)).await;
            }
        }
    }
}

fn request(shared: &Shared, free: Free) -> LeaseRequest {
    LeaseRequest {
        slots: free.slots,
        child_slots: free.child_slots,
        wait_ms: u64::try_from(WAIT.as_millis()).unwrap_or(u64::MAX),
        lease_ms: shared.settings().lease_internval.as_millis(),
    }
}

/// Slots that this worker has left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Free {
    /// For any execution.
    slots: u32,
    /// Beyond those, for child executions: a package that waits for its children leaves its slot
    /// to children.
    child_slots: u32,
}

impl Free {
    fn of(most: u32, running: u32, waiting: u32) -> Self {
        let slots = most.saturating_sub(running);
        let busy = running.saturating_sub(waiting);
        Self {
            slots,
            child_slots: most.saturating_sub(busy).saturating_sub(slots),
        }
    }

    fn is_none(self) -> bool {
        self == Self::default()
    }
}

/// Waits until there is a free slot and the machine has room; says which slots.
async fn free_slot(shared: &Shared) -> Free {
    let mut changed = shared.attempts.changed();
    let mut load = shared.load.subscribe();
    let mut settings = shared.settings_changed();
    let mut told = false;
    loop {
        changed.mark_unchanged();
        let load_now = *load.borrow_and_update();
        let count = |attempts: usize| u32::try_from(attempts).unwrap_or(u32::MAX);
        let running = count(shared.attempts.count_running());
        let waiting = count(shared.attempts.waiting());
        let free = Free::of(shared.settings().max_task_count, running, waiting);
        let gate = gate(shared, running.saturating_sub(waiting), load_now);
        shared.note_gate(gate.clone().filter(|_| !free.is_none()));
        if !free.is_none() && gate.is_none() {
            return free;
        }
        if let Some(why) = gate.filter(|_| !free.is_none() && !told) {
            tracing::info!("no more tasks are asked for: {why}");
            told = true;
        }
        tokio::select! {
            _ = changed.changed() => {}
            _ = load.changed() => {}
            _ = settings.changed() => {}
        }
    }
}

/// Why the machine is too busy for one more task. An idle worker always takes one: what keeps
/// the machine busy is not ours then, and waiting for it could last for ever.
fn gate(shared: &Shared, running: u32, load: Option<Load>) -> Option<String> {
    let load = load.filter(|_| 0 < running)?;
    let settings = shared.settings();
    reason(
        load,
        settings.task_request_max_cpu,
        settings.task_request_min_memory,
    )
}

fn reason(load: Load, max_cpu: f64, min_memory: f64) -> Option<String> {
    let free = u32::try_from(load.free_memory_mb).map_or(f64::INFINITY, f64::from);
    if max_cpu < 100.0 && max_cpu < load.cpu_percent {
        let busy = load.cpu_percent.round();
        return Some(format!(
            "the processors are {busy} % busy, more than TaskRequestMaxCPU ({max_cpu})"
        ));
    }
    (free < min_memory).then(|| {
        format!("{free} MB of memory are free, less than TaskRequestMinMemory ({min_memory})")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_that_waits_leaves_its_slot_to_children_only() {
        let free = |slots, child_slots| Free { slots, child_slots };
        assert_eq!(Free::of(1, 0, 0), free(1, 0));
        assert_eq!(Free::of(1, 1, 0), free(0, 0));
        assert_eq!(Free::of(1, 1, 1), free(0, 1));
        assert_eq!(Free::of(1, 2, 1), free(0, 0));
        assert_eq!(Free::of(1, 2, 2), free(0, 1));
        assert_eq!(Free::of(4, 2, 1), free(2, 1));
    }

    #[test]
    fn a_busy_machine_asks_for_nothing_more() {
        let load = |cpu_percent, free_memory_mb| Load {
            cpu_percent,
            free_memory_mb,
        };
        assert_eq!(reason(load(70.0, 100), 70.0, 100.0), None);
        assert!(reason(load(70.1, 100), 70.0, 100.0).is_some());
        assert!(reason(load(10.0, 99), 70.0, 100.0).is_some());
        assert_eq!(reason(load(100.0, 5000), 100.0, 100.0), None);
    }
}
