//! `soctl environments create`.

use clap::Args;
use scaleout_core::client::Client;
use serde_json::json;

use crate::error::CliError;
use crate::output::{Outcome, Report};
use crate::rows::arguments;

/// Create an environment
///
/// Examples:
///   soctl environments create test --folder Finance
///   soctl environments create prod --folder Finance \
///     --description 'What the books are made of'
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct CreateArgs {
    /// Name of the environment
    environment: String,
    /// Its folder
    #[arg(long, value_name = "NAME")]
    folder: String,
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
}

/// Calls `create_environment`.
///
/// # Errors
/// There is one of that name, the name is not valid, or the master refuses.
pub async fn run(args: CreateArgs, client: &Client) -> Result<Outcome, CliError> {
    let named = arguments([
        ("folder_name", json!(args.folder)),
        ("environment_name", json!(args.environment)),
        ("environment_description", json!(args.description)),
    ]);
    client.call("create_environment", named).await?;
    let line = format!(
        "created environment `{}` in folder `{}`",
        args.environment, args.folder
    );
    let created = json!({ "folder_name": args.folder, "environment_name": args.environment });
    Ok(Outcome::new(&created, Report::lines([line])))
}
