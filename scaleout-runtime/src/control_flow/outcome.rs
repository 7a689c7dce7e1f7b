//! How an executable ended, and the rules that turn errors into results.

use scaleout_core::package::{Executable, ForcedResult};
use scaleout_core::protocol::event::PackageResult;

/// How one run of one executable ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// DTSER_SUCCESS
    Success,
    /// DTSER_FAILURE
    Failure,
    /// DTSER_COMPLETION: only by `ForceExecutionResult`.
    Completion,
    /// DTSER_CANCELED
    Canceled,
}

impl Outcome {
    /// `execution_result` of `catalog.executable_statistics`.
    #[must_use]
    pub fn number(self) -> i16 {
        match self {
            Self::Success => 0,
            Self::Failure => 1,
            Self::Completion => 2,
            Self::Canceled => 3,
        }
    }

    /// As the result of a whole package.
    #[must_use]
    pub fn package_result(self) -> PackageResult {
        match self {
            Self::Success | Self::Completion => PackageResult::Success,
            Self::Failure => PackageResult::Failure,
            Self::Canceled => PackageResult::Canceled,
        }
    }
}

/// The result of an executable, and why it is not what its work returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What constraints and parents see.
    pub outcome: Outcome,
    /// The work succeeded, but the errors raised reached the limit (0x80019002).
    pub too_many_errors: bool,
}

/// Turns what the work returned and the errors raised below it into a result.
///
/// `worked` is what the task or the container's own logic returned; a stop is never overruled.
#[must_use]
pub fn judge(executable: &Executable, worked: Outcome, errors: u32) -> Verdict {
    let limit = executable.maximum_error_count;
    let at_limit = limit != 0 && limit <= errors;
    let too_many_errors = worked == Outcome::Success && at_limit;
    let counted = match too_many_errors {
        true => Outcome::Failure,
        false => worked,
    };
    let outcome = match executable.force_execution_result {
        _ if counted == Outcome::Canceled => Outcome::Canceled,
        ForcedResult::None => counted,
        ForcedResult::Success => Outcome::Success,
        ForcedResult::Failure => Outcome::Failure,
        ForcedResult::Completion => Outcome::Completion,
    };
    Verdict {
        outcome,
        too_many_errors,
    }
}
