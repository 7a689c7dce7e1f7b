//! `soctl environments list`.

use clap::Args;
use scaleout_core::client::Client;
use serde_json::{Value, json};

use crate::environment_choice::{Environment, environments};
use crate::error::CliError;
use crate::output::{Cell, Outcome, Report};

/// List the environments of the catalog
///
/// Examples:
///   soctl environments list
///   soctl environments list --folder Finance
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct ListArgs {
    /// Only environments of this folder
    #[arg(long, value_name = "NAME")]
    folder: Option<String>,
}

/// Reads `catalog.environments`.
///
/// # Errors
/// The master refuses.
pub async fn run(args: ListArgs, client: &Client) -> Result<Outcome, CliError> {
    let folder = args.folder.map(|folder| folder.to_lowercase());
    let wanted = |one: &Environment| {
        folder
            .as_ref()
            .is_none_or(|folder| one.folder.to_lowercase() == *folder)
    };
    let mut all = environments(client).await?;
    all.retain(wanted);
    let mut report = Report::table(["id", "folder", "environment", "description", "created by"]);
    for one in &all {
        report.rows.push(vec![
            Cell::Number(one.id.to_string()),
            Cell::Text(one.folder.clone()),
            Cell::Text(one.name.clone()),
            Cell::Text(one.description.clone()),
            Cell::Text(one.created_by.clone()),
        ]);
    }
    let shown: Vec<Value> = all.iter().map(as_json).collect();
    Ok(Outcome::new(&shown, report))
}

/// An environment as `--output json` shows it.
pub fn as_json(one: &Environment) -> Value {
    json!({
        "environment_id": one.id,
        "folder_name": one.folder,
        "environment_name": one.name,
        "description": one.description,
        "created_by_name": one.created_by,
    })
}
