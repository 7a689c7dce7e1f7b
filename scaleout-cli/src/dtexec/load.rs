//! Loading the package, and what the command line changes in it before anything reads it.

use std::path::Path;
use std::sync::Arc;

use scaleout_core::error::{Blame, Explain};
use scaleout_core::package::project::{Project, ProjectPackage};
use scaleout_core::package::{
    Configuration, ConnectionManager, LogProvider, LoggingOptions, Package, PackagePassword,
    VariableType,
};
use scaleout_core::protocol::task::{self, PropertyOverride};

use super::setting::Setting;
use crate::error::{CliError, CommandError};
use crate::project_source;

/// `ConfigurationType` of an XML file.
const XML_FILE: i32 = 1;
const TEXT_LOG: &str = "DTS.LogProviderTextFile.1";

/// A package, ready to be settled and run.
pub(super) struct Loaded {
    pub(super) project: Project,
    pub(super) package_name: String,
    /// Values for parameters of package and project.
    pub(super) package_parameters: Vec<task::ParameterValue>,
    pub(super) project_parameters: Vec<task::ParameterValue>,
    pub(super) overrides: Vec<PropertyOverride>,
    /// How many of the package's configurations, its first ones, came with the command line.
    pub(super) configurations: usize,
}

/// Reads the file. A bare package sees the parameters and connection managers beside it.
///
/// # Errors
/// It is not there, or cannot be read.
pub(super) fn load(
    path: &Path,
    package: Option<&str>,
    password: Option<&PackagePassword>,
) -> Result<Loaded, CliError> {
    let project = project_source::read_in_place(path, password)?;
    let wanted = match package {
        Some(name) => name.to_owned(),
        None => path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned(),
    };
    let found = project
        .packages
        .iter()
        .find(|one| one.file_name.eq_ignore_ascii_case(&wanted))
        .map(|one| one.file_name.clone());
    let package_name = found.ok_or_else(|| CommandError::NotFound {
        kind: "package",
        name: wanted,
        place: format!(" in `{}`", path.display()),
        hint: "name a package as the project does, with `.dtsx`".to_owned(),
    })?;
    Ok(Loaded {
        project,
        package_name,
        package_parameters: Vec::new(),
        project_parameters: Vec::new(),
        overrides: Vec::new(),
        configurations: 0,
    })
}

impl Loaded {
    /// The package itself.
    pub(super) fn package(&self) -> &Package {
        &self.entry().package
    }

    fn entry(&self) -> &ProjectPackage {
        let mut packages = self.project.packages.iter();
        packages
            .find(|one| one.file_name == self.package_name)
            .expect("the package was found when it was loaded")
    }

    /// The same, to be changed.
    fn change(&mut self) -> &mut Package {
        let mut packages = self.project.packages.iter_mut();
        let found = packages
            .find(|one| one.file_name == self.package_name)
            .expect("the package was found when it was loaded");
        Arc::make_mut(&mut found.package)
    }

    /// Takes one setting of the command line.
    ///
    /// # Errors
    /// What it names does not exist.
    pub(super) fn apply(&mut self, setting: &Setting) -> Result<(), Refused> {
        match setting {
            Setting::Property {
                path,
                value,
                sensitive,
            } => {
                self.set(path, value, *sensitive);
                Ok(())
            }
            Setting::Connection { manager, string } => self.connect(manager, string),
            Setting::ConfigFile(file) => {
                self.configure(file);
                Ok(())
            }
            Setting::Logger { provider, config } => {
                self.log(provider, config, None);
                Ok(())
            }
            Setting::VerboseLog(file) => {
                self.log(TEXT_LOG, file, Some(Vec::new()));
                Ok(())
            }
            Setting::MaxConcurrent(count) => {
                self.change().max_concurrent_executables = *count;
                Ok(())
            }
            Setting::CheckpointFile(file) => {
                self.set_own("CheckpointFileName", file);
                Ok(())
            }
            Setting::Checkpointing(on) => {
                self.set_own("SaveCheckpoints", if *on { "True" } else { "False" });
                if *on {
                    self.set_own("CheckpointUsage", "2");
                }
                Ok(())
            }
            Setting::CheckpointUsage(usage) => {
                self.set_own("CheckpointUsage", &usage.to_string());
                Ok(())
            }
        }
    }

    fn set_own(&mut self, property: &str, value: &str) {
        let properties = &mut self.change().root.other_properties;
        properties.insert(property.to_owned(), value.to_owned());
    }

    /// A path to a parameter gives it a value; any other overrides a property.
    fn set(&mut self, path: &str, value: &str, sensitive: bool) {
        if let Some((scope, name)) = parameter_path(path) {
            let declared = match scope {
                "$project" => &self.project.parameters,
                _ => &self.package().parameters,
            };
            let declared = declared
                .iter()
                .find(|one| one.name.eq_ignore_ascii_case(name));
            let given = task::ParameterValue {
                name: declared.map_or(name, |one| one.name.as_str()).to_owned(),
                data_type: declared.map_or(VariableType::String, |one| one.data_type),
                value: Some(value.to_owned()),
                sensitive: sensitive || declared.is_some_and(|one| one.sensitive),
            };
            match scope {
                "$project" => self.project_parameters.push(given),
                _ => self.package_parameters.push(given),
            }
            return;
        }
        self.overrides.push(PropertyOverride {
            path: path.to_owned(),
            value: value.to_owned(),
            sensitive,
        });
    }

