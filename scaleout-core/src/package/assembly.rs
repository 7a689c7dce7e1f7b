//! From a manifest and the files it names to a [`Project`].

use std::sync::Arc;

use super::error::PackageError;
use super::manifest::{Manifest, PARAMETERS_MEMBER};
use super::model::ReadNote;
use super::project::{Project, ProjectPackage};
use super::{PackagePassword, conmgr, dtsx, params};

/// Gives the bytes of a file that the manifest names.
pub(crate) type Fetch<'a> = &'a mut dyn FnMut(&str) -> Result<Vec<u8>, PackageError>;

/// Reads every file that `manifest` names; `origin` is the project in errors.
pub(crate) fn assemble(
    manifest: Manifest,
    origin: &str,
    password: Option<&PackagePassword>,
    fetch: Fetch<'_>,
) -> Result<Project, PackageError> {
    refuse_duplicates(&manifest, origin)?;
    let mut notes = Vec::new();
    let mut parameters = Vec::new();
    match fetch(PARAMETERS_MEMBER) {
        Ok(bytes) => {
            let origin = member_origin(origin, PARAMETERS_MEMBER);
            let (own, more) = params::read_with_notes(&bytes, &origin, password)?;
            parameters = own;
            notes.extend(more);
        }
        // A project without parameters may have lost the file that would say so.
        Err(error) if error.is_absence() => notes.push(no_parameters(origin)),
        Err(error) => return Err(error),
    }
    let mut connection_managers = Vec::new();
    for name in &manifest.connection_managers {
        let bytes = fetch(name)?;
        let (manager, more) =
            conmgr::read_with_notes(&bytes, &member_origin(origin, name), password)?;
        connection_managers.push(manager);
        notes.extend(more);
    }
    let mut packages = Vec::new();
    for entry in manifest.packages {
        let bytes = fetch(&entry.file_name)?;
        let origin = member_origin(origin, &entry.file_name);
        let package = dtsx::read_with_password(&bytes, &origin, password)?;
        packages.push(ProjectPackage {
            file_name: entry.file_name,
            entry_point: entry.entry_point,
            manifest_parameters: entry.parameters,
            package: Arc::new(package),
        });
    }
    Ok(Project {
        name: manifest.name,
        id: manifest.id,
        description: manifest.description,
        version: manifest.version,
        format_version: manifest.format_version,
        parameters,
        connection_managers,
        packages,
        connection_parameters: manifest.connection_parameters,
        notes,
    })
}

fn no_parameters(origin: &str) -> ReadNote {
    ReadNote {
        code: "SO2011",
        path: member_origin(origin, PARAMETERS_MEMBER),
        message: format!(
            "`{origin}` has no `{PARAMETERS_MEMBER}` beside it: it is read as a project without parameters"
        ),
    }
}

/// How errors name a file inside a project.
pub(crate) fn member_origin(origin: &str, member: &str) -> String {
    format!("{origin}/{member}")
}

/// Package names are compared as the catalog compares them: without case.
fn refuse_duplicates(manifest: &Manifest, origin: &str) -> Result<(), PackageError> {
    let packages = &manifest.packages;
    for (index, second) in packages.iter().enumerate() {
        let lowered = second.file_name.to_lowercase();
        let mut before = packages[..index].iter();
        if let Some(first) = before.find(|package| package.file_name.to_lowercase() == lowered) {
            return Err(PackageError::DuplicatePackage {
                file: origin.to_owned(),
                first: first.file_name.clone(),
                second: second.file_name.clone(),
            });
        }
    }
    Ok(())
}
