//! The columns of a Cache connection manager.

use std::path::PathBuf;

use scaleout_core::package::ConnectionManager;
use scaleout_core::package::cache_columns::cache_columns;
use scaleout_core::protocol::executor::RuntimeSettings;

use crate::connections::ConnectionError;
use crate::data_flow::component::ComponentError;
use crate::data_flow::row_keys::{KeyColumn, KeyEncoder, Purpose};
use crate::data_flow::schema::{Column, Schema};
use crate::paths;

/// What a Cache connection manager says.
#[derive(Clone, Debug)]
pub struct CacheLayout {
    /// Name of the connection manager.
    pub name: String,
    /// All columns.
    pub schema: Schema,
    /// Positions of the columns that rows are found by, in the order of the index.
    pub index: Vec<usize>,
    /// The file that the rows are kept in.
    pub file: Option<PathBuf>,
}

/// Reads a connection manager, whose property expressions have been evaluated.
///
/// # Errors
/// It is of another kind, or has no columns or no index.
pub fn layout_of(
    manager: &ConnectionManager,
    settings: &RuntimeSettings,
) -> Result<CacheLayout, ConnectionError> {
    let invalid = |reason: String| ConnectionError::Invalid {
        name: manager.name.clone(),
        reason,
    };
    if !manager.creation_name.eq_ignore_ascii_case("CACHE") {
        let kind = &manager.creation_name;
        return Err(invalid(format!(
            "it is of type `{kind}`, and a cache is needed"
        )));
    }
    let columns = cache_columns(manager).map_err(|error| invalid(error.to_string()))?;
    let mut index: Vec<(u32, usize)> = columns
        .iter()
        .enumerate()
        .filter(|(_, column)| 0 < column.index_position)
        .map(|(at, column)| (column.index_position, at))
        .collect();
    index.sort_unstable();
    if index.is_empty() {
        let reason = "none of its columns has an index position; give one to each column that rows are found by";
        return Err(invalid(reason.to_owned()));
    }
    let flag = |name: &str| {
        let text = manager.properties.get(name).map_or("", |text| text.trim());
        text.eq_ignore_ascii_case("true") || text == "1" || text == "-1"
    };
    let file = match flag("UseFile") {
        false => None,
        true => Some(paths::to_local(manager.connection_string(), settings)),
    };
    Ok(CacheLayout {
        name: manager.name.clone(),
        schema: Schema::new(columns.into_iter().map(|column| Column {
            lineage_id: String::new(),
            name: column.name,
            data_type: column.data_type,
        })),
        index: index.into_iter().map(|(_, at)| at).collect(),
        file,
    })
}

impl CacheLayout {
    /// Position of a column by its name, in any case.
    #[must_use]
    pub fn position(&self, name: &str) -> Option<usize> {
        let mut columns = self.schema.columns.iter();
        columns.position(|column| column.name.eq_ignore_ascii_case(name))
    }

    /// Makes the keys of batches that have the columns of the cache.
    ///
    /// # Errors
    /// None with types that columns have.
    pub fn encoder(&self) -> Result<KeyEncoder, ComponentError> {
        let columns = self.index.iter().map(|position| {
            let data_type = self.schema.columns[*position].data_type;
            KeyColumn::exact(*position, data_type)
        });
        KeyEncoder::new(columns.collect(), Purpose::Equality)
    }
}
