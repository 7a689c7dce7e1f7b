//! ADO NET Source (DataReader Source in old packages): a table or a query, without parameters.

use scaleout_core::package::pipeline::Component;

use super::binding::{number, seconds, table, text};
use super::family::Family;
use super::reader::Query;
use super::source::{Settings, SourceKind, sql};
use crate::data_flow::component::{BuildContext, Built, ComponentError, ComponentKind};
use crate::data_flow::error_rows::Rule;
use crate::services::Services;
use crate::validation::Problem;

const KIND: SourceKind = SourceKind {
    family: Family::AdoNetSource,
    settings,
    rule: |_, column, cx| Rule::of_output_column(column, cx),
};

/// The kind `Microsoft.DataReaderSourceAdapter`.
#[derive(Clone, Copy, Debug)]
pub struct AdoNetSource;

impl ComponentKind for AdoNetSource {
    fn component_type(&self) -> &'static str {
        "Microsoft.DataReaderSourceAdapter"
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

fn settings(component: &Component, _: &Services) -> Result<Settings, String> {
    let query = match number(component, "AccessMode", 2)? {
        0 => {
            let name = text(component, "TableOrViewName");
            table(name, "property `TableOrViewName`").map(Query::Table)
        }
        2 => sql(text(component, "SqlCommand"), "property `SqlCommand`", &[]),
        other => Err(format!(
            "property `AccessMode` is {other}; 0 (table) and 2 (query) are known"
        )),
    }?;
    Ok(Settings {
        query,
        parameters: Vec::new(),
        timeout: seconds(component, "CommandTimeout", 30)?,
    })
}
