//! OLE DB Destination: settings, checked and bound.

use std::time::Duration;

use scaleout_core::package::pipeline::{Component, Disposition, ExternalColumn, Input};

use super::binding::{
    cannot_acquire, connection_problem, failure, flag, manager, number, property_problem, table,
    text, variable_text,
};
use super::loader::{Loader, Target, WrittenColumn};
use crate::connections::dialect::Script;
use crate::connections::{BulkOptions, TableName};
use crate::data_flow::codes::{WRONG_PROPERTY, number as code_number};
use crate::data_flow::component::{BuildContext, Built, ComponentError, ComponentKind};
use crate::data_flow::error_rows::{ErrorRows, Rule, lost_rows_warning};
use crate::data_flow::graph::component_path;
use crate::data_flow::static_schema::output_schema;
use crate::services::Services;
use crate::validation::Problem;

/// Redirecting rows needs batches, and there is only one.
const REDIRECT_WITHOUT_BATCHES: &str = "0xC00470C7";
/// `FastLoadMaxInsertCommitSize` where the file does not say.
const COMMIT_SIZE: i64 = 2_147_483_647;

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
        let mut problems = Vec::new();
        let found = manager(component, cx.services);
        if let Err(error) = &found {
            problems.push(connection_problem(component, cx, error));
        }
        match settings(component, cx.services) {
            Err(reason) => problems.push(property_problem(component, cx, &reason)),
            Ok(settings) => problems.extend(refused_redirect(component, cx, &settings)),
        }
        if let Ok((reference, _)) = found
            && connect
            && let Err(error) = cx.services.connections.open(&reference)
        {
            problems.push(connection_problem(component, cx, &error));
        }
        problems.extend(lost_rows_warning(component, cx));
        problems
    }

    fn build(&self, component: &Component, cx: &BuildContext<'_>) -> Result<Built, ComponentError> {
        let name = component.name.as_str();
        let (reference, connection) =
            manager(component, cx.services).map_err(|error| cannot_acquire(name, &error))?;
        let wrong = |reason: String| failure(name, code_number(WRONG_PROPERTY), reason);
        let settings = settings(component, cx.services).map_err(wrong)?;
        let input = component.inputs.first();
        let columns = written_columns(component, cx).map_err(wrong)?;
        let loader = Loader {
            component: name.to_owned(),
            reference,
            target: Target {
                connection,
                table: settings.table,
                fast: settings.fast,
                options: settings.options,
                timeout: settings.timeout,
            },
            columns,
            rule: input.map_or_else(|| Rule::of_input(&Input::default()), Rule::of_input),
            errors: ErrorRows::new(component, cx),
            services: cx.services.clone(),
            lease: None,
            own_transaction: false,
            rows_before: 0,
            committed: 0,
            pending: 0,
        };
        let outputs = component.outputs.iter();
        Ok(Built {
            component: Box::new(loader),
            outputs: outputs
                .map(|output| output_schema(component, output, cx.inputs))
                .collect(),
            is_destination: true,
        })
    }
}

struct Settings {
    table: TableName,
    fast: bool,
    options: BulkOptions,
    timeout: Option<Duration>,
}

fn settings(component: &Component, services: &Services) -> Result<Settings, String> {
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
    let seconds = u64::try_from(number(component, "CommandTimeout", 0)?).unwrap_or(0);
    Ok(Settings {
        table,
        fast,
        options: BulkOptions {
            commit_size: if fast { commit_size } else { u64::MAX },
            keep_identity: fast && flag(component, "FastLoadKeepIdentity"),
            // Row by row, what is given is what is written.
            keep_nulls: !fast || flag(component, "FastLoadKeepNulls"),
            table_lock: fast && has("TABLOCK"),
            check_constraints: !fast || has("CHECK_CONSTRAINTS"),
        },
        timeout: (0 < seconds).then(|| Duration::from_secs(seconds)),
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

/// The mapped columns of the input.
fn written_columns(
    component: &Component,
    cx: &BuildContext<'_>,
) -> Result<Vec<WrittenColumn>, String> {
    let (Some(input), Some(Some(schema))) = (component.inputs.first(), cx.inputs.first()) else {
        return Ok(Vec::new());
    };
    let mapped = input
        .columns
        .iter()
        .filter(|column| !column.external_id.is_empty());
    mapped
        .map(|column| {
            let same = |external: &&ExternalColumn| external.id == column.external_id;
            let external = input.external_columns.iter().find(same);
            let at = schema.index_of(&column.lineage_id).ok_or_else(|| {
                format!(
                    "column `{}` of component `{}` does not reach it; map it again in the package",
                    column.name, component.name
                )
            })?;
            let flowing = schema.columns[at].data_type;
            Ok(WrittenColumn {
                at,
                input_name: column.name.clone(),
                name: external.map_or(&column.name, |it| &it.name).clone(),
                from: flowing,
                to: external.and_then(|it| it.data_type).unwrap_or(flowing),
                lineage_number: (cx.lineage_number)(&column.lineage_id),
            })
        })
        .collect()
}
