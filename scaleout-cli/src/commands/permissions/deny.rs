//! `soctl permissions deny`.

use clap::Args;
use scaleout_core::client::Client;
use scaleout_core::model::PermissionType;

use super::change::{Change, permission};
use crate::error::CliError;
use crate::output::Outcome;
use crate::securable_choice::SecurableChoice;

/// Deny permissions on an object, whatever else grants them
///
/// Examples:
///   soctl permissions deny MODIFY_OBJECTS --to anna --folder Finance
///   soctl permissions deny --to anna --folder Finance --environment dev
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct DenyArgs {
    /// The permissions, with commas between; all that the object can have if absent
    #[arg(value_delimiter = ',', value_parser = permission)]
    permissions: Vec<PermissionType>,
    /// The login or role
    #[arg(long, value_name = "NAME")]
    to: String,
    /// The object.
    #[command(flatten)]
    object: SecurableChoice,
}

/// Calls `deny_permission`.
///
/// # Errors
/// Somebody or something is not there, or the master refuses.
pub async fn run(args: DenyArgs, client: &Client) -> Result<Outcome, CliError> {
    let change = Change {
        procedure: "deny_permission",
        done: "denied",
        permissions: &args.permissions,
        principal: &args.to,
        object: &args.object,
    };
    change.run(client).await
}
