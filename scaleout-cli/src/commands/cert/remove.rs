//! `soctl cert remove`.

use clap::Args;
use scaleout_core::certificates::Thumbprint;
use serde_json::json;

use super::list::thumbprints_in_use;
use crate::error::{CliError, CommandError};
use crate::output::{Outcome, Report, Talk};
use crate::service_folder::{CertificateStore, SettingsFile, StoreName};
use crate::setup::options::DataFolder;
use crate::signal::tell_to_reload;

/// Take a certificate out of a store of a service, with its key
///
/// One that the settings name stays. A service that runs no longer trusts it from the next request on.
///
/// Examples:
///   soctl cert remove A9993E364706816ABA3E25717850C26C9CD0D89D --data m --yes
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct RemoveArgs {
    /// Its thumbprint, SHA-1 or SHA-256
    thumbprint: String,
    /// Which store
    #[arg(long, value_enum, value_name = "STORE", default_value = "Root")]
    store: StoreName,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
    #[command(flatten)]
    folder: DataFolder,
}

/// Removes it.
///
/// # Errors
/// It is not there, or in use.
pub fn run(args: &RemoveArgs, talk: &Talk) -> Result<Outcome, CliError> {
    let (data, kind) = args.folder.found()?;
    let thumbprint: Thumbprint = args.thumbprint.parse()?;
    let store = CertificateStore::of(&data, args.store);
    let found = store.get(&thumbprint)?;
    let settings = SettingsFile::read(&data, kind)?;
    let mut in_use = thumbprints_in_use(kind, &settings).into_iter();
    if in_use.any(|used| used.matches(found.certificate.der())) {
        return Err(CommandError::Argument {
            message: format!(
                "`{}` names certificate {thumbprint}",
                settings.path.display()
            ),
            hint: "replace it first: `soctl cert rotate` does, and `soctl master settings set` or \
                   `soctl worker settings set` names another"
                .to_owned(),
        }
        .into());
    }
    let action = format!(
        "remove certificate {} ({thumbprint}) from {}",
        found.certificate.facts().subject,
        store.folder().display()
    );
    talk.confirm_final(&action, args.yes)?;
    store.remove(&thumbprint)?;
    let mut lines = vec![format!(
        "removed {thumbprint} from {}",
        store.folder().display()
    )];
    lines.extend(tell_to_reload(&data, kind));
    let json = json!({ "thumbprint": thumbprint.as_str(), "store": store.folder() });
    Ok(Outcome::new(&json, Report::lines(lines)))
}
