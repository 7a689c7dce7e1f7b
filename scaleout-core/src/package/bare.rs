//! A bare `.dtsx` as a project of one package.

use super::build::{BuiltProject, build_from_packages};
use super::error::PackageError;

/// A project named `project_name` with one package, `file_name`.
///
/// # Errors
///
/// When the package cannot be read.
pub fn build(
    dtsx: &[u8],
    file_name: &str,
    project_name: &str,
) -> Result<BuiltProject, PackageError> {
    let files = [(file_name.to_owned(), dtsx.to_vec())];
    build_from_packages(&files, file_name, project_name)
}
