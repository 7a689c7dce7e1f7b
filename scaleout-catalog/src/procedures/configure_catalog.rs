//! `catalog.configure_catalog`

use scaleout_core::model::{OperationStatus, OperationType};
use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, done};
use super::logging_level;
use crate::catalog_properties::{
    self, SERVER_CUSTOMIZED_LOGGING_LEVEL, SERVER_LOGGING_LEVEL, SERVER_OPERATION_ENCRYPTION_LEVEL,
};
use crate::error::{CatalogError, DiagnosticsError, UpkeepError};
use crate::store::operations::{self, NewOperation};
use crate::store::{Session, cleanup, properties};

/// The number of a customized level.
const CUSTOMIZED: &str = "100";

/// Sets a property, while no package runs. It is one write: no other call sees half of it.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let (name, value) =
        catalog_properties::check(args.text("@property_name"), args.text("@property_value"))?;
    let (caller, now) = (cx.caller.name.clone(), cx.now);
    cx.write(move |session| {
        Box::pin(async move {
            check_rest(session).await?;
            check_logs(session, name, &value).await?;
            let value = check_level(session, name, value).await?;
            properties::set(session, name, &value).await?;
            let record = NewOperation {
                operation_type: OperationType::ConfigureCatalog,
                status: OperationStatus::Succeeded,
                object: None,
                object_name: None,
                caller: &caller,
                now,
            };
            operations::insert(session, &record).await?;
            Ok(done())
        })
    })
    .await
}

/// Level 100 and the name of its customized level stand or fall together; the name as it is spelt.
async fn check_level(
    session: &mut Session,
    name: &'static str,
    value: String,
) -> Result<String, CatalogError> {
    let option = SERVER_CUSTOMIZED_LOGGING_LEVEL;
    let (number, level) = match name {
        SERVER_LOGGING_LEVEL => (Some(value.clone()), properties::get(session, option).await?),
        SERVER_CUSTOMIZED_LOGGING_LEVEL => {
            let number = properties::get(session, SERVER_LOGGING_LEVEL).await?;
            (number, Some(value.clone()))
        }
        _ => return Ok(value),
    };
    let level = level.filter(|level| !level.is_empty());
    let is_customized = number.as_deref() == Some(CUSTOMIZED);
    match level {
        None if is_customized => Err(DiagnosticsError::LevelNotNamed { option }.into()),
        Some(level) if name == option => Ok(logging_level::find(session, &level).await?.name),
        _ => Ok(value),
    }
}

/// Refuses while executions are pending or running.
pub async fn check_rest(session: &mut Session) -> Result<(), CatalogError> {
    match cleanup::active_executions(session).await? {
        0 => Ok(()),
        count => Err(UpkeepError::ExecutionsActive { count }.into()),
    }
}

async fn check_logs(
    session: &mut Session,
    name: &'static str,
    value: &str,
) -> Result<(), CatalogError> {
    if name != SERVER_OPERATION_ENCRYPTION_LEVEL
        || properties::get(session, name).await?.as_deref() == Some(value)
        || !cleanup::has_executions(session).await?
    {
        return Ok(());
    }
    Err(UpkeepError::LogsRemain { name }.into())
}