    fn connect(&mut self, manager: &str, string: &str) -> Result<(), Refused> {
        let is_meant = |name: &str, id: &str| {
            name.eq_ignore_ascii_case(manager) || id.eq_ignore_ascii_case(manager)
        };
        let of_package = self.package().connection_managers.iter();
        let of_project = self.project.connection_managers.iter();
        let found = of_package
            .chain(of_project)
            .find(|one| is_meant(&one.name, &one.id))
            .map(|one| one.name.clone());
        let name = found.ok_or_else(|| Refused {
            what: format!("connection manager \"{manager}\""),
        })?;
        self.overrides.push(PropertyOverride {
            path: format!(r"\Package.Connections[{name}].Properties[ConnectionString]"),
            value: string.to_owned(),
            sensitive: true,
        });
        Ok(())
    }

    /// One more configuration. Those of the package win over it.
    fn configure(&mut self, file: &str) {
        let at = self.configurations;
        self.configurations += 1;
        let package = self.change();
        if !package.configurations_enabled {
            package.configurations.clear();
            package.configurations_enabled = true;
        }
        let configuration = Configuration {
            name: file.to_owned(),
            configuration_type: XML_FILE,
            configuration_string: file.to_owned(),
            configuration_variable: String::new(),
        };
        package.configurations.insert(at, configuration);
    }

    /// One more log provider, chosen by the package itself. `events` narrows what it logs.
    fn log(&mut self, provider: &str, config: &str, events: Option<Vec<String>>) {
        let of_project = self.project.connection_managers.iter();
        let mut known = of_project.chain(&self.package().connection_managers);
        let is_known = known.any(|one| one.name == config || one.id.eq_ignore_ascii_case(config));
        let package = self.change();
        // A log provider names a connection manager; a command line names a file.
        if !is_known && !config.is_empty() {
            package.connection_managers.push(file_manager(config));
        }
        let id = format!(
            "{{00000000-0000-0000-0000-{:012}}}",
            package.log_providers.len() + 1
        );
        package.log_providers.push(LogProvider {
            id: id.clone(),
            name: provider.to_owned(),
            creation_name: provider.to_owned(),
            config_string: config.to_owned(),
        });
        const ENABLED: u8 = 1;
        const ALL_BUT: u8 = 1;
        let logging = package.root.logging.get_or_insert_with(|| LoggingOptions {
            filter_kind: ALL_BUT,
            ..LoggingOptions::default()
        });
        logging.mode = ENABLED;
        if let Some(events) = events {
            logging.filter_kind = ALL_BUT;
            logging.events = events;
        }
        logging.providers.push(id);
    }
}

/// A file connection manager that is called as its file is.
fn file_manager(path: &str) -> ConnectionManager {
    ConnectionManager {
        ref_id: format!("Package.ConnectionManagers[{path}]"),
        id: String::new(),
        name: path.to_owned(),
        description: String::new(),
        creation_name: "FILE".to_owned(),
        delay_validation: false,
        property_expressions: Vec::new(),
        properties: [("ConnectionString".to_owned(), path.to_owned())].into(),
        sensitive_missing: Vec::new(),
        flat_file_columns: Vec::new(),
        data: Default::default(),
    }
}

/// What a setting names and the package does not have.
#[derive(Debug, thiserror::Error)]
#[error("the package has no {what}")]
pub(super) struct Refused {
    what: String,
}

impl Explain for Refused {
    fn code(&self) -> &'static str {
        "SO8080"
    }

    fn blame(&self) -> Blame {
        Blame::Caller
    }

    fn hint(&self) -> String {
        "compare its name or id with `soctl inspect`".to_owned()
    }
}

/// Scope and name of `\Package.Variables[$Project::p]`, with or without `.Value`.
fn parameter_path(path: &str) -> Option<(&'static str, &str)> {
    const START: &str = r"\package.variables[";
    let rest = path.get(START.len()..)?;
    let start = path.get(..START.len())?;
    if !start.eq_ignore_ascii_case(START) {
        return None;
    }
    let (inner, after) = rest.split_once(']')?;
    if !matches!(
        after.to_ascii_lowercase().as_str(),
        "" | ".value" | ".properties[value]"
    ) {
        return None;
    }
    let (scope, name) = inner.split_once("::")?;
    let scopes = ["$project", "$package"];
    let scope = scopes
        .into_iter()
        .find(|one| one.eq_ignore_ascii_case(scope))?;
    Some((scope, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_to_parameters_are_known() {
        for (path, expected) in [
            (r"\Package.Variables[$Project::P]", Some(("$project", "P"))),
            (
                r"\package.variables[$package::P].Value",
                Some(("$package", "P")),
            ),
            (r"\Package.Variables[User::P].Value", None),
            (r"\Package.Properties[Disable]", None),
            (r"\P", None),
        ] {
            assert_eq!(parameter_path(path), expected, "{path}");
        }
    }
}
