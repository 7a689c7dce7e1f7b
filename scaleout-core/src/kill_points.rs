//! Kill points: places beside durable steps where a process can be told to die, as by a power cut, so
//! that tests see what is left. Builds without debug assertions have none of it.
//!
//! The variable [`VARIABLE`] names a point and the pass at which the process dies: `worker.leased:2`.

/// The variable.
pub const VARIABLE: &str = "SCALEOUT_KILL_POINT";

/// A place where a process can die.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KillPoint {
    /// Changes are made, and not committed.
    CatalogFilled,
    /// A commit is durable, and nobody was told.
    CatalogCommitted,
    /// One step of the schema is durable, the next one is not.
    CatalogMigrated,
    /// A worker is registered, and was not answered.
    MasterRegistered,
    /// An execution is started, and the caller was not answered.
    MasterStarted,
    /// Leases are granted, and the worker was not answered.
    MasterLeased,
    /// Leases are renewed, and the worker was not answered.
    MasterRenewed,
    /// Events are stored, and the worker was not answered.
    MasterLogged,
    /// An attempt is over, and the worker was not answered.
    MasterCompleted,
    /// Attempts were handed back, and the worker was not answered.
    MasterTookBack,
    /// Ended leases are taken back, and nobody was told.
    MasterExpired,
    /// The master knows this worker.
    WorkerRegistered,
    /// A lease has arrived, and nothing is on disk.
    WorkerLeased,
    /// An attempt has its spool, and nothing in it.
    WorkerSpoolMade,
    /// A project file is on disk.
    WorkerProjectCached,
    /// The spool says where the package runs.
    WorkerBegan,
    /// An event has arrived, and is not on disk.
    WorkerEventHeard,
    /// An event is on disk, and was not sent.
    WorkerEventSpooled,
    /// The master has events, and the worker has noted nothing of it.
    WorkerLogSent,
    /// A package has ended, and the spool says nothing of it.
    WorkerEndHeard,
    /// The spool has the end, and it was not reported.
    WorkerEndSpooled,
    /// The end outlives a power cut, and was not confirmed.
    WorkerEndSynced,
    /// The end is reported, and the spool is there.
    WorkerEndReported,
    /// The spool is gone, and the slot is taken.
    WorkerSpoolFreed,
    /// A start has found the end of an attempt.
    WorkerEndTakenUp,
    /// A start has shipped what an attempt without an end had said.
    WorkerRemainsShipped,
    /// An attempt is handed back, and nothing else.
    WorkerHandedBack,
}

impl KillPoint {
    /// All, in the order of an execution.
    pub const ALL: [Self; 27] = [
        Self::CatalogFilled,
        Self::CatalogCommitted,
        Self::CatalogMigrated,
        Self::MasterRegistered,
        Self::MasterStarted,
        Self::MasterLeased,
        Self::MasterRenewed,
        Self::MasterLogged,
        Self::MasterCompleted,
        Self::MasterTookBack,
        Self::MasterExpired,
        Self::WorkerRegistered,
        Self::WorkerLeased,
        Self::WorkerSpoolMade,
        Self::WorkerProjectCached,
        Self::WorkerBegan,
        Self::WorkerEventHeard,
        Self::WorkerEventSpooled,
        Self::WorkerLogSent,
        Self::WorkerEndHeard,
        Self::WorkerEndSpooled,
        Self::WorkerEndSynced,
        Self::WorkerEndReported,
        Self::WorkerSpoolFreed,
        Self::WorkerEndTakenUp,
        Self::WorkerRemainsShipped,
        Self::WorkerHandedBack,
    ];

    /// What [`VARIABLE`] calls it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::CatalogFilled => "catalog.filled",
            Self::CatalogCommitted => "catalog.committed",
            Self::CatalogMigrated => "catalog.migrated",
            Self::MasterRegistered => "master.registered",
            Self::MasterStarted => "master.started",
            Self::MasterLeased => "master.leased",
            Self::MasterRenewed => "master.renewed",
            Self::MasterLogged => "master.logged",
            Self::MasterCompleted => "master.completed",
            Self::MasterTookBack => "master.took_back",
            Self::MasterExpired => "master.expired",
            Self::WorkerRegistered => "worker.registered",
            Self::WorkerLeased => "worker.leased",
            Self::WorkerSpoolMade => "worker.spool_made",
            Self::WorkerProjectCached => "worker.project_cached",
            Self::WorkerBegan => "worker.began",
            Self::WorkerEventHeard => "worker.event_heard",
            Self::WorkerEventSpooled => "worker.event_spooled",
            Self::WorkerLogSent => "worker.log_sent",
            Self::WorkerEndHeard => "worker.end_heard",
            Self::WorkerEndSpooled => "worker.end_spooled",
            Self::WorkerEndSynced => "worker.end_synced",
            Self::WorkerEndReported => "worker.end_reported",
            Self::WorkerSpoolFreed => "worker.spool_freed",
            Self::WorkerEndTakenUp => "worker.end_taken_up",
            Self::WorkerRemainsShipped => "worker.remains_shipped",
            Self::WorkerHandedBack => "worker.handed_back",
        }
    }
}

/// The process is at this point; it dies here if it was told to.
#[inline]
#[cfg_attr(
    not(debug_assertions),
    expect(unused_variables, reason = "nothing is left of it")
)]
pub fn pass(point: KillPoint) {
    #[cfg(debug_assertions)]
    armed::pass(point);
}

#[cfg(debug_assertions)]
mod armed {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::{KillPoint, VARIABLE};

    /// What the variable says.
    static TOLD: OnceLock<Option<(String, u64)>> = OnceLock::new();
    static PASSED: AtomicU64 = AtomicU64::new(0);

    pub(super) fn pass(point: KillPoint) {
        let told = TOLD.get_or_init(|| read(&std::env::var(VARIABLE).ok()?));
        if let Some((name, count)) = told
            && name == point.name()
            && PASSED.fetch_add(1, Ordering::Relaxed) + 1 == *count
        {
            std::process::abort();
        }
    }

    pub(super) fn read(text: &str) -> Option<(String, u64)> {
        let (name, count) = text.split_once(':').unwrap_or((text, "1"));
        Some((name.to_owned(), count.parse().ok()?))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_point_has_a_name_of_its_own() {
        let names: BTreeSet<&str> = KillPoint::ALL.map(KillPoint::name).into();
        assert_eq!(names.len(), KillPoint::ALL.len());
    }

    #[test]
    fn a_point_is_told_with_or_without_the_pass() {
        assert_eq!(armed::read("a.b"), Some(("a.b".to_owned(), 1)));
        assert_eq!(armed::read("a.b:3"), Some(("a.b".to_owned(), 3)));
        assert_eq!(armed::read("a.b:x"), None);
    }
}
