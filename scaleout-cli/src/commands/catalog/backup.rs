//! `soctl catalog backup`.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use crate::error::CliError;
use crate::output::{Outcome, Report};
use crate::service_folder::catalog_of;

/// Back up a catalog on SQLite, also while its master runs
///
/// Writes FILE, the whole database as it is at one moment, and FILE.key, the key of its secrets.
/// Both are readable by their owner only; whoever has both reads every secret of the catalog. The
/// settings and certificates of the master's folder are not in it.
///
/// A catalog on PostgreSQL is backed up with pg_dump (schemas internal and catalog) and a copy of
/// the file catalog.key in the master's folder, without which its secrets are lost.
///
/// Examples:
///   soctl catalog backup nightly.db --data data
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct BackupArgs {
    /// File to write; it must not be there
    file: PathBuf,
    /// Data folder of the master, or of `soctl up`
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
}

/// Copies database and key.
///
/// # Errors
/// There is no catalog on SQLite in the folder, or a file cannot be written.
pub async fn run(args: BackupArgs) -> Result<Outcome, CliError> {
    let database = catalog_of(&args.data)?;
    let backup = scaleout_agent::back_up(&database, &args.file).await?;
    let lines = [
        format!(
            "backed up `{}` to `{}`",
            database.display(),
            backup.database.display()
        ),
        format!(
            "its key is in `{}` (mode 0600): keep it as safe as the secrets themselves",
            backup.key.display()
        ),
    ];
    let written = json!({
        "catalog": database,
        "file": backup.database,
        "key_file": backup.key,
        "schema": backup.schema,
    });
    Ok(Outcome::new(&written, Report::lines(lines)))
}
