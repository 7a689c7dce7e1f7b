//! `catalog.create_worker_token`

use jiff::SignedDuration;
use scaleout_core::model::Network;
use scaleout_core::registry::{BoundArguments, ProcedureResult};
use serde_json::Value;

use super::call::Call;
use crate::error::CatalogError;
use crate::store::joins::{self, Invitation};

/// Most minutes that a token is good: thirty days.
const LONGEST: i64 = 43_200;

/// Makes a token with which one worker may ask to join.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let minutes = args.integer("@valid_minutes");
    if !(1..=LONGEST).contains(&minutes) {
        return Err(CatalogError::ValueNotValid {
            name: "@valid_minutes".into(),
            reason: "a token to join with is good for at least a minute and at most 30 days".into(),
            form: "a number of minutes from 1 to 43200",
        });
    }
    let networks = args.optional_text("@auto_approve").unwrap_or_default();
    for network in networks.split(',').filter(|text| !text.trim().is_empty()) {
        if network.parse::<Network>().is_err() {
            return Err(CatalogError::ValueNotValid {
                name: "@auto_approve".into(),
                reason: format!("`{}` is no network", network.trim()),
                form: "networks such as `10.0.0.0/8` or `fd00::/8`, with commas between",
            });
        }
    }
    let (token, hash) = cx.shared.new_token()?;
    let (by, now) = (cx.caller.name.clone(), cx.now);
    let expires = now.saturating_add(SignedDuration::from_mins(minutes));
    let new = Invitation {
        expires: expires.unwrap_or(jiff::Timestamp::MAX),
        auto_approve: networks.to_owned(),
        enables: args.bit("@enable").unwrap_or(false),
        thumbprint: None,
    };
    let expires = new.expires.to_string();
    cx.write(move |session| {
        Box::pin(async move {
            joins::forget_ended(session, now).await?;
            Ok(joins::invite(session, &hash, &new, &by, now).await?)
        })
    })
    .await?;
    Ok(ProcedureResult {
        outputs: [
            ("@token".to_owned(), Value::from(token)),
            ("@expires_time".to_owned(), Value::from(expires)),
        ]
        .into(),
        ..ProcedureResult::default()
    })
}
