//! `/ISServer`: an execution of a deployed package, through the master.

use scaleout_core::client::{Client, ExecutionParameter, NewExecution, Override, ParameterScope};
use scaleout_core::model::OperationStatus;
use serde_json::Value;

use super::command_line::{CommandLine, Source};
use super::exit::Exit;
use super::setting::{ParameterValue, Scope, Setting};
use crate::args::GlobalArgs;
use crate::context::connect;
use crate::error::{CliError, CommandError};
use crate::interrupt::interrupted;
use crate::output::OutputFormat;

/// The option that makes dtexec wait.
const SYNCHRONIZED: &str = "SYNCHRONIZED";

/// What became of it.
pub(super) struct Ran {
    pub(super) exit: Exit,
    /// Lines for the report.
    pub(super) text: String,
}

/// Creates the execution, sets its values, starts it, and waits if it is to.
///
/// # Errors
/// The master cannot be reached or refuses.
pub(super) async fn run(line: &CommandLine) -> Result<Ran, CliError> {
    let Some(Source::Server {
        folder,
        project,
        package,
    }) = &line.source
    else {
        unreachable!("the command line names a package of the server");
    };
    let client = connect(&global(line.server.as_deref()))?;
    let new = NewExecution {
        reference_id: line.reference,
        parameters: parameters(line)?,
        overrides: overrides(line)?,
        ..NewExecution::new(folder, project, package)
    };
    let id = client.create_execution(&new).await?;
    let waits = line.parameters.iter().any(waits);
    let mut text = format!("Execution ID: {id}.\n");
    let started = start(&client, id, waits).await;
    let status = started?;
    let (exit, said) = match status {
        None => (Exit::Success, "started".to_owned()),
        Some(OperationStatus::Succeeded | OperationStatus::Completed) => {
            (Exit::Success, "succeeded".to_owned())
        }
        Some(OperationStatus::Canceled) => (Exit::Canceled, "was canceled".to_owned()),
        Some(other) => (
            Exit::Failure,
            format!("failed, Execution Status: {}", other.number()),
        ),
    };
    text.push_str(&format!(
        "Package execution on IS Server {said}.\nTo view the details for the execution, use \
         `soctl executions show {id}`.\n"
    ));
    Ok(Ran { exit, text })
}

/// Starts it; its last status if it is waited for.
async fn start(client: &Client, id: i64, waits: bool) -> Result<Option<OperationStatus>, CliError> {
    client.start_execution(id, 0).await?;
    if !waits {
        return Ok(None);
    }
    tokio::select! {
        ended = client.wait(id) => Ok(Some(ended?.status)),
        () = interrupted() => {
            // Whoever interrupts a synchronous execution means the execution.
            client.stop(id).await?;
            Ok(Some(client.wait(id).await?.status))
        }
    }
}

/// The master that `/Server` names: an address, a context, or this machine's own.
fn global(server: Option<&str>) -> GlobalArgs {
    let named = server.map(str::trim).filter(|name| {
        !matches!(
            name.to_ascii_lowercase().as_str(),
            "" | "." | "localhost" | "(local)"
        )
    });
    let is_address = |name: &&str| name.contains("://");
    GlobalArgs {
        output: OutputFormat::Table,
        master: named
            .filter(is_address)
            .map(str::to_owned)
            .or_else(|| std::env::var("SOCTL_MASTER").ok()),
        context: named
            .filter(|name| !is_address(name))
            .map(str::to_owned)
            .or_else(|| std::env::var("SOCTL_CONTEXT").ok()),
        quiet: false,
        verbose: 0,
    }
}

fn waits(parameter: &ParameterValue) -> bool {
    parameter.scope == Scope::ServerOption
        && parameter.name.eq_ignore_ascii_case(SYNCHRONIZED)
        && matches!(
            parameter.value.to_ascii_lowercase().as_str(),
            "true" | "1" | "-1"
        )
}

fn parameters(line: &CommandLine) -> Result<Vec<ExecutionParameter>, CliError> {
    line.parameters
        .iter()
        // The master's own waiting would outlast the time limit of a call; dtexec waits itself.
        .filter(|parameter| {
            parameter.scope != Scope::ServerOption
                || !parameter.name.eq_ignore_ascii_case(SYNCHRONIZED)
        })
        .map(|parameter| {
            Ok(ExecutionParameter {
                scope: match parameter.scope {
                    Scope::Package => ParameterScope::Package,
                    Scope::Project => ParameterScope::Project,
                    Scope::ServerOption => ParameterScope::Execution,
                },
                name: parameter.name.clone(),
                value: Value::String(parameter.value.clone()),
            })
        })
        .collect()
}

fn overrides(line: &CommandLine) -> Result<Vec<Override>, CliError> {
    let mut overrides = Vec::new();
    for setting in &line.settings {
        match setting {
            Setting::Property {
                path,
                value,
                sensitive,
            } => overrides.push(Override {
                path: path.clone(),
                value: value.clone(),
                sensitive: *sensitive,
            }),
            Setting::Connection { manager, string } => overrides.push(Override {
                path: format!(r"\Package.Connections[{manager}].Properties[ConnectionString]"),
                value: string.clone(),
                sensitive: true,
            }),
            other => {
                return Err(CommandError::Argument {
                    message: format!("`{other:?}` cannot be set for a package of the server"),
                    hint: "use /Set, /Connection or /Parameter with /ISServer".to_owned(),
                }
                .into());
            }
        }
    }
    Ok(overrides)
}
