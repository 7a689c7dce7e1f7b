//! How long a change would wait for its commit, and whether that is too long to let it in.
//!
//! Commits of a database that is slow take one after the other; what is let in beyond that only waits,
//! holds memory and is given up by its caller in the end. Who is told so at once can come back.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// A change that would wait longer is refused.
const LONGEST_WAIT: Duration = Duration::from_secs(15);

/// What one connection that writes has done and has to do.
#[derive(Debug)]
pub struct Load {
    opened: Instant,
    /// When the commit under way was begun, in microseconds since then and one more; 0 for none.
    begun: AtomicU64,
    /// How long the last one took, microseconds.
    last: AtomicU64,
}

impl Load {
    /// Of a connection that has done nothing yet.
    pub fn new() -> Self {
        Self {
            opened: Instant::now(),
            begun: AtomicU64::new(0),
            last: AtomicU64::new(0),
        }
    }

    /// A commit is under way.
    pub fn begin(&self) {
        self.begun.store(self.micros() + 1, Ordering::Relaxed);
    }

    /// It is over, whatever became of it.
    pub fn end(&self) {
        let begun = self.begun.swap(0, Ordering::Relaxed);
        if let Some(begun) = begun.checked_sub(1) {
            let took = self.micros().saturating_sub(begun);
            self.last.store(took, Ordering::Relaxed);
        }
    }

    /// How long one more change would wait behind so many, of which so many share a commit; `None`
    /// when that is short enough.
    pub fn too_long(&self, waiting: usize, together: usize) -> Option<Duration> {
        let begun = self.begun.load(Ordering::Relaxed).checked_sub(1);
        let under_way = begun.map(|begun| self.micros().saturating_sub(begun));
        let last = Duration::from_micros(self.last.load(Ordering::Relaxed));
        let wait = expected(
            waiting,
            together,
            last,
            under_way.map(Duration::from_micros),
        );
        (LONGEST_WAIT < wait).then_some(wait)
    }

    fn micros(&self) -> u64 {
        u64::try_from(self.opened.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}

/// How long a change waits until its own commit begins. What is under way for longer than the last
/// one took is thought to take as long again.
fn expected(
    waiting: usize,
    together: usize,
    last: Duration,
    under_way: Option<Duration>,
) -> Duration {
    let commits = u32::try_from(waiting / together.max(1)).unwrap_or(u32::MAX);
    let (rest, usual) = match under_way {
        None => (Duration::ZERO, last),
        Some(so_far) if so_far < last => (last - so_far, last),
        Some(so_far) => (so_far, so_far),
    };
    rest.saturating_add(usual.saturating_mul(commits))
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    #[test]
    fn what_waits_is_counted_in_commits() {
        let wait = |waiting, last, under_way: Option<u64>| {
            expected(waiting, 48, seconds(last), under_way.map(seconds))
        };
        assert_eq!(wait(0, 5, None), seconds(0), "nobody is before it");
        assert_eq!(wait(0, 90, None), seconds(0), "whatever was before");
        assert_eq!(wait(0, 5, Some(1)), seconds(4));
        assert_eq!(wait(47, 5, Some(1)), seconds(4), "it goes with those");
        assert_eq!(wait(100, 5, Some(1)), seconds(14));
        assert_eq!(wait(0, 0, Some(20)), seconds(20), "longer than ever");
        assert_eq!(wait(96, 5, Some(20)), seconds(60));
        assert_eq!(wait(usize::MAX, 5, None), seconds(5) * u32::MAX);
    }

    #[test]
    fn a_connection_that_does_nothing_takes_what_comes() {
        let load = Load::new();
        assert_eq!(load.too_long(0, 48), None);
        load.begin();
        load.end();
        assert_eq!(load.too_long(4096, 48), None, "a commit took no time");
    }
}
