//! A batch as it is written: a TOML file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::ValueEnum as _;
use scaleout_core::batch::Item;
use scaleout_core::model::LoggingLevel;
use serde::Deserialize;

use crate::commands::execute::LevelArg;
use crate::error::{CommandError, file_error};

/// A batch, with values that its packages have unless they say otherwise.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BatchFile {
    /// Where it was read from.
    #[serde(skip)]
    pub path: PathBuf,
    name: Option<String>,
    folder: Option<String>,
    project: Option<String>,
    environment: Option<String>,
    retry_count: Option<u32>,
    workers: Option<Vec<String>>,
    worker_tags: Option<Vec<String>>,
    logging_level: Option<String>,
    secrets: Option<PathBuf>,
    #[serde(default)]
    parameters: BTreeMap<String, toml::Value>,
    /// Its packages.
    #[serde(rename = "package", default)]
    pub packages: Vec<Entry>,
}

/// One package of a batch.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Name of the package.
    pub name: String,
    /// What others call it in `after`; the name where it is not given.
    id: Option<String>,
    /// What must have succeeded before.
    #[serde(default)]
    after: Vec<String>,
    folder: Option<String>,
    project: Option<String>,
    environment: Option<String>,
    retry_count: Option<u32>,
    workers: Option<Vec<String>>,
    worker_tags: Option<Vec<String>>,
    logging_level: Option<String>,
    secrets: Option<PathBuf>,
    #[serde(default)]
    parameters: BTreeMap<String, toml::Value>,
}

/// What a package runs with.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Folder in the catalog.
    pub folder: Option<String>,
    /// Project in the catalog.
    pub project: Option<String>,
    /// Environment, as `--environment`.
    pub environment: Option<String>,
    /// How often a failure is tried again.
    pub retry_count: Option<u32>,
    /// Workers that may run it, by id or name.
    pub workers: Option<Vec<String>>,
    /// Tags that a worker must have, all of them, to run it.
    pub worker_tags: Option<Vec<String>>,
    /// Name of a logging level.
    pub logging_level: Option<String>,
    /// File of secret values, beside this file.
    pub secrets: Option<PathBuf>,
    /// Values of parameters.
    pub parameters: BTreeMap<String, toml::Value>,
}

impl BatchFile {
    /// Reads a file.
    ///
    /// # Errors
    /// It cannot be read, is no TOML, or has a key that no batch has.
    pub fn read(path: &Path) -> Result<Self, CommandError> {
        let text = std::fs::read_to_string(path).map_err(file_error("read", path))?;
        let mut file: Self = toml::from_str(&text).map_err(|error| CommandError::Batch {
            file: path.to_owned(),
            problems: vec![error.to_string().trim().replace('\n', "\n    ")],
        })?;
        file.path = path.to_owned();
        Ok(file)
    }

    /// Its name: as given, else that of the file.
    #[must_use]
    pub fn name(&self) -> String {
        let stem = || self.path.file_stem().unwrap_or_default().to_string_lossy();
        self.name.clone().unwrap_or_else(|| stem().into_owned())
    }

    /// What the plan is made of.
    #[must_use]
    pub fn items(&self) -> Vec<Item> {
        let item = |entry: &Entry| Item {
            name: entry.item_name().to_owned(),
            after: entry.after.clone(),
        };
        self.packages.iter().map(item).collect()
    }

    /// What a package runs with: its own settings, else those of the batch. Of the parameters of
    /// the batch only those apply that it does not set itself.
    #[must_use]
    pub fn settings(&self, entry: &Entry) -> Settings {
        Settings {
            folder: first(&entry.folder, &self.folder),
            project: first(&entry.project, &self.project),
            environment: first(&entry.environment, &self.environment),
            retry_count: entry.retry_count.or(self.retry_count),
            workers: first(&entry.workers, &self.workers),
            worker_tags: first(&entry.worker_tags, &self.worker_tags),
            logging_level: first(&entry.logging_level, &self.logging_level),
            secrets: first(&entry.secrets, &self.secrets).map(|path| self.beside(&path)),
            parameters: entry.parameters.clone(),
        }
    }

    /// Parameters of the whole batch that a package does not set itself: they apply where a package
    /// or its project declares them.
    #[must_use]
    pub fn common_parameters(&self, entry: &Entry) -> BTreeMap<String, toml::Value> {
        let mut common = self.parameters.clone();
        let own = &entry.parameters;
        common.retain(|name, _| own.keys().all(|known| !known.eq_ignore_ascii_case(name)));
        common
    }

