//! From text to a checked document: every key known, every value in range, defaults filled in.

use serde_json::{Map, Value};

use super::error::SettingsError;
use super::key::{KeyKind, SettingKey};
use super::suggest::closest;
use super::time_span::TimeSpan;
use super::xml;
use crate::certificates::Thumbprint;

/// Reads the JSON or the XML form and checks it against the keys. Absent keys get their defaults.
///
/// # Errors
/// The first thing that is wrong, with `file` and key.
pub fn parse_document(
    file: &str,
    text: &str,
    keys: &'static [SettingKey],
) -> Result<Map<String, Value>, SettingsError> {
    let text = text.trim_start_matches('\u{feff}');
    let given = if text.trim_start().starts_with('<') {
        xml::parse(file, text, keys)?
    } else {
        json_object(file, text)?
    };
    let mut document = Map::new();
    for (name, value) in given {
        let key = find(file, &name, keys)?;
        let value = check_value(file, key, value)?;
        if document.insert(key.name.to_owned(), value).is_some() {
            return Err(SettingsError::TwiceGiven {
                file: file.to_owned(),
                key: key.name.to_owned(),
            });
        }
    }
    for key in keys {
        document.entry(key.name).or_insert_with(|| default_of(key));
    }
    Ok(document)
}

fn json_object(file: &str, text: &str) -> Result<Map<String, Value>, SettingsError> {
    let parsed: Value = serde_json::from_str(text).map_err(|error| SettingsError::NotJson {
        file: file.to_owned(),
        reason: error.to_string(),
    })?;
    match parsed {
        Value::Object(given) => Ok(given),
        _ => Err(SettingsError::NotAnObject {
            file: file.to_owned(),
        }),
    }
}

/// All keys with their defaults: what an empty file means.
#[must_use]
pub fn default_document(keys: &'static [SettingKey]) -> Map<String, Value> {
    keys.iter()
        .map(|key| (key.name.to_owned(), default_of(key)))
        .collect()
}

fn default_of(key: &SettingKey) -> Value {
    serde_json::from_str(key.default).expect("every declared default is JSON, as a test checks")
}

/// The key of that name, in any case.
///
/// # Errors
/// There is none; the error says which one is meant.
pub fn find(
    file: &str,
    name: &str,
    keys: &'static [SettingKey],
) -> Result<&'static SettingKey, SettingsError> {
    keys.iter()
        .find(|key| key.name.eq_ignore_ascii_case(name))
        .ok_or_else(|| SettingsError::UnknownKey {
            file: file.to_owned(),
            key: name.to_owned(),
            meant: closest(name, keys.iter().map(|key| key.name)).map(str::to_owned),
        })
}

/// Checks one value and brings it into its usual form.
///
/// # Errors
/// Wrong type or out of range.
pub fn check_value(file: &str, key: &SettingKey, value: Value) -> Result<Value, SettingsError> {
    normal_form(key.kind, &value).ok_or_else(|| SettingsError::BadValue {
        file: file.to_owned(),
        key: key.name.to_owned(),
        found: value.to_string().chars().take(60).collect(),
        expected: key.kind.expected(),
    })
}

