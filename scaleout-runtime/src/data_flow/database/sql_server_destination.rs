//! SQL Server Destination: a bulk load with the options of `BULK INSERT`.
//!
//! The original reaches a server on the same machine by shared memory; here it is the same bulk load
//! as that of an OLE DB Destination, to any server.

use std::ops::Range;

use scaleout_core::package::ConnectionManager;
use scaleout_core::package::pipeline::Component;

use super::binding::{flag_or, number, seconds, table, text};
use super::destination::{DestinationKind, Settings};
use super::family::Family;
use crate::connections::BulkOptions;
use crate::data_flow::component::{BuildContext, Built, ComponentError, ComponentKind};
use crate::services::Services;
use crate::validation::Problem;

const KIND: DestinationKind = DestinationKind {
    family: Family::OleDb,
    settings,
    check: |_, _, _| None,
};

/// The kind `Microsoft.SQLServerDestination`.
#[derive(Clone, Copy, Debug)]
pub struct SqlServerDestination;

impl ComponentKind for SqlServerDestination {
    fn component_type(&self) -> &'static str {
        "Microsoft.SQLServerDestination"
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
    let size = number(component, "MaxInsertCommitSize", 0)?;
    let size =
        u64::try_from(size).map_err(|_| format!("property `MaxInsertCommitSize` is {size}"))?;
    let flag = |name, default| flag_or(component, name, default);
    let name = text(component, "BulkInsertTableName");
    Ok(Settings {
        table: table(name, "property `BulkInsertTableName`")?,
        table_property: "BulkInsertTableName",
        fast: true,
        options: BulkOptions {
            commit_size: size,
            keep_identity: flag("BulkInsertKeepIdentity", false),
            keep_nulls: flag("BulkInsertKeepNulls", false),
            table_lock: flag("BulkInsertTablock", true),
            check_constraints: flag("BulkInsertCheckConstraints", true),
            fire_triggers: flag("BulkInsertFireTriggers", false),
        },
        timeout: seconds(component, "Timeout", 30)?,
        window: window(component)?,
    })
}

/// `BulkInsertFirstRow` and `BulkInsertLastRow` count from 1; below that they say nothing.
fn window(component: &Component) -> Result<Range<u64>, String> {
    let row = |name| {
        let row = number(component, name, -1)?;
        Ok::<_, String>(u64::try_from(row).ok().filter(|row| 0 < *row))
    };
    let first = row("BulkInsertFirstRow")?.map_or(0, |first| first - 1);
    let last = row("BulkInsertLastRow")?.unwrap_or(u64::MAX);
    Ok(first..last.max(first))
}
