//! ODBC Destination: a table, into which rows are inserted as they are.
//!
//! `InsertMethod`, `LobChunkSize` and the `Bind…` properties tell an ODBC driver how to move values;
//! here they change nothing.

use scaleout_core::package::ConnectionManager;
use scaleout_core::package::pipeline::Component;

use super::binding::{number, seconds, table, text};
use super::destination::{ALL_ROWS, DestinationKind, Settings};
use super::family::Family;
use crate::connections::BulkOptions;
use crate::data_flow::component::{BuildContext, Built, ComponentError, ComponentKind};
use crate::services::Services;
use crate::validation::Problem;

/// `BatchSize` where the file does not say.
const BATCH_SIZE: i64 = 1000;

const KIND: DestinationKind = DestinationKind {
    family: Family::Odbc,
    settings,
    check: |_, _, _| None,
};

/// The kind `Microsoft.SSISODBCDst`.
#[derive(Clone, Copy, Debug)]
pub struct OdbcDestination;

impl ComponentKind for OdbcDestination {
    fn component_type(&self) -> &'static str {
        "Microsoft.SSISODBCDst"
    }

    fn validate(
        &self,
        component: &Component,
        cx: &BuildContext<'_>,
        connect: bool,
    ) -> Vec<Problem> {
        KIND.validate(component, cx, connect)
    }

    fn build(&self, component: &Component, cx: &BuildContext<'_>) -> Result<Built, ComponentError> {
        KIND.build(component, cx)
    }
}

fn settings(
    component: &Component,
    _: Option<&ConnectionManager>,
    _: &Services,
) -> Result<Settings, String> {
    let positive = |name: &str, default| {
        let size = number(component, name, default)?;
        u64::try_from(size).map_err(|_| format!("property `{name}` is {size}"))
    };
    // Without transactions each batch is one of its own.
    let commit_size = match positive("TransactionSize", BATCH_SIZE)? {
        0 => positive("BatchSize", BATCH_SIZE)?.max(1),
        size => size,
    };
    Ok(Settings {
        table: table(text(component, "TableName"), "property `TableName`")?,
        table_property: "TableName",
        fast: false,
        options: BulkOptions {
            commit_size,
            keep_identity: true,
            keep_nulls: true,
            table_lock: false,
            check_constraints: true,
            fire_triggers: true,
        },
        timeout: seconds(component, "StatementTimeout", 0)?,
        window: ALL_ROWS,
    })
}
