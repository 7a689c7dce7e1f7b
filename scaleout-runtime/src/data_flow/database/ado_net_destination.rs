//! ADO NET Destination: a table, loaded in bulk where the original would (a `SqlClient` connection and
//! `UseBulkInsertWhenPossible`), by inserts otherwise.

use scaleout_core::package::ConnectionManager;
use scaleout_core::package::pipeline::Component;

use super::binding::{flag_or, number, seconds, table, text};
use super::destination::{ALL_ROWS, DestinationKind, Settings};
use super::family::Family;
use crate::connections::BulkOptions;
use crate::connections::target::is_sql_client;
use crate::data_flow::component::{BuildContext, Built, ComponentError, ComponentKind};
use crate::services::Services;
use crate::validation::Problem;

const KIND: DestinationKind = DestinationKind {
    family: Family::AdoNetDestination,
    settings,
    check: |_, _, _| None,
};

/// The kind `Microsoft.ADONETDestination`.
#[derive(Clone, Copy, Debug)]
pub struct AdoNetDestination;

impl ComponentKind for AdoNetDestination {
    fn component_type(&self) -> &'static str {
        "Microsoft.ADONETDestination"
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
    manager: Option<&ConnectionManager>,
    _: &Services,
) -> Result<Settings, String> {
    let name = text(component, "TableOrViewName");
    let batch = number(component, "BatchSize", 0)?;
    let batch = u64::try_from(batch).map_err(|_| format!("property `BatchSize` is {batch}"))?;
    let in_bulk = flag_or(component, "UseBulkInsertWhenPossible", true)
        && manager.is_some_and(|manager| is_sql_client(&manager.creation_name));
    Ok(Settings {
        table: table(name, "property `TableOrViewName`")?,
        table_property: "TableOrViewName",
        fast: in_bulk,
        options: BulkOptions {
            // 0 is the size of a buffer, at whose end there is a commit anyway.
            commit_size: if batch == 0 { u64::MAX } else { batch },
            keep_identity: !in_bulk,
            keep_nulls: !in_bulk,
            table_lock: false,
            check_constraints: !in_bulk,
            fire_triggers: !in_bulk,
        },
        timeout: seconds(component, "CommandTimeout", 30)?,
        window: ALL_ROWS,
    })
}
