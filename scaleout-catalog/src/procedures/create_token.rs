//! `catalog.create_token`

use jiff::SignedDuration;
use scaleout_core::registry::{BoundArguments, ProcedureResult};
use serde_json::Value;

use super::call::Call;
use crate::error::{CatalogError, PermissionError};
use crate::store::principals;
use crate::store::tokens::{self, NewToken, TokenKind};

/// Most days that a token is good.
const LONGEST: i64 = 366;

/// Makes a token for the caller's own login.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let days = args.integer("@valid_days");
    if !(1..=LONGEST).contains(&days) {
        return Err(CatalogError::ValueNotValid {
            name: "@valid_days".into(),
            reason: "a token is good for at least a day and at most a year".into(),
            form: "a number of days from 1 to 366",
        });
    }
    let (token, hash) = cx.shared.new_token()?;
    let (name, now) = (cx.caller.name.clone(), cx.now);
    let expires = now.saturating_add(SignedDuration::from_hours(24 * days));
    let expires = expires.unwrap_or(jiff::Timestamp::MAX);
    let description = args.optional_text("@description").map(str::to_owned);
    let id = cx
        .write(move |session| {
            Box::pin(async move {
                let Some(login) = principals::find(session, &name).await? else {
                    return Err(PermissionError::NoLogin { name }.into());
                };
                let new = NewToken {
                    hash,
                    principal_id: login.principal_id,
                    kind: TokenKind::Personal,
                    description,
                    now,
                    expires: Some(expires),
                };
                Ok(tokens::insert(session, &new).await?)
            })
        })
        .await?;
    Ok(ProcedureResult {
        outputs: [
            ("@token_id".to_owned(), Value::from(id)),
            ("@token".to_owned(), Value::from(token)),
        ]
        .into(),
        ..ProcedureResult::default()
    })
}
