//! What a batch has started, on disk: a `soctl` that is killed and run again starts nothing twice.
//!
//! The number of an execution is written before the execution is started. Whether it was started
//! then, and how it ended, is the catalog's to tell.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use nix::fcntl::{Flock, FlockArg};
use serde::{Deserialize, Serialize};

use crate::error::{CommandError, file_error};

/// The file of one batch, locked while it lives.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    written: Written,
    /// On the file of the batch, so that one `soctl` runs it at a time.
    _lock: Flock<File>,
}

/// What stands in the file.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Written {
    /// The batch.
    batch: String,
    /// Executions by the names of their items.
    executions: BTreeMap<String, i64>,
}

impl Journal {
    /// Opens the journal of a batch file; `None` for its content where there is none yet.
    ///
    /// # Errors
    /// Another `soctl` runs the batch, or the journal cannot be read.
    pub fn open(batch: &Path, state: Option<&Path>) -> Result<(Self, bool), CommandError> {
        let file = File::open(batch).map_err(file_error("open", batch))?;
        let lock =
            Flock::lock(file, FlockArg::LockExclusiveNonblock).map_err(
                |(_, error)| match error {
                    nix::errno::Errno::EWOULDBLOCK => CommandError::BatchInUse {
                        file: batch.to_owned(),
                    },
                    error => file_error("lock", batch)(error.into()),
                },
            )?;
        let path = state.map_or_else(|| batch.with_extension("state.json"), Path::to_owned);
        let (written, is_there) = match std::fs::read(&path) {
            Ok(bytes) => {
                let malformed = |source| CommandError::Malformed {
                    path: path.clone(),
                    source,
                };
                (serde_json::from_slice(&bytes).map_err(malformed)?, true)
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                (Written::default(), false)
            }
            Err(error) => return Err(file_error("read", path)(error)),
        };
        let journal = Self {
            path,
            written,
            _lock: lock,
        };
        Ok((journal, is_there))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The execution of an item.
    #[must_use]
    pub fn execution(&self, item: &str) -> Option<i64> {
        self.written.executions.get(item).copied()
    }

    /// All executions.
    #[must_use]
    pub fn executions(&self) -> Vec<i64> {
        self.written.executions.values().copied().collect()
    }

    /// Forgets what was, for a new run.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn begin(&mut self, batch: &str) -> Result<(), CommandError> {
        self.written = Written {
            batch: batch.to_owned(),
            executions: BTreeMap::new(),
        };
        self.save()
    }

    /// Keeps the execution of an item; on disk when it returns.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn created(&mut self, item: &str, execution_id: i64) -> Result<(), CommandError> {
        let executions = &mut self.written.executions;
        executions.insert(item.to_owned(), execution_id);
        self.save()
    }

    /// Removes the file: everything has succeeded, nothing is left.
    ///
    /// # Errors
    /// It cannot be removed.
    pub fn finish(self) -> Result<(), CommandError> {
        std::fs::remove_file(&self.path).map_err(file_error("remove", self.path))
    }

    /// Beside and renamed, so that the file is never half of one.
    fn save(&self) -> Result<(), CommandError> {
        let folder = match self.path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let write = || {
            let mut file = tempfile::NamedTempFile::new_in(folder)?;
            serde_json::to_writer_pretty(&mut file, &self.written)?;
            file.flush()?;
            file.as_file().sync_all()?;
            file.persist(&self.path).map_err(|error| error.error)?;
            File::open(folder)?.sync_all()
        };
        write().map_err(file_error("write", &self.path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_created_is_there_after_a_kill_and_only_one_may_run_it() {
        let folder = tempfile::tempdir().unwrap();
        let batch = folder.path().join("nightly.toml");
        std::fs::write(&batch, "").unwrap();
        let (mut journal, is_there) = Journal::open(&batch, None).unwrap();
        assert!(!is_there);
        journal.begin("nightly").unwrap();
        journal.created("a", 7).unwrap();
        let second = Journal::open(&batch, None).unwrap_err();
        assert!(
            matches!(second, CommandError::BatchInUse { .. }),
            "{second}"
        );
        // As a kill leaves it: nothing more is written.
        drop(journal);
        let (journal, is_there) = Journal::open(&batch, None).unwrap();
        assert!(is_there);
        assert_eq!(
            (journal.execution("a"), journal.execution("b")),
            (Some(7), None)
        );
        assert_eq!(journal.path(), folder.path().join("nightly.state.json"));
        journal.finish().unwrap();
        assert!(!Journal::open(&batch, None).unwrap().1);
    }

    #[test]
    fn a_damaged_journal_is_an_error_and_not_a_new_run() {
        let folder = tempfile::tempdir().unwrap();
        let batch = folder.path().join("nightly.toml");
        std::fs::write(&batch, "").unwrap();
        std::fs::write(folder.path().join("nightly.state.json"), "{\"bat").unwrap();
        let error = Journal::open(&batch, None).unwrap_err();
        assert!(matches!(error, CommandError::Malformed { .. }), "{error}");
    }
}
