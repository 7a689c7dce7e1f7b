//! `soctl packages deploy`.

use std::path::{Path, PathBuf};

use clap::Args;
use scaleout_core::client::Client;
use serde_json::json;

use crate::error::{CliError, file_error};
use crate::output::{Outcome, Report};

/// Deploy single packages into a project
///
/// The project gets a new version with these packages added or replaced; all others stay as they
/// are, and so do parameter values. Where there is no such project, it is made of these packages.
///
/// Examples:
///   soctl packages deploy clean.dtsx --folder Finance --project Nightly
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct DeployArgs {
    /// The .dtsx files
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Folder of the project
    #[arg(long, value_name = "NAME")]
    folder: String,
    /// The project
    #[arg(long, value_name = "NAME")]
    project: String,
}

/// Calls `deploy_packages`.
///
/// # Errors
/// A file cannot be read, or the master refuses; nothing is deployed then.
pub async fn run(args: DeployArgs, client: &Client) -> Result<Outcome, CliError> {
    let mut packages = Vec::new();
    for file in &args.files {
        let content = std::fs::read(file).map_err(file_error("read", file))?;
        packages.push((file_name(file), content));
    }
    let operation_id = client
        .deploy_packages(&args.folder, &args.project, &packages)
        .await?;
    let names: Vec<&str> = packages.iter().map(|(name, _)| name.as_str()).collect();
    let line = format!(
        "`{}` of folder `{}` has a new version with {}",
        args.project,
        args.folder,
        names.join(", ")
    );
    let deployed = json!({
        "folder_name": args.folder,
        "project_name": args.project,
        "packages": names,
        "operation_id": operation_id,
    });
    Ok(Outcome::new(&deployed, Report::lines([line])))
}

fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}
