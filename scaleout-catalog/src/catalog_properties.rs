//! The properties that `configure_catalog` sets, and which values they take.

use scaleout_core::model::LoggingLevel;

use crate::error::UpkeepError;

/// `RETENTION_WINDOW`: for how many days ended operations are kept.
pub const RETENTION_WINDOW: &str = "RETENTION_WINDOW";
/// `OPERATION_CLEANUP_ENABLED`: whether they are removed then.
pub const OPERATION_CLEANUP_ENABLED: &str = "OPERATION_CLEANUP_ENABLED";
/// `MAX_PROJECT_VERSIONS`: how many versions of a project are kept.
pub const MAX_PROJECT_VERSIONS: &str = "MAX_PROJECT_VERSIONS";
/// `VERSION_CLEANUP_ENABLED`: whether others are removed.
pub const VERSION_CLEANUP_ENABLED: &str = "VERSION_CLEANUP_ENABLED";
/// `SERVER_OPERATION_ENCRYPTION_LEVEL`: of no effect here, where there is one key.
pub const SERVER_OPERATION_ENCRYPTION_LEVEL: &str = "SERVER_OPERATION_ENCRYPTION_LEVEL";

/// `SCALE_OUT_CHILD_PACKAGES`: whether executions that nobody says otherwise for run child packages
/// as executions of their own.
pub const SCALE_OUT_CHILD_PACKAGES: &str = "SCALE_OUT_CHILD_PACKAGES";
/// `SERVER_LOGGING_LEVEL`: at which level executions log that nobody set one for.
pub const SERVER_LOGGING_LEVEL: &str = "SERVER_LOGGING_LEVEL";
/// `SERVER_CUSTOMIZED_LOGGING_LEVEL`: which customized level that is, where it is 100.
pub const SERVER_CUSTOMIZED_LOGGING_LEVEL: &str = "SERVER_CUSTOMIZED_LOGGING_LEVEL";
/// `VALIDATION_TIMEOUT`: seconds after which a validation is stopped.
pub const VALIDATION_TIMEOUT: &str = "VALIDATION_TIMEOUT";

