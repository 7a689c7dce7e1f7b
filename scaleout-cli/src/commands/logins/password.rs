//! `soctl logins password`.

use clap::Args;
use scaleout_core::client::Client;
use serde_json::json;

use crate::error::CliError;
use crate::given_value::read_without_line_end;
use crate::output::{Outcome, Report};
use crate::password::{PasswordOptions, ask};
use crate::rows::arguments;

/// Set the password of a login
///
/// Administrators set anyone's; everybody else their own, with the old one. What the login got with
/// `soctl login` ends.
///
/// Examples:
///   soctl logins password anna
///   soctl logins password ci --password-file ci.password
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct PasswordArgs {
    /// The login
    login: String,
    /// Where the new password comes from.
    #[command(flatten)]
    password: PasswordOptions,
    /// File with the old password; asked for on a terminal if it is needed
    #[arg(long, value_name = "FILE")]
    old_password_file: Option<String>,
}

/// Calls `set_login_password`.
///
/// # Errors
/// The old password is wrong, the new one too easy, or the master refuses.
pub async fn run(args: PasswordArgs, client: &Client) -> Result<Outcome, CliError> {
    let me = client.who_am_i().await?;
    let is_administrator = me
        .roles
        .iter()
        .any(|role| matches!(role.as_str(), "sysadmin" | "ssis_admin"));
    let what = format!("login `{}`", args.login);
    let old = match &args.old_password_file {
        Some(file) => Some(read_without_line_end(file)?),
        None if is_administrator => None,
        None => {
            let prompt = format!("Old password of {what}");
            Some(ask(&prompt, None, &what)?.reveal().to_owned())
        }
    };
    let password = args.password.read_new(&what)?;
    let mut change = arguments([
        ("login_name", json!(args.login)),
        ("password", json!(password.reveal())),
    ]);
    if let Some(old) = old {
        change.insert("old_password".to_owned(), json!(old));
    }
    client.call("set_login_password", change).await?;
    let line = format!("set the password of {what}");
    Ok(Outcome::new(
        &json!({ "login": args.login }),
        Report::lines([line]),
    ))
}
