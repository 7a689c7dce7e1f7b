//! `soctl logins grant`.

use clap::Args;
use scaleout_core::client::Client;
use serde_json::json;

use crate::error::CliError;
use crate::output::{Outcome, Report};
use crate::rows::arguments;

/// Give a login a role
///
/// Examples:
///   soctl logins grant anna ssis_cluster_executor
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct GrantArgs {
    /// The login
    login: String,
    /// The role: sysadmin, ssis_admin, ssis_cluster_executor, ssis_cluster_worker, ssis_logreader or
    /// ssis_monitor
    role: String,
}

/// Calls `add_login_role`.
///
/// # Errors
/// There is no such login or role, or the master refuses.
pub async fn run(args: GrantArgs, client: &Client) -> Result<Outcome, CliError> {
    let change = arguments([
        ("login_name", json!(args.login)),
        ("role_name", json!(args.role)),
    ]);
    client.call("add_login_role", change).await?;
    let line = format!("gave role `{}` to login `{}`", args.role, args.login);
    let shown = json!({ "login": args.login, "role": args.role });
    Ok(Outcome::new(&shown, Report::lines([line])))
}
