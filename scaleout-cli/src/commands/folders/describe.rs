//! `soctl folders describe`.

use clap::Args;
use scaleout_core::client::Client;
use scaleout_core::registry::Arguments;
use serde_json::json;

use crate::error::CliError;
use crate::output::{Outcome, Report};

/// Say what a folder is for
///
/// Examples:
///   soctl folders describe Finance 'Nightly loads of the ledger'
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct DescribeArgs {
    /// The folder
    folder: String,
    /// Its description from now on
    description: String,
}

/// Calls `set_folder_description`.
///
/// # Errors
/// There is no such folder, or the master refuses.
pub async fn run(args: DescribeArgs, client: &Client) -> Result<Outcome, CliError> {
    let arguments: Arguments = [
        ("folder_name".to_owned(), json!(args.folder)),
        ("folder_description".to_owned(), json!(args.description)),
    ]
    .into_iter()
    .collect();
    client.call("set_folder_description", arguments).await?;
    let line = format!("described folder `{}`", args.folder);
    let described = json!({ "folder_name": args.folder, "description": args.description });
    Ok(Outcome::new(&described, Report::lines([line])))
}
