//! `soctl batch check`.

use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;
use scaleout_core::client::Client;
use serde::Serialize;

use crate::batch::{self, BatchFile};
use crate::error::CliError;
use crate::output::{Cell, Outcome, Report};

/// Check a batch without running anything
///
/// All that is wrong is said at once: packages, environments, workers and parameters that the
/// catalog does not have, names that are there twice, and packages that wait for each other.
///
/// Examples:
///   soctl batch check nightly.toml
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct CheckArgs {
    /// The batch
    #[arg(value_name = "FILE.toml")]
    file: PathBuf,
}

/// One package of a batch that is in order.
#[derive(Serialize)]
struct Checked {
    name: String,
    folder: String,
    project: String,
    package: String,
    after: Vec<String>,
}

/// Checks the file against the catalog.
///
/// # Errors
/// The batch cannot be run as it is, or the master refuses.
pub async fn run(args: CheckArgs, client: &Client, now: Timestamp) -> Result<Outcome, CliError> {
    let file = BatchFile::read(&args.file)?;
    let (_plan, members) = batch::check(&file, client, now).await?;
    let checked: Vec<Checked> = members
        .into_iter()
        .zip(file.items())
        .map(|(member, item)| Checked {
            name: member.name,
            folder: member.new.folder,
            project: member.new.project,
            package: member.new.package,
            after: item.after,
        })
        .collect();
    let mut table = Report::table(["item", "folder", "project", "package", "after"]);
    table.rows = checked
        .iter()
        .map(|one| {
            vec![
                Cell::Text(one.name.clone()),
                Cell::Text(one.folder.clone()),
                Cell::Text(one.project.clone()),
                Cell::Text(one.package.clone()),
                Cell::Text(one.after.join(", ")),
            ]
        })
        .collect();
    table.after.push(format!("batch {} can run", file.name()));
    Ok(Outcome::new(&checked, table))
}
