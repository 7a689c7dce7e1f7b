//! `soctl catalog cleanup`.

use clap::Args;
use scaleout_core::client::Client;
use scaleout_core::registry::{Arguments, ProcedureResult};
use serde::Serialize;
use serde_json::Value;

use crate::error::CliError;
use crate::output::{Cell, Outcome, Report, Talk};

/// Remove logs past their time and versions beyond their number now
///
/// The master does it once a day. The properties RETENTION_WINDOW and MAX_PROJECT_VERSIONS say what
/// is removed, OPERATION_CLEANUP_ENABLED and VERSION_CLEANUP_ENABLED whether. What waits or runs is
/// never touched. It works in small steps, so that packages run on; Ctrl-C ends it after any of them.
/// With --all-logs all logs of what has ended go, however young; then nothing may wait or run.
///
/// Examples:
///   soctl catalog cleanup
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct CleanupArgs {
    /// Remove all logs instead, whatever RETENTION_WINDOW says; versions stay
    #[arg(long)]
    all_logs: bool,
    /// Do not ask
    #[arg(short, long, requires = "all_logs")]
    yes: bool,
}

#[derive(Debug, Default, Serialize)]
struct Cleaned {
    operation_cleanup_enabled: bool,
    operations_removed: i64,
    rows_removed: i64,
    version_cleanup_enabled: bool,
    versions_removed: i64,
}

/// Calls `cleanup_server_retention_window` and `cleanup_server_project_version`, each until it is
/// finished.
///
/// # Errors
/// The master refuses.
pub async fn run(args: CleanupArgs, client: &Client, talk: &Talk) -> Result<Outcome, CliError> {
    if args.all_logs {
        talk.confirm_final("remove the logs of everything that has ended", args.yes)?;
        return all_logs(client, talk).await;
    }
    let mut cleaned = Cleaned::default();
    let mut logs = Steps::of("cleanup_server_retention_window");
    while let Some(step) = logs.next(client).await? {
        cleaned.operations_removed += count(&step, "@operations_removed");
        cleaned.rows_removed += count(&step, "@rows_removed");
        talk.say(&format!(
            "logs: {} operations with {} rows removed",
            cleaned.operations_removed, cleaned.rows_removed
        ));
    }
    let mut versions = Steps::of("cleanup_server_project_version");
    while let Some(step) = versions.next(client).await? {
        cleaned.versions_removed += count(&step, "@versions_removed");
        talk.say(&format!("versions: {} removed", cleaned.versions_removed));
    }
    cleaned.operation_cleanup_enabled = logs.is_enabled;
    cleaned.version_cleanup_enabled = versions.is_enabled;
    for (enabled, line) in [
        (
            logs.is_enabled,
            "logs stay: OPERATION_CLEANUP_ENABLED is FALSE",
        ),
        (
            versions.is_enabled,
            "versions stay: VERSION_CLEANUP_ENABLED is FALSE",
        ),
    ] {
        if !enabled {
            talk.say(line);
        }
    }
    let mut report = Report::table(["what", "removed"]);
    for (what, removed) in [
        ("operations", cleaned.operations_removed),
        ("rows", cleaned.rows_removed),
        ("versions", cleaned.versions_removed),
    ] {
        report.rows.push(vec![
            Cell::Text(what.to_owned()),
            Cell::Number(removed.to_string()),
        ]);
    }
    Ok(Outcome::new(&cleaned, report))
}

#[derive(Debug, Default, Serialize)]
struct AllLogs {
    operations_removed: i64,
    rows_removed: i64,
}

/// Calls `cleanup_server_log` until it is finished.
async fn all_logs(client: &Client, talk: &Talk) -> Result<Outcome, CliError> {
    let mut removed = AllLogs::default();
    loop {
        let step = client.call("cleanup_server_log", Arguments::new()).await?;
        removed.operations_removed += count(&step, "@operations_removed");
        removed.rows_removed += count(&step, "@rows_removed");
        if step.outputs.get("@is_finished") == Some(&Value::Bool(true)) {
            break;
        }
        talk.say(&format!(
            "logs: {} rows removed so far",
            removed.rows_removed
        ));
    }
    let line = format!(
        "{} operations with {} rows were removed",
        removed.operations_removed, removed.rows_removed
    );
    Ok(Outcome::new(&removed, Report::lines([line])))
}

/// The calls of one run.
struct Steps {
    procedure: &'static str,
    operation_id: Value,
    is_enabled: bool,
    is_finished: bool,
}

impl Steps {
    fn of(procedure: &'static str) -> Self {
        Self {
            procedure,
            operation_id: Value::Null,
            is_enabled: false,
            is_finished: false,
        }
    }

    async fn next(&mut self, client: &Client) -> Result<Option<ProcedureResult>, CliError> {
        if self.is_finished {
            return Ok(None);
        }
        let mut arguments = Arguments::new();
        arguments.insert(
            "continued_operation_id".to_owned(),
            self.operation_id.clone(),
        );
        let step = client.call(self.procedure, arguments).await?;
        let is = |name: &str| step.outputs.get(name) == Some(&Value::Bool(true));
        self.is_enabled = is("@is_enabled");
        self.is_finished = is("@is_finished") || !self.is_enabled;
        if let Some(id) = step.outputs.get("@operation_id") {
            self.operation_id = id.clone();
        }
        Ok(self.is_enabled.then_some(step))
    }
}

fn count(step: &ProcedureResult, output: &str) -> i64 {
    let value = step.outputs.get(output).and_then(Value::as_i64);
    value.unwrap_or_default()
}
