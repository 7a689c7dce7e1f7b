//! How often something took how long.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Upper bounds of what takes milliseconds, in seconds.
const SHORT: &[f64] = &[
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0,
];
/// Upper bounds of what may take hours, in seconds.
const LONG: &[f64] = &[
    0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 10_800.0, 43_200.0,
];

/// Counts durations; can be told from several threads at once.
#[derive(Debug)]
pub struct Histogram {
    bounds: &'static [f64],
    /// One more than bounds: the last is for what is longer than all of them.
    counts: Vec<AtomicU64>,
    microseconds: AtomicU64,
}

/// What a histogram has counted.
#[derive(Clone, Debug, PartialEq)]
pub struct HistogramCounts {
    /// Upper bounds in seconds, each with how many took at most so long.
    pub at_most: Vec<(f64, u64)>,
    /// All of them.
    pub count: u64,
    /// Their sum, seconds.
    pub sum: f64,
}

impl Histogram {
    /// For what takes milliseconds.
    #[must_use]
    pub fn of_short() -> Self {
        Self::over(SHORT)
    }

    /// For what may take hours.
    #[must_use]
    pub fn of_long() -> Self {
        Self::over(LONG)
    }

    fn over(bounds: &'static [f64]) -> Self {
        Self {
            bounds,
            counts: (0..=bounds.len()).map(|_| AtomicU64::new(0)).collect(),
            microseconds: AtomicU64::new(0),
        }
    }

    /// Counts one.
    pub fn observe(&self, duration: Duration) {
        let seconds = duration.as_secs_f64();
        let slot = self.bounds.partition_point(|bound| *bound < seconds);
        self.counts[slot].fetch_add(1, Ordering::Relaxed);
        let microseconds = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        self.microseconds.fetch_add(microseconds, Ordering::Relaxed);
    }

    /// What it has counted so far.
    #[must_use]
    pub fn counts(&self) -> HistogramCounts {
        let mut count = 0;
        let mut at_most = Vec::with_capacity(self.bounds.len());
        for (slot, in_slot) in self.counts.iter().enumerate() {
            count += in_slot.load(Ordering::Relaxed);
            if let Some(bound) = self.bounds.get(slot) {
                at_most.push((*bound, count));
            }
        }
        let microseconds = self.microseconds.load(Ordering::Relaxed);
        HistogramCounts {
            at_most,
            count,
            sum: Duration::from_micros(microseconds).as_secs_f64(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_duration_is_counted_once_and_at_every_bound_that_it_keeps_to() {
        let histogram = Histogram::of_short();
        for milliseconds in [0, 1, 2, 60_000] {
            histogram.observe(Duration::from_millis(milliseconds));
        }
        let counts = histogram.counts();
        assert_eq!(counts.count, 4);
        assert!((counts.sum - 60.003).abs() < 1e-9, "{}", counts.sum);
        assert_eq!(counts.at_most[0], (0.001, 2), "a bound counts itself");
        assert_eq!(counts.at_most[1], (0.0025, 3));
        assert_eq!(counts.at_most.last(), Some(&(5.0, 3)));
    }
}
