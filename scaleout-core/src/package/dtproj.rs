//! Project folders: a `.dtproj` and the files beside it.

use super::build::{BuiltProject, build_from_manifest, build_from_packages};
use super::error::PackageError;
use super::manifest;
use super::node::Node;
use super::password::PackagePassword;
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
    read_with_password(dtproj, origin, None, load)
}

/// The same for a project whose files may be encrypted with this password.
///
/// # Errors
///
/// Those of [`read`], and when the password does not open a file.
pub fn read_with_password(
    dtproj: &[u8],
    origin: &str,
    password: Option<&PackagePassword>,
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
            let built = build_from_manifest(project.element, origin, password, &mut load);
            built.map_err(|error| match manifest::from_element(project, password) {
                Ok(manifest) => naming_all_absent(error, &manifest.neighbours(), &mut load),
                Err(_) => error,
            })
        }
        "Package" => {
            let paths = package_paths(node)?;
            let files = load_packages(&paths, &mut load);
            let files = files.map_err(|error| naming_all_absent(error, &paths, &mut load))?;
            build_from_packages(&files, origin, file_stem(origin), password)
        }
        other => Err(node.invalid("DeploymentModel", other, "`Project` or `Package`")),
    }
}

/// The error of one absent file, or of all of `names` that are absent when it is not the only one:
/// whoever looks for one wants to know the others too.
fn naming_all_absent(
    error: PackageError,
    names: &[String],
    load: &mut dyn FnMut(&str) -> Result<Vec<u8>, PackageError>,
) -> PackageError {
    let PackageError::Neighbour { file, .. } = &error else {
        return error;
    };
    if !error.is_absence() {
        return error;
    }
    let mut absent = Vec::new();
    for name in names {
        if load(name).is_err_and(|error| error.is_absence()) {
            absent.push(name.clone());
        }
    }
    match absent.len() {
        0 | 1 => error,
        _ => PackageError::NeighboursAbsent {
            file: file.clone(),
            absent,
        },
    }
}

/// The packages of the package deployment model: `DTSPackages/DtsPackage/{Name, FullPath}`, with
/// slashes between folders.
fn package_paths(node: Node<'_>) -> Result<Vec<String>, PackageError> {
    let mut paths = Vec::new();
    for package in node.items("DTSPackages", "DtsPackage") {
        let text = |name: &str| package.child(name).map(|child| child.element.text.trim());
        let path = text("FullPath").or_else(|| text("Name"));
        let path = path
            .filter(|path| !path.is_empty())
            .ok_or_else(|| package.missing("`FullPath`"))?;
        // Project files write Windows paths; a slash separates folders everywhere.
        paths.push(path.replace('\\', "/"));
    }
    Ok(paths)
}

fn load_packages(
    paths: &[String],
    load: &mut dyn FnMut(&str) -> Result<Vec<u8>, PackageError>,
) -> Result<Vec<(String, Vec<u8>)>, PackageError> {
    let named = |path: &String| Ok((last_name(path).to_owned(), load(path)?));
    paths.iter().map(named).collect()
}

fn last_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

