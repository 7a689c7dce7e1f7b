//! OLE DB Destination: a table, loaded fast or row by row.

use scaleout_core::package::ConnectionManager;
use scaleout_core::package::pipeline::{Component, Disposition};

use super::binding::{flag, number, seconds, table, text, variable_text};
use super::destination::{ALL_ROWS, DestinationKind, Settings};
use super::family::Family;
use crate::connections::dialect::Script;
use crate::connections::{BulkOptions, TableName};
use crate::data_flow::component::{BuildContext, Built, ComponentError, ComponentKind};
use crate::data_flow::graph::component_path;
use crate::services::Services;
use crate::validation::Problem;

/// Redirecting rows needs batches, and there is only one.
const REDIRECT_WITHOUT_BATCHES: &str = "0xC00470C7";
/// `FastLoadMaxInsertCommitSize` where the file does not say.
const COMMIT_SIZE: i64 = 2_147_483_647;

const KIND: DestinationKind = DestinationKind {
    family: Family::OleDb,
    settings,
    check: refused_redirect,
};

/// The kind `Microsoft.OLEDBDestination`.
#[derive(Clone, Copy, Debug)]
pub struct OleDbDestination;

impl ComponentKind for OleDbDestination {
    fn component_type(&self) -> &'static str {
        "Microsoft.OLEDBDestination"
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
    services: &Services,
) -> Result<Settings, String> {
    let mode = number(component, "AccessMode", 3)?;
    let table = match mode {
        0 | 3 => table(text(component, "OpenRowset"), "property `OpenRowset`"),
        1 | 4 => {
            let name = variable_text(component, "OpenRowsetVariable", services)?;
            table(&name, "the variable of `OpenRowsetVariable`")
        }
        2 => table_of_command(text(component, "SqlCommand")),
        other => Err(format!(
            "property `AccessMode` is {other}; 0 to 4 are known"
        )),
    }?;
    let fast = 3 <= mode;
    let commit_size = number(component, "FastLoadMaxInsertCommitSize", COMMIT_SIZE)?;
    let commit_size = u64::try_from(commit_size)
        .map_err(|_| format!("property `FastLoadMaxInsertCommitSize` is {commit_size}"))?;
    let has = |option: &str| {
        let options = text(component, "FastLoadOptions").to_ascii_uppercase();
        options.split(',').any(|own| own.trim() == option)
    };
    Ok(Settings {
        table,
        table_property: "OpenRowset",
        fast,
        options: BulkOptions {
            commit_size: if fast { commit_size } else { u64::MAX },
            keep_identity: fast && flag(component, "FastLoadKeepIdentity"),
            // Row by row, what is given is what is written.
            keep_nulls: !fast || flag(component, "FastLoadKeepNulls"),
            table_lock: fast && has("TABLOCK"),
            check_constraints: !fast || has("CHECK_CONSTRAINTS"),
            fire_triggers: !fast || has("FIRE_TRIGGERS"),
        },
        timeout: seconds(component, "CommandTimeout", 0)?,
        window: ALL_ROWS,
    })
}

/// A query names the columns that are inserted into; its table is what counts.
fn table_of_command(sql: &str) -> Result<TableName, String> {
    let mut tables = Script::parse(sql).tables();
    match (tables.pop(), tables.is_empty()) {
        (Some(table), true) => Ok(table),
        _ => Err(
            "property `SqlCommand` should be a query of one table, into which rows are inserted"
                .to_owned(),
        ),
    }
}

fn refused_redirect(
    component: &Component,
    cx: &BuildContext<'_>,
    settings: &Settings,
) -> Option<Problem> {
    let mut inputs = component.inputs.iter();
    let redirects = inputs.any(|it| it.error_row_disposition == Disposition::RedirectRow);
    let refused = redirects && settings.fast && settings.options.commit_size == 0;
    refused.then(|| {
        let text = format!(
            "`{}` cannot redirect rows when fast load is used with a maximum insert commit size \
             of 0; set `FastLoadMaxInsertCommitSize`",
            component.name
        );
        let path = component_path(cx.task_path, component);
        Problem::error(
            REDIRECT_WITHOUT_BATCHES,
            &path,
            &component.component_type,
            text,
        )
    })
}
