//! `catalog.stop_operation`

use scaleout_core::model::{ObjectType, OperationStatus, OperationType};
use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, done};
use super::lookup;
use crate::access::Rights;
use crate::error::CatalogError;
use crate::master::stop_children;
use crate::store::operations::{self, NewOperation};
use crate::store::{Session, executions, validations};

/// Stops an execution: at once when nobody runs it, else through the worker that does.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let id = args.integer("@operation_id");
    let (rights, now) = (cx.rights(), cx.now);
    cx.write(move |session| {
        Box::pin(async move {
            stop(session, &rights, id, now).await?;
            Ok(done())
        })
    })
    .await
}

/// Stops it, in the transaction of the caller.
pub async fn stop(
    session: &mut Session,
    rights: &Rights,
    id: i64,
    now: jiff::Timestamp,
) -> Result<(), CatalogError> {
    let execution = lookup::execution(session, rights, id).await?;
    let stopped = execution
        .state
        .request_stop()
        .map_err(|why| lookup::refused(id, execution.state, why))?;
    if !executions::move_state(session, id, execution.state, stopped, now).await? {
        let state = lookup::execution(session, rights, id).await?.state;
        return Err(CatalogError::AlreadyStopped { id, state });
    }
    executions::set_stopped_by(session, id, &rights.caller().name).await?;
    if execution.has_children {
        stop_children(session, id, Some(&rights.caller().name), now).await?;
    }
    if stopped.status().is_terminal() {
        validations::finish(session, id, stopped.status(), now).await?;
    }
    let record = NewOperation {
        operation_type: OperationType::Stop,
        status: OperationStatus::Succeeded,
        object: Some((ObjectType::Project, execution.project_id)),
        object_name: None,
        caller: &rights.caller().name,
        now,
    };
    operations::insert(session, &record).await?;
    Ok(())
}
