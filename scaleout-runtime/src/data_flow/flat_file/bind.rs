//! Which column of the file a column of a component is.

use std::sync::Arc;

use scaleout_core::error::{Explain, with_sources};
use scaleout_core::package::ConnectionManager;
use scaleout_core::package::pipeline::{Component, ExternalColumn};

use super::format::Format;
use super::settle::FormatError;
use crate::connections::ConnectionError;
use crate::services::Services;
use crate::validation::Problem;

/// Why a component and its connection manager do not fit together.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(super) enum BindError {
    #[error("component `{component}` has no connection manager")]
    NoConnection { component: String },
    #[error("component `{component}` cannot use its connection manager")]
    Connection {
        component: String,
        #[source]
        source: ConnectionError,
    },
    #[error("component `{component}` cannot use its connection manager")]
    Format {
        component: String,
        #[source]
        source: FormatError,
    },
    #[error(
        "column `{column}` of component `{component}` is no column of connection manager `{connection}`"
    )]
    NoSuchColumn {
        component: String,
        column: String,
        connection: String,
    },
}

impl BindError {
    /// The problem that validation reports.
    pub(super) fn problem(&self, path: &str, kind: &str) -> Problem {
        let code = match self {
            Self::NoConnection { .. } | Self::Connection { .. } => "SO5203",
            Self::Format { source, .. } => source.code(),
            Self::NoSuchColumn { .. } => "SO5204",
        };
        Problem::error(code, path, kind, self.explained())
    }

    /// The message with its sources and what to do next.
    pub(super) fn explained(&self) -> String {
        let hint = match self {
            Self::Format { source, .. } => source.hint(),
            Self::Connection { source, .. } => source.hint(),
            Self::NoConnection { .. } => {
                "choose a FLATFILE connection manager for the component".to_owned()
            }
            Self::NoSuchColumn { .. } => {
                "map the column again in the package, or add it to the file".to_owned()
            }
        };
        format!("{}; {hint}", with_sources(self))
    }
}

/// The connection manager of a component, and the format that it says.
pub(super) fn settle(
    component: &Component,
    services: &Services,
) -> Result<(Arc<ConnectionManager>, Format), BindError> {
    let name = || component.name.clone();
    let connections = &component.connections;
    let named = connections
        .iter()
        .find(|connection| connection.name == "FlatFileConnection");
    let Some(connection) = named.or(connections.first()) else {
        return Err(BindError::NoConnection { component: name() });
    };
    let references = [&connection.manager_id, &connection.manager_ref_id];
    let mut resolved = Err(ConnectionError::Unknown {
        reference: String::new(),
    });
    for reference in references
        .into_iter()
        .filter(|reference| !reference.is_empty())
    {
        resolved = services.connections.resolve(reference);
        if resolved.is_ok() {
            break;
        }
    }
    let manager = resolved.map_err(|source| BindError::Connection {
        component: name(),
        source,
    })?;
    let format = Format::settle(&manager);
    let format = format.map_err(|source| BindError::Format {
        component: name(),
        source,
    })?;
    Ok((manager, format))
}

/// Position in the file of the column that `external_id` means.
///
/// Connection managers have no ids for their columns, so names decide; where a name is gone
/// but the number of columns is the same, the column was renamed and its position decides.
pub(super) fn file_column(
    format: &Format,
    external: &[ExternalColumn],
    external_id: &str,
    name: &str,
) -> Option<usize> {
    let at = external.iter().position(|column| column.id == external_id);
    let name = at.map_or(name, |at| &external[at].name);
    let columns = &format.columns;
    let exact = columns.iter().position(|column| column.name == name);
    let folded = || {
        let name = name.to_lowercase();
        columns
            .iter()
            .position(|column| column.name.to_lowercase() == name)
    };
    let placed = || at.filter(|_| external.len() == columns.len());
    exact.or_else(folded).or_else(placed)
}

/// `\Package\Task\Component`
pub(super) fn problem_path(task_path: &str, component: &Component) -> String {
    format!("{task_path}\\{}", component.name)
}
