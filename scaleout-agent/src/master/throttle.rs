//! Slows down who guesses tokens, without ever delaying a valid one.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// Failures older than this are forgotten.
const MEMORY: SignedDuration = SignedDuration::from_secs(60);
/// Most addresses remembered; beyond that, the oldest are forgotten first.
const MOST_ADDRESSES: usize = 10_000;
/// Longest delay of one answer.
const LONGEST: Duration = Duration::from_secs(3);

/// Failed logins by address. Pure: callers pass the time and do the waiting.
#[derive(Debug, Default)]
pub(super) struct Throttle {
    failures: HashMap<IpAddr, Failures>,
}

#[derive(Clone, Copy, Debug)]
struct Failures {
    count: u32,
    last: Timestamp,
}

impl Throttle {
    /// Records a failed login and says how long its answer is to be held back: nothing for the
    /// first three within a minute, then 100 ms, doubling up to 3 s.
    pub fn failed(&mut self, address: IpAddr, now: Timestamp) -> Duration {
        self.forget_old(now);
        let entry = self.failures.entry(address).or_insert(Failures {
            count: 0,
            last: now,
        });
        entry.count = entry.count.saturating_add(1);
        entry.last = now;
        match entry.count {
            0..=3 => Duration::ZERO,
            more => {
                let doublings = (more - 4).min(6);
                LONGEST.min(Duration::from_millis(100 << doublings))
            }
        }
    }

    fn forget_old(&mut self, now: Timestamp) {
        if self.failures.len() < MOST_ADDRESSES {
            if let Some(oldest) = self.failures.values().map(|entry| entry.last).min()
                && now.duration_since(oldest) <= MEMORY
            {
                return;
            }
            self.failures
                .retain(|_, entry| now.duration_since(entry.last) <= MEMORY);
            return;
        }
        let mut times: Vec<Timestamp> = self.failures.values().map(|entry| entry.last).collect();
        times.sort_unstable();
        let middle = times[times.len() / 2];
        self.failures.retain(|_, entry| middle < entry.last);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + second).unwrap()
    }

    fn address(number: u32) -> IpAddr {
        IpAddr::from(number.to_be_bytes())
    }

    #[test]
    fn answers_to_guesses_get_slower_and_slower() {
        let mut throttle = Throttle::default();
        let delays: Vec<u128> = (0..12)
            .map(|second| throttle.failed(address(1), at(second)).as_millis())
            .collect();
        assert_eq!(
            delays,
            [0, 0, 0, 100, 200, 400, 800, 1600, 3000, 3000, 3000, 3000]
        );
        assert_eq!(throttle.failed(address(2), at(12)), Duration::ZERO);
    }

    #[test]
    fn a_minute_of_peace_forgives() {
        let mut throttle = Throttle::default();
        for second in 0..10 {
            throttle.failed(address(1), at(second));
        }
        assert_eq!(throttle.failed(address(1), at(100)), Duration::ZERO);
    }

    #[test]
    fn memory_is_bounded_however_many_addresses_guess() {
        let mut throttle = Throttle::default();
        for number in 0..30_000 {
            throttle.failed(address(number), at(i64::from(number) / 1000));
        }
        assert!(throttle.failures.len() <= MOST_ADDRESSES);
    }
}
