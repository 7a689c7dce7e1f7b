//! OLE DB Source: a table, a view or a query, named in a property or in a variable.

use scaleout_core::package::pipeline::Component;

use super::binding::{number, seconds, table, text, variable_text};
use super::family::Family;
use super::parameters;
use super::reader::Query;
use super::source::{Settings, SourceKind, sql};
use crate::data_flow::component::{BuildContext, Built, ComponentError, ComponentKind};
use crate::data_flow::error_rows::Rule;
use crate::services::Services;
use crate::validation::Problem;

const KIND: SourceKind = SourceKind {
    family: Family::OleDb,
    settings,
    rule: |_, column, cx| Rule::of_output_column(column, cx),
};

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
        KIND.validate(component, cx, connect)
    }

    fn build(&self, component: &Component, cx: &BuildContext<'_>) -> Result<Built, ComponentError> {
        KIND.build(component, cx)
    }
}

fn settings(component: &Component, services: &Services) -> Result<Settings, String> {
    let timeout = seconds(component, "CommandTimeout", 0)?;
    let mappings = parameters::parse(text(component, "ParameterMapping"))?;
    Ok(Settings {
        query: query(component, services, &mappings)?,
        parameters: mappings,
        timeout,
    })
}

fn query(
    component: &Component,
    services: &Services,
    mappings: &[parameters::Mapping],
) -> Result<Query, String> {
    let from_variable = |property| variable_text(component, property, services);
    match number(component, "AccessMode", 0)? {
        0 => table(text(component, "OpenRowset"), "property `OpenRowset`").map(Query::Table),
        1 => {
            let name = from_variable("OpenRowsetVariable")?;
            table(&name, "the variable of `OpenRowsetVariable`").map(Query::Table)
        }
        2 => sql(
            text(component, "SqlCommand"),
            "property `SqlCommand`",
            mappings,
        ),
        3 => sql(
            &from_variable("SqlCommandVariable")?,
            "the variable of `SqlCommandVariable`",
            mappings,
        ),
        other => Err(format!(
            "property `AccessMode` is {other}; 0 to 3 are known"
        )),
    }
}
