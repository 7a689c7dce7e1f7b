//! `msdb.dbo.sp_add_jobserver`

use scaleout_core::registry::{BoundArguments, JobAccess, ProcedureResult};
use uuid::Uuid;

use super::lookup;
use crate::error::{CatalogError, JobError};
use crate::procedures::call::{Call, done};
use crate::store::jobs::job;
use crate::store::{Session, workers};

/// What stands for any worker.
pub const LOCAL: &str = "(local)";

/// Says where the steps of a job run. A job has one target; the last call counts.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let (args, caller, now) = (args.clone(), cx.caller.clone(), cx.now);
    cx.write(move |session| {
        Box::pin(async move {
            let mut found = lookup::job(session, &caller, JobAccess::Change, &args).await?;
            let (name, worker) = target(session, args.text("@server_name")).await?;
            found.server_name = Some(name);
            found.target_worker = worker;
            job::update(session, &found, now).await?;
            Ok(done())
        })
    })
    .await
}

/// Any worker, or the one with that name or id.
pub async fn target(
    session: &mut Session,
    name: &str,
) -> Result<(String, Option<Uuid>), CatalogError> {
    let name = name.trim();
    if name.eq_ignore_ascii_case(LOCAL) || name.eq_ignore_ascii_case("any") {
        return Ok((LOCAL.to_owned(), None));
    }
    let id = Uuid::parse_str(name).ok();
    let all = workers::all(session).await?;
    let same = |text: &str| text.eq_ignore_ascii_case(name);
    let mut found = all.into_iter().filter(|worker| {
        Some(worker.worker) == id || same(&worker.display_name) || same(&worker.machine_name)
    });
    match (found.next(), found.next()) {
        (Some(worker), None) => Ok((worker.display_name, Some(worker.worker))),
        (Some(_), Some(_)) => Err(JobError::Value {
            parameter: "@server_name",
            value: name.to_owned(),
            form: "the id of a worker, since several have that name",
        }
        .into()),
        (None, _) => Err(JobError::Missing {
            kind: "worker",
            name: name.to_owned(),
        }
        .into()),
    }
}
