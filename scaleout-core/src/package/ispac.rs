//! Project deployment files: `.ispac`, a zip of packages, connection managers, parameters and manifest.

mod archive;
mod content_types;
mod member_name;
#[cfg(test)]
mod tests;

use super::assembly::{assemble, member_origin};
use super::error::PackageError;
use super::manifest;
use super::password::PackagePassword;
use super::project::Project;

pub use archive::{MAX_MEMBER_BYTES, MAX_MEMBERS, MAX_RATIO, MAX_UNPACKED_BYTES, Member, unpack};

/// Reads an `.ispac`; `origin` names it in errors.
///
/// # Errors
///
/// When the archive is damaged or over a limit, when a file that the manifest
/// names is not in it, or when one of its files cannot be read.
pub fn read(bytes: &[u8], origin: &str) -> Result<Project, PackageError> {
    read_with_password(bytes, origin, None)
}

/// The same for one whose files may be encrypted with this password.
///
/// # Errors
///
/// Those of [`read`], and when the password does not open a file.
pub fn read_with_password(
    bytes: &[u8],
    origin: &str,
    password: Option<&PackagePassword>,
) -> Result<Project, PackageError> {
    let members = unpack(bytes, origin)?;
    let find = |name: &str, needed_by: &str| {
        let exact = members.iter().find(|member| member.name == name);
        let any_case = || {
            members
                .iter()
                .find(|member| member.name.eq_ignore_ascii_case(name))
        };
        let found = exact.or_else(any_case);
        found
            .map(|member| &member.bytes)
            .ok_or_else(|| PackageError::MissingMember {
                file: origin.to_owned(),
                member: name.to_owned(),
                needed_by: needed_by.to_owned(),
            })
    };
    let manifest_bytes = find(manifest::MEMBER, "")?;
    let manifest_origin = member_origin(origin, manifest::MEMBER);
    let manifest = manifest::read_with_password(manifest_bytes, &manifest_origin, password)?;
    assemble(manifest, origin, password, &mut |name| {
        let needed_by = if name == manifest::PARAMETERS_MEMBER {
            ""
        } else {
            manifest::MEMBER
        };
        find(name, needed_by).cloned()
    })
}

/// Builds an `.ispac`: packages, connection managers, then parameters, manifest
/// and content types. The same members give the same bytes.
///
/// # Errors
///
/// When a member is larger than an archive can hold.
pub fn write(members: &[Member]) -> Result<Vec<u8>, PackageError> {
    let mut ordered: Vec<&Member> = members.iter().collect();
    ordered.sort_by_key(|member| place_in_archive(&member.name));
    let types = Member {
        name: content_types::MEMBER.to_owned(),
        bytes: content_types::build(&ordered),
    };
    ordered.push(&types);
    archive::pack(&ordered)
}

/// The original keeps its members in this order; members of one kind stay in theirs.
fn place_in_archive(name: &str) -> u8 {
    match name {
        manifest::PARAMETERS_MEMBER => 2,
        manifest::MEMBER => 3,
        name if name.to_ascii_lowercase().ends_with(".conmgr") => 1,
        _ => 0,
    }
}
