//! `settings set`.

use clap::Args;
use scaleout_core::settings::Applies;
use serde_json::json;

use super::list::{plain, shown};
use crate::error::CliError;
use crate::output::{Outcome, Report, Talk};
use crate::service_folder::{ServiceKind, SettingsFile, holder_of, typed};
use crate::setup::options::DataFolder;
use crate::signal::tell_to_reload;

/// Which key, and what for.
#[derive(Args, Debug)]
pub struct SetArgs {
    /// Name of the key, in any case
    key: String,
    /// Its value; an object as JSON; `-` reads it from stdin
    #[arg(allow_hyphen_values = true)]
    value: String,
    #[command(flatten)]
    folder: DataFolder,
}

/// Checks and writes, and tells a service that runs.
///
/// # Errors
/// There is no such key, the value does not fit, or the file cannot be written.
pub fn run(args: &SetArgs, kind: ServiceKind, talk: &Talk) -> Result<Outcome, CliError> {
    let data = args.folder.of(kind)?;
    let mut file = SettingsFile::read(&data, kind)?;
    let text = match args.value.as_str() {
        "-" => std::io::read_to_string(std::io::stdin())
            .map_err(crate::error::file_error("read", "stdin"))?
            .trim_end()
            .to_owned(),
        given => given.to_owned(),
    };
    let key = file.key(&args.key)?;
    let was_xml = std::fs::read_to_string(&file.path).is_ok_and(|text| text.starts_with('<'));
    let changed = file.set(key.name, typed(&text))?;
    let value = shown(key, file.value(key));
    let mut lines = Vec::new();
    if changed {
        file.write()?;
        lines.push(format!("{} is {} now", key.name, plain(&value)));
        if was_xml {
            talk.say("the file had the XML form; it has the JSON form now, with the same settings");
        }
        match key.applies {
            Applies::OnReload => lines.extend(tell_to_reload(&data, kind)),
            Applies::OnRestart => lines.extend(holder_of(&data).map(|process| {
                let name = kind.as_str();
                format!(
                    "restart the {name} (process {process}): it reads {} at its start only",
                    key.name
                )
            })),
        }
    } else {
        lines.push(format!("{} was {} already", key.name, plain(&value)));
    }
    let json = json!({
        "key": key.name,
        "value": value,
        "changed": changed,
        "applies_on": key.applies.as_str(),
    });
    Ok(Outcome::new(&json, Report::lines(lines)))
}
