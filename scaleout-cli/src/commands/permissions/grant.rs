//! `soctl permissions grant`.

use clap::Args;
use scaleout_core::client::Client;
use scaleout_core::model::PermissionType;

use super::change::{Change, permission};
use crate::error::CliError;
use crate::output::Outcome;
use crate::securable_choice::SecurableChoice;

/// Grant permissions on an object
///
/// Examples:
///   soctl permissions grant READ --to anna --folder Finance
///   soctl permissions grant READ,EXECUTE --to anna --folder Finance \
///     --project Nightly
///   soctl permissions grant READ --to ssis_logreader --operation 42
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct GrantArgs {
    /// The permissions, with commas between
    #[arg(required = true, value_delimiter = ',', value_parser = permission)]
    permissions: Vec<PermissionType>,
    /// The login or role
    #[arg(long, value_name = "NAME")]
    to: String,
    /// The object.
    #[command(flatten)]
    object: SecurableChoice,
}

/// Calls `grant_permission`.
///
/// # Errors
/// Somebody or something is not there, or the master refuses.
pub async fn run(args: GrantArgs, client: &Client) -> Result<Outcome, CliError> {
    let change = Change {
        procedure: "grant_permission",
        done: "granted",
        permissions: &args.permissions,
        principal: &args.to,
        object: &args.object,
    };
    change.run(client).await
}
