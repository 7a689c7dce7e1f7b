//! The catalog in the data folder of a master, for commands that work on it beside the master.

use std::path::{Path, PathBuf};

use super::files::private_folder;
use super::lock::FolderLock;
use crate::error::{CliError, CommandError};

/// Name of the database in the folder of a master.
pub const CATALOG_FILE: &str = "catalog.db";
/// Name of the file with the key of the catalog's secrets, in the folder of a master.
pub const KEY_FILE: &str = "catalog.key";
/// Folder of the master in the data folder of `soctl up`.
const MASTER: &str = "master";

/// The place of a catalog while no master works on it.
#[derive(Debug)]
pub struct CatalogPlace {
    /// Its database, which need not be there.
    pub database: PathBuf,
    _lock: FolderLock,
}

impl CatalogPlace {
    /// Takes the folder of a master, or that below the data folder of `soctl up`; makes it where
    /// it is missing.
    ///
    /// # Errors
    /// A service runs in it, or it cannot be made.
    pub fn take(data: &Path) -> Result<Self, CliError> {
        let folder = if data.join(MASTER).is_dir() {
            data.join(MASTER)
        } else {
            data.to_owned()
        };
        private_folder(&folder)?;
        let lock = FolderLock::take(&folder)?;
        Ok(Self {
            database: folder.join(CATALOG_FILE),
            _lock: lock,
        })
    }
}

/// The database of a master's data folder, or of that of `soctl up`.
///
/// # Errors
/// There is none.
pub fn catalog_of(data: &Path) -> Result<PathBuf, CommandError> {
    let places = [
        data.join(CATALOG_FILE),
        data.join(MASTER).join(CATALOG_FILE),
    ];
    let found = places.into_iter().find(|place| place.is_file());
    found.ok_or_else(|| CommandError::NotFound {
        kind: "catalog on SQLite in the folder",
        name: data.display().to_string(),
        place: String::new(),
        hint:
            "name the data folder of the master; for a catalog on PostgreSQL use pg_dump (schemas \
               `internal` and `catalog`) and keep the file `catalog.key` of that folder with it"
                .to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use scaleout_core::error::Explain as _;

    use super::*;

    #[test]
    fn the_folder_of_the_master_is_found_below_that_of_soctl_up() {
        let folder = tempfile::tempdir().unwrap();
        let hint = catalog_of(folder.path()).unwrap_err().hint();
        assert!(
            hint.contains("pg_dump") && hint.contains("catalog.key"),
            "{hint}"
        );
        let alone = CatalogPlace::take(folder.path()).unwrap().database;
        assert_eq!(alone, folder.path().join("catalog.db"));
        std::fs::create_dir(folder.path().join("master")).unwrap();
        let below = CatalogPlace::take(folder.path()).unwrap().database;
        assert_eq!(below, folder.path().join("master/catalog.db"));
        std::fs::write(&below, "").unwrap();
        assert_eq!(catalog_of(folder.path()).unwrap(), below);
    }

    #[test]
    fn a_folder_in_use_cannot_be_taken() {
        let folder = tempfile::tempdir().unwrap();
        let _held = FolderLock::take(folder.path()).unwrap();
        let refused = CatalogPlace::take(folder.path()).unwrap_err();
        assert_eq!(refused.body.code, "SO8010");
    }
}
