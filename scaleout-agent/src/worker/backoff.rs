//! Patience with a master that is away: wait longer each time, and say it once.

use std::time::Duration;

use scaleout_core::client::ClientError;
use scaleout_core::error::{Explain as _, with_sources};

const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(5);

/// Delays between attempts at one thing.
#[derive(Debug)]
pub(super) struct Backoff {
    what: &'static str,
    delay: Duration,
    told: Option<String>,
}

impl Backoff {
    /// For attempts at `what`, such as `register`.
    pub fn new(what: &'static str) -> Self {
        Self {
            what,
            delay: FIRST,
            told: None,
        }
    }

    /// Logs a failure, unless it is the one logged last, and says how long to wait.
    pub fn failed(&mut self, error: &ClientError) -> Duration {
        let message = with_sources(error);
        if self.told.as_ref() != Some(&message) {
            let hint = error.hint();
            tracing::warn!(
                code = error.code(),
                hint,
                "failed to {}: {message}",
                self.what
            );
            self.told = Some(message);
        }
        let delay = self.delay;
        self.delay = (delay * 2).min(LONGEST);
        delay
    }

    /// It went well.
    pub fn succeeded(&mut self) {
        if self.told.take().is_some() {
            tracing::info!("to {} works again", self.what);
        }
        self.delay = FIRST;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_a_bound_and_start_over() {
        let mut backoff = Backoff::new("test");
        let error = ClientError::TimedOut {
            endpoint: "m".to_owned(),
            seconds: 1,
        };
        let delays: Vec<u128> = (0..8).map(|_| backoff.failed(&error).as_millis()).collect();
        assert_eq!(delays, [100, 200, 400, 800, 1600, 3200, 5000, 5000]);
        backoff.succeeded();
        assert_eq!(backoff.failed(&error).as_millis(), 100);
    }
}
