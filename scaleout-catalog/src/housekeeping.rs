//! Housekeeping: logs past their time and versions beyond their number are removed, in parts of
//! which each is a write of its own.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use scaleout_core::model::{OperationStatus, OperationType};

use crate::catalog::Catalog;
use crate::catalog_properties::{
    MAX_PROJECT_VERSIONS, OPERATION_CLEANUP_ENABLED, RETENTION_WINDOW, VERSION_CLEANUP_ENABLED,
};
use crate::error::CatalogError;
use crate::shared::Shared;
use crate::store::company::Company;
use crate::store::operations::{self, NewOperation};
use crate::store::{Session, StoreError, audit, cleanup, jobs, properties};

pub use crate::store::cleanup::Removed;

/// The number of this chore.
const HOUSEKEEPING: i32 = 1;
/// Rows in one write: some milliseconds.
const ROWS_PER_WRITE: u64 = 1000;
/// Writes in one step: a step stays well below the time that a call may take.
const WRITES_PER_STEP: u32 = 20;
/// Longest rest between two writes: what a server takes long for should not take twice as long.
const LONGEST_REST: Duration = Duration::from_millis(50);
/// Seconds of a day of the retention window.
const DAY: i64 = 86_400;

/// Versions that were removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VersionsRemoved {
    /// How many.
    pub versions: u64,
    /// Nothing is left to remove.
    pub finished: bool,
}

impl Catalog {
    /// When housekeeping last removed logs, or else when the catalog was made.
    ///
    /// # Errors
    /// The database fails.
    pub async fn last_cleanup(&self) -> Result<Option<Timestamp>, CatalogError> {
        let mut session = self.shared.store.reader().await?;
        Ok(operations::last_cleanup(&mut session).await?)
    }

    /// As [`Catalog::clean_up`], unless another master is at it; `None` then.
    ///
    /// # Errors
    /// The database fails.
    pub async fn clean_up_once(
        &self,
        caller: &str,
    ) -> Result<Option<(Removed, VersionsRemoved)>, CatalogError> {
        let work = self.clean_up(caller);
        self.shared
            .store
            .chore(HOUSEKEEPING, work)
            .await?
            .transpose()
    }

    /// Removes all logs and versions whose time has come, as far as the properties of the catalog
    /// allow it. May be dropped at any moment: what is removed is removed, the rest waits.
    ///
    /// # Errors
    /// The database fails.
    pub async fn clean_up(&self, caller: &str) -> Result<(Removed, VersionsRemoved), CatalogError> {
        let mut logs = Removed::default();
        let mut record = None;
        while !logs.finished {
            let Some(step) = clean_operations(&self.shared).await? else {
                break;
            };
            logs.operations += step.operations;
            logs.rows += step.rows;
            logs.finished = step.finished;
            let kind = OperationType::CleanupOperations;
            record = Some(note(&self.shared, kind, record, caller).await?);
        }
        let mut versions = VersionsRemoved::default();
        let mut record = None;
        while !versions.finished {
            let Some(step) = clean_versions(&self.shared).await? else {
                break;
            };
            versions.versions += step.versions;
            versions.finished = step.finished;
            let kind = OperationType::CleanupVersions;
            record = Some(note(&self.shared, kind, record, caller).await?);
        }
        Ok((logs, versions))
    }
}

/// One step of removing old logs; `None` when a property forbids it.
pub async fn clean_operations(shared: &Shared) -> Result<Option<Removed>, CatalogError> {
    let mut session = shared.store.reader().await?;
    if !is_on(&mut session, OPERATION_CLEANUP_ENABLED).await? {
        return Ok(None);
    }
    let days = number(&mut session, RETENTION_WINDOW).await?;
    drop(session);
    match end_of_window(shared.clock.now(), days) {
        Some(before) => {
            let mut step = remove_ended(shared, before).await?;
            if step.finished {
                step.finished =
                    forget_audit(shared, before).await? && forget_jobs(shared, before).await?;
            }
            Ok(Some(step))
        }
        None => Ok(Some(Removed {
            finished: true,
            ..Removed::default()
        })),
    }
}

