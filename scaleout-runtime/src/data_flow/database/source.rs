//! What all sources do to be checked and built; a kind adds how its settings are written.

use std::time::Duration;

use scaleout_core::package::pipeline::{Component, Disposition, Output, OutputColumn};

use super::binding::{connection_problem, failure, manager, property_problem};
use super::family::Family;
use super::parameters;
use super::reader::{DatabaseReader, Query, ReadColumn};
use crate::data_flow::codes::{VARIABLE_NOT_FOUND, WRONG_PROPERTY, number as code_number};
use crate::data_flow::component::{BuildContext, Built, ComponentError};
use crate::data_flow::error_rows::{ErrorRows, Rule, lost_rows_warning};
use crate::data_flow::schema::Schema;
use crate::services::Services;
use crate::validation::Problem;

/// What a source is told.
pub(super) struct Settings {
    pub(super) query: Query,
    pub(super) parameters: Vec<parameters::Mapping>,
    pub(super) timeout: Option<Duration>,
}

/// Where a kind of source has its settings.
pub(super) struct SourceKind {
    pub(super) family: Family,
    pub(super) settings: fn(&Component, &Services) -> Result<Settings, String>,
    /// The rule for bad values of a column.
    pub(super) rule: fn(&Output, &OutputColumn, &BuildContext<'_>) -> Rule,
}

/// A query that a property or a variable holds.
pub(super) fn sql(
    sql: &str,
    place: &str,
    mappings: &[parameters::Mapping],
) -> Result<Query, String> {
    if sql.trim().is_empty() {
        return Err(format!("{place} is empty; it should hold the query"));
    }
    Ok(Query::Sql(parameters::positional(sql, mappings)))
}

impl SourceKind {
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
        if let Err(reason) = (self.settings)(component, cx.services) {
            problems.push(property_problem(component, cx, &reason));
        }
        if let Ok((reference, _)) = found
            && connect
            && let Err(error) = cx.services.connections.open_to_read(&reference)
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
        let (reference, manager) = manager(component, cx.services)
            .map_err(|error| self.family.cannot_acquire(name, &error))?;
        let settings = (self.settings)(component, cx.services)
            .map_err(|reason| failure(name, code_number(WRONG_PROPERTY), reason))?;
        let parameters = parameters::values(&settings.parameters, &*cx.services.variables)
            .map_err(|reason| failure(name, code_number(VARIABLE_NOT_FOUND), reason))?;
        let outputs: Vec<Schema> = component
            .outputs
            .iter()
            .map(|output| Schema::of_output_columns(&output.columns))
            .collect();
        let index = component.outputs.iter().position(|it| !it.is_error_output);
        let output = index.unwrap_or(0);
        let declared = component.outputs.get(output);
        let columns = declared.map(|declared| self.columns(declared, cx));
        let reader = DatabaseReader {
            family: self.family,
            component: name.to_owned(),
            reference,
            connection: manager.name.clone(),
            query: settings.query,
            parameters,
            timeout: settings.timeout,
            columns: columns.unwrap_or_default(),
            output,
            schema: outputs.get(output).cloned().unwrap_or_default().to_arrow(),
            errors: ErrorRows::new(component, cx),
            batch_rows: cx.batch_rows.max(1),
            services: cx.services.clone(),
            lease: None,
        };
        Ok(Built {
            component: Box::new(reader),
            outputs,
            is_destination: false,
        })
    }

    fn columns(&self, output: &Output, cx: &BuildContext<'_>) -> Vec<ReadColumn> {
        let columns = output.columns.iter();
        columns
            .map(|column| {
                let mut external = output.external_columns.iter();
                let place = external.position(|it| it.id == column.external_id);
                let name = place.map_or(&column.name, |at| &output.external_columns[at].name);
                let rule = (self.rule)(output, column, cx);
                ReadColumn {
                    name: name.clone(),
                    place,
                    data_type: column.data_type,
                    cuts_text: rule.on_truncation == Disposition::IgnoreFailure,
                    is_used: (cx.is_used)(&column.lineage_id),
                    rule,
                }
            })
            .collect()
    }
}
