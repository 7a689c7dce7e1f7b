//! `soctl parameters set`.

use clap::Args;
use scaleout_core::client::Client;
use serde_json::json;

use super::declared::ParameterChoice;
use crate::error::{CliError, CommandError};
use crate::given_value::ValueOptions;
use crate::output::{Outcome, Report};
use crate::rows::arguments;

/// Set the server value of a parameter, or let it take the value of an environment variable
///
/// It counts for every execution created from now on. The value of a sensitive parameter comes from
/// a file, from stdin or from a variable of this command's environment, never from the command line.
///
/// Examples:
///   soctl parameters set Nightly Day --package load.dtsx --value 2026-01-31
///   soctl parameters set Nightly Day --folder Finance --package load.dtsx \
///     --variable Day
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct SetArgs {
    /// The parameter.
    #[command(flatten)]
    parameter: ParameterChoice,
    /// The value.
    #[command(flatten)]
    value: ValueOptions,
    /// Name of the environment variable that gives the value
    #[arg(long, value_name = "NAME", conflicts_with_all = ["value", "value_file", "value_env"])]
    variable: Option<String>,
}

/// Calls `set_object_parameter_value`.
///
/// # Errors
/// There is no such parameter, the value does not fit or is a secret in the open, or the master
/// refuses.
pub async fn run(args: SetArgs, client: &Client) -> Result<Outcome, CliError> {
    let (project, declared) = args.parameter.find(client).await?;
    let mut all = args.parameter.arguments(&project, declared.as_ref());
    let shown = args.parameter.shown();
    let line = match (&args.variable, args.value.read()?) {
        (Some(variable), _) => {
            all.extend(arguments([
                ("parameter_value", json!(variable)),
                ("value_type", json!("R")),
            ]));
            format!("{shown} takes the value of variable `{variable}`")
        }
        (None, Some(given)) => {
            if declared.is_some_and(|declared| declared.sensitive) {
                given.check_hidden(&shown)?;
            }
            all.extend(arguments([("parameter_value", json!(given.text))]));
            format!("{shown} has a server value")
        }
        (None, None) => {
            return Err(CommandError::Argument {
                message: format!("{shown} is given no value"),
                hint: "add `--value`, `--value-file`, `--value-env` or `--variable`".to_owned(),
            }
            .into());
        }
    };
    client.call("set_object_parameter_value", all).await?;
    let set = json!({
        "folder_name": project.folder,
        "project_name": project.project,
        "package_name": args.parameter.package,
        "parameter_name": args.parameter.parameter,
        "referenced_variable_name": args.variable,
    });
    Ok(Outcome::new(&set, Report::lines([line])))
}
