//! What goes over the simulated network; keys and outcomes are those of the real protocol.

use scaleout_core::protocol::worker::{AttemptKey, AttemptOutcome, CompleteReply};

/// Milliseconds of the simulation.
pub type Time = u64;
/// Index of a worker.
pub type WorkerIndex = usize;

/// A lease lasts so long; the default of `LeaseInternval`.
pub const LEASE: Time = 25_000;
/// `TaskHeartbeatInterval`
pub const BEAT: Time = 10_000;

/// From a worker to the master.
#[derive(Clone, Debug)]
pub enum Request {
    Register {
        running: Vec<AttemptKey>,
        number: Time,
    },
    Lease {
        slots: u32,
    },
    TaskHeartbeat {
        running: Vec<AttemptKey>,
    },
    Log {
        key: AttemptKey,
        events: Vec<u64>,
    },
    Complete {
        key: AttemptKey,
        outcome: AttemptOutcome,
        last: u64,
    },
    HandBack {
        key: AttemptKey,
        begun: bool,
    },
}

/// From the master to a worker.
#[derive(Clone, Debug)]
pub enum Reply {
    Registered {
        master_time: Time,
    },
    /// With the end of the lease by the master's clock.
    Leased(Vec<(AttemptKey, Time)>),
    Beaten {
        renewed: Vec<AttemptKey>,
        stop: Vec<AttemptKey>,
        lost: Vec<AttemptKey>,
        hand_back: Vec<AttemptKey>,
    },
    Logged {
        key: AttemptKey,
        through: u64,
    },
    Refused {
        key: AttemptKey,
    },
    Completed {
        key: AttemptKey,
        reply: CompleteReply,
    },
    HandedBack {
        key: AttemptKey,
    },
    /// Nobody is registered with this certificate.
    Unknown,
    /// No master runs there.
    ConnectionRefused,
    /// No answer in time.
    TimedOut,
}

/// Which call of which run of a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    pub worker: WorkerIndex,
    /// A worker that has started anew hears nothing of its calls before.
    pub life: u32,
    pub number: u64,
}
