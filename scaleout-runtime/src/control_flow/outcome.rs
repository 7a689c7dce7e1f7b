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

#[cfg(test)]
mod tests {
    use scaleout_core::package::dtsx;

    use super::*;

    fn executable(attributes: &str) -> Executable {
        let text = format!(
            r#"<DTS:Executable xmlns:DTS="www.microsoft.com/SqlServer/Dts" DTS:refId="Package"
               DTS:ExecutableType="Microsoft.Package" DTS:ObjectName="p" {attributes}>
               <DTS:Property DTS:Name="PackageFormatVersion">8</DTS:Property></DTS:Executable>"#
        );
        dtsx::read(text.as_bytes(), "p.dtsx").unwrap().root
    }

    #[test]
    fn errors_at_the_limit_fail_what_succeeded_and_say_so() {
        let plain = executable("");
        assert!(!judge(&plain, Outcome::Success, 0).too_many_errors);
        let one = judge(&plain, Outcome::Success, 1);
        assert_eq!((one.outcome, one.too_many_errors), (Outcome::Failure, true));
        let failed = judge(&plain, Outcome::Failure, 1);
        assert_eq!(
            (failed.outcome, failed.too_many_errors),
            (Outcome::Failure, false)
        );
    }

    #[test]
    fn zero_means_no_limit() {
        let unlimited = executable(r#"DTS:MaxErrorCount="0""#);
        assert_eq!(
            judge(&unlimited, Outcome::Success, 1000).outcome,
            Outcome::Success
        );
    }

    #[test]
    fn a_stop_is_never_overruled() {
        let forced = executable(r#"DTS:ForceExecutionResult="0""#);
        assert_eq!(
            judge(&forced, Outcome::Failure, 3).outcome,
            Outcome::Success
        );
        assert_eq!(
            judge(&forced, Outcome::Canceled, 0).outcome,
            Outcome::Canceled
        );
    }
}
