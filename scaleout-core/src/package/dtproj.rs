//! Project folders: a `.dtproj` and the files beside it.

use super::build::{BuiltProject, build_from_manifest, build_from_packages};
use super::error::PackageError;
use super::node::Node;
use super::xml;

/// Builds the project of a `.dtproj`, of either deployment model; `origin`
/// names the file in errors, `load` gives the bytes of a file by the name that
/// the project file uses (relative to its folder).
///
/// # Errors
///
/// When the project file or one of the files it names cannot be read.
pub fn read(
    dtproj: &[u8],
    origin: &str,
    load: &mut dyn FnMut(&str) -> std::io::Result<Vec<u8>>,
) -> Result<BuiltProject, PackageError> {
    let root = xml::read(dtproj, origin)?;
    let node = Node::new(origin, &root);
    if root.name != "Project" || root.child("DeploymentModel").is_none() {
        return Err(PackageError::WrongKind {
            place: node.place(),
            expected: "an SSIS project (root element `Project` with `DeploymentModel`)",
        });
    }
    let model = root
        .child("DeploymentModel")
        .map_or("", |model| model.text.trim());
    let mut load = |name: &str| {
        load(name).map_err(|source| PackageError::Neighbour {
            file: origin.to_owned(),
            neighbour: name.to_owned(),
            source,
        })
    };
    match model {
        "Project" => {
            let content = node.child("DeploymentModelSpecificContent");
            let manifest = content.and_then(|content| content.child("Manifest"));
            let project = manifest.and_then(|manifest| manifest.child("Project"));
            let project = project.ok_or_else(|| {
                node.missing("`DeploymentModelSpecificContent/Manifest/SSIS:Project`")
            })?;
            build_from_manifest(project.element, origin, &mut load)
        }
        "Package" => {
            let files = load_packages(node, &mut load)?;
            build_from_packages(&files, origin, file_stem(origin))
        }
        other => Err(node.invalid("DeploymentModel", other, "`Project` or `Package`")),
    }
}

/// The packages of the package deployment model: `DTSPackages/DtsPackage/{Name, FullPath}`.
fn load_packages(
    node: Node<'_>,
    load: &mut dyn FnMut(&str) -> Result<Vec<u8>, PackageError>,
) -> Result<Vec<(String, Vec<u8>)>, PackageError> {
    let mut files = Vec::new();
    for package in node.items("DTSPackages", "DtsPackage") {
        let text = |name: &str| package.child(name).map(|child| child.element.text.trim());
        let path = text("FullPath").or_else(|| text("Name"));
        let path = path
            .filter(|path| !path.is_empty())
            .ok_or_else(|| package.missing("`FullPath`"))?;
        files.push((last_name(path).to_owned(), load(path)?));
    }
    Ok(files)
}

fn last_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

fn file_stem(path: &str) -> &str {
    let name = last_name(path);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}
