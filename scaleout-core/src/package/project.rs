//! A project: packages, project connection managers, project parameters, manifest.

use std::sync::Arc;

use super::model::{ConnectionManager, Package, Parameter, ReadNote};

/// A whole project, from an `.ispac`, a folder with a `.dtproj`, or a bare `.dtsx`.
#[derive(Clone, Debug)]
pub struct Project {
    /// Name in the manifest.
    pub name: String,
    /// Project id, braced GUID; empty when the manifest has none.
    pub id: String,
    /// Description.
    pub description: String,
    /// `VersionMajor`, `VersionMinor`, `VersionBuild`.
    pub version: (u32, u32, u32),
    /// `FormatVersion` of the project, 1 today.
    pub format_version: u32,
    /// Project parameters (`$Project::Name`), from `Project.params`.
    pub parameters: Vec<Parameter>,
    /// Project connection managers.
    pub connection_managers: Vec<ConnectionManager>,
    /// Packages, in manifest order.
    pub packages: Vec<ProjectPackage>,
    /// `CM.<connection>.<property>` parameters that the manifest declares for the project.
    pub connection_parameters: Vec<Parameter>,
    /// What the reader could not carry over from the project's own files; packages have theirs.
    pub notes: Vec<ReadNote>,
}

/// A package inside a project.
#[derive(Clone, Debug)]
pub struct ProjectPackage {
    /// File name, such as `Load.dtsx`.
    pub file_name: String,
    /// The entry-point mark of the manifest; true when the manifest says nothing.
    pub entry_point: bool,
    /// `CM.*` and package parameters that the manifest declares for this package.
    pub manifest_parameters: Vec<Parameter>,
    /// The package itself.
    pub package: Arc<Package>,
}
