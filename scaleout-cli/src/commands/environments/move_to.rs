//! `soctl environments move`.

use clap::Args;
use scaleout_core::client::Client;
use serde_json::json;

use crate::environment_choice::EnvironmentChoice;
use crate::error::CliError;
use crate::output::{Outcome, Report, Talk};
use crate::rows::arguments;

/// Move an environment to another folder
///
/// References of projects keep the old folder and lead nowhere until it has the environment again.
///
/// Examples:
///   soctl environments move spare --folder Finance --to Shared
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct MoveArgs {
    /// The environment.
    #[command(flatten)]
    environment: EnvironmentChoice,
    /// Folder it goes to
    #[arg(long, value_name = "FOLDER")]
    to: String,
}

/// Calls `move_environment`.
///
/// # Errors
/// There is no such environment, the folder has one of its name, or the master refuses.
pub async fn run(args: MoveArgs, client: &Client, talk: &Talk) -> Result<Outcome, CliError> {
    let environment = args.environment.find(client).await?;
    let places = arguments([
        ("source_folder", json!(environment.folder)),
        ("environment_name", json!(environment.name)),
        ("destination_folder", json!(args.to)),
    ]);
    client.call("move_environment", places).await?;
    talk.say("references keep the old folder: `soctl references list` shows what leads nowhere");
    let line = format!("`{}` is now in folder `{}`", environment.name, args.to);
    let moved = json!({ "folder_name": args.to, "environment_name": environment.name });
    Ok(Outcome::new(&moved, Report::lines([line])))
}
