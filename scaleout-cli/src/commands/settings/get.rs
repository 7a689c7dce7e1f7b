//! `settings get`.

use clap::Args;
use serde_json::json;

use super::list::{plain, shown};
use crate::error::CliError;
use crate::output::{Outcome, Report};
use crate::service_folder::{ServiceKind, SettingsFile};
use crate::setup::options::DataFolder;

/// Which key.
#[derive(Args, Debug)]
pub struct GetArgs {
    /// Name of the key, in any case
    key: String,
    #[command(flatten)]
    folder: DataFolder,
}

/// Reads the value.
///
/// # Errors
/// There is no such key, or the file is wrong.
pub fn run(args: &GetArgs, kind: ServiceKind) -> Result<Outcome, CliError> {
    let file = SettingsFile::read(&args.folder.of(kind)?, kind)?;
    let key = file.key(&args.key)?;
    let value = shown(key, file.value(key));
    let line = plain(&value);
    let json = json!({ "key": key.name, "value": value });
    Ok(Outcome::new(&json, Report::lines([line])))
}
