//! What a move of an execution leaves in its log, in words: what the package itself cannot say.

use super::{Begun, ExecutionState, Rerun};
use crate::model::OperationStatus;
use crate::protocol::worker::AttemptOutcome;

/// How bad it is: the `message_type` of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// 70
    Information,
    /// 110
    Warning,
    /// 120
    Error,
}

impl Severity {
    /// `message_type`
    #[must_use]
    pub fn message_type(self) -> i16 {
        match self {
            Self::Information => 70,
            Self::Warning => 110,
            Self::Error => 120,
        }
    }
}

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// How bad it is.
    pub severity: Severity,
    /// The message.
    pub text: String,
}

impl Note {
    fn new(severity: Severity, text: String) -> Self {
        Self { severity, text }
    }
}

/// What the end of an attempt leaves: nothing where its package has said everything.
#[must_use]
pub fn of_completion(attempt: u32, outcome: &AttemptOutcome, next: ExecutionState) -> Vec<Note> {
    let mut notes = Vec::new();
    if let AttemptOutcome::EndedUnexpectedly { reason } = outcome {
        let text = format!("Attempt {attempt} ended unexpectedly: {reason}");
        notes.push(Note::new(Severity::Error, text));
    }
    if next.status() == OperationStatus::Pending {
        let text = format!(
            "Attempt {attempt} failed; the execution is run again (retry {}).",
            next.tally().failures
        );
        notes.push(Note::new(Severity::Information, text));
    }
    notes
}

/// What the loss of a worker leaves.
#[must_use]
pub fn of_loss(attempt: u32, next: ExecutionState, rerun: Rerun) -> Note {
    let (severity, then) = match (next.status(), rerun) {
        (OperationStatus::Pending, _) => (Severity::Warning, "the execution is offered again"),
        (OperationStatus::Canceled, _) => (
            Severity::Warning,
            "the execution was to be stopped and is canceled",
        ),
        (_, Rerun::Never) => (
            Severity::Error,
            "the execution must not run twice (AT_MOST_ONCE) and is not offered again: find out how far it came",
        ),
        (_, Rerun::AfterFailures(_)) => (
            Severity::Error,
            "it was lost too often and is not offered again",
        ),
    };
    let text = format!("The worker of attempt {attempt} was lost; {then}.");
    Note::new(severity, text)
}

/// What a worker leaves that gives an attempt back; `why` is a clause such as `it drains`.
#[must_use]
pub fn of_hand_back(attempt: u32, why: &str, begun: Begun, next: ExecutionState) -> Note {
    let began = match begun {
        Begun::Perhaps => "before its end",
        Begun::No => "before it began",
    };
    let (severity, then) = match next.status() {
        OperationStatus::Pending => (Severity::Information, "the execution is offered again"),
        OperationStatus::Canceled => (
            Severity::Information,
            "the execution was to be stopped and is canceled",
        ),
        _ => (
            Severity::Error,
            "the execution must not run twice (AT_MOST_ONCE) and is not offered again: find out how far it came",
        ),
    };
    let text = format!(
        "The worker of attempt {attempt} has handed the execution back {began}, as {why}; {then}."
    );
    Note::new(severity, text)
}

#[cfg(test)]
mod tests {
    use super::super::{Ending, Tally};
    use super::*;

    #[test]
    fn what_must_not_run_twice_is_said_to_be_over() {
        let ended = ExecutionState::Ended(Tally::default(), Ending::EndedUnexpectedly);
        let note = of_loss(1, ended, Rerun::Never);
        assert_eq!(note.severity, Severity::Error);
        assert!(note.text.contains("AT_MOST_ONCE"), "{note:?}");
        let note = of_loss(1, ended, Rerun::AfterFailures(0));
        assert!(note.text.contains("too often"), "{note:?}");
        let pending = ExecutionState::Pending(Tally::default());
        assert_eq!(
            of_loss(1, pending, Rerun::Never).severity,
            Severity::Warning
        );
    }

    #[test]
    fn a_crash_and_its_retry_are_two_messages() {
        let outcome = AttemptOutcome::EndedUnexpectedly {
            reason: "SO1305: killed".into(),
        };
        let pending = ExecutionState::Pending(Tally {
            failures: 1,
            ..Tally::default()
        });
        let notes = of_completion(3, &outcome, pending);
        let types: Vec<i16> = notes
            .iter()
            .map(|note| note.severity.message_type())
            .collect();
        assert_eq!(types, [120, 70]);
        assert!(notes[1].text.contains("retry 1"), "{notes:?}");
    }

    #[test]
    fn a_drained_worker_says_whether_the_package_had_begun() {
        let pending = ExecutionState::Pending(Tally::default());
        let note = of_hand_back(2, "it drains", Begun::No, pending);
        assert_eq!(
            note.text,
            "The worker of attempt 2 has handed the execution back before it began, as it drains; the execution is offered again."
        );
    }
}
