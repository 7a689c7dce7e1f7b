//! The options of an execution (parameter object type 50).

use scaleout_core::model::variable_value::canonical_text;
use scaleout_core::model::{LoggingLevel, ParameterScope};
use scaleout_core::package::VariableType;
use serde_json::Value;

use crate::error::CatalogError;

/// The option that names the level which level 100 means. Whether there is one of that name only the
/// catalog can say.
pub const CUSTOMIZED_LOGGING_LEVEL: &str = "CUSTOMIZED_LOGGING_LEVEL";

/// The option that runs all child packages of the project as executions of their own.
pub const SCALE_OUT_CHILD_PACKAGES: &str = "SCALE_OUT_CHILD_PACKAGES";

/// The level of a catalog that names none.
pub const BASIC: &str = "1";

/// Name and type of every option; the table `execution_option` has their places and values.
const OPTIONS: [(&str, VariableType); 8] = [
    ("CALLER_INFO", VariableType::String),
    (CUSTOMIZED_LOGGING_LEVEL, VariableType::String),
    ("DUMP_EVENT_CODE", VariableType::String),
    ("DUMP_ON_ERROR", VariableType::Boolean),
    ("DUMP_ON_EVENT", VariableType::Boolean),
    ("LOGGING_LEVEL", VariableType::Int32),
    (SCALE_OUT_CHILD_PACKAGES, VariableType::Boolean),
    ("SYNCHRONIZED", VariableType::Boolean),
];

/// Options that the original does not have: an execution has a row for one once it is set.
const OURS: [(&str, VariableType); 6] = [
    (AT_MOST_ONCE, VariableType::Boolean),
    (CONCURRENCY_KEY, VariableType::String),
    (CONCURRENCY_LIMIT, VariableType::Int32),
    (PACKAGE_LIMIT, VariableType::Int32),
    (PRIORITY, VariableType::Int32),
    (WORKER_TAGS, VariableType::String),
];

/// An attempt that may have begun is the last one.
pub const AT_MOST_ONCE: &str = "AT_MOST_ONCE";
/// What an execution shares with others of the same key.
pub const CONCURRENCY_KEY: &str = "CONCURRENCY_KEY";
/// Most executions with the key at once; 1 unless set.
pub const CONCURRENCY_LIMIT: &str = "CONCURRENCY_LIMIT";
/// Most executions of the package at once; 0 for any number.
pub const PACKAGE_LIMIT: &str = "PACKAGE_LIMIT";
/// Higher ones go first.
pub const PRIORITY: &str = "PRIORITY";
/// Tags that the worker must have.
pub const WORKER_TAGS: &str = "WORKER_TAGS";

/// Priorities beyond this, up or down, are refused: ageing makes up for the difference in time.
const MOST_PRIORITY: i32 = 100;
/// Longest key or list of tags, in characters.
const LONGEST: usize = 256;

/// The row of an option that an execution has only once it is set: name, type, value.
pub fn added(name: &str) -> Option<(&'static str, &'static str, Option<String>)> {
    let name = name.to_uppercase();
    let (name, data_type) = OURS.into_iter().find(|(known, _)| *known == name)?;
    let type_name = scaleout_core::model::variable_value::type_name(data_type);
    Some((name, type_name, None))
}

/// Whether a value of an option is for administrators only: who could put anything first could put
/// everything first.
pub fn is_for_administrators(name: &str, text: &str) -> bool {
    name.eq_ignore_ascii_case(PRIORITY) && text.parse::<i32>().is_ok_and(i32::is_positive)
}

/// The stored text of an option's value, or why it is refused.
pub fn check(name: &str, value: &Value) -> Result<String, CatalogError> {
    let name = name.to_uppercase();
    let not_valid = |(reason, form): Fault| CatalogError::ValueNotValid {
        name: name.clone(),
        reason,
        form,
    };
    let mut all = OPTIONS.into_iter().chain(OURS);
    let Some((_, data_type)) = all.find(|(known, _)| *known == name) else {
        return Err(CatalogError::ParameterMissing {
            owner: "an execution".into(),
            scope: ParameterScope::Execution,
            elsewhere: Vec::new(),
            name,
            known: OPTIONS
                .iter()
                .chain(&OURS)
                .map(|(known, _)| (*known).to_owned())
                .collect(),
        });
    };
    let text = canonical_text(data_type, value)
        .map_err(|error| not_valid((error.to_string(), form(&name).unwrap_or(error.form()))))?;
    match name.as_str() {
        "LOGGING_LEVEL" => check_level(&text).map_err(not_valid)?,
        "DUMP_EVENT_CODE" => check_codes(&text).map_err(not_valid)?,
        PRIORITY => {
            in_range(&text, -MOST_PRIORITY, MOST_PRIORITY, PRIORITIES).map_err(not_valid)?
        }
        CONCURRENCY_LIMIT => in_range(&text, 1, i32::MAX, FROM_ONE).map_err(not_valid)?,
        PACKAGE_LIMIT => in_range(&text, 0, i32::MAX, FROM_ZERO).map_err(not_valid)?,
        CONCURRENCY_KEY | WORKER_TAGS => check_length(&text).map_err(not_valid)?,
        _ => {}
    }
    Ok(text)
}

