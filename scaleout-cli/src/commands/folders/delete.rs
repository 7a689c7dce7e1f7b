//! `soctl folders delete`.

use clap::Args;
use scaleout_core::client::Client;
use scaleout_core::registry::Arguments;
use serde_json::json;

use crate::error::CliError;
use crate::output::{Outcome, Report, Talk};

/// Delete an empty folder
///
/// On a terminal it asks first; in a script it needs --yes.
///
/// Examples:
///   soctl folders delete Old --yes
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct DeleteArgs {
    /// The folder
    folder: String,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
}

/// Calls `delete_folder`.
///
/// # Errors
/// There is no such folder, it is not empty, the answer is no, or the master refuses.
pub async fn run(args: DeleteArgs, client: &Client, talk: &Talk) -> Result<Outcome, CliError> {
    talk.confirm_final(&format!("delete folder `{}`", args.folder), args.yes)?;
    let arguments: Arguments = [("folder_name".to_owned(), json!(args.folder))]
        .into_iter()
        .collect();
    client.call("delete_folder", arguments).await?;
    let line = format!("deleted folder `{}`", args.folder);
    let deleted = json!({ "folder_name": args.folder });
    Ok(Outcome::new(&deleted, Report::lines([line])))
}
