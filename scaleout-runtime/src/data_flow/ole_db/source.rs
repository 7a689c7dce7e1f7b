//! OLE DB Source: settings, checked and bound.

use std::time::Duration;

use scaleout_core::package::pipeline::{Component, Disposition, Output};

use super::binding::{
    cannot_acquire, connection_problem, failure, manager, number, property_problem, table, text,
    variable_text,
};
use super::parameters;
use super::reader::{OleDbReader, Query, ReadColumn};
use crate::data_flow::codes::{VARIABLE_NOT_FOUND, WRONG_PROPERTY, number as code_number};
use crate::data_flow::component::{BuildContext, Built, ComponentError, ComponentKind};
use crate::data_flow::error_rows::{ErrorRows, Rule, lost_rows_warning};
use crate::data_flow::schema::Schema;
use crate::services::Services;
use crate::validation::Problem;

/// The kind `Microsoft.OLEDBSource`.
#[derive(Clone, Copy, Debug)]
pub struct OleDbSource;

impl ComponentKind for OleDbSource {
    fn component_type(&self) -> &'static str {
        "Microsoft.OLEDBSource"
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
        if let Err(reason) = settings(component, cx.services) {
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

    fn build(&self, component: &Component, cx: &BuildContext<'_>) -> Result<Built, ComponentError> {
        let name = component.name.as_str();
        let (reference, connection) =
            manager(component, cx.services).map_err(|error| cannot_acquire(name, &error))?;
        let settings = settings(component, cx.services)
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
        let columns = declared.map(|declared| read_columns(declared, cx));
        let reader = OleDbReader {
            component: name.to_owned(),
            reference,
            connection,
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
}

struct Settings {
    query: Query,
    parameters: Vec<parameters::Mapping>,
    timeout: Option<Duration>,
}

fn settings(component: &Component, services: &Services) -> Result<Settings, String> {
    let seconds = number(component, "CommandTimeout", 0)?;
    let seconds = u64::try_from(seconds).unwrap_or(0);
    let mappings = parameters::parse(text(component, "ParameterMapping"))?;
    Ok(Settings {
        query: query(component, services, &mappings)?,
        parameters: mappings,
        timeout: (0 < seconds).then(|| Duration::from_secs(seconds)),
    })
}

fn query(
    component: &Component,
    services: &Services,
    mappings: &[parameters::Mapping],
) -> Result<Query, String> {
    let sql = |sql: String, place: &str| {
        if sql.trim().is_empty() {
            return Err(format!("{place} is empty; it should hold the query"));
        }
        Ok(Query::Sql(parameters::positional(&sql, mappings)))
    };
    let from_variable = |property| variable_text(component, property, services);
    match number(component, "AccessMode", 0)? {
        0 => table(text(component, "OpenRowset"), "property `OpenRowset`").map(Query::Table),
        1 => {
            let name = from_variable("OpenRowsetVariable")?;
            table(&name, "the variable of `OpenRowsetVariable`").map(Query::Table)
        }
        2 => sql(
            text(component, "SqlCommand").to_owned(),
            "property `SqlCommand`",
        ),
        3 => sql(
            from_variable("SqlCommandVariable")?,
            "the variable of `SqlCommandVariable`",
        ),
        other => Err(format!(
            "property `AccessMode` is {other}; 0 to 3 are known"
        )),
    }
}

fn read_columns(output: &Output, cx: &BuildContext<'_>) -> Vec<ReadColumn> {
    let columns = output.columns.iter();
    columns
        .map(|column| {
            let mut external = output.external_columns.iter();
            let place = external.position(|it| it.id == column.external_id);
            let name = place.map_or(&column.name, |at| &output.external_columns[at].name);
            ReadColumn {
                name: name.clone(),
                place,
                data_type: column.data_type,
                cuts_text: column.truncation_row_disposition == Disposition::IgnoreFailure,
                is_used: (cx.is_used)(&column.lineage_id),
                rule: Rule::of_output_column(column, cx),
            }
        })
        .collect()
}
