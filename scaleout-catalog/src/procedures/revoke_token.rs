//! `catalog.revoke_token`

use scaleout_core::model::identifier::name_key;
use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, done};
use super::login;
use crate::error::{CatalogError, PermissionError};
use crate::store::tokens;

/// Revokes a token: one's own, or anyone's as an administrator. Somebody else's looks as if it were
/// not there.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let (id, caller) = (args.integer("@token_id"), cx.caller.clone());
    cx.write(move |session| {
        Box::pin(async move {
            let missing = || PermissionError::TokenMissing { id };
            let owner = tokens::owner(session, id).await?.ok_or_else(missing)?;
            let is_own = name_key(&owner) == name_key(&caller.name);
            if !is_own && !caller.is_administrator() {
                return Err(missing().into());
            }
            if !is_own {
                login::changeable(session, &caller, &owner).await?;
            }
            tokens::delete(session, id).await?;
            Ok(done())
        })
    })
    .await
}
