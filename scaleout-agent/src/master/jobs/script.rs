//! Runs the script of a step of T-SQL: its calls of procedures, as the owner of the job.

use std::path::Path;

use scaleout_catalog::jobs::ScriptStep;
use scaleout_catalog::{CatalogError, JobError};
use scaleout_core::error::{Explain as _, explained};
use scaleout_core::registry::ProcedureResult;
use scaleout_core::tsql::Interpreter;

use super::super::state::Shared;
use crate::step_output;

/// Runs it and records its end.
pub(super) async fn run(shared: &Shared, data_dir: &Path, step: ScriptStep) {
    let mut said = String::new();
    let done = calls(shared, &step, &mut said).await;
    let ended = match done {
        Ok(()) if said.is_empty() => Ok("The script called no procedure.".to_owned()),
        Ok(()) => Ok(said.trim_end().to_owned()),
        Err(error) => {
            let text = format!("{}{} ({})", said, explained(&error), error.code());
            Err((text, error.number()))
        }
    };
    let text = match &ended {
        Ok(text) | Err((text, _)) => format!("{text}\n"),
    };
    let ended = match &step.output_file {
        None => ended,
        Some(name) => match step_output::write(data_dir, name, step.append, &text).await {
            Ok(()) => ended,
            Err(source) => Err((
                format!("{text}The output file `{name}` could not be written: {source}"),
                None,
            )),
        },
    };
    if let Err(error) = shared.catalog().finish_job_script(&step, ended).await {
        // Its time runs out, and the step has failed then.
        tracing::error!(
            run_id = step.run_id,
            "failed to record the end of a step: {error}"
        );
    }
    shared.note_activity();
}

async fn calls(shared: &Shared, step: &ScriptStep, said: &mut String) -> Result<(), CatalogError> {
    let mut script = Interpreter::new(&step.script).map_err(JobError::from)?;
    while let Some(call) = script.next_call().map_err(JobError::from)? {
        let result = shared
            .catalog()
            .call(&step.owner, call.procedure, &call.arguments)
            .await?;
        if call.procedure == "stop_operation" {
            shared.dispatch().wake_busy_workers();
        }
        script.done(&call, &result);
        said.push_str(&line(call.procedure, &result));
    }
    Ok(())
}

/// `create_execution: @execution_id = 42`; outputs only, since arguments may be secrets.
fn line(procedure: &str, result: &ProcedureResult) -> String {
    let outputs = result
        .outputs
        .iter()
        .map(|(name, value)| format!("{name} = {value}"));
    let outputs: Vec<String> = outputs.collect();
    match outputs.as_slice() {
        [] => format!("{procedure}: done\n"),
        outputs => format!("{procedure}: {}\n", outputs.join(", ")),
    }
}
