//! The options of an execution (parameter object type 50).

use scaleout_core::model::LoggingLevel;
use scaleout_core::model::variable_value::canonical_text;
use scaleout_core::package::VariableType;
use serde_json::Value;

use crate::error::CatalogError;

/// Name and type of every option.
const OPTIONS: [(&str, VariableType); 7] = [
    ("CALLER_INFO", VariableType::String),
    ("CUSTOMIZED_LOGGING_LEVEL", VariableType::String),
    ("DUMP_EVENT_CODE", VariableType::String),
    ("DUMP_ON_ERROR", VariableType::Boolean),
    ("DUMP_ON_EVENT", VariableType::Boolean),
    ("LOGGING_LEVEL", VariableType::Int32),
    ("SYNCHRONIZED", VariableType::Boolean),
];

/// The options that a new execution has: name, type, value.
pub fn defaults(server_level: Option<&str>) -> Vec<(&'static str, &'static str, Option<String>)> {
    OPTIONS
        .into_iter()
        .map(|(name, data_type)| {
            let value = match name {
                "LOGGING_LEVEL" => Some(server_level.unwrap_or("1").to_owned()),
                _ if data_type == VariableType::Boolean => Some("False".to_owned()),
                _ => None,
            };
            let type_name = scaleout_core::model::variable_value::type_name(data_type);
            (name, type_name, value)
        })
        .collect()
}

/// The stored text of an option's value, or why it is refused.
pub fn check(name: &str, value: &Value) -> Result<String, CatalogError> {
    let name = name.to_uppercase();
    let not_valid = |reason: String| CatalogError::ValueNotValid {
        name: name.clone(),
        reason,
    };
    let Some((_, data_type)) = OPTIONS.into_iter().find(|(known, _)| *known == name) else {
        return Err(CatalogError::ParameterMissing {
            owner: "an execution".into(),
            kind: "option",
            name,
        });
    };
    let text = canonical_text(data_type, value).map_err(|error| not_valid(error.to_string()))?;
    match name.as_str() {
        "LOGGING_LEVEL" => check_level(&text).map_err(not_valid)?,
        "CUSTOMIZED_LOGGING_LEVEL" if !text.is_empty() => {
            return Err(not_valid(
                "there is no customized logging level of that name".into(),
            ));
        }
        "DUMP_EVENT_CODE" => check_codes(&text).map_err(not_valid)?,
        _ => {}
    }
    Ok(text)
}

fn check_level(text: &str) -> Result<(), String> {
    match text.parse().ok().and_then(LoggingLevel::from_number) {
        Some(LoggingLevel::Customized) => {
            Err("level 100 needs a customized logging level, and there is none".into())
        }
        Some(_) => Ok(()),
        None => Err("it must be 0, 1, 2, 3, 4 or 100".into()),
    }
}

/// One or more codes such as `0xC020801C`, separated by semicolons.
fn check_codes(text: &str) -> Result<(), String> {
    let is_code = |code: &str| {
        code.trim()
            .strip_prefix("0x")
            .is_some_and(|digits| u32::from_str_radix(digits, 16).is_ok())
    };
    if text
        .split(';')
        .filter(|code| !code.trim().is_empty())
        .all(is_code)
    {
        Ok(())
    } else {
        Err("it must be codes such as `0xC020801C`, separated by semicolons".into())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_checked_by_option() {
        assert_eq!(check("logging_level", &json!(3)).unwrap(), "3");
        assert_eq!(check("DUMP_ON_ERROR", &json!(1)).unwrap(), "True");
        assert_eq!(check("CALLER_INFO", &json!("job 7")).unwrap(), "job 7");
        assert!(check("DUMP_EVENT_CODE", &json!("0xC020801C;0xC0202009")).is_ok());
        for (name, value) in [
            ("LOGGING_LEVEL", json!(5)),
            ("LOGGING_LEVEL", json!(100)),
            ("LOGGING_LEVEL", json!("high")),
            ("CUSTOMIZED_LOGGING_LEVEL", json!("mine")),
            ("DUMP_EVENT_CODE", json!("C020801C")),
            ("DUMP_ON_ERROR", json!("maybe")),
        ] {
            let error = check(name, &value).unwrap_err();
            assert!(
                matches!(error, CatalogError::ValueNotValid { .. }),
                "{name}: {error}"
            );
        }
        let unknown = check("SPEED", &json!(1)).unwrap_err();
        assert!(matches!(unknown, CatalogError::ParameterMissing { .. }));
    }

    #[test]
    fn a_new_execution_logs_at_the_servers_level() {
        let level = |server| {
            defaults(server)
                .into_iter()
                .find(|(name, _, _)| *name == "LOGGING_LEVEL")
                .and_then(|(_, _, value)| value)
        };
        assert_eq!(level(None).as_deref(), Some("1"));
        assert_eq!(level(Some("3")).as_deref(), Some("3"));
    }
}
