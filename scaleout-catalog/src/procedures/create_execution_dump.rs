//! `catalog.create_execution_dump`

use scaleout_core::lease::ExecutionState;
use scaleout_core::registry::{BoundArguments, ProcedureResult};
use uuid::Uuid;

use super::call::{Call, done};
use super::lookup;
use crate::access::Rights;
use crate::error::{CatalogError, DiagnosticsError};
use crate::store::{Session, StoreError, dumps, operations};

/// Bytes of an id.
const ID_BYTES: usize = 16;
/// `message_type` of an information.
const INFORMATION: i16 = 70;

/// Asks the worker of a running execution for a dump; a message says where it is once it is written.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let id = args.integer("@execution_id");
    let dump_id = random_id(cx)?;
    let (rights, now) = (cx.rights(), cx.now);
    cx.write(move |session| {
        Box::pin(async move {
            ask(session, &rights, id, dump_id, now).await?;
            Ok(done())
        })
    })
    .await
}

fn random_id(cx: &Call<'_>) -> Result<Uuid, CatalogError> {
    let hex = cx.shared.keeper.random_hex(ID_BYTES)?;
    Uuid::parse_str(&hex).map_err(|_| {
        StoreError::Damaged {
            column: "dump_id".into(),
        }
        .into()
    })
}

async fn ask(
    session: &mut Session,
    rights: &Rights,
    id: i64,
    dump_id: Uuid,
    now: jiff::Timestamp,
) -> Result<(), CatalogError> {
    let execution = lookup::execution(session, rights, id).await?;
    let state = execution.state;
    if !matches!(
        state,
        ExecutionState::Running(..) | ExecutionState::Stopping(..)
    ) {
        return Err(DiagnosticsError::NotRunning { id, state }.into());
    }
    if !dumps::want(session, id, dump_id).await? {
        return Err(DiagnosticsError::DumpUnderWay { id }.into());
    }
    let text = format!(
        "{} asks the worker for dump {dump_id}.",
        rights.caller().name
    );
    let attempt = Some(state.tally().attempts);
    operations::add_message(session, id, attempt, INFORMATION, &text, now).await?;
    // The worker hears it with its next word to the master, which this brings on.
    session.wake_scheduler();
    Ok(())
}