/// What values a property takes.
enum Rule {
    Truth,
    OneOf(&'static [&'static str], &'static str),
    /// A whole number from 1.
    Count(&'static str),
    /// A whole number from 1, or -1 for no end.
    Days,
    Level,
    Algorithm,
    /// Set by something else.
    Fixed(&'static str),
    /// Names a customized logging level, or is empty. Whether there is one only the catalog can say.
    CustomizedLevel,
}

const RULES: [(&str, Rule); 14] = [
    (
        "DEFAULT_EXECUTION_MODE",
        Rule::OneOf(&["0", "1"], "0 for the server or 1 for Scale Out"),
    ),
    ("ENCRYPTION_ALGORITHM", Rule::Algorithm),
    (
        "IS_SCALEOUT_ENABLED",
        Rule::Fixed("`soctl scaleout enable` turns Scale Out on"),
    ),
    (
        MAX_PROJECT_VERSIONS,
        Rule::Count("how many versions to keep, such as 10; the least is 1"),
    ),
    (OPERATION_CLEANUP_ENABLED, Rule::Truth),
    (RETENTION_WINDOW, Rule::Days),
    (SCALE_OUT_CHILD_PACKAGES, Rule::Truth),
    ("SCHEMA_BUILD", Rule::Fixed(SCHEMA)),
    ("SCHEMA_VERSION", Rule::Fixed(SCHEMA)),
    (SERVER_CUSTOMIZED_LOGGING_LEVEL, Rule::CustomizedLevel),
    (SERVER_LOGGING_LEVEL, Rule::Level),
    (
        SERVER_OPERATION_ENCRYPTION_LEVEL,
        Rule::OneOf(&["1", "2"], "1 (per execution) or 2 (per project)"),
    ),
    (
        VALIDATION_TIMEOUT,
        Rule::Count("seconds, such as 300; the least is 1"),
    ),
    (VERSION_CLEANUP_ENABLED, Rule::Truth),
];

const SCHEMA: &str = "it says which schema the catalog has; a newer program upgrades it by itself";
const LEVELS: &str =
    "0 (none), 1 (basic), 2 (performance), 3 (verbose), 4 (runtime lineage) or 100 (customized)";
/// What the original offers.
const ALGORITHMS: [&str; 7] = [
    "AES_128",
    "AES_192",
    "AES_256",
    "DES",
    "DESX",
    "TRIPLE_DES",
    "TRIPLE_DES_3KEY",
];

/// A property in the spelling of the catalog, and the text to store; or why it is refused.
pub fn check(name: &str, value: &str) -> Result<(&'static str, String), UpkeepError> {
    let known = |(property, _): &&(&str, Rule)| property.eq_ignore_ascii_case(name);
    let Some((name, rule)) = RULES.iter().find(known) else {
        let settable = RULES
            .iter()
            .filter(|(_, rule)| !matches!(rule, Rule::Fixed(_)))
            .map(|(name, _)| *name);
        return Err(UpkeepError::PropertyUnknown {
            name: name.to_owned(),
            known: settable.collect(),
        });
    };
    if let Rule::Fixed(instead) = rule {
        return Err(UpkeepError::PropertyFixed { name, instead });
    }
    match checked(rule, value.trim()) {
        Ok(text) => Ok((name, text)),
        Err((reason, form)) => Err(UpkeepError::PropertyValue { name, reason, form }),
    }
}

/// What is wrong with a value, and how a valid one is written.
type Fault = (&'static str, &'static str);

fn checked(rule: &Rule, value: &str) -> Result<String, Fault> {
    match rule {
        Rule::Truth => match value.to_ascii_uppercase().as_str() {
            truth @ ("TRUE" | "FALSE") => Ok(truth.to_owned()),
            _ => Err(("it is no truth value", "TRUE or FALSE")),
        },
        Rule::OneOf(values, form) => {
            let found = values.iter().find(|known| **known == value);
            found
                .map(|known| (*known).to_owned())
                .ok_or(("there is no such value", form))
        }
        Rule::Count(form) => number(value)
            .filter(|number| *number >= 1)
            .map(|number| number.to_string())
            .ok_or(("it is no whole number from 1 to 2147483647", form)),
        Rule::Days => number(value)
            .filter(|number| *number >= 1 || *number == -1)
            .map(|number| number.to_string())
            .ok_or((
                "it is no number of days",
                "a whole number from 1 to 2147483647, or -1 to keep everything",
            )),
        Rule::Level => match number(value)
            .map(i64::from)
            .and_then(LoggingLevel::from_number)
        {
            Some(level) => Ok(level.number().to_string()),
            None => Err(("there is no such level", LEVELS)),
        },
        Rule::Algorithm => match value.to_ascii_uppercase().as_str() {
            "AES_256" => Ok("AES_256".to_owned()),
            weaker if ALGORITHMS.contains(&weaker) => Err((
                "secrets are always encrypted with AES-256 here, and nothing weaker",
                "AES_256",
            )),
            _ => Err(("there is no such algorithm", "AES_256")),
        },
        Rule::CustomizedLevel => Ok(value.to_owned()),
        // Refused before.
        Rule::Fixed(instead) => Err(("it cannot be set", instead)),
    }
}

fn number(value: &str) -> Option<i32> {
    value.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_property_has_its_values() {
        for (name, good, bad) in [
            ("DEFAULT_EXECUTION_MODE", &["0", "1"][..], &["2", ""][..]),
            (
                "ENCRYPTION_ALGORITHM",
                &["AES_256"],
                &["DES", "AES_192", "ROT13"],
            ),
            (
                "MAX_PROJECT_VERSIONS",
                &["1", "2147483647"],
                &["0", "-1", "x"],
            ),
            (
                "OPERATION_CLEANUP_ENABLED",
                &["TRUE", "FALSE"],
                &["1", "yes"],
            ),
            (
                "RETENTION_WINDOW",
                &["1", "-1", "365"],
                &["0", "-2", "2147483648"],
            ),
            ("SERVER_CUSTOMIZED_LOGGING_LEVEL", &["mine", ""], &[]),
            ("SCALE_OUT_CHILD_PACKAGES", &["TRUE", "FALSE"], &["1"]),
            ("SERVER_LOGGING_LEVEL", &["0", "4", "100"], &["5", "high"]),
            (
                "SERVER_OPERATION_ENCRYPTION_LEVEL",
                &["1", "2"],
                &["0", "3"],
            ),
            ("VALIDATION_TIMEOUT", &["1"], &["0", "1.5"]),
            ("VERSION_CLEANUP_ENABLED", &["TRUE", "FALSE"], &[""]),
        ] {
            for value in good {
                assert_eq!(check(name, value).unwrap(), (name, (*value).to_owned()));
            }
            for value in bad {
                let refused = check(name, value).unwrap_err();
                assert!(
                    matches!(refused, UpkeepError::PropertyValue { .. }),
                    "{name} {value}: {refused}"
                );
            }
        }
    }

    #[test]
    fn names_and_words_are_stored_in_one_spelling() {
        let stored = check("version_cleanup_enabled", " false ").unwrap();
        assert_eq!(stored, ("VERSION_CLEANUP_ENABLED", "FALSE".to_owned()));
        assert_eq!(check("retention_window", "+7").unwrap().1, "7");
    }

    #[test]
    fn what_the_catalog_keeps_itself_cannot_be_set() {
        for name in ["IS_SCALEOUT_ENABLED", "SCHEMA_BUILD", "SCHEMA_VERSION"] {
            let refused = check(name, "1").unwrap_err();
            assert!(
                matches!(refused, UpkeepError::PropertyFixed { .. }),
                "{name}: {refused}"
            );
        }
    }
}
