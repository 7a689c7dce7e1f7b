//! `soctl logout`.

use clap::Args;
use scaleout_core::client::Client;
use serde_json::json;

use crate::args::GlobalArgs;
use crate::context::Contexts;
use crate::error::CliError;
use crate::output::{Outcome, Report};

/// End the token of the current context
///
/// The context stays, so that `soctl login` knows where to log in again.
///
/// Examples:
///   soctl logout
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct LogoutArgs {}

/// Revokes the token and forgets it.
///
/// # Errors
/// The master refuses, or the file of contexts cannot be written.
pub async fn run(
    _args: LogoutArgs,
    client: &Client,
    global: &GlobalArgs,
) -> Result<Outcome, CliError> {
    let me = client.who_am_i().await?;
    client.log_out().await?;
    let contexts = Contexts::load()?;
    if let Some(name) = contexts.chosen(global).map(str::to_owned) {
        contexts.log_out(&name)?;
    }
    let line = format!("logged out `{}`", me.login);
    Ok(Outcome::new(
        &json!({ "login": me.login }),
        Report::lines([line]),
    ))
}