fn file_stem(path: &str) -> &str {
    let name = last_name(path);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::io::{Error, ErrorKind};

    use super::*;
    use crate::error::Explain as _;
    use crate::package::dtsx::tests::FORMAT_8;
    use crate::package::ispac;

    const CONNECTION: &str = "<DTS:ConnectionManager xmlns:DTS=\"www.microsoft.com/SqlServer/Dts\" DTS:ObjectName=\"Real\" \
                              DTS:DTSID=\"{q}\" DTS:CreationName=\"FILE\"/>";
    const PROJECT: &str = "<Project><DeploymentModel>Project</DeploymentModel><DeploymentModelSpecificContent><Manifest>\
        <S:Project xmlns:S=\"www.microsoft.com/SqlServer/SSIS\" S:ProtectionLevel=\"DontSaveSensitive\"><S:Properties>\
        <S:Property S:Name=\"ID\">{1}</S:Property><S:Property S:Name=\"Name\">Sales &amp; more</S:Property></S:Properties>\
        <S:Packages><S:Package S:Name=\"a b.dtsx\" S:EntryPoint=\"1\"/></S:Packages>\
        <S:ConnectionManagers><S:ConnectionManager S:Name=\"q.conmgr\"/></S:ConnectionManagers>\
        <S:DeploymentInfo/></S:Project></Manifest></DeploymentModelSpecificContent></Project>";
    const PARAMETERS: &str = "<S:Parameters xmlns:S=\"www.microsoft.com/SqlServer/SSIS\"><S:Parameter S:Name=\"p\"><S:Properties>\
        <S:Property S:Name=\"DataType\">9</S:Property><S:Property S:Name=\"Value\">1</S:Property></S:Properties></S:Parameter></S:Parameters>";

    fn folder() -> BTreeMap<&'static str, &'static str> {
        BTreeMap::from([
            ("a b.dtsx", FORMAT_8),
            ("q.conmgr", CONNECTION),
            ("Project.params", PARAMETERS),
        ])
    }

    fn build(dtproj: &str, folder: &BTreeMap<&str, &str>) -> Result<BuiltProject, PackageError> {
        read(dtproj.as_bytes(), "dir/Sales.dtproj", &mut |name| {
            let found = folder.get(name).map(|text| text.as_bytes().to_vec());
            found.ok_or_else(|| Error::from(ErrorKind::NotFound))
        })
    }

    #[test]
    fn a_project_folder_builds_into_an_archive_that_reads_the_same() {
        let built = build(PROJECT, &folder()).unwrap();
        assert_eq!(built.project.name, "Sales & more");
        assert_eq!(
            built.project.connection_managers[0].ref_id,
            "Project.ConnectionManagers[Real]"
        );
        let again = ispac::read(&built.ispac, "x.ispac").unwrap();
        assert_eq!(
            (&again.name, &again.id),
            (&built.project.name, &built.project.id)
        );
        assert_eq!(again.parameters, built.project.parameters);
        assert_eq!(again.connection_managers, built.project.connection_managers);
        assert!(again.packages[0].package == built.project.packages[0].package);
    }

    #[test]
    fn a_missing_package_is_named() {
        let mut folder = folder();
        folder.remove("a b.dtsx");
        let error = build(PROJECT, &folder).unwrap_err();
        assert_eq!(error.code(), "SO2025");
        assert_eq!(
            error.to_string(),
            "failed to read `a b.dtsx`, which `dir/Sales.dtproj` names"
        );
    }

    #[test]
    fn all_absent_files_are_named_at_once() {
        let more = PROJECT.replace(
            "<S:Packages>",
            "<S:Packages><S:Package S:Name=\"c.dtsx\" S:EntryPoint=\"1\"/>",
        );
        let mut folder = folder();
        folder.remove("a b.dtsx");
        let error = build(&more, &folder).unwrap_err();
        assert_eq!(error.code(), "SO2025");
        assert_eq!(
            error.to_string(),
            "`dir/Sales.dtproj` names files that are not there: `c.dtsx`, `a b.dtsx`"
        );
        let text = "<Project><DeploymentModel>Package</DeploymentModel><DTSPackages>\
                    <DtsPackage><Name>a.dtsx</Name></DtsPackage><DtsPackage><Name>b.dtsx</Name></DtsPackage>\
                    </DTSPackages></Project>";
        let error = build(text, &folder).unwrap_err();
        assert!(error.to_string().ends_with("`a.dtsx`, `b.dtsx`"), "{error}");
    }

    #[test]
    fn a_folder_without_parameters_leaves_a_note() {
        let mut folder = folder();
        folder.remove("Project.params");
        let built = build(PROJECT, &folder).unwrap();
        assert!(built.project.parameters.is_empty());
        assert_eq!(built.project.notes[0].code, "SO2011");
        assert!(
            ispac::read(&built.ispac, "x.ispac")
                .unwrap()
                .notes
                .is_empty()
        );
    }

    #[test]
    fn the_package_deployment_model_builds_too() {
        let text = "<Project><DeploymentModel>Package</DeploymentModel><DTSPackages><DtsPackage><Name>a.dtsx</Name>\
                    <FullPath>sub\\a.dtsx</FullPath></DtsPackage></DTSPackages></Project>";
        let built = build(text, &BTreeMap::from([("sub/a.dtsx", FORMAT_8)])).unwrap();
        assert_eq!(
            (
                built.project.name.as_str(),
                built.project.packages[0].file_name.as_str()
            ),
            ("Sales", "a.dtsx")
        );
    }

    #[test]
    fn other_files_are_refused() {
        assert_eq!(build("<Project/>", &folder()).unwrap_err().code(), "SO2004");
        let error = build(
            "<Project><DeploymentModel>X</DeploymentModel></Project>",
            &folder(),
        )
        .unwrap_err();
        assert_eq!(error.code(), "SO2007");
        let error = build(
            "<Project><DeploymentModel>Project</DeploymentModel></Project>",
            &folder(),
        )
        .unwrap_err();
        assert_eq!(error.code(), "SO2008");
    }
}
