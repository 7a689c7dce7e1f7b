//! `settings validate`.

use std::path::PathBuf;

use clap::Args;
use scaleout_core::settings::{MasterSettings, WorkerSettings};
use serde_json::json;

use crate::error::{CliError, file_error};
use crate::output::{Outcome, Report};
use crate::service_folder::ServiceKind;
use crate::setup::options::DataFolder;

/// Which file.
#[derive(Args, Debug)]
pub struct ValidateArgs {
    /// A file to check before it is used; that of the service if absent
    file: Option<PathBuf>,
    #[command(flatten)]
    folder: DataFolder,
}

/// Reads and checks the file.
///
/// # Errors
/// It is not there, or something is wrong in it.
pub fn run(args: &ValidateArgs, kind: ServiceKind) -> Result<Outcome, CliError> {
    let path = match &args.file {
        Some(file) => file.clone(),
        None => args.folder.of(kind)?.join(kind.settings_file()),
    };
    let text = std::fs::read_to_string(&path).map_err(file_error("read", &path))?;
    let name = path.display().to_string();
    match kind {
        ServiceKind::Master => MasterSettings::parse(&name, &text).map(|_| ())?,
        ServiceKind::Worker => WorkerSettings::parse(&name, &text).map(|_| ())?,
    }
    let json = json!({ "file": path, "valid": true });
    Ok(Outcome::new(
        &json,
        Report::lines([format!("`{name}` is valid")]),
    ))
}
