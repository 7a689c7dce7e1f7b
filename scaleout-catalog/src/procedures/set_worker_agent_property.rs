//! `catalog.set_worker_agent_property`

use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, done};
use crate::error::CatalogError;
use crate::store::workers::{self, WorkerProperty};

/// Sets what the catalog shows of a worker.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let worker = args.uuid("@WorkerAgentId");
    let (property, longest) = property(args.text("@PropertyName"))?;
    let value = args.text("@PropertyValue").to_owned();
    if let Some(longest) = longest
        && value.encode_utf16().count() > longest
    {
        return Err(not_valid(
            "@PropertyValue",
            format!("it is longer than {longest} characters"),
            "a shorter one",
        ));
    }
    cx.write(move |session| {
        Box::pin(async move {
            if workers::set_property(session, worker, property, &value).await? {
                Ok(done())
            } else {
                Err(CatalogError::WorkerMissing { worker })
            }
        })
    })
    .await
}

/// The property of that name, and the longest value that its column shows.
fn property(name: &str) -> Result<(WorkerProperty, Option<usize>), CatalogError> {
    match name.to_ascii_lowercase().as_str() {
        "displayname" => Ok((WorkerProperty::DisplayName, Some(256))),
        "description" => Ok((WorkerProperty::Description, Some(256))),
        "tags" => Ok((WorkerProperty::Tags, None)),
        _ => {
            let reason = "it is none of the properties of a worker".to_owned();
            let form = "`DisplayName`, `Description` or `Tags`";
            Err(not_valid("@PropertyName", reason, form))
        }
    }
}

fn not_valid(name: &str, reason: String, form: &'static str) -> CatalogError {
    CatalogError::ValueNotValid {
        name: name.to_owned(),
        reason,
        form,
    }
}
