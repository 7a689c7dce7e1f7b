//! Incremental deployment: single packages into a project that is there already.

use super::build::{BuiltProject, build_from_manifest, build_from_packages};
use super::error::PackageError;
use super::manifest::{MEMBER, PARAMETERS_MEMBER};
use super::new_manifest::{element, package_entry, package_metadata};
use super::node::Node;
use super::password::PackagePassword;
use super::xml::{self, Element};
use super::{assembly::member_origin, dtsx, ispac};

/// The project of an `.ispac` with some of its packages replaced and others added (file name and
/// content each). A replaced package keeps its place, its entry-point mark and the spelling of
/// its name; whatever else the project has stays byte for byte, but for the manifest.
///
/// # Errors
///
/// When the archive or a package cannot be read, or a package is given twice.
pub fn replace_packages(
    ispac: &[u8],
    origin: &str,
    packages: &[(String, Vec<u8>)],
    password: Option<&PackagePassword>,
) -> Result<BuiltProject, PackageError> {
    let members = ispac::unpack(ispac, origin)?;
    let member = |name: &str| {
        let found = members.iter().find(|member| same_name(&member.name, name));
        found.map(|member| member.bytes.clone())
    };
    let missing = |name: &str, needed_by: &str| PackageError::MissingMember {
        file: origin.to_owned(),
        member: name.to_owned(),
        needed_by: needed_by.to_owned(),
    };
    let manifest = member(MEMBER).ok_or_else(|| missing(MEMBER, ""))?;
    let manifest_origin = member_origin(origin, MEMBER);
    let mut manifest = xml::read(&manifest, &manifest_origin)?;
    if manifest.attribute("Salt").is_some() {
        // It would have to be encrypted again; a whole project can be deployed instead.
        return Err(PackageError::Encrypted {
            place: Node::new(&manifest_origin, &manifest).place(),
            level: "a list of packages that only the designer can write".to_owned(),
        });
    }
    for (index, (name, bytes)) in packages.iter().enumerate() {
        let before = packages[..index].iter();
        if let Some((first, _)) = before.clone().find(|(first, _)| same_name(first, name)) {
            return Err(PackageError::DuplicatePackage {
                file: origin.to_owned(),
                first: first.clone(),
                second: name.clone(),
            });
        }
        list(&mut manifest, origin, name, bytes, password)?;
    }
    build_from_manifest(&manifest, origin, password, &mut |name| {
        let new = packages.iter().find(|(new, _)| same_name(new, name));
        let needed_by = if name == PARAMETERS_MEMBER {
            ""
        } else {
            MEMBER
        };
        match new {
            Some((_, bytes)) => Ok(bytes.clone()),
            None => member(name).ok_or_else(|| missing(name, needed_by)),
        }
    })
}

/// A new project of these packages (file name and content each).
///
/// # Errors
///
/// When a package cannot be read, or is given twice.
pub fn new_project(
    project_name: &str,
    packages: &[(String, Vec<u8>)],
    password: Option<&PackagePassword>,
) -> Result<BuiltProject, PackageError> {
    build_from_packages(packages, project_name, project_name, password)
}

/// Names as the catalog compares them.
fn same_name(left: &str, right: &str) -> bool {
    left.to_lowercase() == right.to_lowercase()
}

/// Lists a package in the manifest, with what it declares now.
fn list(
    manifest: &mut Element,
    origin: &str,
    name: &str,
    bytes: &[u8],
    password: Option<&PackagePassword>,
) -> Result<(), PackageError> {
    let package = dtsx::read_with_password(bytes, &member_origin(origin, name), password)?;
    let packages = child(manifest, "Packages");
    let listed = packages.children.iter().find(|entry| is_named(entry, name));
    let name = match listed.and_then(|entry| entry.attribute("Name")) {
        Some(as_listed) => as_listed.to_owned(),
        None => {
            packages.children.push(package_entry(name));
            name.to_owned()
        }
    };
    let metadata = package_metadata(&name, &package);
    let info = child(child(manifest, "DeploymentInfo"), "PackageInfo");
    match info
        .children
        .iter_mut()
        .find(|entry| is_named(entry, &name))
    {
        Some(entry) => *entry = metadata,
        None => info.children.push(metadata),
    }
    Ok(())
}

fn is_named(entry: &Element, name: &str) -> bool {
    entry
        .attribute("Name")
        .is_some_and(|listed| same_name(listed, name))
}

