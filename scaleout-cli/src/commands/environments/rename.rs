//! `soctl environments rename`.

use clap::Args;
use scaleout_core::client::Client;
use serde_json::json;

use crate::environment_choice::EnvironmentChoice;
use crate::error::CliError;
use crate::output::{Outcome, Report, Talk};
use crate::rows::arguments;

/// Give an environment another name
///
/// References of projects keep the old name and lead nowhere until an environment has it again.
///
/// Examples:
///   soctl environments rename old older --folder Finance
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct RenameArgs {
    /// The environment.
    #[command(flatten)]
    environment: EnvironmentChoice,
    /// The name it gets
    new_name: String,
}

/// Calls `rename_environment`.
///
/// # Errors
/// There is no such environment, the new name is taken or not valid, or the master refuses.
pub async fn run(args: RenameArgs, client: &Client, talk: &Talk) -> Result<Outcome, CliError> {
    let environment = args.environment.find(client).await?;
    let names = arguments([
        ("folder_name", json!(environment.folder)),
        ("environment_name", json!(environment.name)),
        ("new_environment_name", json!(args.new_name)),
    ]);
    client.call("rename_environment", names).await?;
    talk.say("references keep the old name: `soctl references list` shows what leads nowhere");
    let line = format!("`{}` is now `{}`", environment.name, args.new_name);
    let renamed = json!({ "folder_name": environment.folder, "environment_name": args.new_name });
    Ok(Outcome::new(&renamed, Report::lines([line])))
}
