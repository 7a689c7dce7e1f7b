//! The file of the master key: a key on each line. There is one, but for the time of a rotation.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use super::cipher::{KEY_LEN, Random};
use crate::hex::to_hex;
use crate::location::CatalogLocation;
use crate::store::StoreError;

/// Where the key of a catalog is: beside a SQLite file, its name and `.key`; for a server in the
/// master's data folder.
pub fn key_path(location: &CatalogLocation, data_folder: &Path) -> PathBuf {
    match location {
        CatalogLocation::Sqlite(database) => {
            let mut name = database.as_os_str().to_owned();
            name.push(".key");
            name.into()
        }
        CatalogLocation::Postgres(_) => data_folder.join("catalog.key"),
    }
}

/// The lines of the file, which is made with a new key where `may_create` says so.
pub fn read_or_create(
    path: &Path,
    may_create: bool,
    random: &Random,
) -> Result<Vec<String>, StoreError> {
    let text = match fs::read_to_string(path) {
        Ok(text) => {
            check_private(path)?;
            text
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound && may_create => {
            let text = to_hex(&random.bytes(KEY_LEN)?);
            create(path, &text).map_err(failed(path))?;
            text
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(StoreError::Key {
                path: path.to_owned(),
                reason: "it is missing, and the catalog holds secrets made with it",
            });
        }
        Err(source) => return Err(failed(path)(source)),
    };
    Ok(text.lines().map(|line| line.trim().to_owned()).collect())
}

/// Replaces the file as a whole: whoever opens it after a crash finds all of the old lines or all of
/// the new ones.
pub fn replace(path: &Path, lines: &[&str]) -> Result<(), StoreError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let new = PathBuf::from(name);
    let written = remove_left_over(&new)
        .and_then(|()| create(&new, &lines.join("\n")))
        .and_then(|()| fs::rename(&new, path))
        .and_then(|()| sync_folder(path));
    written.map_err(failed(path))
}

/// Durable before the first secret is: a lost key loses them all.
fn create(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    sync_folder(path)
}

/// What a crash left of an earlier replacement: its keys are in no database.
fn remove_left_over(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// A name is durable when its folder is.
fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => File::open(folder)?.sync_all(),
        _ => File::open(".")?.sync_all(),
    }
}

fn check_private(path: &Path) -> Result<(), StoreError> {
    let mode = fs::metadata(path)
        .map_err(failed(path))?
        .permissions()
        .mode();
    if mode & 0o077 != 0 {
        return Err(StoreError::Key {
            path: path.to_owned(),
            reason: "other accounts may read it (make it mode 0600)",
        });
    }
    Ok(())
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> StoreError {
    let path = path.to_owned();
    move |source| StoreError::File { path, source }
}
