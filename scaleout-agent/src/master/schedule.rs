//! Which waiting execution goes to which waiting worker: pure arithmetic, no clock, no catalog.
//!
//! A worker takes part while a lease request of it waits here: that is what makes it online, and
//! the slots it asks for are an upper bound. The catalog's own count of live leases is the other
//! one, so a worker that asks for too much gets no more than `MaxTaskCount`.
//!
//! `queue` says which execution is next, `offers` which worker gets it. What nobody here may run
//! now is passed over; it holds up no other.

mod offers;
mod queue;

use scaleout_catalog::{SchedulingSnapshot, Usage};
use uuid::Uuid;

use offers::Offers;
use queue::Queue;

/// A lease request that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlotRequest {
    /// Which request; earlier ones have lower numbers.
    pub ticket: u64,
    /// Who asks.
    pub worker: Uuid,
    /// Most tasks wanted.
    pub slots: u32,
}

/// What the loop is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Lease the execution to the worker, in answer to that request.
    Grant {
        /// The execution.
        execution_id: i64,
        /// Who gets it.
        worker: Uuid,
        /// Which request it answers.
        ticket: u64,
    },
}

/// Gives executions, in the order of the queue, to the least loaded worker that may have them.
///
/// A retry goes to another worker than the last one where there is a choice.
#[must_use]
pub fn plan(snapshot: &SchedulingSnapshot, requests: &[SlotRequest]) -> Vec<Action> {
    let mut offers = Offers::new(snapshot, requests);
    let mut usage = Usage::of(&snapshot.held);
    let mut queue = Queue::new(snapshot);
    let mut actions = Vec::new();
    while !offers.is_empty()
        && let Some(execution) = queue.next()
    {
        if usage.obstacle(execution).is_some() {
            continue;
        }
        let Some(worker) = offers.choose(execution) else {
            continue;
        };
        let ticket = offers.take(worker);
        usage.take(execution);
        queue.granted(execution);
        actions.push(Action::Grant {
            execution_id: execution.execution_id,
            worker,
            ticket,
        });
    }
    actions
}

#[cfg(test)]
mod tests;
