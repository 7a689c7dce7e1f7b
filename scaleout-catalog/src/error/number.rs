//! SSISDB's own numbers, for those who look them up or whose scripts compare `ERROR_NUMBER()`.
//!
//! Source: "Database engine events and errors 26000 to 27999" of the SQL Server documentation.

use scaleout_core::error::Explain as _;
use scaleout_core::lease::ExecutionState;
use scaleout_core::registry::ArgumentError;

use super::{CatalogError, LEVEL_KIND, VARIABLE_KIND};

/// The number of an error; `None` where the original has no such error.
pub(super) fn number(error: &CatalogError) -> Option<i64> {
    Some(match error {
        CatalogError::Argument(ArgumentError::Missing { .. }) => 27100,
        CatalogError::Argument(ArgumentError::WrongType { .. }) => 27101,
        CatalogError::NameNotValid { kind, .. } => match *kind {
            "folder" => 27199,
            "project" => 27145,
            "environment" => 27142,
            VARIABLE_KIND => 27180,
            LEVEL_KIND => 27234,
            _ => 27128,
        },
        CatalogError::FolderExists { .. } => 27190,
        CatalogError::FolderMissing { .. } => 27104,
        CatalogError::FolderNotEmpty { .. } => 27196,
        CatalogError::ProjectMissing { .. } => 27109,
        CatalogError::PackageMissing { .. } => 27146,
        CatalogError::ProjectUnreadable { .. } => 27118,
        CatalogError::OperationMissing { .. } => 27105,
        CatalogError::AlreadyStarted { .. } => 27121,
        CatalogError::AlreadyStopped {
            state: ExecutionState::Stopping(..),
            ..
        } => 27126,
        CatalogError::AlreadyStopped { .. } => 27124,
        CatalogError::Outdated { .. } => 27150,
        CatalogError::ValuesMissing { .. } => 27184,
        CatalogError::ParameterMissing { .. } => 27106,
        CatalogError::ValueNotValid { .. } => 27147,
        CatalogError::ReferenceMissing { .. } => 27114,
        CatalogError::NoWorkerAllowed { .. } => 27257,
        CatalogError::ScaleOutDisabled => 27261,
        CatalogError::WorkerMissing { .. } => 27243,
        CatalogError::Forbidden { .. } => 27219,
        CatalogError::Project(error) => return error.number(),
        CatalogError::Environment(error) => return error.number(),
        CatalogError::Diagnostics(error) => return error.number(),
        CatalogError::Upkeep(error) => return error.number(),
        CatalogError::Job(error) => return error.number(),
        CatalogError::Permission(error) => return error.number(),
        CatalogError::Argument(_)
        | CatalogError::Child(_)
        | CatalogError::Join(_)
        | CatalogError::LocationNotValid { .. }
        | CatalogError::LocationMalformed { .. }
        | CatalogError::LocationWithPassword
        | CatalogError::Absent { .. }
        | CatalogError::UnknownColumn { .. }
        | CatalogError::FilterNotValid { .. }
        | CatalogError::NotInThisBuild { .. }
        | CatalogError::NotAnEntryPoint { .. }
        | CatalogError::ProjectNameDiffers { .. }
        | CatalogError::DoubleInProject { .. }
        | CatalogError::PropertyPathNotValid { .. }
        | CatalogError::NotScaleOut { .. }
        | CatalogError::ForeignCertificate { .. }
        | CatalogError::StaleAttempt { .. }
        | CatalogError::Scheduling(_)
        | CatalogError::Store(_) => return None,
    })
}

#[cfg(test)]
mod tests {
    use scaleout_core::error::ErrorBody;

    use super::*;

    #[test]
    fn a_body_carries_the_number_of_the_original() {
        let taken = CatalogError::FolderExists { name: "F".into() };
        assert_eq!(taken.number(), Some(27190));
        assert_eq!(ErrorBody::from_error(&taken).number, Some(27190));
        assert_eq!(CatalogError::NotScaleOut { id: 1 }.number(), None);
    }
}