/// The child of that name, made where it is missing.
fn child<'e>(parent: &'e mut Element, name: &str) -> &'e mut Element {
    let found = parent.children.iter().position(|child| child.name == name);
    let index = found.unwrap_or_else(|| {
        parent.children.push(element(name));
        parent.children.len() - 1
    });
    &mut parent.children[index]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::ispac::Member;
    use crate::package::project::Project;

    fn package(variable: &str) -> Vec<u8> {
        format!(
            r#"<DTS:Executable xmlns:DTS="www.microsoft.com/SqlServer/Dts" DTS:refId="Package"
                 DTS:CreationName="Microsoft.Package" DTS:ExecutableType="Microsoft.Package"
                 DTS:ObjectName="x"><DTS:Property DTS:Name="PackageFormatVersion">8</DTS:Property>
                 <DTS:PackageParameters><DTS:PackageParameter DTS:DataType="8" DTS:ObjectName="{variable}">
                 <DTS:Property DTS:DataType="8" DTS:Name="ParameterValue">v</DTS:Property>
                 </DTS:PackageParameter></DTS:PackageParameters></DTS:Executable>"#
        )
        .into_bytes()
    }

    fn files(names: &[(&str, &str)]) -> Vec<(String, Vec<u8>)> {
        let file = |(name, variable): &(&str, &str)| ((*name).to_owned(), package(variable));
        names.iter().map(file).collect()
    }

    fn declared(project: &Project) -> Vec<(String, String, bool)> {
        let packages = project.packages.iter();
        packages
            .map(|package| {
                let parameter = package.manifest_parameters.last().unwrap();
                (
                    package.file_name.clone(),
                    parameter.name.clone(),
                    package.entry_point,
                )
            })
            .collect()
    }

    fn member<'m>(members: &'m [Member], name: &str) -> &'m [u8] {
        let found = members.iter().find(|member| member.name == name);
        &found.unwrap().bytes
    }

    #[test]
    fn a_replaced_package_keeps_its_place_and_a_new_one_comes_last() {
        let built = new_project("p", &files(&[("a.dtsx", "A"), ("b.dtsx", "B")]), None).unwrap();
        let manifest =
            String::from_utf8(member(&ispac::unpack(&built.ispac, "p").unwrap(), MEMBER).to_vec())
                .unwrap();
        // The first package is run by the second only.
        let manifest = manifest.replacen("SSIS:EntryPoint=\"1\"", "SSIS:EntryPoint=\"0\"", 1);
        let mut members = ispac::unpack(&built.ispac, "p").unwrap();
        members.retain(|one| one.name != MEMBER && !one.name.starts_with('['));
        members.push(Member {
            name: MEMBER.to_owned(),
            bytes: manifest.into_bytes(),
        });
        let ispac = ispac::write(&members).unwrap();

        let new = files(&[("c.dtsx", "C"), ("A.DTSX", "A2")]);
        let replaced = replace_packages(&ispac, "p", &new, None).unwrap();
        let row = |name: &str, parameter: &str, entry| (name.into(), parameter.into(), entry);
        assert_eq!(
            declared(&replaced.project),
            [
                row("a.dtsx", "A2", false),
                row("b.dtsx", "B", true),
                row("c.dtsx", "C", true)
            ]
        );
        let after = ispac::unpack(&replaced.ispac, "p").unwrap();
        let before = ispac::unpack(&ispac, "p").unwrap();
        for name in ["b.dtsx", PARAMETERS_MEMBER] {
            assert_eq!(member(&after, name), member(&before, name), "{name}");
        }
        assert_eq!(member(&after, "a.dtsx"), package("A2"));
        // What was built is what is read.
        let read = ispac::read(&replaced.ispac, "p").unwrap();
        assert_eq!(declared(&read), declared(&replaced.project));
    }

    #[test]
    fn a_package_given_twice_or_unreadable_is_refused() {
        let base = new_project("p", &files(&[("a.dtsx", "A")]), None)
            .unwrap()
            .ispac;
        let twice = files(&[("b.dtsx", "B"), ("B.dtsx", "B")]);
        for refused in [
            replace_packages(&base, "p", &twice, None),
            new_project("p", &twice, None),
        ] {
            let refused = refused.unwrap_err();
            assert!(matches!(refused, PackageError::DuplicatePackage { .. }));
        }
        let broken = [("b.dtsx".to_owned(), b"no xml".to_vec())];
        assert!(replace_packages(&base, "p", &broken, None).is_err());
        assert!(replace_packages(b"no zip", "p", &files(&[("b.dtsx", "B")]), None).is_err());
    }
}
