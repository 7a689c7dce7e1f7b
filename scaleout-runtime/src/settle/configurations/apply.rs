//! Puts the values of all configurations into a package, and tells what happened.

use std::ops::RangeBounds;

use scaleout_core::package::connection_string::ConnectionString;
use scaleout_core::package::{Configuration, ConnectionManager, Package};
use scaleout_core::protocol::executor::RuntimeSettings;

use super::read::{Entry, Opener, entries, no_such_variable};
use super::source::{NoSource, Source, source};
use crate::events::Remark;
use crate::services::Variables;
use crate::settle::error::{PropertyError, SettleError};
use crate::settle::overrides;

/// A path leads nowhere.
const OBJECT_NOT_FOUND: &str = "0x80012017";
/// A path does not start at the package.
const NOT_FROM_PACKAGE: &str = "0x80012018";
/// A path is none.
const NOT_RESOLVED: &str = "0x8001F02F";
/// Something of a configuration was not loaded.
const NOT_ALL_LOADED: &str = "0x80012059";
/// A value does not fit its property.
const NOT_CONVERTIBLE: &str = "0xC0012037";
/// A configuration of a kind that does not exist here.
const REFUSED: &str = "SO4040";

/// What configurations read from.
pub struct Around<'a> {
    /// Path mappings and the connection map.
    pub settings: &'a RuntimeSettings,
    /// Environment variables of this machine.
    pub environment: &'a dyn Fn(&str) -> Option<String>,
    /// Variables that the package which runs this one can see.
    pub parent: Option<&'a dyn Variables>,
    /// Databases.
    pub open: &'a Opener<'a>,
    /// Is told what must never be shown.
    pub hide: &'a dyn Fn(&str),
}

/// Applies those of the package's configurations, by their places, in their order; those of parent
/// variables come last.
///
/// Gives what there is to say, and the names of configurations that were not loaded as a whole.
pub fn apply(
    package: &mut Package,
    project_connections: &mut [ConnectionManager],
    which: impl RangeBounds<usize>,
    around: &Around<'_>,
) -> (Vec<Remark>, Vec<String>) {
    if !package.configurations_enabled {
        return Default::default();
    }
    let mut remarks = Vec::new();
    let mut failed = Vec::new();
    let wanted = package.configurations.iter().enumerate();
    let wanted = wanted.filter(|(at, _)| which.contains(at));
    let (last, first): (Vec<Configuration>, Vec<Configuration>) = wanted
        .map(|(_, one)| one.clone())
        .partition(|one| matches!(one.configuration_type, 0 | 4));
    for configuration in first.iter().chain(&last) {
        let before = remarks.len();
        one(
            package,
            project_connections,
            configuration,
            around,
            &mut remarks,
        );
        if remarks[before..].iter().any(Remark::is_bad) {
            failed.push(configuration.name.clone());
        }
    }
    let silent = package
        .root
        .other_properties
        .get("SuppressConfigurationWarnings");
    if silent.is_some_and(|text| matches!(text.trim(), "True" | "true" | "-1" | "1")) {
        remarks.retain(|remark| !remark.is_warning());
    }
    (remarks, failed)
}

/// What is wrong with configurations by their kind alone: nothing outside is looked at.
#[must_use]
pub fn refusals(package: &Package) -> Vec<Remark> {
    let enabled = package.configurations.iter();
    let enabled = enabled.filter(|_| package.configurations_enabled);
    enabled
        .filter_map(|one| match source(one, &|_| Some(String::new())) {
            Err(NoSource::Refused(what)) => Some(refused(one, what)),
            _ => None,
        })
        .collect()
}

fn one(
    package: &mut Package,
    project_connections: &mut [ConnectionManager],
    configuration: &Configuration,
    around: &Around<'_>,
    remarks: &mut Vec<Remark>,
) {
    let source = match source(configuration, around.environment) {
        Ok(source) => source,
        Err(none) => return remarks.push(without_source(configuration, none)),
    };
    remarks.push(attempt(&source, configuration));
    let managers = package.connection_managers.iter();
    let managers: Vec<&ConnectionManager> = managers.chain(&*project_connections).collect();
    let found = entries(&source, configuration, &managers, around);
    let entries = match found {
        Ok(entries) => entries,
        Err(remark) => return remarks.push(remark),
    };
    let before = remarks.len();
    for entry in &entries {
        if let Some(secret) = secret(entry) {
            (around.hide)(&secret);
        }
        let set = overrides::apply(package, project_connections, &entry.path, &entry.value);
        if let Err(error) = set {
            remarks.push(not_set(configuration, entry, &error));
        }
    }
    if entries.is_empty() || before < remarks.len() {
        let what = match entries.is_empty() {
            true => "it holds no value",
            false => "see the messages before this one",
        };
        let text = format!(
            "at least one entry of configuration `{}` was not loaded: {what}",
            configuration.name
        );
        remarks.push(Remark::warning(NOT_ALL_LOADED, text));
    }
}

fn without_source(configuration: &Configuration, none: NoSource) -> Remark {
    match none {
        NoSource::Refused(what) => refused(configuration, what),
        NoSource::NoSuchVariable(name) => no_such_variable(configuration, &name),
        NoSource::Malformed(why) => {
            let text = format!(
                "configuration `{}` was not loaded: {why}",
                configuration.name
            );
            Remark::warning(NOT_ALL_LOADED, text)
        }
    }
}

fn refused(configuration: &Configuration, what: &str) -> Remark {
    let text = format!(
        "configuration `{}` takes its values from {what}, which does not exist here; put the value \
         into an XML configuration file or an environment variable, or make it a parameter and \
         remove the configuration",
        configuration.name
    );
    Remark::error(REFUSED, text)
}

/// What the original says before it reads: an information for each configuration.
fn attempt(source: &Source, configuration: &Configuration) -> Remark {
    let (code, from) = match source {
        Source::XmlFile(path) => ("0x40016041", format!("XML file `{path}`")),
        Source::Environment(name) => ("0x40016038", format!("environment variable `{name}`")),
        Source::ParentVariable(name) => ("0x40016042", format!("parent variable `{name}`")),
        Source::Table(place) => (
            "0x40016040",
            format!(
                "table {} over connection manager `{}`, filter `{}`",
                place.table, place.connection, place.filter
            ),
        ),
    };
    let text = format!(
        "configuration `{}`: configuring the package from {from}",
        configuration.name
    );
    Remark::information(code, text)
}

fn not_set(configuration: &Configuration, entry: &Entry, error: &SettleError) -> Remark {
    let path = &entry.path;
    let (code, is_error) = match error {
        SettleError::Override {
            source: PropertyError::NotAccepted { .. },
            ..
        } => (NOT_CONVERTIBLE, true),
        SettleError::Override { .. } => (OBJECT_NOT_FOUND, false),
        _ if !path.trim_start().starts_with("\\Package") => (NOT_FROM_PACKAGE, false),
        _ => (NOT_RESOLVED, false),
    };
    let why = scaleout_core::error::with_sources(error);
    let text = format!(
        "configuration `{}`, path `{path}`: the value was not set: {why}",
        configuration.name
    );
    match is_error {
        true => Remark::error(code, text),
        false => Remark::warning(code, text),
    }
}

/// The part of a value that nobody may see.
fn secret(entry: &Entry) -> Option<String> {
    let path = entry.path.to_lowercase();
    if path.contains("connectionstring") {
        let string = ConnectionString::parse(&entry.value).ok()?;
        return string.get("Password").map(str::to_owned);
    }
    path.contains("password").then(|| entry.value.clone())
}
