//! A SQLite database behind every reference to a connection manager, and a cache beside it.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use scaleout_core::package::ConnectionManager;

use crate::connections::test_manager::manager;
use crate::connections::{ConnectionError, open};
use crate::data_flow::cache::CacheSlot;
use crate::services::{ConnectionLease, Connections};

/// See [`self`].
pub struct SqliteFile {
    _folder: tempfile::TempDir,
    /// The file.
    pub file: PathBuf,
    manager: Arc<ConnectionManager>,
    cache_manager: Option<Arc<ConnectionManager>>,
    cache: Arc<CacheSlot>,
}

impl SqliteFile {
    /// A database in which a script has run.
    pub fn new(script: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x.db");
        let database = rusqlite::Connection::open(&file).unwrap();
        database.execute_batch(script).unwrap();
        let string = format!("Provider=SQLite;Data Source={};", file.display());
        Self {
            _folder: folder,
            file,
            manager: Arc::new(manager("OLEDB", &string)),
            cache_manager: None,
            cache: Arc::default(),
        }
    }

    /// With a Cache connection manager called `cache`.
    pub fn with_cache(self, manager: ConnectionManager) -> Self {
        Self {
            cache_manager: Some(Arc::new(manager)),
            ..self
        }
    }

    /// What a query gives, one text for each row.
    pub fn rows(&self, sql: &str) -> Vec<String> {
        let database = rusqlite::Connection::open(&self.file).unwrap();
        let mut statement = database.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| row.get::<_, String>(0));
        rows.unwrap().map(Result::unwrap).collect()
    }
}

impl Connections for SqliteFile {
    fn resolve(&self, reference: &str) -> Result<Arc<ConnectionManager>, ConnectionError> {
        match (&self.cache_manager, reference) {
            (Some(manager), "cache") => Ok(Arc::clone(manager)),
            (_, "gone") => {
                let reference = reference.to_owned();
                Err(ConnectionError::Unknown { reference })
            }
            _ => Ok(Arc::clone(&self.manager)),
        }
    }

    fn open(&self, _: &str) -> Result<ConnectionLease, ConnectionError> {
        let opened = open(&self.manager, &Default::default(), &Default::default())?;
        Ok(Arc::new(Mutex::new(opened)))
    }

    fn cache(&self, _: &str) -> Result<Arc<CacheSlot>, ConnectionError> {
        Ok(Arc::clone(&self.cache))
    }
}
