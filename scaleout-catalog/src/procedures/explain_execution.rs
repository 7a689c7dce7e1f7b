//! `catalog.explain_execution`

use scaleout_core::lease::{Ending, ExecutionState};
use scaleout_core::registry::{BoundArguments, ProcedureResult};
use serde_json::Value;

use super::call::Call;
use super::lookup;
use crate::error::CatalogError;
use crate::scheduling::{SchedulingSnapshot, Usage, WaitReason};
use crate::store::{Session, pending, queue, workers};

/// What is said of an execution: code, sentence, and what to do where there is something.
struct Said {
    code: &'static str,
    sentence: String,
    hint: Option<&'static str>,
}

/// Says why an execution has not started, or that it has.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let id = args.integer("@execution_id");
    let mut session = cx.shared.store.reader().await?;
    let state = lookup::execution(&mut session, &cx.rights(), id)
        .await?
        .state;
    let said = match of_state(state) {
        Some(said) => said,
        None => of_waiting(&mut session, id, cx.now).await?,
    };
    Ok(ProcedureResult {
        outputs: [
            ("@reason_code".to_owned(), Value::from(said.code)),
            ("@reason".to_owned(), Value::from(said.sentence)),
            ("@hint".to_owned(), Value::from(said.hint)),
        ]
        .into(),
        ..ProcedureResult::default()
    })
}

/// What is said of one that does not wait.
fn of_state(state: ExecutionState) -> Option<Said> {
    let (code, sentence, hint) = match state {
        ExecutionState::Pending(_) => return None,
        ExecutionState::Created => (
            "NOT_STARTED",
            "it was created and not started".to_owned(),
            Some("call the procedure `start_execution`"),
        ),
        ExecutionState::Running(_, lease) => (
            "RUNNING",
            format!("it does not wait: worker {} runs it", lease.worker),
            None,
        ),
        ExecutionState::Stopping(_, lease) => (
            "STOPPING",
            format!(
                "it does not wait: worker {} stops it, or loses it at {}",
                lease.worker, lease.until
            ),
            None,
        ),
        ExecutionState::Ended(_, ending) => {
            let how = match ending {
                Ending::Succeeded => "succeeded",
                Ending::Failed => "failed",
                Ending::Canceled => "was canceled",
                Ending::EndedUnexpectedly => "ended unexpectedly",
            };
            ("ENDED", format!("it does not wait: it {how}"), None)
        }
    };
    Some(Said {
        code,
        sentence,
        hint,
    })
}

async fn of_waiting(
    session: &mut Session,
    id: i64,
    now: jiff::Timestamp,
) -> Result<Said, CatalogError> {
    let Some(execution) = pending::find(session, id).await? else {
        return Ok(Said {
            code: "RUNNING",
            sentence: "it does not wait any more".to_owned(),
            hint: None,
        });
    };
    let snapshot = SchedulingSnapshot {
        taken: now,
        pending: Vec::new(),
        is_whole: false,
        held: queue::held(session).await?,
        workers: workers::all(session).await?,
    };
    let reason = WaitReason::of(&snapshot, &Usage::of(&snapshot.held), &execution);
    Ok(Said {
        code: reason.code(),
        sentence: reason.sentence(Some(now)),
        hint: reason.hint(),
    })
}
