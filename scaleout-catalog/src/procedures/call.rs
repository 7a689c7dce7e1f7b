//! One call of a procedure: who, when, and the way to the database.

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use scaleout_core::model::Caller;
use scaleout_core::model::identifier::check_object_name;
use scaleout_core::registry::ProcedureResult;
use serde_json::Value;

use crate::error::CatalogError;
use crate::shared::Shared;
use crate::store::Session;

/// One call of a procedure.
pub struct Call<'c> {
    /// The catalog.
    pub shared: &'c Shared,
    /// Who calls.
    pub caller: &'c Caller,
    /// When.
    pub now: Timestamp,
}

impl Call<'_> {
    /// Runs a change; it is durable when this returns, and nothing of it happened on an error.
    pub async fn write<T, F>(&self, work: F) -> Result<T, CatalogError>
    where
        T: Send + 'static,
        F: for<'s> FnOnce(&'s mut Session) -> BoxFuture<'s, Result<T, CatalogError>>
            + Send
            + 'static,
    {
        self.shared.store.write(work).await
    }
}

/// Return code 0 and nothing else.
pub fn done() -> ProcedureResult {
    ProcedureResult::default()
}

/// Return code 0 and one output parameter.
pub fn done_with(output: &str, value: i64) -> ProcedureResult {
    ProcedureResult {
        outputs: [(output.to_owned(), Value::from(value))].into(),
        ..ProcedureResult::default()
    }
}

/// What a step of housekeeping did.
pub fn cleanup_outputs(
    operation_id: Option<i64>,
    is_enabled: bool,
    is_finished: bool,
    counts: &[(&str, u64)],
) -> ProcedureResult {
    let mut outputs = std::collections::BTreeMap::from([
        ("@operation_id".to_owned(), Value::from(operation_id)),
        ("@is_enabled".to_owned(), Value::from(is_enabled)),
        ("@is_finished".to_owned(), Value::from(is_finished)),
    ]);
    outputs.extend(
        counts
            .iter()
            .map(|(name, count)| ((*name).to_owned(), Value::from(*count))),
    );
    ProcedureResult {
        outputs: outputs.into_iter().collect(),
        ..ProcedureResult::default()
    }
}

/// Checks the name of something new.
pub fn check_name(kind: &'static str, name: &str) -> Result<(), CatalogError> {
    check_object_name(name).map_err(|fault| CatalogError::NameNotValid {
        kind,
        name: name.to_owned(),
        fault,
    })
}
