//! What the master's scheduler gets to see, and the rules that say who may run what: pure, and the
//! same for planning, for granting, and for explaining why something waits.

mod caps;
mod snapshot;
mod tags;
mod waiting;

pub use caps::{CapReached, Caps, KeyCap, Usage};
pub use snapshot::{
    AllowedWorkers, ChildSnapshot, Drain, HeldExecution, PendingExecution, SchedulingSnapshot,
    WorkerSnapshot, WorkerStanding,
};
pub use tags::Tags;
pub use waiting::{OFFLINE_AFTER, Obstacle, WAIT_CODES, WaitReason, count_by_reason};
