//! Jobs of the catalog that a package starts and stops.

use scaleout_core::protocol::job::{JobOutcome, JobVerb};
use scaleout_core::registry::Arguments;

use crate::cancel::{CancelToken, Canceled};

/// What a task asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// Path of the task with iterations.
    pub path: String,
    /// What is to be done.
    pub verb: JobVerb,
    /// Arguments of its procedure, by their names with `@`.
    pub arguments: Arguments,
}

/// Who reaches the catalog that this package is an execution of. Without one there is none.
pub trait JobCaller: Send + Sync {
    /// Makes the call and waits for its answer.
    ///
    /// # Errors
    /// [`Canceled`] when the package is to stop.
    fn call(&self, asked: Asked, cancel: &CancelToken) -> Result<JobOutcome, Canceled>;
}
