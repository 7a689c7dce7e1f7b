//! `msdb.dbo.sp_add_operator`

use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::lookup::filled;
use crate::error::{CatalogError, JobError};
use crate::procedures::call::{Call, done};
use crate::store::jobs::operator::{self, OperatorRow};

/// Creates an operator.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let new = OperatorRow {
        name: filled(args.optional_text("@name")).unwrap_or_default(),
        enabled: args.integer("@enabled") != 0,
        email_address: address(args, "@email_address")?,
        pager_address: address(args, "@pager_address")?,
        webhook_url: webhook(args)?,
    };
    if new.name.is_empty() {
        return Err(JobError::Value {
            parameter: "@name",
            value: String::new(),
            form: "a name that is not blank",
        }
        .into());
    }
    cx.write(move |session| {
        Box::pin(async move {
            if !operator::insert(session, &new).await? {
                return Err(JobError::Taken {
                    kind: "operator",
                    name: new.name,
                }
                .into());
            }
            Ok(done())
        })
    })
    .await
}

fn address(args: &BoundArguments, parameter: &'static str) -> Result<Option<String>, JobError> {
    let Some(text) = filled(args.optional_text(parameter)) else {
        return Ok(None);
    };
    let parts: Vec<&str> = text.split('@').collect();
    let good = matches!(parts.as_slice(), [user, host] if !user.is_empty() && !host.is_empty())
        && !text.contains(|letter: char| letter.is_whitespace() || letter.is_control());
    if good {
        return Ok(Some(text));
    }
    Err(JobError::Value {
        parameter,
        value: text,
        form: "an address such as `dba@example.org`",
    })
}

/// `https://…`, or `http://` to this machine only: what a notification says is nobody else's.
fn webhook(args: &BoundArguments) -> Result<Option<String>, JobError> {
    let Some(text) = filled(args.optional_text("@webhook_url")) else {
        return Ok(None);
    };
    let local = ["http://127.0.0.1", "http://localhost", "http://[::1]"];
    let is_local = local.iter().any(|start| {
        text.strip_prefix(start)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
    });
    let good = (is_local || text.starts_with("https://"))
        && !text.contains(|letter: char| letter.is_whitespace() || letter.is_control());
    if good {
        return Ok(Some(text));
    }
    Err(JobError::Value {
        parameter: "@webhook_url",
        // It may hold a secret.
        value: text.chars().take(12).collect::<String>() + "…",
        form: "an address that begins with `https://`, or with `http://` and this machine",
    })
}
