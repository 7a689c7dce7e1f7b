//! What a worker reports of an attempt: which of its events are new, and whether its end counts.

use std::ops::Range;

use super::{Claim, ExecutionState, Rerun};
use crate::protocol::worker::AttemptOutcome;

/// How an attempt is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttemptEnding {
    /// The worker's report was accepted.
    Completed,
    /// The lease was taken or given back.
    Lost,
}

/// What is stored of an attempt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AttemptLog {
    /// Whether and how it is over.
    pub ending: Option<AttemptEnding>,
    /// Highest event number that is stored.
    pub durable_through: u64,
}

/// What becomes of the report that an attempt is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It was accepted before; the answer was lost.
    Again,
    /// The attempt is not in force; nothing changes.
    Stale,
    /// Events are missing: they come first.
    LogIncomplete,
    /// The execution moves to this state.
    Moves(ExecutionState),
}

/// Judges the report that an attempt is over; `log` is of that attempt, and of that worker.
#[must_use]
pub fn judge(
    state: ExecutionState,
    log: AttemptLog,
    claim: Claim,
    (outcome, last_sequence): (&AttemptOutcome, u64),
    rerun: Rerun,
) -> Verdict {
    match log.ending {
        Some(AttemptEnding::Completed) => return Verdict::Again,
        Some(AttemptEnding::Lost) => return Verdict::Stale,
        None => {}
    }
    match state.complete(claim, outcome, rerun) {
        Err(_) => Verdict::Stale,
        Ok(_) if log.durable_through < last_sequence => Verdict::LogIncomplete,
        Ok(next) => Verdict::Moves(next),
    }
}

/// Which events of a batch are new and follow what is stored without a gap. What was sent again is
/// skipped, and nothing behind a gap is taken.
#[must_use]
pub fn fresh(stored: u64, sequences: &[u64]) -> Range<usize> {
    let known = sequences
        .iter()
        .take_while(|sequence| **sequence <= stored)
        .count();
    let new = sequences[known..]
        .iter()
        .zip(stored + 1..)
        .take_while(|(sequence, expected)| *sequence == expected)
        .count();
    known..known + new
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_is_skipped_and_a_gap_ends_a_batch() {
        assert_eq!(fresh(0, &[1, 2, 3]), 0..3);
        assert_eq!(fresh(2, &[1, 2, 3, 4]), 2..4);
        assert_eq!(fresh(2, &[1, 2]), 2..2);
        assert_eq!(fresh(2, &[4, 5]), 0..0);
        assert_eq!(fresh(2, &[3, 5]), 0..1);
        assert_eq!(fresh(2, &[]), 0..0);
    }
}
