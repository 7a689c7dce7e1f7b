//! A manifest for what has none: bare packages and the package deployment model.

use super::connection_parameters::connection_parameters;
use super::model::{Package, Parameter};
use super::xml::Element;

/// The manifest element of a project of these packages (file name and package each).
pub(crate) fn new_manifest(project_name: &str, packages: &[(String, Package)]) -> Element {
    let mut listed = element("Packages");
    let mut info = element("PackageInfo");
    for (file_name, package) in packages {
        listed.children.push(package_entry(file_name));
        info.children.push(package_metadata(file_name, package));
    }
    let properties = properties(&[
        ("Name", project_name),
        ("VersionMajor", "1"),
        ("VersionMinor", "0"),
        ("VersionBuild", "0"),
        ("FormatVersion", "1"),
    ]);
    let mut deployment = element("DeploymentInfo");
    deployment.children = vec![element("ProjectConnectionParameters"), info];
    let mut project = with(element("Project"), "ProtectionLevel", "DontSaveSensitive");
    project.children = vec![
        properties,
        listed,
        element("ConnectionManagers"),
        deployment,
    ];
    project
}

/// The line of a package in `Packages`: one that may be started by itself.
pub(crate) fn package_entry(file_name: &str) -> Element {
    with(
        with(element("Package"), "Name", file_name),
        "EntryPoint",
        "1",
    )
}

/// What `PackageInfo` says of a package: its versions and parameters.
pub(crate) fn package_metadata(file_name: &str, package: &Package) -> Element {
    let (major, minor, build) = package.version;
    let properties = properties(&[
        ("ID", &package.root.id),
        ("Name", &package.root.name),
        ("VersionMajor", &major.to_string()),
        ("VersionMinor", &minor.to_string()),
        ("VersionBuild", &build.to_string()),
        ("VersionComments", &package.version_comments),
        ("VersionGUID", &package.version_guid),
        ("PackageFormatVersion", &package.format_version.to_string()),
        ("Description", &package.root.description),
        ("ProtectionLevel", package.protection_level.number()),
    ]);
    let mut parameters = element("Parameters");
    let connections = package
        .connection_managers
        .iter()
        .flat_map(connection_parameters);
    let own = package.parameters.iter().cloned();
    parameters.children = connections.chain(own).map(|one| parameter(&one)).collect();
    let mut metadata = with(element("PackageMetaData"), "Name", file_name);
    metadata.children = vec![properties, parameters];
    metadata
}

fn parameter(parameter: &Parameter) -> Element {
    let flag = |value: bool| if value { "1" } else { "0" };
    let mut list = vec![
        ("Description", parameter.description.clone()),
        ("Required", flag(parameter.required).to_owned()),
        ("Sensitive", flag(parameter.sensitive).to_owned()),
    ];
    // A secret does not go into a second file.
    if let Some(value) = parameter.value.as_ref().filter(|_| !parameter.sensitive) {
        list.push(("Value", value.clone()));
    }
    list.push(("DataType", parameter.data_type.type_code().to_string()));
    let borrowed: Vec<(&str, &str)> = list
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let mut written = with(element("Parameter"), "Name", &parameter.name);
    written.children = vec![properties(&borrowed)];
    written
}

fn properties(list: &[(&str, &str)]) -> Element {
    let mut properties = element("Properties");
    for (name, value) in list {
        let mut property = with(element("Property"), "Name", name);
        property.text = (*value).to_owned();
        properties.children.push(property);
    }
    properties
}

/// An empty element.
pub(crate) fn element(name: &str) -> Element {
    Element {
        name: name.to_owned(),
        ..Element::default()
    }
}

fn with(mut element: Element, attribute: &str, value: &str) -> Element {
    element
        .attributes
        .push((attribute.to_owned(), value.to_owned()));
    element
}
