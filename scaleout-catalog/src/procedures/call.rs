//! One call of a procedure: who, when, and the way to the database.

use std::sync::{Mutex, PoisonError};

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use scaleout_core::model::Caller;
use scaleout_core::model::identifier::check_object_name;
use scaleout_core::registry::{Procedure, ProcedureResult};
use serde_json::Value;

use crate::access::Rights;
use crate::error::CatalogError;
use crate::master::job_calls::PackageCall;
use crate::shared::Shared;
use crate::store::Session;
use crate::store::audit::{self, AuditEntry};
use crate::store::company::Company;

/// One call of a procedure.
pub struct Call<'c> {
    /// The catalog.
    pub shared: &'c Shared,
    /// Who calls.
    pub caller: &'c Caller,
    /// When.
    pub now: Timestamp,
    /// What is called.
    pub procedure: &'static Procedure,
    /// The package that calls, if one does.
    pub package: Option<PackageCall>,
    /// What is to be written down about it, until it is.
    pub audit: Mutex<Option<AuditEntry>>,
}

impl Call<'_> {
    /// What the call may do to the objects that it names.
    pub fn rights(&self) -> Rights {
        Rights::of(self.caller, self.procedure)
    }

    /// What is still to be written down about the call.
    pub fn unwritten(&self) -> Option<AuditEntry> {
        let audit = self.audit.lock();
        audit.unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Runs a change; it is durable when this returns, and nothing of it happened on an error. Who
    /// did it is written down in the same commit.
    pub async fn write<T, F>(&self, work: F) -> Result<T, CatalogError>
    where
        T: Send + 'static,
        F: for<'s> FnOnce(&'s mut Session) -> BoxFuture<'s, Result<T, CatalogError>>
            + Send
            + 'static,
    {
        self.write_in(Company::Alone, work).await
    }

    /// As [`Call::write`], for a change that writes only what is new or no other's: others go on
    /// beside it.
    pub async fn write_beside<T, F>(&self, work: F) -> Result<T, CatalogError>
    where
        T: Send + 'static,
        F: for<'s> FnOnce(&'s mut Session) -> BoxFuture<'s, Result<T, CatalogError>>
            + Send
            + 'static,
    {
        self.write_in(Company::Beside, work).await
    }

    /// As [`Call::write_beside`], for what creates an execution or starts this one, of which there may be
    /// many at once.
    pub async fn write_start<T, F>(&self, started: Option<i64>, work: F) -> Result<T, CatalogError>
    where
        T: Send + 'static,
        F: for<'s> FnOnce(&'s mut Session) -> BoxFuture<'s, Result<T, CatalogError>>
            + Send
            + 'static,
    {
        self.write_in(Company::Start(started), work).await
    }

    async fn write_in<T, F>(&self, company: Company, work: F) -> Result<T, CatalogError>
    where
        T: Send + 'static,
        F: for<'s> FnOnce(&'s mut Session) -> BoxFuture<'s, Result<T, CatalogError>>
            + Send
            + 'static,
    {
        let entry = self.unwritten();
        let kept = entry.clone();
        let done = self
            .shared
            .store
            .write_soon(company, move |session| {
                Box::pin(async move {
                    let done = work(session).await?;
                    if let Some(entry) = &entry {
                        audit::insert(session, entry).await?;
                    }
                    Ok(done)
                })
            })
            .await;
        if done.is_err() {
            *self.audit.lock().unwrap_or_else(PoisonError::into_inner) = kept;
        }
        done
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
