//! `soctl parameters clear`.

use clap::Args;
use scaleout_core::client::Client;
use serde_json::json;

use super::declared::ParameterChoice;
use crate::error::CliError;
use crate::output::{Outcome, Report, Talk};

/// Take the server value of a parameter away, or its tie to an environment variable
///
/// The design default counts again. On a terminal it asks first; in a script it needs --yes.
///
/// Examples:
///   soctl parameters clear Nightly Day --package load.dtsx --yes
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct ClearArgs {
    /// The parameter.
    #[command(flatten)]
    parameter: ParameterChoice,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
}

/// Calls `clear_object_parameter_value`.
///
/// # Errors
/// There is no such parameter, the answer is no, or the master refuses.
pub async fn run(args: ClearArgs, client: &Client, talk: &Talk) -> Result<Outcome, CliError> {
    let (project, declared) = args.parameter.find(client).await?;
    let shown = args.parameter.shown();
    talk.confirm_final(&format!("clear the value of {shown}"), args.yes)?;
    let all = args.parameter.arguments(&project, declared.as_ref());
    client.call("clear_object_parameter_value", all).await?;
    let cleared = json!({
        "folder_name": project.folder,
        "project_name": project.project,
        "package_name": args.parameter.package,
        "parameter_name": args.parameter.parameter,
    });
    let line = format!("{shown} has its design default again");
    Ok(Outcome::new(&cleared, Report::lines([line])))
}
