//! `soctl deploy`.

use std::path::PathBuf;

use clap::Args;
use scaleout_core::client::Client;
use serde::Serialize;

use crate::error::CliError;
use crate::output::{Cell, Outcome, Report, Talk};
use crate::package_password::PasswordOption;
use crate::project_source::{self, Note, ProjectSource};

/// Deploy a project to the catalog
///
/// PATH is an .ispac, a folder that holds a .dtproj, or a bare .dtsx (then a project of one package).
/// The folder is created when it does not exist.
///
/// Values that are encrypted with a password are opened with it, here and on the workers; without it
/// they are left out, with a warning that names them. On a terminal it is asked for.
///
/// Examples:
///   soctl deploy bin/Nightly.ispac --folder Finance
///   soctl deploy src/Nightly --folder Finance
///   soctl deploy clean.dtsx --folder Finance --project Cleaning
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct DeployArgs {
    /// What to deploy
    path: PathBuf,
    /// Folder of the catalog
    #[arg(long, value_name = "NAME")]
    folder: String,
    /// Project name of a bare .dtsx; other projects are named by their manifest
    #[arg(long, value_name = "NAME")]
    project: Option<String>,
    /// Where the password is.
    #[command(flatten)]
    password: PasswordOption,
}

/// The result.
#[derive(Debug, Serialize)]
pub struct Deployed {
    /// Folder.
    pub folder_name: String,
    /// Project.
    pub project_name: String,
    /// Packages in it.
    pub packages: Vec<String>,
    /// Id of the deployment operation.
    pub operation_id: i64,
    /// What the reader could not carry over.
    pub notes: Vec<Note>,
}

/// Reads and deploys.
///
/// # Errors
/// The project cannot be read, or the master refuses it; nothing is deployed then.
pub async fn run(args: DeployArgs, client: &Client, talk: &Talk) -> Result<Outcome, CliError> {
    let name = args.project.as_deref();
    let source = args.password.read_project(talk, |password| {
        project_source::read(&args.path, name, password)
    })?;
    let deployed = deploy(client, &args.folder, &source).await?;
    for note in &deployed.notes {
        talk.say(&format!(
            "warning[{}]: {}: {}",
            note.code, note.path, note.message
        ));
    }
    let mut report = Report::table(["folder", "project", "packages"]);
    report.rows.push(vec![
        Cell::Text(deployed.folder_name.clone()),
        Cell::Text(deployed.project_name.clone()),
        Cell::Number(deployed.packages.len().to_string()),
    ]);
    Ok(Outcome::new(&deployed, report))
}

/// Deploys a project that was read before.
///
/// # Errors
/// The master refuses.
pub async fn deploy(
    client: &Client,
    folder: &str,
    source: &ProjectSource,
) -> Result<Deployed, CliError> {
    let project = &source.project;
    client.ensure_folder(folder).await?;
    let operation_id = client
        .deploy_encrypted(
            folder,
            &project.name,
            &source.ispac,
            source.password.as_ref(),
        )
        .await?;
    Ok(Deployed {
        folder_name: folder.to_owned(),
        project_name: project.name.clone(),
        packages: project
            .packages
            .iter()
            .map(|package| package.file_name.clone())
            .collect(),
        operation_id,
        notes: source.notes(),
    })
}
