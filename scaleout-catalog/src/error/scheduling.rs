//! Why an execution cannot be put into the queue as asked for.

use scaleout_core::error::{Blame, Explain};

/// Why an execution cannot be put into the queue as asked for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SchedulingError {
    /// Never twice, and again after failures.
    #[error(
        "execution {id} must not run twice (AT_MOST_ONCE), and is to be run again {retries} times after failures"
    )]
    RetriesAtMostOnce {
        /// The execution.
        id: i64,
        /// `@retry_count`
        retries: u32,
    },
}

impl Explain for SchedulingError {
    fn code(&self) -> &'static str {
        match self {
            Self::RetriesAtMostOnce { .. } => "SO7195",
        }
    }

    fn blame(&self) -> Blame {
        match self {
            Self::RetriesAtMostOnce { .. } => Blame::Caller,
        }
    }

    fn hint(&self) -> String {
        match self {
            Self::RetriesAtMostOnce { .. } => {
                "start it with `@retry_count` 0, or set the option AT_MOST_ONCE to False".to_owned()
            }
        }
    }
}
