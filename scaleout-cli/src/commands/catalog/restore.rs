//! `soctl catalog restore`.

use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;
use serde_json::json;

use crate::error::CliError;
use crate::output::{Outcome, Report};
use crate::service_folder::CatalogPlace;

/// Put a backup of a catalog into the data folder of a master
///
/// The master must not run. FILE.key must stand beside FILE. A catalog that is in the folder stays,
/// unless --replace says that it is to be kept under another name.
///
/// Examples:
///   soctl catalog restore nightly.db --data restored
///   soctl catalog restore nightly.db --data restored --replace
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct RestoreArgs {
    /// What `soctl catalog backup` wrote
    file: PathBuf,
    /// Data folder of the master, or of `soctl up`
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Move the catalog that is there aside
    #[arg(long)]
    replace: bool,
}

/// Copies database and key back.
///
/// # Errors
/// A master runs in the folder or has a catalog there, the backup is none, is newer than this
/// program or has not its key, or a file cannot be written.
pub async fn run(args: RestoreArgs, now: Timestamp) -> Result<Outcome, CliError> {
    let place = CatalogPlace::take(&args.data)?;
    let suffix = now.strftime(".before-%Y%m%dT%H%M%S%.3fZ").to_string();
    let replace = args.replace.then_some(suffix.as_str());
    let aside = scaleout_agent::restore(&args.file, &place.database, replace).await?;
    let mut lines = vec![format!(
        "restored `{}` from `{}`",
        place.database.display(),
        args.file.display()
    )];
    if let Some(aside) = &aside {
        lines.push(format!(
            "the catalog that was there is `{}` now",
            aside.display()
        ));
    }
    let restored = json!({
        "catalog": place.database,
        "file": args.file,
        "moved_aside": aside,
    });
    Ok(Outcome::new(&restored, Report::lines(lines)))
}
