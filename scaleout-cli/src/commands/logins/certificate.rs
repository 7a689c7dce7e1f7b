//! `soctl logins certificate`.

use std::path::PathBuf;

use clap::Args;
use scaleout_core::client::Client;
use serde_json::json;

use crate::error::CliError;
use crate::output::{Outcome, Report};
use crate::rows::arguments;
use crate::service_folder::read_certificate;

/// Set the client certificate that logs in as a login, or take it away
///
/// Only the thumbprint is kept. Whoever has the key logs in with `soctl login --certificate`.
///
/// Examples:
///   soctl logins certificate anna anna.cer
///   soctl logins certificate anna --remove
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct CertificateArgs {
    /// The login
    login: String,
    /// The certificate, in PEM or DER form
    #[arg(required_unless_present = "remove", conflicts_with = "remove")]
    file: Option<PathBuf>,
    /// Take the certificate away
    #[arg(long)]
    remove: bool,
}

/// Calls `set_login_certificate`.
///
/// # Errors
/// The certificate cannot be read or is another login's, or the master refuses.
pub async fn run(args: CertificateArgs, client: &Client) -> Result<Outcome, CliError> {
    let thumbprint = match &args.file {
        Some(file) => {
            let thumbprint = read_certificate(file)?.thumbprint_sha256();
            Some(thumbprint.as_str().to_owned())
        }
        None => None,
    };
    let change = arguments([
        ("login_name", json!(args.login)),
        ("certificate_thumbprint", json!(thumbprint)),
    ]);
    client.call("set_login_certificate", change).await?;
    let done = if args.remove { "took away" } else { "set" };
    let line = format!("{done} the certificate of login `{}`", args.login);
    let shown = json!({ "login": args.login, "certificate_thumbprint": thumbprint });
    Ok(Outcome::new(&shown, Report::lines([line])))
}
