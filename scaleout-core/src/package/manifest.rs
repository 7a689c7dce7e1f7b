//! `@Project.manifest`: what a project consists of. A `.dtproj` holds the same element.

use super::dtsx::hide_encrypted;
use super::error::PackageError;
use super::model::{Parameter, ProtectionLevel};
use super::node::Node;
use super::params::read_parameters;
use super::xml::{self, Element};
use super::xml_writer;
use super::{PackagePassword, protected};

/// The name of the manifest inside an `.ispac`.
pub const MEMBER: &str = "@Project.manifest";
/// The name of the parameter file inside an `.ispac` and beside a `.dtproj`.
pub const PARAMETERS_MEMBER: &str = "Project.params";

/// What a manifest says.
#[derive(Clone, Debug, PartialEq)]
pub struct Manifest {
    /// Name of the project.
    pub name: String,
    /// Project id, braced GUID; empty when absent.
    pub id: String,
    /// Description.
    pub description: String,
    /// `VersionMajor`, `VersionMinor`, `VersionBuild`.
    pub version: (u32, u32, u32),
    /// `FormatVersion`, 1 today.
    pub format_version: u32,
    /// `ProtectionLevel`, a word here.
    pub protection_level: ProtectionLevel,
    /// Packages, in order.
    pub packages: Vec<ManifestPackage>,
    /// File names of the project connection managers, in order.
    pub connection_managers: Vec<String>,
    /// `CM.<connection>.<property>` parameters of project connection managers.
    pub connection_parameters: Vec<Parameter>,
}

impl Manifest {
    /// The files that lie beside a project file: connection managers, then packages. The file of
    /// parameters is not among them: a project may lack it.
    #[must_use]
    pub fn neighbours(&self) -> Vec<String> {
        let packages = self.packages.iter().map(|package| &package.file_name);
        self.connection_managers
            .iter()
            .chain(packages)
            .cloned()
            .collect()
    }
}

/// A package as the manifest names it.
#[derive(Clone, Debug, PartialEq)]
pub struct ManifestPackage {
    /// File name, not URL-encoded.
    pub file_name: String,
    /// `EntryPoint`; true when absent.
    pub entry_point: bool,
    /// Parameters of `PackageMetaData`.
    pub parameters: Vec<Parameter>,
}

/// Reads an `@Project.manifest`; `origin` names it in errors.
///
/// # Errors
///
/// When it is not well-formed, is another kind of file, or is encrypted as a whole.
pub fn read(bytes: &[u8], origin: &str) -> Result<Manifest, PackageError> {
    read_with_password(bytes, origin, None)
}

/// The same for one that may be encrypted with this password.
pub(crate) fn read_with_password(
    bytes: &[u8],
    origin: &str,
    password: Option<&PackagePassword>,
) -> Result<Manifest, PackageError> {
    let root = xml::read(bytes, origin)?;
    from_element(Node::new(origin, &root), password)
}

/// The manifest in an `SSIS:Project` element. What is encrypted in it and does not open is left out:
/// the files that it names say more about the same values.
pub(crate) fn from_element(
    node: Node<'_>,
    password: Option<&PackagePassword>,
) -> Result<Manifest, PackageError> {
    let mut element = node.element.clone();
    if let Some(password) = password {
        protected::open(&mut element, node.origin, password)?;
    }
    hide_encrypted(&mut element, "\\Project");
    from_opened(Node::new(node.origin, &element), password.is_some())
}

fn from_opened(node: Node<'_>, with_password: bool) -> Result<Manifest, PackageError> {
    if node.element.name != "Project" {
        return Err(PackageError::WrongKind {
            place: node.place(),
            expected: "a project manifest (root element `SSIS:Project`)",
        });
    }
    let protection_level = read_protection_level(node, with_password)?;
    let Some(properties) = node.child("Properties") else {
        return Err(node.missing("`Properties`"));
    };
    let name = properties.text("Name");
    if name.is_empty() {
        return Err(properties.missing("property `Name`"));
    }
    let info = node.child("DeploymentInfo");
    let connections = info.and_then(|info| info.child("ProjectConnectionParameters"));
    Ok(Manifest {
        name,
        id: properties.text("ID"),
        description: properties.text("Description"),
        version: (
            properties.number("VersionMajor", 1)?,
            properties.number("VersionMinor", 0)?,
            properties.number("VersionBuild", 0)?,
        ),
        format_version: properties.number("FormatVersion", 1)?,
        protection_level,
        packages: read_packages(node, info)?,
        connection_managers: read_connection_manager_names(node)?,
        connection_parameters: connections.map_or_else(|| Ok(Vec::new()), read_parameters)?,
    })
}

/// The text of a manifest element, as it stands in an `.ispac`: no declaration.
pub(crate) fn to_text(manifest: &Element) -> String {
    xml_writer::write(manifest, "SSIS", "www.microsoft.com/SqlServer/SSIS")
}

fn read_protection_level(
    node: Node<'_>,
    with_password: bool,
) -> Result<ProtectionLevel, PackageError> {
    let Some(written) = node.element.attribute("ProtectionLevel") else {
        return Ok(ProtectionLevel::default());
    };
    let level = ProtectionLevel::from_text(written).ok_or_else(|| {
        node.invalid(
            "ProtectionLevel",
            written,
            "a word such as `DontSaveSensitive`",
        )
    })?;
    let opened = with_password && level == ProtectionLevel::EncryptAllWithPassword;
    if level.encrypts_all() && !opened {
        return Err(PackageError::Encrypted {
            place: node.place(),
            level: level.word().to_owned(),
        });
    }
    Ok(level)
}

fn read_packages(
    node: Node<'_>,
    info: Option<Node<'_>>,
) -> Result<Vec<ManifestPackage>, PackageError> {
    let metadata = info.and_then(|info| info.child("PackageInfo"));
    let Some(packages) = node.child("Packages") else {
        return Err(node.missing("`Packages`"));
    };
    let mut read = Vec::new();
    for package in packages.children("Package") {
        let file_name = named(package)?;
        let own = metadata.and_then(|metadata| {
            let mut all = metadata.children("PackageMetaData");
            all.find(|entry| entry.element.attribute("Name") == Some(file_name.as_str()))
        });
        let parameters = own.and_then(|entry| entry.child("Parameters"));
        read.push(ManifestPackage {
            entry_point: package.boolean("EntryPoint", true)?,
            parameters: parameters.map_or_else(|| Ok(Vec::new()), read_parameters)?,
            file_name,
        });
    }
    Ok(read)
}

fn read_connection_manager_names(node: Node<'_>) -> Result<Vec<String>, PackageError> {
    let Some(managers) = node.child("ConnectionManagers") else {
        return Ok(Vec::new());
    };
    managers.children("ConnectionManager").map(named).collect()
}

fn named(node: Node<'_>) -> Result<String, PackageError> {
    let name = node
        .element
        .attribute("Name")
        .filter(|name| !name.is_empty());
    name.map(str::to_owned)
        .ok_or_else(|| node.missing("`Name`"))
}
