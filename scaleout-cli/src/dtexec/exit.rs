//! The exit codes of dtexec, and the words that go with them.

use scaleout_core::error::Blame;
use scaleout_core::protocol::event::PackageResult;

/// How a run of dtexec ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exit {
    /// The package succeeded.
    Success,
    /// The package failed.
    Failure,
    /// Someone stopped it.
    Canceled,
    /// There is no such package.
    NotFound,
    /// The package cannot be loaded.
    NotLoaded,
    /// The command line cannot be.
    CommandLine,
}

impl Exit {
    /// The exit code of the process.
    pub(super) fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Failure => 1,
            Self::Canceled => 3,
            Self::NotFound => 4,
            Self::NotLoaded => 5,
            Self::CommandLine => 6,
        }
    }

    /// By what an error blames.
    pub(super) fn of(blame: Blame) -> Self {
        match blame {
            Blame::Missing => Self::NotFound,
            Blame::Unreadable => Self::NotLoaded,
            Blame::Caller | Blame::Stranger | Blame::Forbidden | Blame::Conflict => {
                Self::CommandLine
            }
            Blame::Unreachable | Blame::Server => Self::Failure,
        }
    }

    /// The name of the result of a package, and its number.
    pub(super) fn result(result: PackageResult) -> (Self, &'static str) {
        match result {
            PackageResult::Success => (Self::Success, "DTSER_SUCCESS (0)"),
            PackageResult::Failure => (Self::Failure, "DTSER_FAILURE (1)"),
            PackageResult::Canceled => (Self::Canceled, "DTSER_CANCELED (3)"),
        }
    }
}
