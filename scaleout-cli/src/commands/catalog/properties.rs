//! `soctl catalog properties`.

use clap::Args;
use scaleout_core::client::Client;
use scaleout_core::registry::ViewQuery;

use crate::error::CliError;
use crate::output::Outcome;
use crate::rows;

/// Show the properties of the catalog
///
/// Examples:
///   soctl catalog properties
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct PropertiesArgs {}

/// Reads `catalog.catalog_properties`.
///
/// # Errors
/// The master refuses.
pub async fn run(_args: PropertiesArgs, client: &Client) -> Result<Outcome, CliError> {
    let found = client
        .view("catalog_properties", &ViewQuery::default())
        .await?;
    Ok(Outcome::new(&rows::objects(&found), rows::report(&found)))
}
