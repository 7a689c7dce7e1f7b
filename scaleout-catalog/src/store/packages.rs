//! Packages of a project version.

use scaleout_core::model::identifier::name_key;
use uuid::Uuid;

use super::{Session, StoreError, args};

/// A package to store.
#[derive(Clone, Debug)]
pub struct NewPackage {
    /// File name.
    pub name: String,
    /// Id of the package, braced; empty when unknown.
    pub guid: String,
    /// Description.
    pub description: String,
    /// Format of its file.
    pub format_version: u8,
    /// Major, minor, build.
    pub version: (u32, u32, u32),
    /// Comments on the version.
    pub version_comments: String,
    /// Id of the version, braced; empty when unknown.
    pub version_guid: String,
    /// Whether it may be started directly.
    pub entry_point: bool,
}

/// Stores the packages of a version.
pub async fn insert(
    session: &mut Session,
    project_id: i64,
    version: i64,
    packages: &[NewPackage],
) -> Result<(), StoreError> {
    let rows = packages
        .iter()
        .map(|package| {
            args![
                version,
                project_id,
                &package.name,
                name_key(&package.name),
                bare_guid(&package.guid),
                &package.description,
                i32::from(package.format_version),
                package.version.0,
                package.version.1,
                package.version.2,
                &package.version_comments,
                bare_guid(&package.version_guid),
                package.entry_point
            ]
        })
        .collect();
    session
        .insert_many(
            "package (object_version_lsn, project_id, name, name_key, package_guid, description,
                 package_format_version, version_major, version_minor, version_build,
                 version_comments, version_guid, entry_point)",
            "",
            rows,
        )
        .await
}

/// The view shows a `uniqueidentifier`; `None` for what is none.
fn bare_guid(guid: &str) -> Option<Uuid> {
    let bare = guid.trim().trim_start_matches('{').trim_end_matches('}');
    Uuid::parse_str(bare).ok()
}

/// The name of a package as deployed and whether it is an entry point.
pub async fn find(
    session: &mut Session,
    version: i64,
    name: &str,
) -> Result<Option<(String, bool)>, StoreError> {
    let row = session
        .remembered(
            "SELECT name, entry_point FROM package WHERE object_version_lsn = $1 AND name_key = $2",
            args![version, name_key(name)],
        )
        .await?
        .into_iter()
        .next();
    row.map(|row| Ok((row.get("name")?, row.get("entry_point")?)))
        .transpose()
}
