//! `catalog.cleanup_server_execution_keys`

use scaleout_core::registry::{BoundArguments, ProcedureResult};
use serde_json::Value;

use super::call::Call;
use super::configure_catalog::check_rest;
use crate::catalog_properties::SERVER_OPERATION_ENCRYPTION_LEVEL;
use crate::error::{CatalogError, UpkeepError};
use crate::store::{Session, keys, properties};

/// Which keys are meant.
#[derive(Clone, Copy, Debug)]
enum Keys {
    /// 1: of executions that have ended.
    OfExecutions,
    /// 2: of projects that are gone with all their executions.
    OfProjects,
}

/// Removes keys that nothing needs any more. Sensitive values of executions that have ended cannot
/// be read by anyone afterwards.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let flag = match args.integer("@cleanup_flag") {
        1 => Keys::OfExecutions,
        2 => Keys::OfProjects,
        _ => {
            return Err(CatalogError::ValueNotValid {
                name: "@cleanup_flag".into(),
                reason: "there is no such kind of keys".into(),
                form: "1 for keys of executions, 2 for keys of projects",
            });
        }
    };
    let most = args.integer("@delete_batch_size");
    if most < 1 {
        return Err(CatalogError::ValueNotValid {
            name: "@delete_batch_size".into(),
            reason: "it is less than 1".into(),
            form: "how many keys to remove in this call, such as 1000",
        });
    }
    let removed = cx
        .write(move |session| Box::pin(async move { clean(session, flag, most).await }))
        .await?;
    let removed = Value::from(removed);
    Ok(ProcedureResult {
        outputs: [("@keys_removed".to_owned(), removed)].into(),
        ..ProcedureResult::default()
    })
}

async fn clean(session: &mut Session, flag: Keys, most: i64) -> Result<u64, CatalogError> {
    check_rest(session).await?;
    let level = properties::get(session, SERVER_OPERATION_ENCRYPTION_LEVEL).await?;
    let by_project = level.as_deref() == Some("2");
    match (flag, by_project) {
        (Keys::OfExecutions, false) => Ok(keys::delete_ended(session, most).await?),
        (Keys::OfProjects, true) => Ok(keys::delete_orphaned(session, most).await?),
        (Keys::OfExecutions, true) => Err(UpkeepError::OtherKeys { flag: 1, level: 2 }.into()),
        (Keys::OfProjects, false) => Err(UpkeepError::OtherKeys { flag: 2, level: 1 }.into()),
    }
}
