//! How long a test looks for something that must come. A bound, so that a test ends; what it looks
//! for comes at once or after the pauses of the thing itself, and nothing is measured with it.

use std::iter::from_fn;
use std::time::{Duration, Instant};

/// The bound.
pub const PATIENCE: Duration = Duration::from_secs(300);

/// Tries until the bound.
pub fn tries() -> impl Iterator<Item = ()> {
    let end = Instant::now() + PATIENCE;
    from_fn(move || (Instant::now() < end).then_some(()))
}
