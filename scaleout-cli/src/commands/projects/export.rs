//! `soctl projects export`.

use std::path::PathBuf;

use clap::Args;
use scaleout_core::client::Client;
use serde::Serialize;

use crate::error::{CliError, file_error};
use crate::output::{Outcome, Report};
use crate::project_choice::ProjectChoice;

/// Write a project to a file, byte for byte as it was deployed
///
/// Examples:
///   soctl projects export Nightly Nightly.ispac
///   soctl projects export Nightly Nightly.ispac --folder Finance --force
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct ExportArgs {
    /// The project.
    #[command(flatten)]
    project: ProjectChoice,
    /// Where to write the .ispac
    file: PathBuf,
    /// Replace the file if it is there
    #[arg(long)]
    force: bool,
}

#[derive(Serialize)]
struct Exported {
    folder_name: String,
    project_name: String,
    file: PathBuf,
    bytes: usize,
}

/// Calls `get_project`.
///
/// # Errors
/// There is no such project, or the file is there or cannot be written.
pub async fn run(args: ExportArgs, client: &Client) -> Result<Outcome, CliError> {
    let project = args.project.find(client).await?;
    let content = client
        .get_project(&project.folder, &project.project)
        .await?;
    let written = if args.force {
        std::fs::write(&args.file, &content)
    } else {
        scaleout_agent::files::write_new(&args.file, 0o644, &content)
    };
    written.map_err(file_error("write", &args.file))?;
    let line = format!(
        "`{}` of folder `{}` is in {} ({} bytes)",
        project.project,
        project.folder,
        args.file.display(),
        content.len()
    );
    let exported = Exported {
        folder_name: project.folder,
        project_name: project.project,
        file: args.file,
        bytes: content.len(),
    };
    Ok(Outcome::new(&exported, Report::lines([line])))
}
