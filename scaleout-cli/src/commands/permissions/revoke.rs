//! `soctl permissions revoke`.

use clap::Args;
use scaleout_core::client::Client;
use scaleout_core::model::PermissionType;

use super::change::{Change, permission};
use crate::error::CliError;
use crate::output::Outcome;
use crate::securable_choice::SecurableChoice;

/// Take away what was granted or denied on an object
///
/// Examples:
///   soctl permissions revoke READ --from anna --folder Finance
///   soctl permissions revoke --from anna --folder Finance
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct RevokeArgs {
    /// The permissions, with commas between; all that the object can have if absent
    #[arg(value_delimiter = ',', value_parser = permission)]
    permissions: Vec<PermissionType>,
    /// The login or role
    #[arg(long, value_name = "NAME")]
    from: String,
    /// The object.
    #[command(flatten)]
    object: SecurableChoice,
}

/// Calls `revoke_permission`.
///
/// # Errors
/// Somebody or something is not there, or the master refuses.
pub async fn run(args: RevokeArgs, client: &Client) -> Result<Outcome, CliError> {
    let change = Change {
        procedure: "revoke_permission",
        done: "revoked",
        permissions: &args.permissions,
        principal: &args.from,
        object: &args.object,
    };
    change.run(client).await
}
