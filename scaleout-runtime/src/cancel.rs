//! Stopping a running package at its next safe point.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Shared flag: set once, never cleared.
#[derive(Clone, Debug, Default)]
pub struct CancelToken {
    flag: Arc<AtomicBool>,
    parent: Option<Arc<CancelToken>>,
}

/// The package is being stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the execution was stopped")]
pub struct Canceled;

impl CancelToken {
    /// A token that nobody has set.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A token for one part of the work: it is set with this one, or on its own without
    /// touching this one.
    #[must_use]
    pub fn child(&self) -> Self {
        Self {
            flag: Arc::default(),
            parent: Some(Arc::new(self.clone())),
        }
    }

    /// Asks everything that holds this token to stop.
    pub fn cancel(&self) {
        self.flag.store(true, Ordering::Release);
    }

    /// Whether someone asked.
    #[must_use]
    pub fn is_canceled(&self) -> bool {
        let above = self.parent.as_deref();
        self.flag.load(Ordering::Acquire) || above.is_some_and(Self::is_canceled)
    }

    /// For `?` at safe points: at least once per batch and per wait.
    ///
    /// # Errors
    /// [`Canceled`] once someone asked.
    pub fn check(&self) -> Result<(), Canceled> {
        if self.is_canceled() {
            Err(Canceled)
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_stops_with_its_parent_but_not_the_other_way() {
        let parent = CancelToken::new();
        let (first, second) = (parent.child(), parent.child());

        first.cancel();
        assert!(first.is_canceled());
        assert!(!parent.is_canceled() && !second.is_canceled());

        parent.cancel();
        assert!(second.is_canceled());
    }
}
