//! `soctl proc`: any catalog procedure by its name.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use scaleout_core::client::Client;
use scaleout_core::registry::all_procedures;
use scaleout_core::registry::{Arguments, Direction, Procedure};
use serde::Serialize;
use serde_json::Value;

use crate::error::{CliError, CommandError};
use crate::output::{Cell, Outcome, Report};
use crate::rows;

/// Call a catalog procedure by its name
///
/// Examples:
///   soctl proc --list
///   soctl proc create_folder --param folder_name=Archive
///   soctl proc start_execution --param execution_id=42 --param retry_count=1
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct ProcArgs {
    /// Name of the procedure, with or without `catalog.`
    #[arg(required_unless_present = "list")]
    pub name: Option<String>,
    /// List all procedures with their parameters, without calling any
    #[arg(long, conflicts_with_all = ["name", "param"])]
    pub list: bool,
    /// A parameter; `@FILE` as the value sends the file's bytes
    #[arg(short, long, value_name = "NAME=VALUE", value_parser = name_and_value)]
    pub param: Vec<(String, String)>,
}

/// Splits `NAME=VALUE`.
///
/// # Errors
/// There is no `=`.
pub fn name_and_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("expected NAME=VALUE".to_owned()),
    }
}

#[derive(Serialize)]
struct Declared {
    name: &'static str,
    summary: &'static str,
    parameters: Vec<DeclaredParameter>,
}

#[derive(Serialize)]
struct DeclaredParameter {
    name: &'static str,
    #[serde(rename = "type")]
    sql_type: String,
    direction: Direction,
    default: Option<&'static str>,
    required: bool,
}

/// The registry's procedures.
#[must_use]
pub fn list() -> Outcome {
    let declared: Vec<Declared> = all_procedures().map(declared).collect();
    let mut report = Report::table(["procedure", "parameters", "what it does"]);
    for procedure in &declared {
        let parameters: Vec<String> = procedure
            .parameters
            .iter()
            .map(DeclaredParameter::shown)
            .collect();
        report.rows.push(vec![
            Cell::Text(procedure.name.to_owned()),
            Cell::Text(parameters.join("\n")),
            Cell::Text(procedure.summary.to_owned()),
        ]);
    }
    Outcome::new(&declared, report)
}

fn declared(procedure: &Procedure) -> Declared {
    let parameters = procedure
        .parameters
        .iter()
        .map(|parameter| DeclaredParameter {
            name: parameter.name,
            sql_type: parameter.sql_type.to_string(),
            direction: parameter.direction,
            default: parameter.default,
            required: parameter.required,
        });
    Declared {
        name: procedure.name,
        summary: procedure.summary,
        parameters: parameters.collect(),
    }
}

impl DeclaredParameter {
    fn shown(&self) -> String {
        let out = if self.direction == Direction::Out {
            " output"
        } else {
            ""
        };
        let optional = if self.required || self.direction == Direction::Out {
            ""
        } else {
            " (optional)"
        };
        format!("{} {}{out}{optional}", self.name, self.sql_type)
    }
}

/// Calls the procedure.
///
/// # Errors
/// A file cannot be read, or the master refuses.
pub async fn run(args: ProcArgs, client: &Client) -> Result<Outcome, CliError> {
    let name = args.name.unwrap_or_default();
    let bare = name.strip_prefix("catalog.").unwrap_or(&name);
    let mut arguments = Arguments::new();
    for (name, value) in args.param {
        arguments.insert(name, argument(&value)?);
    }
    let result = client.call(bare, arguments).await?;
    let facts = BTreeMap::from_iter(result.outputs.iter());
    let mut report = match &result.rows {
        Some(found) => rows::report(found),
        None => Report::table(["output", "value"]),
    };
    if result.rows.is_none() {
        report.rows = facts
            .iter()
            .map(|(name, value)| vec![Cell::Text((*name).clone()), Cell::from_json(value)])
            .collect();
    }
    report.further = result.more_rows.iter().map(rows::report).collect();
    report
        .after
        .push(format!("return value {}", result.return_value));
    if let Some(refusal) = &result.refusal {
        let hint = refusal.hint.as_deref().unwrap_or_default();
        report
            .after
            .push(format!("{}: {}; {hint}", refusal.code, refusal.message));
    }
    let exit_code = result
        .refusal
        .as_ref()
        .map_or(0, |refusal| refusal.blame.exit_code());
    Ok(Outcome::new(&result, report).exit_code(exit_code))
}

fn argument(text: &str) -> Result<Value, CommandError> {
    let Some(path) = text.strip_prefix('@') else {
        return Ok(Value::String(text.to_owned()));
    };
    let bytes = std::fs::read(path).map_err(crate::error::file_error("read", path))?;
    Ok(Value::String(STANDARD.encode(bytes)))
}
