//! The reference of a Lookup while it runs, wherever it comes from.

use std::sync::Arc;

use arrow::record_batch::RecordBatch;

use super::asked::Asked;
use super::matches::Matches;
use super::over_cache::OverCache;
use super::reference::Reference;
use super::settings::Settings;
use super::source::Source;
use crate::connections::ConnectionError;
use crate::data_flow::cache;
use crate::data_flow::codes;
use crate::data_flow::component::{BuildContext, ComponentError};
use crate::data_flow::keyed_rows::KeyedRowsSettings;
use crate::data_flow::memory::MemoryPool;
use crate::data_flow::schema::Schema;
use crate::data_flow::spill::SpillFolder;
use crate::services::{ConnectionLease, Services};

/// See [`super`].
pub enum Answers {
    /// All rows of a query.
    Loaded(Box<Reference>),
    /// A query for each key.
    Asked(Box<Asked>),
    /// A Cache connection manager.
    Cache(Box<OverCache>),
}

/// What it takes to find the reference.
pub struct Opening {
    component: String,
    services: Services,
    memory: Arc<MemoryPool>,
    batch_rows: usize,
}

impl Opening {
    /// From what a component is built with.
    pub fn new(component: &str, cx: &BuildContext<'_>) -> Self {
        Self {
            component: component.to_owned(),
            services: cx.services.clone(),
            memory: Arc::clone(cx.memory),
            batch_rows: cx.batch_rows.max(1),
        }
    }

    /// Connects, and loads what is loaded before the first row.
    ///
    /// # Errors
    /// No connection, a query that fails, a cache that nobody has filled.
    pub fn open(&self, settings: &Settings) -> Result<Answers, ComponentError> {
        match &settings.source {
            Source::Loaded { sql } => {
                let lease = self.connect(&settings.connections)?;
                // Another user of the connection that broke down has left nothing half done that
                // a query would not report itself.
                let mut connection = lease
                    .lock()
                    .unwrap_or_else(std::sync::PoisonError::into_inner);
                let storage = |schema: Schema| self.storage(schema);
                let loaded = Reference::load(settings, sql, &storage, connection.as_mut())?;
                Ok(Answers::Loaded(Box::new(loaded)))
            }
            Source::Asked(question) => {
                let lease = self.connect(&settings.connections)?;
                let cancel = self.services.cancel.clone();
                let asked = Asked::new(question.clone(), lease, &self.memory, cancel)?;
                Ok(Answers::Asked(Box::new(asked)))
            }
            Source::Cache { reference, layout } => {
                let slot = self
                    .services
                    .connections
                    .cache(reference)
                    .map_err(|error| {
                        ComponentError::failed(codes::NO_CONNECTION, error.explained())
                    })?;
                let load = || cache::load(layout, self.storage(layout.schema.clone()));
                let held = slot.rows_or(load)?;
                let over = OverCache::new(settings, layout.clone(), held)?;
                Ok(Answers::Cache(Box::new(over)))
            }
        }
    }

    fn storage(&self, schema: Schema) -> KeyedRowsSettings {
        KeyedRowsSettings {
            schema,
            distinct: false,
            batch_rows: self.batch_rows,
            memory: Arc::clone(&self.memory),
            folder: SpillFolder::of(&self.services.settings),
            cancel: self.services.cancel.clone(),
        }
    }

    fn connect(&self, references: &[String]) -> Result<ConnectionLease, ComponentError> {
        let mut last = None;
        for reference in references {
            match self.services.connections.open_to_read(reference) {
                Err(ConnectionError::Canceled(canceled)) => return Err(canceled.into()),
                Err(error @ ConnectionError::Unknown { .. }) => last = Some(error),
                Err(error) => {
                    last = Some(error);
                    break;
                }
                Ok(lease) => return Ok(lease),
            }
        }
        let why = last.map_or_else(
            || format!("component `{}` has no connection", self.component),
            |error| error.explained(),
        );
        Err(ComponentError::failed(codes::NO_CONNECTION, why))
    }
}

impl Answers {
    /// Looks for the rows of a batch.
    ///
    /// # Errors
    /// The query fails, or the disk.
    pub fn find(
        &mut self,
        settings: &Settings,
        rows: &RecordBatch,
    ) -> Result<Matches, ComponentError> {
        match self {
            Self::Loaded(reference) => reference.find(settings, rows),
            Self::Asked(asked) => asked.find(settings, rows),
            Self::Cache(cache) => cache.find(settings, rows),
        }
    }
}
