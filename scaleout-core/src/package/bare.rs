//! A bare `.dtsx` as a project of one package.

use super::build::{BuiltProject, build_from_packages};
use super::error::PackageError;
use super::password::PackagePassword;

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
    build_with_password(dtsx, file_name, project_name, None)
}

/// The same for a package that may be encrypted with this password.
///
/// # Errors
///
/// When the package cannot be read, or the password does not open it.
pub fn build_with_password(
    dtsx: &[u8],
    file_name: &str,
    project_name: &str,
    password: Option<&PackagePassword>,
) -> Result<BuiltProject, PackageError> {
    let files = [(file_name.to_owned(), dtsx.to_vec())];
    build_from_packages(&files, file_name, project_name, password)
}
