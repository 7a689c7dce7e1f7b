//! What happens when a job is to run while it runs, and when a time has passed without a master.

use jiff::{SignedDuration, Timestamp};

/// For how long after its time a firing counts as being on time.
pub const ON_TIME: SignedDuration = SignedDuration::from_secs(60);

/// What happens when a job is to run while it runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Overlap {
    /// Nothing: the run is left out, as in the original.
    #[default]
    Skip,
    /// It runs after the one that runs; at most one waits.
    Queue,
    /// The one that runs is stopped, and it runs then.
    CancelPrevious,
}

impl Overlap {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Skip, Self::Queue, Self::CancelPrevious];

    /// As it is stored and written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Skip => "skip",
            Self::Queue => "queue",
            Self::CancelPrevious => "cancel_previous",
        }
    }

    /// From what is stored or written.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|one| one.as_str().eq_ignore_ascii_case(name))
    }

    /// What to do with a new run, when `running` runs of the job have not ended and `queued` of
    /// these have not begun.
    #[must_use]
    pub fn decide(self, running: u32, queued: u32) -> Entry {
        match self {
            _ if running == 0 => Entry::Begin,
            Self::Skip => Entry::Refuse,
            Self::Queue | Self::CancelPrevious if 0 < queued => Entry::Refuse,
            Self::Queue => Entry::Wait,
            Self::CancelPrevious => Entry::StopOthers,
        }
    }
}

/// What to do with a new run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// It begins.
    Begin,
    /// It waits until the one before it has ended.
    Wait,
    /// It waits, and the one before it is stopped.
    StopOthers,
    /// It does not run: the job does, or one waits already.
    Refuse,
}

/// What happens with times that passed while no master ran.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Missed {
    /// The job runs once for all of them.
    #[default]
    Once,
    /// They are left out.
    Skip,
}

impl Missed {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Once, Self::Skip];

    /// As it is stored and written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Once => "once",
            Self::Skip => "skip",
        }
    }

    /// From what is stored or written.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|one| one.as_str().eq_ignore_ascii_case(name))
    }

    /// Whether a firing whose time was `due` runs now.
    #[must_use]
    pub fn runs(self, due: Timestamp, now: Timestamp) -> bool {
        self == Self::Once || now.duration_since(due) <= ON_TIME
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_that_does_not_run_begins_whatever_its_policy_is() {
        for policy in Overlap::ALL {
            assert_eq!(policy.decide(0, 0), Entry::Begin);
        }
    }

    #[test]
    fn one_that_runs_is_left_alone_followed_or_stopped() {
        assert_eq!(Overlap::Skip.decide(1, 0), Entry::Refuse);
        assert_eq!(Overlap::Queue.decide(1, 0), Entry::Wait);
        assert_eq!(Overlap::CancelPrevious.decide(1, 0), Entry::StopOthers);
    }

    #[test]
    fn no_more_than_one_waits() {
        for policy in Overlap::ALL {
            assert_eq!(policy.decide(2, 1), Entry::Refuse);
        }
    }

    #[test]
    fn what_is_late_runs_once_or_not_at_all() {
        let due: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let (soon, late) = (due + ON_TIME, due + ON_TIME + SignedDuration::from_secs(1));
        assert!(Missed::Skip.runs(due, soon));
        assert!(!Missed::Skip.runs(due, late));
        assert!(Missed::Once.runs(due, late));
    }
}
