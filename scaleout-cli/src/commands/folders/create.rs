//! `soctl folders create`.

use clap::Args;
use scaleout_core::client::Client;
use scaleout_core::registry::Arguments;
use serde_json::json;

use crate::error::CliError;
use crate::output::{Outcome, Report};

/// Create a folder
///
/// Examples:
///   soctl folders create Cold
///   soctl folders create Old --description 'To be emptied'
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct CreateArgs {
    /// Name of the folder
    folder: String,
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
}

/// Calls `create_folder` and `set_folder_description`.
///
/// # Errors
/// There is one of that name, the name is not valid, or the master refuses.
pub async fn run(args: CreateArgs, client: &Client) -> Result<Outcome, CliError> {
    let id = client.create_folder(&args.folder).await?;
    if let Some(description) = &args.description {
        let arguments: Arguments = [
            ("folder_name".to_owned(), json!(args.folder)),
            ("folder_description".to_owned(), json!(description)),
        ]
        .into_iter()
        .collect();
        client.call("set_folder_description", arguments).await?;
    }
    let line = format!("created folder `{}`", args.folder);
    let created = json!({ "folder_id": id, "folder_name": args.folder });
    Ok(Outcome::new(&created, Report::lines([line])))
}
