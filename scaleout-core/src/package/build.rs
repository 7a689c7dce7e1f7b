//! Projects built here: the `.ispac` of a `.dtproj` folder or of a bare package.

use super::assembly::{assemble, member_origin};
use super::dtsx;
use super::error::PackageError;
use super::ispac::{self, Member};
use super::manifest::{self, MEMBER, PARAMETERS_MEMBER};
use super::new_manifest::new_manifest;
use super::node::Node;
use super::password::PackagePassword;
use super::project::Project;
use super::xml::Element;

/// A project file without parameters, for projects that have none of their own.
const NO_PARAMETERS: &str =
    "<?xml version=\"1.0\"?>\n<SSIS:Parameters xmlns:SSIS=\"www.microsoft.com/SqlServer/SSIS\" />";

/// A project and the deployment file made of it.
#[derive(Clone, Debug)]
pub struct BuiltProject {
    /// The project.
    pub project: Project,
    /// Its `.ispac`.
    pub ispac: Vec<u8>,
}

/// Builds what a manifest element names.
pub(crate) fn build_from_manifest(
    element: &Element,
    origin: &str,
    password: Option<&PackagePassword>,
    load: &mut dyn FnMut(&str) -> Result<Vec<u8>, PackageError>,
) -> Result<BuiltProject, PackageError> {
    let manifest = manifest::from_element(Node::new(origin, element), password)?;
    let mut members = Vec::new();
    let project = assemble(manifest, origin, password, &mut |name| {
        let bytes = load(name)?;
        members.push(Member {
            name: name.to_owned(),
            bytes: bytes.clone(),
        });
        Ok(bytes)
    })?;
    if members
        .iter()
        .all(|member| member.name != PARAMETERS_MEMBER)
    {
        members.push(Member {
            name: PARAMETERS_MEMBER.to_owned(),
            bytes: NO_PARAMETERS.as_bytes().to_vec(),
        });
    }
    members.push(Member {
        name: MEMBER.to_owned(),
        bytes: manifest::to_text(element).into_bytes(),
    });
    let ispac = ispac::write(&members)?;
    Ok(BuiltProject { project, ispac })
}

/// Builds a project of packages that have no manifest (file name and bytes each).
pub(crate) fn build_from_packages(
    files: &[(String, Vec<u8>)],
    origin: &str,
    project_name: &str,
    password: Option<&PackagePassword>,
) -> Result<BuiltProject, PackageError> {
    let mut packages = Vec::new();
    for (name, bytes) in files {
        let origin = if name == origin {
            origin.to_owned()
        } else {
            member_origin(origin, name)
        };
        let package = dtsx::read_with_password(bytes, &origin, password)?;
        packages.push((name.clone(), package));
    }
    let element = new_manifest(project_name, &packages);
    build_from_manifest(&element, origin, password, &mut |name| {
        if name == PARAMETERS_MEMBER {
            return Ok(NO_PARAMETERS.as_bytes().to_vec());
        }
        let found = files.iter().find(|(file_name, _)| file_name == name);
        found
            .map(|(_, bytes)| bytes.clone())
            .ok_or_else(|| PackageError::MissingMember {
                file: origin.to_owned(),
                member: name.to_owned(),
                needed_by: MEMBER.to_owned(),
            })
    })
}
