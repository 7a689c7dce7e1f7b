//! Earlier certificates of a master that are still good: `previous.json` in its store `My`.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use scaleout_agent::master::PreviousIdentity;
use serde::{Deserialize, Serialize};

use super::files::{owned_folder, replace};
use super::store::{CertificateStore, StoreName};
use crate::error::{CliError, CommandError, file_error};

/// Name of the file.
const FILE: &str = "previous.json";

/// One certificate that was replaced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Previous {
    /// SHA-256 thumbprint.
    pub thumbprint: String,
    /// Until when it is shown to who knows no other.
    pub until: Timestamp,
}

/// The file, and what it holds.
#[derive(Debug)]
pub struct GraceFile {
    path: PathBuf,
    /// What was replaced, the newest first.
    pub previous: Vec<Previous>,
}

impl GraceFile {
    /// Reads the file of a master's folder; one that is not there holds nothing.
    ///
    /// # Errors
    /// It cannot be read, or is damaged.
    pub fn read(service: &Path) -> Result<Self, CliError> {
        let path = service.join(StoreName::My.as_str()).join(FILE);
        let previous = match std::fs::read(&path) {
            Ok(bytes) => {
                serde_json::from_slice(&bytes).map_err(|source| CommandError::Malformed {
                    path: path.clone(),
                    source,
                })?
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(file_error("read", path)(error).into()),
        };
        Ok(Self { path, previous })
    }

    /// Puts one more on top, and forgets those whose time is over.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn add(&mut self, one: Previous, now: Timestamp) -> Result<(), CliError> {
        self.previous
            .retain(|other| other.thumbprint != one.thumbprint && now < other.until);
        self.previous.insert(0, one);
        self.write()
    }

    /// Those whose time is not over, with their keys.
    ///
    /// # Errors
    /// One is not in the store, or its key cannot be used.
    pub fn identities(
        &self,
        store: &CertificateStore,
        now: Timestamp,
    ) -> Result<Vec<PreviousIdentity>, CliError> {
        let in_force = self.previous.iter().filter(|one| now < one.until);
        in_force
            .map(|one| {
                Ok(PreviousIdentity {
                    identity: store.get(&one.thumbprint.parse()?)?.identity()?,
                    until: one.until,
                })
            })
            .collect()
    }

    fn write(&self) -> Result<(), CliError> {
        if let Some(folder) = self.path.parent() {
            owned_folder(folder)?;
        }
        let text = serde_json::to_string_pretty(&self.previous).unwrap_or_default();
        replace(&self.path, 0o600, text.as_bytes())
    }
}
