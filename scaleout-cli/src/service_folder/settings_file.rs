//! The settings file of a service, as a document of checked keys.

use std::path::{Path, PathBuf};

use scaleout_core::settings::{
    MasterSettings, SettingKey, SettingsError, WorkerSettings, check_value, default_document, find,
    keys, parse_document,
};
use serde_json::{Map, Value};

use super::files::replace;
use crate::error::{CliError, CommandError, file_error};

/// Which service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServiceKind {
    /// The master.
    Master,
    /// A worker.
    Worker,
}

impl ServiceKind {
    /// The word in commands and texts.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Master => "master",
            Self::Worker => "worker",
        }
    }

    /// Name of its settings file.
    #[must_use]
    pub fn settings_file(self) -> &'static str {
        match self {
            Self::Master => "MasterSettings.config",
            Self::Worker => "WorkerSettings.config",
        }
    }

    /// Name of its certificate without ending, as the original has it.
    #[must_use]
    pub fn certificate_name(self) -> &'static str {
        match self {
            Self::Master => "SSISScaleOutMaster",
            Self::Worker => "SSISScaleOutWorker",
        }
    }

    /// The key that says which certificate it shows.
    #[must_use]
    pub fn thumbprint_key(self) -> &'static str {
        match self {
            Self::Master => "SSLCertThumbprint",
            Self::Worker => "WorkerHttpsCertThumbprint",
        }
    }

    /// Its keys.
    #[must_use]
    pub fn keys(self) -> &'static [SettingKey] {
        match self {
            Self::Master => keys::MASTER,
            Self::Worker => keys::WORKER,
        }
    }

    /// Which service a folder belongs to, by its settings file.
    ///
    /// # Errors
    /// It has none.
    pub fn of_folder(folder: &Path) -> Result<Self, CommandError> {
        let kinds = [Self::Master, Self::Worker];
        let mut found = kinds
            .into_iter()
            .filter(|kind| folder.join(kind.settings_file()).is_file());
        found.next().ok_or_else(|| CommandError::NotFound {
            kind: "MasterSettings.config or WorkerSettings.config in the folder",
            name: folder.display().to_string(),
            place: String::new(),
            hint: "name the data folder of a master or worker with `--data`; \
                   `soctl master init` and `soctl worker init` make one"
                .to_owned(),
        })
    }
}

/// A settings file that was read.
#[derive(Clone, Debug)]
pub struct SettingsFile {
    /// Whose.
    pub kind: ServiceKind,
    /// Where.
    pub path: PathBuf,
    /// All keys with their values, defaults included.
    pub values: Map<String, Value>,
    /// Whether the file is there.
    pub is_there: bool,
}

impl SettingsFile {
    /// Reads and checks the file of a service folder; one that is not there holds the defaults.
    ///
    /// # Errors
    /// It cannot be read, or is wrong.
    pub fn read(folder: &Path, kind: ServiceKind) -> Result<Self, CliError> {
        let path = folder.join(kind.settings_file());
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self {
                    kind,
                    path,
                    values: default_document(kind.keys()),
                    is_there: false,
                });
            }
            Err(error) => return Err(file_error("read", path)(error).into()),
        };
        check_whole(kind, &path, &text)?;
        let values = parse_document(&path.display().to_string(), &text, kind.keys())?;
        Ok(Self {
            kind,
            path,
            values,
            is_there: true,
        })
    }

    /// The declaration of a key, whose name may be in any case.
    ///
    /// # Errors
    /// There is no such key.
    pub fn key(&self, name: &str) -> Result<&'static SettingKey, SettingsError> {
        find(&self.path.display().to_string(), name, self.kind.keys())
    }

    /// The value of a key that is declared.
    #[must_use]
    pub fn value(&self, key: &SettingKey) -> &Value {
        self.values.get(key.name).unwrap_or(&Value::Null)
    }

    /// The value of a text key.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.values
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// Sets a key to a value as people type it; says whether it is another one now.
    ///
    /// # Errors
    /// There is no such key, or the value does not fit, alone or with the others.
    pub fn set(&mut self, name: &str, value: Value) -> Result<bool, CliError> {
        let file = self.path.display().to_string();
        let key = self.key(name)?;
        let value = check_value(&file, key, value)?;
        if self.value(key) == &value {
            return Ok(false);
        }
        let before = self.values.insert(key.name.to_owned(), value);
        if let Err(error) = check_whole(self.kind, &self.path, &self.to_text()) {
            self.values
                .extend(before.map(|value| (key.name.to_owned(), value)));
            return Err(error);
        }
        Ok(true)
    }

    /// The text of the file, with all keys.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = serde_json::to_string_pretty(&self.values).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Writes it, whole or not at all. Owner and mode of a file that is there stay.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&mut self) -> Result<(), CliError> {
        replace(&self.path, 0o600, self.to_text().as_bytes())?;
        self.is_there = true;
        Ok(())
    }
}

fn check_whole(kind: ServiceKind, path: &Path, text: &str) -> Result<(), CliError> {
    let file = path.display().to_string();
    match kind {
        ServiceKind::Master => MasterSettings::parse(&file, text).map(|_| ())?,
        ServiceKind::Worker => WorkerSettings::parse(&file, text).map(|_| ())?,
    }
    Ok(())
}

/// A value as it is typed on a command line: JSON where the key holds an object, text otherwise.
#[must_use]
pub fn typed(text: &str) -> Value {
    let is_object = text.trim_start().starts_with('{') || text.trim() == "null";
    let parsed = is_object.then(|| serde_json::from_str(text).ok()).flatten();
    parsed.unwrap_or_else(|| text.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_checked_alone_and_with_the_others_before_they_count() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = SettingsFile::read(folder.path(), ServiceKind::Worker).unwrap();
        assert!(!file.is_there);
        assert!(file.set("maxtaskcount", typed("3")).unwrap());
        assert!(!file.set("MaxTaskCount", typed("3")).unwrap());
        assert!(file.set("PathMappings", typed(r#"{"C:": "/c"}"#)).unwrap());
        let refused = file.set("LeaseInternval", typed("00:00:05")).unwrap_err();
        assert_eq!(refused.body.code, "SO8505");
        assert_eq!(file.text("LeaseInternval"), "00:00:25");
        file.write().unwrap();
        let again = SettingsFile::read(folder.path(), ServiceKind::Worker).unwrap();
        assert_eq!(again.values, file.values);
        assert_eq!(
            ServiceKind::of_folder(folder.path()).unwrap(),
            ServiceKind::Worker
        );
    }
}
