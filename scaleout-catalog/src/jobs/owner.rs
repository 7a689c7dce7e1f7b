//! As whom a job runs.

use scaleout_core::model::Caller;

use crate::error::{CatalogError, JobError};
use crate::store::{Session, principals};

/// The owner of a job, with the roles that it has now.
pub async fn caller(session: &mut Session, name: &str) -> Result<Caller, CatalogError> {
    let fault = |reason| JobError::Owner {
        login: name.to_owned(),
        reason,
    };
    let Some(login) = principals::find(session, name).await? else {
        return Err(fault("has no login").into());
    };
    if !login.is_enabled {
        return Err(fault("is a login that is disabled").into());
    }
    Ok(Caller {
        roles: principals::roles(session, login.principal_id).await?,
        name: login.name,
        address: None,
    })
}