/// Removes what was written down by then about who did what; true when nothing is left.
async fn forget_audit(shared: &Shared, before: Timestamp) -> Result<bool, CatalogError> {
    for _ in 0..WRITES_PER_STEP {
        let removed = shared
            .store
            .write_in(Company::Chores, move |session| {
                Box::pin(async move { Ok(audit::remove(session, before, ROWS_PER_WRITE).await?) })
            })
            .await?;
        if removed < ROWS_PER_WRITE {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Removes the history of jobs up to then; true when nothing is left.
async fn forget_jobs(shared: &Shared, before: Timestamp) -> Result<bool, CatalogError> {
    let mut session = shared.store.reader().await?;
    if !jobs::history::has_old(&mut session, before).await? {
        return Ok(true);
    }
    drop(session);
    for _ in 0..WRITES_PER_STEP {
        let removed = shared
            .store
            .write(move |session| {
                Box::pin(async move {
                    Ok(jobs::history::forget(session, before, ROWS_PER_WRITE).await?)
                })
            })
            .await?;
        if removed == 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The last moment that is too old; `None` when nothing ever is.
fn end_of_window(now: Timestamp, days: i64) -> Option<Timestamp> {
    if days < 0 {
        return None;
    }
    let window = SignedDuration::from_secs(days.saturating_mul(DAY));
    // Before the first moment there is, nothing has happened.
    now.checked_sub(window).ok()
}

/// One step of removing what ended by then.
pub async fn remove_ended(shared: &Shared, before: Timestamp) -> Result<Removed, CatalogError> {
    let mut step = Removed::default();
    for _ in 0..WRITES_PER_STEP {
        let begun = Instant::now();
        let part = shared
            .store
            .write_in(Company::Chores, move |session| {
                Box::pin(
                    async move { Ok(cleanup::operations(session, before, ROWS_PER_WRITE).await?) },
                )
            })
            .await?;
        step.operations += part.operations;
        step.rows += part.rows;
        step.finished = part.finished;
        if part.finished {
            break;
        }
        // The other half of the time is for those who wait for something.
        tokio::time::sleep(begun.elapsed().min(LONGEST_REST)).await;
    }
    Ok(step)
}

/// One step of removing versions; `None` when a property forbids it.
pub async fn clean_versions(shared: &Shared) -> Result<Option<VersionsRemoved>, CatalogError> {
    let mut session = shared.store.reader().await?;
    if !is_on(&mut session, VERSION_CLEANUP_ENABLED).await? {
        return Ok(None);
    }
    let most = number(&mut session, MAX_PROJECT_VERSIONS).await?;
    drop(session);
    let mut step = VersionsRemoved::default();
    for _ in 0..WRITES_PER_STEP {
        let removed = shared
            .store
            .write(move |session| {
                Box::pin(async move { Ok(cleanup::version(session, most).await?) })
            })
            .await?;
        if !removed {
            step.finished = true;
            break;
        }
        step.versions += 1;
    }
    Ok(Some(step))
}

/// Records a step: as a new operation, or as more of the one that the run began with. Each step is
/// complete in itself, so a run that breaks off has merely ended earlier.
pub async fn note(
    shared: &Shared,
    kind: OperationType,
    continued: Option<i64>,
    caller: &str,
) -> Result<i64, CatalogError> {
    let (caller, now) = (caller.to_owned(), shared.clock.now());
    shared
        .store
        .write_in(Company::Chores, move |session| {
            Box::pin(async move {
                if let Some(id) = continued {
                    return if operations::extend(session, id, kind, now).await? {
                        Ok(id)
                    } else {
                        Err(CatalogError::OperationMissing { id })
                    };
                }
                let record = NewOperation {
                    operation_type: kind,
                    status: OperationStatus::Succeeded,
                    object: None,
                    object_name: None,
                    caller: &caller,
                    now,
                };
                Ok(operations::insert(session, &record).await?)
            })
        })
        .await
}

/// Whether a property says TRUE.
pub async fn is_on(session: &mut Session, property: &str) -> Result<bool, StoreError> {
    let value = properties::get(session, property).await?;
    Ok(value.is_some_and(|value| value.eq_ignore_ascii_case("TRUE")))
}

async fn number(session: &mut Session, property: &'static str) -> Result<i64, StoreError> {
    let value = properties::get(session, property).await?;
    let number = value.and_then(|value| value.parse().ok());
    number.ok_or_else(|| StoreError::Damaged {
        column: property.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_has_days_of_24_hours_or_no_end() {
        let now: Timestamp = "2026-03-31T01:30:00Z".parse().unwrap();
        let before = |days| end_of_window(now, days).map(|before| before.to_string());
        assert_eq!(before(1).as_deref(), Some("2026-03-30T01:30:00Z"));
        assert_eq!(before(365).as_deref(), Some("2025-03-31T01:30:00Z"));
        assert_eq!(before(-1), None);
        assert_eq!(before(i64::from(i32::MAX)), None);
    }
}
