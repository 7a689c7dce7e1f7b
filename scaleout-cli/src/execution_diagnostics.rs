//! What `soctl execute` is asked to look at closer: logging levels, data taps, dumps.

use clap::Args;
use scaleout_core::client::{Client, ParameterScope};
use scaleout_core::model::LoggingLevel;
use serde_json::{Value, json};

use crate::error::CliError;
use crate::rows::arguments;

/// Options that look closer at an execution.
#[derive(Args, Debug)]
pub struct DiagnosticArgs {
    /// Log what a customized logging level says (see `soctl logging-levels`)
    #[arg(long, value_name = "NAME", conflicts_with = "logging_level")]
    customized_level: Option<String>,
    /// Keep the rows over a path of a data flow in a CSV file of the worker; may be repeated
    ///
    /// TASK is the path of the data flow task in the package, PATH the identification string of the
    /// path, FILE a name without a folder: the file is in the folder `DataDumps/EXECUTION` of the
    /// worker.
    #[arg(long, num_args = 3, value_names = ["TASK", "PATH", "FILE"], action = clap::ArgAction::Append)]
    tap: Vec<String>,
    /// Most rows that a tap keeps
    #[arg(long, value_name = "COUNT", requires = "tap")]
    tap_rows: Option<u32>,
    /// Write a dump when the first error is raised
    #[arg(long)]
    dump_on_error: bool,
    /// Write a dump when an event with one of these codes is raised, such as 0xC0202009;0xC0047062
    #[arg(long, value_name = "CODES")]
    dump_on_codes: Option<String>,
    /// Who or what asks for the execution, to be recorded with it
    #[arg(long, value_name = "TEXT")]
    caller_info: Option<String>,
}

/// Values of one tap on the command line.
const TAP_VALUES: usize = 3;

impl DiagnosticArgs {
    /// The level to log at: the customized one where it is named.
    #[must_use]
    pub fn level_or(&self, level: Option<LoggingLevel>) -> Option<LoggingLevel> {
        match self.customized_level {
            Some(_) => Some(LoggingLevel::Customized),
            None => level,
        }
    }

    /// Sets options and adds taps. What is refused cancels the execution: half prepared it would
    /// wait for ever.
    ///
    /// # Errors
    /// The master refuses.
    pub async fn prepare(&self, client: &Client, execution_id: i64) -> Result<(), CliError> {
        match self.try_prepare(client, execution_id).await {
            Ok(()) => Ok(()),
            Err(refused) => {
                // What was refused is the news; a failure to cancel it as well is not told.
                let _canceled = client.stop(execution_id).await;
                Err(refused)
            }
        }
    }

    async fn try_prepare(&self, client: &Client, execution_id: i64) -> Result<(), CliError> {
        for (name, value) in self.options() {
            let named = arguments([
                ("execution_id", json!(execution_id)),
                ("object_type", json!(ParameterScope::Execution.number())),
                ("parameter_name", json!(name)),
                ("parameter_value", value),
            ]);
            client.call("set_execution_parameter_value", named).await?;
        }
        for tap in self.tap.chunks_exact(TAP_VALUES) {
            let mut named = arguments([
                ("execution_id", json!(execution_id)),
                ("task_package_path", json!(tap[0])),
                ("dataflow_path_id_string", json!(tap[1])),
                ("data_filename", json!(tap[2])),
            ]);
            if let Some(rows) = self.tap_rows {
                named.insert("max_rows".to_owned(), json!(rows));
            }
            client.call("add_data_tap", named).await?;
        }
        Ok(())
    }

    fn options(&self) -> Vec<(&'static str, Value)> {
        let mut options = Vec::new();
        if let Some(name) = &self.customized_level {
            options.push(("CUSTOMIZED_LOGGING_LEVEL", json!(name)));
        }
        if self.dump_on_error {
            options.push(("DUMP_ON_ERROR", json!(true)));
        }
        if let Some(codes) = &self.dump_on_codes {
            options.push(("DUMP_ON_EVENT", json!(true)));
            options.push(("DUMP_EVENT_CODE", json!(codes)));
        }
        if let Some(caller) = &self.caller_info {
            options.push(("CALLER_INFO", json!(caller)));
        }
        options
    }
}
