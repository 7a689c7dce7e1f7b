//! `settings list`.

use clap::Args;
use scaleout_core::settings::{KeyKind, SettingKey};
use serde::Serialize;
use serde_json::Value;

use crate::error::CliError;
use crate::output::{Cell, Outcome, Report};
use crate::service_folder::{ServiceKind, SettingsFile};
use crate::setup::options::DataFolder;

/// Which file.
#[derive(Args, Debug)]
pub struct ListArgs {
    #[command(flatten)]
    folder: DataFolder,
}

#[derive(Serialize)]
struct Listed {
    key: &'static str,
    value: Value,
    is_default: bool,
    default: Value,
    unit: &'static str,
    expected: String,
    meaning: &'static str,
    applies_on: &'static str,
}

/// Reads the file.
///
/// # Errors
/// It cannot be read, or is wrong.
pub fn run(args: &ListArgs, kind: ServiceKind) -> Result<Outcome, CliError> {
    let file = SettingsFile::read(&args.folder.of(kind)?, kind)?;
    let listed: Vec<Listed> = kind.keys().iter().map(|key| listed(&file, key)).collect();
    let mut report = Report::table(["key", "value", "unit", "default", "applies on", "meaning"]);
    let text = |text: &str| Cell::Text(text.to_owned());
    report.rows = listed
        .iter()
        .map(|one| {
            vec![
                text(one.key),
                Cell::Text(plain(&one.value)),
                text(one.unit),
                Cell::Text(plain(&one.default)),
                text(one.applies_on),
                text(one.meaning),
            ]
        })
        .collect();
    if !file.is_there {
        report.after.push(format!(
            "`{}` is not there: these are the defaults",
            file.path.display()
        ));
    }
    Ok(Outcome::new(&listed, report))
}

fn listed(file: &SettingsFile, key: &'static SettingKey) -> Listed {
    let default: Value = serde_json::from_str(key.default).unwrap_or_default();
    let value = file.value(key);
    Listed {
        key: key.name,
        is_default: *value == default,
        value: shown(key, value),
        default,
        unit: key.unit,
        expected: key.kind.expected(),
        meaning: key.meaning,
        applies_on: key.applies.as_str(),
    }
}

/// A value as it may be shown: what stands for connections may hold passwords.
#[must_use]
pub fn shown(key: &SettingKey, value: &Value) -> Value {
    let holds_secrets = key.name == "ConnectionMap" && key.kind == KeyKind::Texts;
    match value.as_object() {
        Some(texts) if holds_secrets => texts
            .iter()
            .map(|(name, _)| (name.clone(), Value::from("********")))
            .collect(),
        _ => value.clone(),
    }
}

/// A value without JSON's quotes.
#[must_use]
pub fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
