//! The memory that one data flow may hold, shared by the components that collect rows.
//!
//! Batches on their way are not counted: the engine bounds them by the length of its queues.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use scaleout_core::protocol::executor::RuntimeSettings;

use super::codes;
use super::component::ComponentError;

/// What is taken for the memory of a machine that does not say how much it has.
const UNKNOWN_MACHINE: u64 = 4 << 30;

/// The budget of one run of one data flow.
#[derive(Debug)]
pub struct MemoryPool {
    limit: u64,
    used: AtomicU64,
}

impl MemoryPool {
    /// The budget that the settings give: `DataFlowMemoryBudget`, or a quarter of the machine.
    #[must_use]
    pub fn of(settings: &RuntimeSettings) -> Arc<Self> {
        let limit = match settings.data_flow_memory_budget {
            0 => machine_memory() / 4,
            bytes => bytes,
        };
        Arc::new(Self {
            limit,
            used: AtomicU64::new(0),
        })
    }

    /// Bytes in all.
    #[must_use]
    pub fn limit(&self) -> u64 {
        self.limit
    }

    /// Bytes that are held now.
    #[must_use]
    pub fn used(&self) -> u64 {
        self.used.load(Ordering::Acquire)
    }

    /// A reservation of nothing yet.
    #[must_use]
    pub fn reservation(self: &Arc<Self>) -> Reservation {
        Reservation {
            pool: Arc::clone(self),
            bytes: 0,
        }
    }
}

/// Bytes that a component holds; given back when it is dropped.
#[derive(Debug)]
pub struct Reservation {
    pool: Arc<MemoryPool>,
    bytes: u64,
}

impl Reservation {
    /// Takes more bytes if the budget has them; otherwise nothing changes and it says no.
    #[must_use]
    pub fn try_grow(&mut self, bytes: u64) -> bool {
        let limit = self.pool.limit;
        let grown = |used: u64| used.checked_add(bytes).filter(|used| *used <= limit);
        let taken = self
            .pool
            .used
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, grown)
            .is_ok();
        if taken {
            self.bytes += bytes;
        }
        taken
    }

    /// Takes more bytes even beyond the budget: for the one batch without which a component
    /// cannot go on.
    pub fn grow_anyway(&mut self, bytes: u64) {
        self.pool.used.fetch_add(bytes, Ordering::AcqRel);
        self.bytes += bytes;
    }

    /// Gives some bytes back.
    pub fn shrink(&mut self, bytes: u64) {
        let bytes = bytes.min(self.bytes);
        self.bytes -= bytes;
        self.pool.used.fetch_sub(bytes, Ordering::AcqRel);
    }

    /// Whether all reservations together are within the budget.
    #[must_use]
    pub fn is_within_budget(&self) -> bool {
        self.pool.used.load(Ordering::Acquire) <= self.pool.limit
    }

    /// Gives everything back.
    pub fn free(&mut self) {
        let bytes = std::mem::take(&mut self.bytes);
        self.pool.used.fetch_sub(bytes, Ordering::AcqRel);
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.free();
    }
}

/// The failure of a component that cannot go on within the budget. `what` goes on from its name
/// and ends before the size of the budget, `instead` says what to do in the package.
#[must_use]
pub fn over_budget(
    pool: &MemoryPool,
    component: &str,
    what: &str,
    instead: &str,
) -> ComponentError {
    let text = format!(
        "\"{component}\" {what} the {} bytes that the data flow may hold; {instead}, or raise DataFlowMemoryBudget of the worker",
        pool.limit
    );
    ComponentError::failed(codes::OUT_OF_MEMORY, text)
}

/// Bytes of the machine, or of the control group this process is confined to.
fn machine_memory() -> u64 {
    // Either file may be missing: not every system has them, and not every process is confined.
    let whole = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let confined = std::fs::read_to_string("/sys/fs/cgroup/memory.max").unwrap_or_default();
    memory_of(&whole, &confined)
}

fn memory_of(meminfo: &str, memory_max: &str) -> u64 {
    let total = meminfo.lines().find_map(|line| {
        let kilobytes = line.strip_prefix("MemTotal:")?.trim().strip_suffix("kB")?;
        kilobytes.trim().parse::<u64>().ok()?.checked_mul(1024)
    });
    let total = total.unwrap_or(UNKNOWN_MACHINE);
    memory_max
        .trim()
        .parse()
        .map_or(total, |max| total.min(max))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pool(limit: u64) -> Arc<MemoryPool> {
        MemoryPool::of(&RuntimeSettings {
            data_flow_memory_budget: limit,
            ..RuntimeSettings::default()
        })
    }

    #[test]
    fn a_budget_is_shared_and_given_back() {
        let pool = pool(100);
        let (mut first, mut second) = (pool.reservation(), pool.reservation());
        assert!(first.try_grow(60));
        assert!(!second.try_grow(41));
        assert!(second.try_grow(40));
        drop(first);
        assert!(second.try_grow(60));
        second.grow_anyway(50);
        assert!(!second.try_grow(0) && !second.is_within_budget());
        second.shrink(50);
        assert!(second.try_grow(0) && second.is_within_budget());
        second.free();
        assert!(second.try_grow(100));
    }

    #[test]
    fn a_quarter_of_what_the_process_may_have() {
        let meminfo = "MemTotal:       2048 kB\nMemFree:  1 kB\n";
        assert_eq!(memory_of(meminfo, "max\n"), 2 << 20);
        assert_eq!(memory_of(meminfo, "1048576\n"), 1 << 20);
        assert_eq!(memory_of("", ""), UNKNOWN_MACHINE);
        assert!(0 < pool(0).limit());
    }
}