    fn beside(&self, path: &Path) -> PathBuf {
        let folder = self.path.parent().unwrap_or_else(|| Path::new(""));
        folder.join(path)
    }
}

/// One's own value, else that of the batch.
fn first<T: Clone>(own: &Option<T>, all: &Option<T>) -> Option<T> {
    own.as_ref().or(all.as_ref()).cloned()
}

impl Entry {
    /// What others call it.
    #[must_use]
    pub fn item_name(&self) -> &str {
        self.id.as_deref().unwrap_or(&self.name)
    }
}

impl Settings {
    /// The logging level.
    ///
    /// # Errors
    /// There is none of that name; the text says which there are.
    pub fn level(&self) -> Result<Option<LoggingLevel>, String> {
        let Some(name) = &self.logging_level else {
            return Ok(None);
        };
        match LevelArg::from_str(name, true) {
            Ok(level) => Ok(Some(level.into())),
            Err(_) => {
                let known = LevelArg::value_variants().iter();
                let known: Vec<String> = known
                    .filter_map(|level| Some(level.to_possible_value()?.get_name().to_owned()))
                    .collect();
                Err(format!(
                    "there is no logging level `{name}`; there are {}",
                    known.join(", ")
                ))
            }
        }
    }
}

/// A value as text.
///
/// # Errors
/// A list or table is no value of a parameter.
pub fn text_of(name: &str, value: &toml::Value) -> Result<String, String> {
    match value {
        toml::Value::String(text) => Ok(text.clone()),
        toml::Value::Integer(number) => Ok(number.to_string()),
        toml::Value::Float(number) => Ok(number.to_string()),
        toml::Value::Boolean(truth) => Ok(truth.to_string()),
        toml::Value::Datetime(moment) => Ok(moment.to_string()),
        toml::Value::Array(_) | toml::Value::Table(_) => Err(format!(
            "the value of parameter `{name}` is a list or table; write a text, number, date or \
             true or false"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<BatchFile, CommandError> {
        let file = tempfile::Builder::new().suffix(".toml").tempfile().unwrap();
        std::fs::write(file.path(), text).unwrap();
        BatchFile::read(file.path())
    }

    #[test]
    fn packages_have_the_settings_of_the_batch_unless_they_have_their_own() {
        let file = read(
            r#"
            folder = "Finance"
            retry_count = 1
            secrets = "s.txt"
            [parameters]
            Day = 2026-01-31
            Size = 5
            [[package]]
            name = "a.dtsx"
            [[package]]
            name = "a.dtsx"
            id = "again"
            after = ["a.dtsx"]
            folder = "Sales"
            [package.parameters]
            size = 6
            "#,
        )
        .unwrap();
        let names: Vec<String> = file.items().into_iter().map(|item| item.name).collect();
        assert_eq!(names, ["a.dtsx", "again"]);
        let [first, second] = &file.packages[..] else {
            panic!("{file:?}");
        };
        assert_eq!(file.settings(first).folder.as_deref(), Some("Finance"));
        assert_eq!(file.common_parameters(first).len(), 2);
        let settings = file.settings(second);
        assert_eq!(settings.folder.as_deref(), Some("Sales"));
        assert_eq!(settings.retry_count, Some(1));
        let beside = file.path.parent().unwrap().join("s.txt");
        assert_eq!(settings.secrets, Some(beside));
        let common = file.common_parameters(second);
        assert_eq!(common.keys().collect::<Vec<_>>(), ["Day"]);
        assert_eq!(text_of("Day", &common["Day"]).unwrap(), "2026-01-31");
        assert_eq!(text_of("size", &settings.parameters["size"]).unwrap(), "6");
    }

    #[test]
    fn a_key_that_no_batch_has_is_an_error_with_its_line() {
        for text in [
            "folders = \"x\"",
            "[[package]]\nname = \"a\"\nafterwards = []",
            "[[package]]\nid = \"a\"",
        ] {
            let error = read(text).unwrap_err();
            assert!(error.to_string().contains("line "), "{error}");
        }
    }

    #[test]
    fn a_logging_level_is_one_of_those_that_there_are() {
        let level = |name: &str| {
            Settings {
                logging_level: Some(name.to_owned()),
                ..Settings::default()
            }
            .level()
        };
        assert_eq!(level("Verbose"), Ok(Some(LoggingLevel::Verbose)));
        assert!(level("loud").unwrap_err().contains("basic"));
        assert!(text_of("x", &toml::Value::Array(Vec::new())).is_err());
    }
}
