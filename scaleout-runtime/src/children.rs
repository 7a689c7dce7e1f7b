//! Child packages that run somewhere else, as executions of their own.

use scaleout_core::protocol::child::{ChildOutcome, ChildPackage};

use crate::cancel::{CancelToken, Canceled};

/// Who starts child packages elsewhere. Without one, children run in the process of their parent.
pub trait ChildRunner: Send + Sync {
    /// Runs a child and waits for its end.
    ///
    /// # Errors
    /// [`Canceled`] when the parent is to stop; whoever stopped it stops its children.
    fn run(&self, child: ChildPackage, cancel: &CancelToken) -> Result<ChildOutcome, Canceled>;

    /// How often the task at a path has run a child, this time included.
    fn occurrence(&self, path: &str) -> u32;
}
