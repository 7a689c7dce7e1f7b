//! `soctl folders rename`.

use clap::Args;
use scaleout_core::client::Client;
use scaleout_core::registry::Arguments;
use serde_json::json;

use crate::error::CliError;
use crate::output::{Outcome, Report};

/// Rename a folder
///
/// Examples:
///   soctl folders rename Cold Frozen
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct RenameArgs {
    /// Its name now
    folder: String,
    /// Its new name
    new_name: String,
}

/// Calls `rename_folder`.
///
/// # Errors
/// There is no such folder, another one has the new name, or the master refuses.
pub async fn run(args: RenameArgs, client: &Client) -> Result<Outcome, CliError> {
    let arguments: Arguments = [
        ("old_name".to_owned(), json!(args.folder)),
        ("new_name".to_owned(), json!(args.new_name)),
    ]
    .into_iter()
    .collect();
    client.call("rename_folder", arguments).await?;
    let line = format!("folder `{}` is called `{}` now", args.folder, args.new_name);
    let renamed = json!({ "old_name": args.folder, "folder_name": args.new_name });
    Ok(Outcome::new(&renamed, Report::lines([line])))
}