/// The value as it is kept; `None` if it does not fit.
fn normal_form(kind: KeyKind, value: &Value) -> Option<Value> {
    match kind {
        KeyKind::Integer { least, most } => {
            let number = whole_number(value)?;
            (least..=most).contains(&number).then(|| number.into())
        }
        KeyKind::Number { least, most } => {
            let number = number(value)?;
            (least..=most).contains(&number).then(|| number.into())
        }
        KeyKind::TimeSpan { least, most } => {
            let span: TimeSpan = value.as_str()?.parse().ok()?;
            (least..=most)
                .contains(&span)
                .then(|| span.to_string().into())
        }
        KeyKind::Boolean => boolean(value).map(Value::Bool),
        KeyKind::Text { most } => {
            let text = value.as_str()?;
            (text.chars().count() <= most).then(|| value.clone())
        }
        KeyKind::Folder => value.as_str().map(|_| value.clone()),
        KeyKind::Choice(words) => {
            let text = value.as_str()?;
            let word = words.iter().find(|word| word.eq_ignore_ascii_case(text))?;
            Some((*word).into())
        }
        KeyKind::Thumbprint => match value.as_str()? {
            "" => Some(value.clone()),
            text => Some(text.parse::<Thumbprint>().ok()?.to_string().into()),
        },
        KeyKind::Endpoint => {
            let text = value.as_str()?;
            let usable = text.is_empty() || text.starts_with("https://");
            usable.then(|| value.clone())
        }
        KeyKind::Guid => match value {
            Value::Null => Some(Value::Null),
            Value::String(text) => {
                let id: uuid::Uuid = text.parse().ok()?;
                Some(id.to_string().into())
            }
            _ => None,
        },
        KeyKind::Texts => {
            let texts = value.as_object()?;
            texts.values().all(Value::is_string).then(|| value.clone())
        }
    }
}

/// Numbers may be quoted, as a file converted from the XML form has them.
fn whole_number(value: &Value) -> Option<i64> {
    match value {
        Value::String(digits) => digits.trim().parse().ok(),
        other => other.as_i64(),
    }
}

fn number(value: &Value) -> Option<f64> {
    let number = match value {
        Value::String(digits) => digits.trim().parse().ok()?,
        other => other.as_f64()?,
    };
    number.is_finite().then_some(number)
}

fn boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(bit) => Some(*bit),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::keys;
    use super::*;

    #[test]
    fn every_default_is_in_its_own_range() {
        for key in keys::MASTER.iter().chain(keys::WORKER) {
            let default: Value = serde_json::from_str(key.default).unwrap();
            assert_eq!(
                check_value("defaults", key, default.clone()).unwrap(),
                default,
                "{}",
                key.name
            );
        }
    }

    #[test]
    fn an_error_names_file_key_and_range() {
        let error = parse_document("m.config", r#"{"PortNumber": 0}"#, keys::MASTER).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`m.config`: `PortNumber` is 0, but must be a whole number from 1 to 65535"
        );
        let error =
            parse_document("w.config", r#"{"LeaseInternval": "1h"}"#, keys::WORKER).unwrap_err();
        assert!(error.to_string().contains("`LeaseInternval` is \"1h\""));
    }

    #[test]
    fn an_unknown_key_is_refused_with_the_one_meant() {
        use crate::error::Explain as _;
        let error = parse_document("w.config", r#"{"LeaseInterval": "00:01:00"}"#, keys::WORKER)
            .unwrap_err();
        assert_eq!(error.hint(), "did you mean `LeaseInternval`?");
    }

    #[test]
    fn a_key_in_two_spellings_is_refused() {
        let text = r#"{"portnumber": 1, "PortNumber": 2}"#;
        assert!(matches!(
            parse_document("m.config", text, keys::MASTER),
            Err(SettingsError::TwiceGiven { .. })
        ));
    }

    #[test]
    fn values_are_brought_into_their_usual_form() {
        let text = r#"{"PortNumber": "8400", "SSLCertThumbprint":
            "a9 99 3e 36 47 06 81 6a ba 3e 25 71 78 50 c2 6c 9c d0 d8 9d"}"#;
        let document = parse_document("m.config", text, keys::MASTER).unwrap();
        assert_eq!(document["PortNumber"], 8400);
        assert_eq!(
            document["SSLCertThumbprint"],
            "A9993E364706816ABA3E25717850C26C9CD0D89D"
        );
        assert_eq!(document["SqlConnectionTimeoutInSecs"], 15);
    }

    #[test]
    fn other_forms_are_named() {
        for text in ["<settings>", "[]", "{", "nonsense"] {
            assert!(parse_document("m.config", text, keys::MASTER).is_err());
        }
    }
}
