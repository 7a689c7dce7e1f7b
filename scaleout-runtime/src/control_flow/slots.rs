//! `MaxConcurrentExecutables`: how many tasks of a package run at once.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use crate::cancel::{CancelToken, Canceled};

/// How long a waiter goes without asking whether the package is being stopped.
const CANCEL_POLL: Duration = Duration::from_millis(50);

/// Places for running tasks. Containers take none, so that they can never starve their children.
#[derive(Debug)]
pub struct Slots {
    places: usize,
    free: Mutex<usize>,
    released: Condvar,
}

/// One place, given back when dropped.
#[derive(Debug)]
pub struct Slot<'a>(&'a Slots);

impl Slots {
    /// `setting` as in the package; below 1 means processors + 2.
    #[must_use]
    pub fn new(setting: i32, processors: usize) -> Self {
        let places = usize::try_from(setting).ok().filter(|places| *places != 0);
        let places = places.unwrap_or(processors + 2);
        Self {
            places,
            free: Mutex::new(places),
            released: Condvar::new(),
        }
    }

    /// How many there are.
    #[must_use]
    pub fn places(&self) -> usize {
        self.places
    }

    /// Waits for a place.
    ///
    /// # Errors
    /// [`Canceled`] when the package is being stopped.
    pub fn acquire(&self, cancel: &CancelToken) -> Result<Slot<'_>, Canceled> {
        // A poisoned count is still a count: a panicking task gives its place back.
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            cancel.check()?;
            if *free != 0 {
                *free -= 1;
                return Ok(Slot(self));
            }
            let waited = self.released.wait_timeout(free, CANCEL_POLL);
            free = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        let mut free = self.0.free.lock().unwrap_or_else(PoisonError::into_inner);
        *free += 1;
        self.0.released.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_given_back_can_be_taken_again() {
        let slots = Slots::new(1, 8);
        let cancel = CancelToken::new();
        drop(slots.acquire(&cancel).unwrap());
        let held = slots.acquire(&cancel).unwrap();

        cancel.cancel();
        assert!(slots.acquire(&cancel).is_err());
        drop(held);
    }

    #[test]
    fn minus_one_means_processors_and_two() {
        assert_eq!(*Slots::new(-1, 4).free.lock().unwrap(), 6);
        assert_eq!(*Slots::new(3, 4).free.lock().unwrap(), 3);
    }
}
