//! The lock of a service folder: one running service, one folder.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::error::{CliError, CommandError, file_error};

/// Name of the file in the folder.
const LOCK_FILE: &str = "lock";

/// The right to use a folder, until it is dropped.
///
/// The system takes the lock back when the process ends, however it ends: a file that is left
/// behind locks nothing. The number in the file only tells people who holds it.
#[derive(Debug)]
pub struct FolderLock {
    _file: File,
}

impl FolderLock {
    /// Takes the folder for this process. It must be there.
    ///
    /// # Errors
    /// Another service holds it, or the file cannot be opened, locked or written.
    pub fn take(folder: &Path) -> Result<Self, CliError> {
        let path = folder.join(LOCK_FILE);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).mode(0o600);
        let mut file = options.open(&path).map_err(file_error("open", &path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(CommandError::FolderInUse {
                    folder: folder.to_owned(),
                    holder: written_number(&mut file),
                }
                .into());
            }
            Err(TryLockError::Error(source)) => return Err(file_error("lock", path)(source).into()),
        }
        write_number(&mut file, std::process::id()).map_err(file_error("write", path))?;
        Ok(Self { _file: file })
    }
}

/// The process of the service that runs in a folder, if one does.
#[must_use]
pub fn holder_of(folder: &Path) -> Option<u32> {
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .open(folder.join(LOCK_FILE))
        .ok()?;
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => written_number(&mut file),
        // Dropping the file lets the lock go.
        _ => None,
    }
}

fn write_number(file: &mut File, process: u32) -> std::io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{process}")
}

/// The process in the file; `None` while the holder has not written it yet.
fn written_number(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_taken_once_and_free_again_when_let_go() {
        let folder = tempfile::tempdir().unwrap();
        let held = FolderLock::take(folder.path()).unwrap();
        let refused = FolderLock::take(folder.path()).unwrap_err();
        assert_eq!(refused.body.code, "SO8010");
        let (place, process) = (folder.path().display(), std::process::id());
        for wanted in [place.to_string(), process.to_string()] {
            assert!(refused.body.message.contains(&wanted), "{refused:?}");
        }
        assert_eq!(holder_of(folder.path()), Some(process));
        drop(held);
        assert_eq!(holder_of(folder.path()), None);
        FolderLock::take(folder.path()).unwrap();
    }

    #[test]
    fn a_file_that_was_left_behind_locks_nothing() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(LOCK_FILE), "4194304 and more\n").unwrap();
        let _held = FolderLock::take(folder.path()).unwrap();
        let text = std::fs::read_to_string(folder.path().join(LOCK_FILE)).unwrap();
        assert_eq!(text, format!("{}\n", std::process::id()));
    }
}
