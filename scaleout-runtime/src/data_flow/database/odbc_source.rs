//! ODBC Source: a table or a query. What is wrong with a value is for its output to judge, whole
//! rows at a time.
//!
//! `BatchSize`, `FetchMethod`, `LobChunkSize` and the `Bind…` properties tell an ODBC driver how to
//! move values; here they change nothing.

use scaleout_core::package::pipeline::{Component, Output, OutputColumn};

use super::binding::{number, seconds, table, text};
use super::family::Family;
use super::reader::Query;
use super::source::{Settings, SourceKind, sql};
use crate::data_flow::component::{BuildContext, Built, ComponentError, ComponentKind};
use crate::data_flow::error_rows::Rule;
use crate::services::Services;
use crate::validation::Problem;

const KIND: SourceKind = SourceKind {
    family: Family::Odbc,
    settings,
    rule,
};

/// The kind `Microsoft.SSISODBCSrc`.
#[derive(Clone, Copy, Debug)]
pub struct OdbcSource;

impl ComponentKind for OdbcSource {
    fn component_type(&self) -> &'static str {
        "Microsoft.SSISODBCSrc"
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

/// The disposition is that of the output; the column is still named.
fn rule(output: &Output, column: &OutputColumn, cx: &BuildContext<'_>) -> Rule {
    Rule {
        column: Some(column.name.clone()),
        error_column: (cx.lineage_number)(&column.lineage_id),
        ..Rule::of_output(output)
    }
}

fn settings(component: &Component, _: &Services) -> Result<Settings, String> {
    let query = match number(component, "AccessMode", 0)? {
        0 => table(text(component, "TableName"), "property `TableName`").map(Query::Table),
        1 => sql(text(component, "SqlCommand"), "property `SqlCommand`", &[]),
        other => Err(format!(
            "property `AccessMode` is {other}; 0 (table) and 1 (query) are known"
        )),
    }?;
    Ok(Settings {
        query,
        parameters: Vec::new(),
        timeout: seconds(component, "StatementTimeout", 0)?,
    })
}
