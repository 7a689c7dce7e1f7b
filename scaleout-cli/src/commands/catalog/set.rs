//! `soctl catalog set`.

use clap::Args;
use scaleout_core::client::Client;
use scaleout_core::registry::Arguments;
use serde_json::json;

use crate::error::CliError;
use crate::output::{Outcome, Report};

/// Set a property of the catalog
///
/// It is refused while executions are pending or running.
///
/// Examples:
///   soctl catalog set RETENTION_WINDOW 90
///   soctl catalog set RETENTION_WINDOW -1
///   soctl catalog set MAX_PROJECT_VERSIONS 20
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct SetArgs {
    /// The property, as `soctl catalog properties` shows it
    property: String,
    /// Its value from now on
    #[arg(allow_negative_numbers = true)]
    value: String,
}

/// Calls `configure_catalog`.
///
/// # Errors
/// There is no such property, the value is not one of its values, executions are active, or the
/// master refuses.
pub async fn run(args: SetArgs, client: &Client) -> Result<Outcome, CliError> {
    let arguments: Arguments = [
        ("property_name".to_owned(), json!(args.property)),
        ("property_value".to_owned(), json!(args.value)),
    ]
    .into_iter()
    .collect();
    client.call("configure_catalog", arguments).await?;
    let line = format!("{} is {} now", args.property, args.value);
    let set = json!({ "property_name": args.property, "property_value": args.value });
    Ok(Outcome::new(&set, Report::lines([line])))
}
