//! What the procedures that show jobs share: they read a view of their own, with the rows that the
//! caller may see.

use scaleout_core::registry::{BoundArguments, ProcedureResult, Rows, View, ViewQuery};
use serde_json::Value;

use super::lookup;
use crate::access;
use crate::error::CatalogError;
use crate::procedures::call::Call;
use crate::store::view_query;

/// The rows of a view for which the columns have these values; of one job, where one is named.
pub async fn rows(
    cx: &Call<'_>,
    view: &'static View,
    args: &BoundArguments,
    equals: &[(&str, &str)],
    descending: bool,
) -> Result<Rows, CatalogError> {
    let mut query = ViewQuery {
        descending,
        ..ViewQuery::default()
    };
    if let Some(id) = lookup::optional_uuid(args, "@job_id") {
        query.equals.push(("job_id".to_owned(), id.to_string()));
    }
    for (column, parameter) in equals {
        let text = match args.optional_integer(parameter) {
            Some(number) => Some(number.to_string()),
            None => args.optional_text(parameter).map(str::to_owned),
        };
        query
            .equals
            .extend(text.map(|text| ((*column).to_owned(), text)));
    }
    read(cx, view, &query).await
}

/// The rows of a view that the caller may see.
pub async fn read(
    cx: &Call<'_>,
    view: &'static View,
    query: &ViewQuery,
) -> Result<Rows, CatalogError> {
    let mut session = cx.shared.store.reader().await?;
    let filter = access::row_filter(cx.caller, view);
    view_query::read(&mut session, view, query, &filter).await
}

/// A result set.
pub fn shown(rows: Rows) -> ProcedureResult {
    ProcedureResult {
        rows: Some(rows),
        ..ProcedureResult::default()
    }
}

/// Keeps the rows whose column is as asked.
pub fn keep(rows: &mut Rows, column: &str, wanted: impl Fn(&Value) -> bool) {
    if let Some(index) = rows.columns.iter().position(|name| name == column) {
        rows.rows.retain(|row| row.get(index).is_some_and(&wanted));
    }
}