/// What is wrong with a value, and how a valid one is written.
type Fault = (String, &'static str);

const LEVELS: &str =
    "0 (none), 1 (basic), 2 (performance), 3 (verbose), 4 (runtime lineage) or 100 (customized)";
const PRIORITIES: &str = "a whole number from -100 (last) to 100 (first), 0 for the ordinary one";
const FROM_ONE: &str = "a whole number from 1";
const FROM_ZERO: &str = "a whole number from 1, or 0 for any number at once";
const CODES: &str = "codes such as `0xC020801C;0xC0202009`";

/// How a value of an option is written that not every value of its type is.
fn form(name: &str) -> Option<&'static str> {
    match name {
        "LOGGING_LEVEL" => Some(LEVELS),
        "DUMP_EVENT_CODE" => Some(CODES),
        PRIORITY => Some(PRIORITIES),
        CONCURRENCY_LIMIT => Some(FROM_ONE),
        PACKAGE_LIMIT => Some(FROM_ZERO),
        _ => None,
    }
}

fn check_level(text: &str) -> Result<(), Fault> {
    match text.parse().ok().and_then(LoggingLevel::from_number) {
        Some(_) => Ok(()),
        None => Err(("there is no such level".into(), LEVELS)),
    }
}

fn in_range(text: &str, least: i32, most: i32, form: &'static str) -> Result<(), Fault> {
    match text.parse::<i32>() {
        Ok(number) if (least..=most).contains(&number) => Ok(()),
        _ => Err((format!("it is not between {least} and {most}"), form)),
    }
}

fn check_length(text: &str) -> Result<(), Fault> {
    if text.chars().count() <= LONGEST {
        return Ok(());
    }
    let reason = format!("it is longer than {LONGEST} characters");
    Err((reason, "a shorter one"))
}

/// One or more codes such as `0xC020801C`, separated by semicolons.
fn check_codes(text: &str) -> Result<(), Fault> {
    if parts(text).all(|code| parse_code(code).is_some()) {
        Ok(())
    } else {
        Err((
            "it is not a list of codes, separated by semicolons".into(),
            CODES,
        ))
    }
}

/// The codes of a stored list.
pub fn codes(text: &str) -> Vec<u32> {
    parts(text).filter_map(parse_code).collect()
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(';')
        .map(str::trim)
        .filter(|code| !code.is_empty())
}

fn parse_code(code: &str) -> Option<u32> {
    let digits = code
        .strip_prefix("0x")
        .or_else(|| code.strip_prefix("0X"))?;
    u32::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_checked_by_option() {
        assert_eq!(check("logging_level", &json!(3)).unwrap(), "3");
        assert_eq!(check("logging_level", &json!(100)).unwrap(), "100");
        assert_eq!(codes("0xC020801C; 0XC0202009;"), [0xC020_801C, 0xC020_2009]);
        assert_eq!(check("DUMP_ON_ERROR", &json!(1)).unwrap(), "True");
        assert_eq!(check("CALLER_INFO", &json!("job 7")).unwrap(), "job 7");
        assert!(check("DUMP_EVENT_CODE", &json!("0xC020801C;0xC0202009")).is_ok());
        for (name, value) in [
            ("LOGGING_LEVEL", json!(5)),
            ("LOGGING_LEVEL", json!("high")),
            ("DUMP_EVENT_CODE", json!("C020801C")),
            ("DUMP_ON_ERROR", json!("maybe")),
            ("PRIORITY", json!(101)),
            ("PRIORITY", json!(-101)),
            ("CONCURRENCY_LIMIT", json!(0)),
            ("PACKAGE_LIMIT", json!(-1)),
            ("CONCURRENCY_KEY", json!("k".repeat(257))),
            ("AT_MOST_ONCE", json!("perhaps")),
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
    fn only_administrators_put_something_first() {
        assert!(is_for_administrators("priority", "1"));
        assert!(!is_for_administrators("PRIORITY", "0"));
        assert!(!is_for_administrators("PRIORITY", "-5"));
        assert!(!is_for_administrators("PACKAGE_LIMIT", "1"));
        assert_eq!(
            added("at_most_once"),
            Some(("AT_MOST_ONCE", "Boolean", None))
        );
        assert_eq!(added("LOGGING_LEVEL"), None);
    }

    #[test]
    fn the_catalog_has_every_option_in_its_place() {
        for script in [
            include_str!("../../migrations/postgres/0017_lean_executions.sql"),
            include_str!("../../migrations/sqlite/0017_lean_executions.sql"),
        ] {
            for (place, (name, data_type)) in (1..).zip(OPTIONS) {
                let value = match data_type {
                    VariableType::Boolean => "'False'",
                    _ => "NULL",
                };
                let key = name.to_lowercase();
                let data_type = scaleout_core::model::variable_value::type_name(data_type);
                let row = format!("({place}, '{name}', '{key}', '{data_type}', {value})");
                assert!(script.contains(&row), "{row}");
            }
        }
    }
}
