//! Copies of a catalog on SQLite, and the way back from one.
//!
//! A backup is a whole database file and its key file beside it. A catalog on PostgreSQL is backed
//! up by the server's own tools.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use crate::error::BackupError;
use crate::key_rotation::needed_keys;
use crate::secrets::Keeper;
use crate::store::{Session, StoreError, copies, migrate};

/// A copy of a catalog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backup {
    /// The database file.
    pub database: PathBuf,
    /// The file with the key of its secrets.
    pub key: PathBuf,
    /// Schema of the catalog: this program or a newer one opens it.
    pub schema: i64,
}

/// Copies a catalog as it is at one moment; a master may be at work on it meanwhile. Both files
/// are readable by their owner only.
///
/// # Errors
/// There is no such catalog, one of the new files is there already or cannot be written.
pub async fn back_up(database: &Path, target: &Path) -> Result<Backup, BackupError> {
    let (key, target_key) = (beside(database, ".key"), beside(target, ".key"));
    if target.exists() {
        return Err(BackupError::Exists {
            path: target.to_owned(),
        });
    }
    let mut session = copies::open(database)?;
    let schema = migrate::version(&mut session).await?;
    // A key that is not this catalog's is found now, not when the copy is needed.
    check_key(&mut session, &key).await?;
    let secret = fs::read(&key).map_err(failed(&key))?;
    create_private(&target_key, &secret)?;
    let copied = copy(&mut session, target, &target_key).await;
    if copied.is_err() {
        // A key without its database; that it cannot be removed either is not the news.
        let _removed = fs::remove_file(&target_key);
    }
    copied?;
    Ok(Backup {
        database: target.to_owned(),
        key: target_key,
        schema,
    })
}

/// Under another name until it is whole, and its key opens it: a rotation may have come between.
async fn copy(session: &mut Session, target: &Path, key: &Path) -> Result<(), BackupError> {
    let part = new_part(target)?;
    copies::vacuum_into(session, &part).await?;
    check_key(&mut copies::open(&part)?, key).await?;
    sync(&part)?;
    fs::rename(&part, target).map_err(failed(target))
}

/// An empty private file for what is not whole yet.
fn new_part(target: &Path) -> Result<PathBuf, BackupError> {
    let part = beside(target, ".part");
    match fs::remove_file(&part) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(&part)(error)),
        // One that was left behind, or none.
        _ => {}
    }
    create_private(&part, &[])?;
    Ok(part)
}

/// Puts a backup where a catalog belongs. What is there is moved aside, and its new name returned,
/// when `replace` says so. No master may run on it: that is the caller's to make sure.
///
/// # Errors
/// The backup is none, its key is not there or another one's, its schema is newer than this program,
/// a catalog is there and not to be replaced, or a file cannot be written.
pub async fn restore(
    backup: &Path,
    database: &Path,
    replace: Option<&str>,
) -> Result<Option<PathBuf>, BackupError> {
    let backup_key = beside(backup, ".key");
    let mut session = copies::open(backup)?;
    let no_catalog = |source| BackupError::NoCatalog {
        path: backup.to_owned(),
        source,
    };
    let schema = match migrate::version(&mut session).await {
        Ok(0) => return Err(no_catalog(None)),
        Ok(schema) => schema,
        Err(source) => return Err(no_catalog(Some(Box::new(source)))),
    };
    migrate::check_known(schema)?;
    check_key(&mut session, &backup_key).await?;
    let is_there = FILES.iter().any(|file| beside(database, file).exists());
    if is_there && replace.is_none() {
        return Err(BackupError::CatalogExists {
            path: database.to_owned(),
        });
    }
    if let Some(folder) = database.parent() {
        fs::create_dir_all(folder).map_err(failed(folder))?;
    }
    let secret = fs::read(&backup_key).map_err(failed(&backup_key))?;
    let part = new_part(database)?;
    copies::vacuum_into(&mut session, &part).await?;
    sync(&part)?;
    let aside = match replace.filter(|_| is_there) {
        Some(suffix) => Some(move_aside(database, suffix)?),
        None => None,
    };
    create_private(&beside(database, ".key"), &secret)?;
    fs::rename(&part, database).map_err(failed(database))?;
    Ok(aside)
}

/// The files of a database, by what their names end in.
const FILES: [&str; 4] = ["", "-wal", "-shm", ".key"];

/// Renames the files of a catalog, each to the name that belongs to the new one's.
fn move_aside(database: &Path, suffix: &str) -> Result<PathBuf, BackupError> {
    let aside = beside(database, suffix);
    for file in FILES {
        let (from, to) = (beside(database, file), beside(&aside, file));
        if from.exists() {
            fs::rename(&from, &to).map_err(failed(&from))?;
        }
    }
    Ok(aside)
}

async fn check_key(session: &mut Session, key: &Path) -> Result<(), BackupError> {
    let keeper = Keeper::open(key, false)?;
    Ok(keeper.check(&needed_keys(session).await?)?)
}

/// The path with something more at the end of its name.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path.as_os_str());
    name.push(suffix);
    name.into()
}

fn create_private(path: &Path, content: &[u8]) -> Result<(), BackupError> {
    let created = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    let mut file = created.map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => BackupError::Exists {
            path: path.to_owned(),
        },
        _ => failed(path)(source),
    })?;
    file.write_all(content).map_err(failed(path))?;
    file.sync_all().map_err(failed(path))
}

fn sync(path: &Path) -> Result<(), BackupError> {
    let synced = File::open(path).and_then(|file| file.sync_all());
    synced.map_err(failed(path))
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> BackupError {
    let path = path.to_owned();
    move |source| StoreError::File { path, source }.into()
}
