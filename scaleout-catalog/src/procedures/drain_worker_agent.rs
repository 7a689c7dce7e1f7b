//! `catalog.drain_worker_agent`

use jiff::SignedDuration;
use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, done};
use crate::error::CatalogError;
use crate::scheduling::Drain;
use crate::store::workers;

/// Longest time, seconds: a week.
const LONGEST: i64 = 604_800;

/// Gives a worker nothing more. What it still runs at the deadline it hands back.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let worker = args.uuid("@WorkerAgentId");
    let until = match args.optional_integer("@deadline_seconds") {
        None => None,
        Some(seconds @ 0..=LONGEST) => Some(cx.now + SignedDuration::from_secs(seconds)),
        Some(_) => {
            return Err(CatalogError::ValueNotValid {
                name: "@deadline_seconds".into(),
                reason: "it is negative or more than a week".into(),
                form: "how many seconds what runs may take, such as 600, or 0 to hand it back at once",
            });
        }
    };
    cx.write(move |session| {
        Box::pin(async move {
            if workers::set_drain(session, worker, Some(Drain { until })).await? {
                Ok(done())
            } else {
                Err(CatalogError::WorkerMissing { worker })
            }
        })
    })
    .await
}
