//! `soctl projects deploy`.

use clap::Args;
use scaleout_core::client::Client;

use crate::commands::deploy;
use crate::error::CliError;
use crate::output::{Outcome, Talk};

/// Deploy a project to the catalog: the same as `soctl deploy`
///
/// A project that is there already gets a new version; earlier ones can be restored. Values set on
/// the server stay for parameters that keep their name and type.
///
/// Examples:
///   soctl projects deploy bin/Nightly.ispac --folder Finance
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct DeployProjectArgs {
    /// What `soctl deploy` takes.
    #[command(flatten)]
    what: deploy::DeployArgs,
}

/// Reads and deploys.
///
/// # Errors
/// As [`deploy::run`].
pub async fn run(
    args: DeployProjectArgs,
    client: &Client,
    talk: &Talk,
) -> Result<Outcome, CliError> {
    deploy::run(args.what, client, talk).await
}
