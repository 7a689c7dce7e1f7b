//! Performance counters of one execution, child packages included.
//!
//! They have the names of the original. What has no counterpart here is left out: there are no
//! spool files for BLOBs, and rows that are sorted on disk are no buffers.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use scaleout_core::protocol::worker::Counter;

use super::process;
use crate::data_flow::memory::MemoryPool;

/// The counters; all parts of an execution share them.
#[derive(Debug, Default)]
pub struct Counters {
    rows_read: AtomicU64,
    rows_written: AtomicU64,
    /// Batches on their way from one thread to another.
    buffers: AtomicI64,
    buffer_bytes: AtomicI64,
    /// What collecting components of running data flows hold.
    pools: Mutex<Vec<Weak<MemoryPool>>>,
}

impl Counters {
    /// A source has made rows.
    pub fn read(&self, rows: u64) {
        self.rows_read.fetch_add(rows, Ordering::Relaxed);
    }

    /// Rows have reached a destination.
    pub fn written(&self, rows: u64) {
        self.rows_written.fetch_add(rows, Ordering::Relaxed);
    }

    /// A batch waits for another thread.
    pub fn buffer_taken(&self, bytes: usize) {
        self.move_buffers(1, bytes);
    }

    /// The other thread is done with it.
    pub fn buffer_freed(&self, bytes: usize) {
        self.move_buffers(-1, bytes);
    }

    fn move_buffers(&self, count: i64, bytes: usize) {
        let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
        self.buffers.fetch_add(count, Ordering::Relaxed);
        self.buffer_bytes
            .fetch_add(count.saturating_mul(bytes), Ordering::Relaxed);
    }

    /// A data flow begins with this budget.
    pub fn add_pool(&self, pool: &Arc<MemoryPool>) {
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        pools.retain(|pool| pool.strong_count() > 0);
        pools.push(Arc::downgrade(pool));
    }

    /// The counters that the package itself moves. All are 0 until a data flow runs.
    #[must_use]
    pub fn of_package(&self) -> Vec<Counter> {
        let pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        let held: u64 = pools
            .iter()
            .filter_map(Weak::upgrade)
            .map(|pool| pool.used())
            .sum();
        drop(pools);
        let private = i64::try_from(held).unwrap_or(i64::MAX);
        let flat = self.buffer_bytes.load(Ordering::Relaxed).max(0);
        let buffers = self.buffers.load(Ordering::Relaxed).max(0);
        let rows =
            |rows: &AtomicU64| i64::try_from(rows.load(Ordering::Relaxed)).unwrap_or(i64::MAX);
        vec![
            counter("Buffer memory", flat.saturating_add(private)),
            counter("Buffers in use", buffers),
            counter("Flat buffer memory", flat),
            counter("Flat buffers in use", buffers),
            counter("Private buffer memory", private),
            counter("Rows read", rows(&self.rows_read)),
            counter("Rows written", rows(&self.rows_written)),
        ]
    }

    /// Those of the package, and memory and processor time of this process.
    #[must_use]
    pub fn all(&self) -> Vec<Counter> {
        let mut all = self.of_package();
        let usage = process::usage();
        all.push(counter("Process memory", usage.memory_bytes));
        all.push(counter("Process CPU time (ms)", usage.cpu_ms));
        all
    }
}

fn counter(name: &str, value: i64) -> Counter {
    Counter {
        name: name.to_owned(),
        value,
    }
}

#[cfg(test)]
mod tests {
    use scaleout_core::protocol::executor::RuntimeSettings;

    use super::*;

    fn value(counters: &Counters, name: &str) -> i64 {
        let all = counters.of_package();
        all.iter().find(|one| one.name == name).unwrap().value
    }

    #[test]
    fn what_is_taken_is_given_back_and_pools_count_while_they_live() {
        let counters = Counters::default();
        counters.read(5);
        counters.written(3);
        counters.buffer_taken(100);
        let pool = MemoryPool::of(&RuntimeSettings::default());
        counters.add_pool(&pool);
        let mut held = pool.reservation();
        assert!(held.try_grow(40));
        assert_eq!(value(&counters, "Rows read"), 5);
        assert_eq!(value(&counters, "Rows written"), 3);
        assert_eq!(value(&counters, "Buffers in use"), 1);
        assert_eq!(value(&counters, "Buffer memory"), 140);
        assert_eq!(value(&counters, "Private buffer memory"), 40);
        counters.buffer_freed(100);
        drop(held);
        assert_eq!(value(&counters, "Buffer memory"), 0);
        let process = counters.all();
        let memory = process.iter().find(|one| one.name == "Process memory");
        assert!(memory.unwrap().value > 1 << 20, "{memory:?}");
    }
}
