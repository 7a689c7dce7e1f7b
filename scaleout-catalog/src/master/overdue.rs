//! Stops what takes longer than `VALIDATION_TIMEOUT` allows.

use jiff::Timestamp;

use crate::catalog::Catalog;
use crate::catalog_properties::VALIDATION_TIMEOUT;
use crate::error::CatalogError;
use crate::store::{Session, executions, operations, properties, validations};

/// `message_type` of an error.
const ERROR: i16 = 120;

impl Catalog {
    /// When the next operation is to be stopped by itself.
    ///
    /// # Errors
    /// The database fails.
    pub async fn next_stop(&self) -> Result<Option<Timestamp>, CatalogError> {
        let mut session = self.shared.store.reader_of_few().await?;
        Ok(validations::next_stop(&mut session).await?)
    }

    /// Stops the validations whose time is over, and says which.
    ///
    /// # Errors
    /// The database fails.
    pub async fn stop_overdue(&self) -> Result<Vec<i64>, CatalogError> {
        let now = self.shared.clock.now();
        self.shared
            .store
            .write(move |session| Box::pin(async move { stop(session, now).await }))
            .await
    }
}

async fn stop(session: &mut Session, now: Timestamp) -> Result<Vec<i64>, CatalogError> {
    let mut stopped = Vec::new();
    for id in validations::overdue(session, now).await? {
        validations::forget_stop(session, id).await?;
        let Some(execution) = executions::find(session, id).await? else {
            continue;
        };
        let Ok(next) = execution.state.request_stop() else {
            continue;
        };
        if !executions::move_state(session, id, execution.state, next, now).await? {
            continue;
        }
        let waited = match execution.state.lease() {
            Some(_) => "was not done",
            None => "was not begun by any worker",
        };
        let timeout = properties::get(session, VALIDATION_TIMEOUT).await?;
        let timeout = timeout.unwrap_or_default();
        let text = format!(
            "The validation {waited} within {VALIDATION_TIMEOUT} ({timeout} seconds) and is stopped; \
             validate single packages, or allow more time with `soctl catalog set {VALIDATION_TIMEOUT}`."
        );
        operations::add_message(session, id, None, ERROR, &text, now).await?;
        if next.status().is_terminal() {
            validations::finish(session, id, next.status(), now).await?;
        }
        stopped.push(id);
    }
    Ok(stopped)
}
