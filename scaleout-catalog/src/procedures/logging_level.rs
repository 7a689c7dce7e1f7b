//! What the procedures of customized logging levels share.

use scaleout_core::model::CustomizedLevel;
use scaleout_core::model::customized_level::{is_events, is_profile};

use super::call::check_name;
use crate::error::{CatalogError, DiagnosticsError, LEVEL_KIND};
use crate::store::{Session, logging_levels};

/// The level of that name.
pub async fn find(session: &mut Session, name: &str) -> Result<CustomizedLevel, CatalogError> {
    match logging_levels::find(session, name).await? {
        Some(level) => Ok(level),
        None => Err(DiagnosticsError::LevelMissing {
            name: name.to_owned(),
            known: logging_levels::names(session).await?,
        }
        .into()),
    }
}

/// Refuses a name that is taken or cannot be one.
pub async fn check_new_name(session: &mut Session, name: &str) -> Result<(), CatalogError> {
    check_name(LEVEL_KIND, name)?;
    match logging_levels::find(session, name).await? {
        None => Ok(()),
        Some(level) => Err(DiagnosticsError::LevelExists { name: level.name }.into()),
    }
}

/// Refuses a mask of statistics with bits that mean nothing.
pub fn check_profile(mask: i64) -> Result<(), DiagnosticsError> {
    check(is_profile(mask), "statistics", mask)
}

/// Refuses a mask of events with bits that mean nothing.
pub fn check_events(mask: i64) -> Result<(), DiagnosticsError> {
    check(is_events(mask), "events", mask)
}

fn check(valid: bool, what: &'static str, mask: i64) -> Result<(), DiagnosticsError> {
    if valid {
        Ok(())
    } else {
        Err(DiagnosticsError::MaskNotValid { what, mask })
    }
}
