//! `soctl logins create`.

use std::path::PathBuf;

use clap::Args;
use scaleout_core::client::Client;
use scaleout_core::registry::Arguments;
use serde_json::json;

use crate::error::CliError;
use crate::output::{Outcome, Report};
use crate::password::PasswordOptions;
use crate::rows::arguments;
use crate::service_folder::read_certificate;

/// Create a login
///
/// The password is asked for, or read from a file or stdin. With a certificate no password is
/// needed: whoever has its key logs in with `soctl login --certificate`.
///
/// Examples:
///   soctl logins create anna
///   soctl logins create ci --password-file ci.password \
///     --role ssis_cluster_executor
///   soctl logins create bert --certificate bert.cer
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct CreateArgs {
    /// Name of the login
    login: String,
    /// Where the password comes from.
    #[command(flatten)]
    password: PasswordOptions,
    /// Client certificate of the login, instead of a password
    #[arg(long, value_name = "FILE", conflicts_with = "password_file")]
    certificate: Option<PathBuf>,
    /// Role to give at once; may be repeated
    #[arg(long, value_name = "ROLE")]
    role: Vec<String>,
}

/// Calls `create_login`, and `add_login_role` for each role.
///
/// # Errors
/// The name is taken, the password too easy, or the master refuses.
pub async fn run(args: CreateArgs, client: &Client) -> Result<Outcome, CliError> {
    let mut new: Arguments = arguments([("login_name", json!(args.login))]);
    match &args.certificate {
        Some(file) => {
            let thumbprint = read_certificate(file)?.thumbprint_sha256();
            let name = "certificate_thumbprint".to_owned();
            new.insert(name, json!(thumbprint.as_str()));
        }
        None => {
            let password = args.password.read_new(&format!("login `{}`", args.login))?;
            new.insert("password".to_owned(), json!(password.reveal()));
        }
    }
    let made = client.call("create_login", new).await?;
    for role in &args.role {
        let role = arguments([
            ("login_name", json!(args.login)),
            ("role_name", json!(role)),
        ]);
        client.call("add_login_role", role).await?;
    }
    let line = format!("created login `{}`", args.login);
    let shown = json!({
        "login": args.login,
        "principal_id": made.outputs.get("@principal_id"),
        "roles": args.role,
    });
    Ok(Outcome::new(&shown, Report::lines([line])))
}
