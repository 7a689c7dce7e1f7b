//! What all destinations do to be checked and built; a kind adds how its settings are written.

use std::ops::Range;
use std::time::Duration;

use scaleout_core::package::ConnectionManager;
use scaleout_core::package::pipeline::{Component, ExternalColumn, Input};

use super::binding::{connection_problem, failure, manager, property_problem};
use super::family::Family;
use super::loader::{Loader, Target, WrittenColumn};
use crate::connections::{BulkOptions, ConnectionError, TableName};
use crate::data_flow::codes::{WRONG_PROPERTY, number as code_number};
use crate::data_flow::component::{BuildContext, Built, ComponentError};
use crate::data_flow::error_rows::{ErrorRows, Rule, lost_rows_warning};
use crate::data_flow::static_schema::output_schema;
use crate::services::Services;
use crate::validation::Problem;

/// Every row.
pub(super) const ALL_ROWS: Range<u64> = 0..u64::MAX;

/// What a destination is told.
pub(super) struct Settings {
    pub(super) table: TableName,
    /// The property that names the table.
    pub(super) table_property: &'static str,
    /// Whole batches succeed or fail.
    pub(super) fast: bool,
    pub(super) options: BulkOptions,
    pub(super) timeout: Option<Duration>,
    /// Rows that are loaded, counted from 0.
    pub(super) window: Range<u64>,
}

/// Where a kind of destination has its settings.
pub(super) struct DestinationKind {
    pub(super) family: Family,
    /// Reads them; the connection manager is given where it was found.
    pub(super) settings:
        fn(&Component, Option<&ConnectionManager>, &Services) -> Result<Settings, String>,
    /// What only this kind checks of its settings.
    pub(super) check: fn(&Component, &BuildContext<'_>, &Settings) -> Option<Problem>,
}

impl DestinationKind {
    pub(super) fn validate(
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
        let own = found.as_ref().ok().map(|(_, manager)| &**manager);
        match (self.settings)(component, own, cx.services) {
            Err(reason) => problems.push(property_problem(component, cx, &reason)),
            Ok(settings) => problems.extend((self.check)(component, cx, &settings)),
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

    pub(super) fn build(
        &self,
        component: &Component,
        cx: &BuildContext<'_>,
    ) -> Result<Built, ComponentError> {
        let name = component.name.as_str();
        let no_connection = |error: ConnectionError| self.family.cannot_acquire(name, &error);
        let (reference, manager) = manager(component, cx.services).map_err(no_connection)?;
        let wrong = |reason: String| failure(name, code_number(WRONG_PROPERTY), reason);
        let settings = (self.settings)(component, Some(&*manager), cx.services).map_err(wrong)?;
        let input = component.inputs.first();
        let columns = written_columns(component, cx).map_err(wrong)?;
        let loader = Loader {
            family: self.family,
            component: name.to_owned(),
            reference,
            target: Target {
                connection: manager.name.clone(),
                table: settings.table,
                table_property: settings.table_property,
                fast: settings.fast,
                options: settings.options,
                timeout: settings.timeout,
                window: settings.window,
            },
            columns,
            rule: input.map_or_else(|| Rule::of_input(&Input::default()), Rule::of_input),
            errors: ErrorRows::new(component, cx),
            services: cx.services.clone(),
            lease: None,
            own_transaction: false,
            rows_before: 0,
            seen: 0,
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
