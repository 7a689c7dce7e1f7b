//! `soctl executions taps add`.

use clap::Args;
use scaleout_core::client::Client;
use scaleout_core::registry::Arguments;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::error::{CliError, CommandError};
use crate::output::{Outcome, Report};

/// Add a data tap to an execution that has not started
///
/// Examples:
///   soctl executions taps add 42 --task '\Package\Load' \
///     --path 'Paths[Read.Flat File Source Output]' --file read.csv
///   soctl executions taps add 42 --path 'Paths[Read.Output]' --file a.csv \
///     --task-guid 6583054a-e915-4c2c-80e4-c765e79ef61d --max-rows 100
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct AddArgs {
    /// Execution id
    execution_id: i64,
    /// Path of the data flow task in the package
    #[arg(long, value_name = "PATH", required_unless_present = "task_guid")]
    task: Option<String>,
    /// Id of the data flow task, instead of its path
    #[arg(long, value_name = "GUID", conflicts_with = "task")]
    task_guid: Option<Uuid>,
    /// Identification string of the path between two components
    #[arg(long, value_name = "PATH")]
    path: String,
    /// Name of the file, without a folder
    #[arg(long, value_name = "NAME")]
    file: String,
    /// Most rows to keep
    #[arg(long, value_name = "COUNT")]
    max_rows: Option<u32>,
}

/// Calls `add_data_tap` or `add_data_tap_by_guid`.
///
/// # Errors
/// The execution has started, the path is tapped already, or the master refuses.
pub async fn run(args: AddArgs, client: &Client) -> Result<Outcome, CliError> {
    let (procedure, task, value) = match (&args.task, args.task_guid) {
        (Some(path), _) => ("add_data_tap", "task_package_path", json!(path)),
        (None, Some(guid)) => ("add_data_tap_by_guid", "dataflow_task_guid", json!(guid)),
        (None, None) => {
            return Err(CommandError::Argument {
                message: "no data flow task is named".to_owned(),
                hint: "give `--task` or `--task-guid`".to_owned(),
            }
            .into());
        }
    };
    let mut named = Arguments::from([
        ("execution_id".to_owned(), json!(args.execution_id)),
        (task.to_owned(), value),
        ("dataflow_path_id_string".to_owned(), json!(args.path)),
        ("data_filename".to_owned(), json!(args.file)),
    ]);
    if let Some(rows) = args.max_rows {
        named.insert("max_rows".to_owned(), json!(rows));
    }
    let added = client.call(procedure, named).await?;
    let id = added
        .outputs
        .get("@data_tap_id")
        .cloned()
        .unwrap_or(Value::Null);
    let line = format!("added data tap {id} to execution {}", args.execution_id);
    Ok(Outcome::new(
        &json!({ "data_tap_id": id, "execution_id": args.execution_id }),
        Report::lines([line]),
    ))
}
