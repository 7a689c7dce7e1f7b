//! Arguments as a caller sent them, checked against the declaration of a procedure.

use std::collections::BTreeMap;

use serde_json::Value;
use uuid::Uuid;

use super::argument_value::typed;
pub use super::argument_value::{ArgumentValue, PackageRow, from_text};
use super::call::Arguments;
use super::types::{Direction, Procedure, ProcedureParameter, SqlType};
use crate::error::{Blame, Explain};

/// Arguments of one call, by declared parameter name; every input parameter is there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BoundArguments {
    values: BTreeMap<&'static str, ArgumentValue>,
}

/// Why arguments do not fit a procedure.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ArgumentError {
    /// No such parameter.
    #[error("procedure `{procedure}` has no parameter `{parameter}`")]
    Unknown {
        /// The procedure.
        procedure: &'static str,
        /// As the caller wrote it.
        parameter: String,
        /// The names it has.
        known: Vec<&'static str>,
    },
    /// The same parameter under two spellings.
    #[error("procedure `{procedure}` was given parameter `{parameter}` twice")]
    Twice {
        /// The procedure.
        procedure: &'static str,
        /// The parameter.
        parameter: &'static str,
    },
    /// Required and not given, or NULL.
    #[error("procedure `{procedure}` needs parameter `{parameter}`")]
    Missing {
        /// The procedure.
        procedure: &'static str,
        /// The parameter.
        parameter: &'static str,
        /// What it means.
        meaning: &'static str,
    },
    /// The value is not of the parameter's type. The value itself is not repeated: it may be a secret.
    #[error(
        "parameter `{parameter}` of procedure `{procedure}` is not of type `{expected}`: {reason}"
    )]
    WrongType {
        /// The procedure.
        procedure: &'static str,
        /// The parameter.
        parameter: &'static str,
        /// Its type.
        expected: SqlType,
        /// What is wrong.
        reason: &'static str,
    },
}

impl Explain for ArgumentError {
    fn code(&self) -> &'static str {
        match self {
            Self::Unknown { .. } => "SO7003",
            Self::Twice { .. } => "SO7004",
            Self::Missing { .. } => "SO7005",
            Self::WrongType { .. } => "SO7006",
        }
    }

    fn blame(&self) -> Blame {
        Blame::Caller
    }

    fn hint(&self) -> String {
        match self {
            Self::Unknown { known, .. } if known.is_empty() => "it takes no parameters".to_owned(),
            Self::Unknown { known, .. } => format!("it takes {}", known.join(", ")),
            Self::Missing {
                parameter, meaning, ..
            } => format!("give `{parameter}`: {meaning}"),
            Self::Twice { .. } => "give it once; old and new spelling mean the same".to_owned(),
            Self::WrongType { expected, .. } => format!("write {}", expected.form()),
        }
    }
}

/// Checks arguments against a declaration: every name is known, every required one is given,
/// every value has its type. Defaults are filled in, optional ones without default are NULL.
///
/// # Errors
/// The first argument that is unknown, missing or not of its type.
pub fn bind(
    procedure: &'static Procedure,
    arguments: &Arguments,
) -> Result<BoundArguments, ArgumentError> {
    let mut values = BTreeMap::new();
    for (name, value) in arguments {
        let Some(parameter) = procedure.parameter(name) else {
            return Err(ArgumentError::Unknown {
                procedure: procedure.name,
                parameter: name.clone(),
                known: procedure
                    .parameters
                    .iter()
                    .map(|known| known.name)
                    .collect(),
            });
        };
        let value = convert(procedure, parameter, value)?;
        if values.insert(parameter.name, value).is_some() {
            return Err(ArgumentError::Twice {
                procedure: procedure.name,
                parameter: parameter.name,
            });
        }
    }
    for parameter in procedure.parameters {
        if parameter.direction == Direction::In {
            complete(procedure, parameter, &mut values)?;
        }
    }
    Ok(BoundArguments { values })
}

/// Fills in what the caller left out.
fn complete(
    procedure: &'static Procedure,
    parameter: &'static ProcedureParameter,
    values: &mut BTreeMap<&'static str, ArgumentValue>,
) -> Result<(), ArgumentError> {
    match values.get(parameter.name) {
        Some(ArgumentValue::Null) | None if parameter.required => Err(ArgumentError::Missing {
            procedure: procedure.name,
            parameter: parameter.name,
            meaning: parameter.meaning,
        }),
        Some(_) => Ok(()),
        None => {
            let value = match parameter.default {
                Some(default) => {
                    let text = Value::String(default.trim_matches('\'').to_owned());
                    convert(procedure, parameter, &text)?
                }
                None => ArgumentValue::Null,
            };
            values.insert(parameter.name, value);
            Ok(())
        }
    }
}

fn convert(
    procedure: &'static Procedure,
    parameter: &'static ProcedureParameter,
    value: &Value,
) -> Result<ArgumentValue, ArgumentError> {
    typed(parameter.sql_type, value).map_err(|reason| ArgumentError::WrongType {
        procedure: procedure.name,
        parameter: parameter.name,
        expected: parameter.sql_type,
        reason,
    })
}

impl BoundArguments {
    /// The value of a declared parameter; NULL when there is none.
    #[must_use]
    pub fn get(&self, parameter: &str) -> &ArgumentValue {
        self.values.get(parameter).unwrap_or(&ArgumentValue::Null)
    }

    /// A text; empty when NULL.
    #[must_use]
    pub fn text(&self, parameter: &str) -> &str {
        self.optional_text(parameter).unwrap_or_default()
    }

    /// A text, if there is one.
    #[must_use]
    pub fn optional_text(&self, parameter: &str) -> Option<&str> {
        match self.get(parameter) {
            ArgumentValue::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A whole number; 0 when NULL.
    #[must_use]
    pub fn integer(&self, parameter: &str) -> i64 {
        self.optional_integer(parameter).unwrap_or_default()
    }

    /// A whole number, if there is one.
    #[must_use]
    pub fn optional_integer(&self, parameter: &str) -> Option<i64> {
        match self.get(parameter) {
            ArgumentValue::Integer(number) => Some(*number),
            _ => None,
        }
    }

    /// A bit, if there is one.
    #[must_use]
    pub fn bit(&self, parameter: &str) -> Option<bool> {
        match self.get(parameter) {
            ArgumentValue::Bit(bit) => Some(*bit),
            _ => None,
        }
    }

    /// An id; nil when NULL.
    #[must_use]
    pub fn uuid(&self, parameter: &str) -> Uuid {
        match self.get(parameter) {
            ArgumentValue::Uuid(id) => *id,
            _ => Uuid::nil(),
        }
    }

    /// Bytes; empty when NULL.
    #[must_use]
    pub fn bytes(&self, parameter: &str) -> &[u8] {
        match self.get(parameter) {
            ArgumentValue::Bytes(bytes) => bytes,
            _ => &[],
        }
    }

    /// Rows of `[catalog].[Package_Table_Type]`; none when NULL.
    #[must_use]
    pub fn packages(&self, parameter: &str) -> &[PackageRow] {
        match self.get(parameter) {
            ArgumentValue::Packages(rows) => rows,
            _ => &[],
        }
    }

    /// A `sql_variant`; null when NULL.
    #[must_use]
    pub fn variant(&self, parameter: &str) -> &Value {
        match self.get(parameter) {
            ArgumentValue::Variant(value) => value,
            _ => &Value::Null,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::registry::procedures::{
        CREATE_EXECUTION, CREATE_FOLDER, DEPLOY_PROJECT, ENABLE_WORKER_AGENT,
        SET_EXECUTION_PARAMETER_VALUE, START_EXECUTION,
    };

    fn arguments(pairs: &[(&str, Value)]) -> Arguments {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect()
    }

    fn execution(extra: &[(&str, Value)]) -> Arguments {
        let mut all = arguments(&[
            ("folder_name", json!("f")),
            ("@PROJECT_NAME", json!("p")),
            ("@package_name", json!("p.dtsx")),
        ]);
        all.extend(arguments(extra));
        all
    }

    #[test]
    fn names_match_without_at_sign_and_in_any_case() {
        let bound = bind(&CREATE_EXECUTION, &execution(&[])).unwrap();
        assert_eq!(bound.text("@folder_name"), "f");
        assert_eq!(bound.text("@project_name"), "p");
    }

    #[test]
    fn defaults_are_filled_in_and_the_rest_is_null() {
        let bound = bind(&CREATE_EXECUTION, &execution(&[])).unwrap();
        assert_eq!(bound.bit("@useanyworker"), Some(true));
        assert_eq!(bound.bit("@runinscaleout"), None);
        let started = bind(
            &START_EXECUTION,
            &arguments(&[("execution_id", json!("7"))]),
        )
        .unwrap();
        assert_eq!(started.integer("@execution_id"), 7);
        assert_eq!(started.integer("@retry_count"), 0);
    }

    #[test]
    fn the_old_name_of_a_parameter_is_the_same_parameter() {
        let bound = bind(
            &CREATE_EXECUTION,
            &execution(&[("@runincluster", json!(1))]),
        )
        .unwrap();
        assert_eq!(bound.bit("@runinscaleout"), Some(true));
        let both = execution(&[("@runincluster", json!(1)), ("@runinscaleout", json!(0))]);
        assert_eq!(bind(&CREATE_EXECUTION, &both).unwrap_err().code(), "SO7004");
    }

    #[test]
    fn what_is_missing_unknown_or_null_is_named() {
        let missing = bind(&CREATE_FOLDER, &Arguments::new()).unwrap_err();
        assert_eq!(
            missing.to_string(),
            "procedure `create_folder` needs parameter `@folder_name`"
        );
        let null = bind(&CREATE_FOLDER, &arguments(&[("folder_name", Value::Null)]));
        assert_eq!(null.unwrap_err().code(), "SO7005");
        let unknown = bind(&CREATE_FOLDER, &arguments(&[("name", json!("x"))])).unwrap_err();
        assert_eq!(unknown.hint(), "it takes @folder_name, @folder_id");
    }

    #[test]
    fn wrong_types_are_refused_and_never_repeated() {
        let cases: [(&'static Procedure, &str, Value); 6] = [
            (&CREATE_FOLDER, "folder_name", json!(5)),
            (&CREATE_FOLDER, "folder_name", json!("x".repeat(129))),
            (&START_EXECUTION, "execution_id", json!("seven")),
            (&START_EXECUTION, "retry_count", json!(4_000_000_000_u64)),
            (&ENABLE_WORKER_AGENT, "WorkerAgentId", json!("worker 1")),
            (&DEPLOY_PROJECT, "project_stream", json!("not base64!")),
        ];
        for (procedure, name, value) in cases {
            let error = bind(procedure, &arguments(&[(name, value.clone())])).unwrap_err();
            assert_eq!(error.code(), "SO7006", "{error}");
            if let Some(text) = value.as_str() {
                assert!(!error.to_string().contains(text));
            }
        }
    }

    #[test]
    fn a_variant_is_any_single_value() {
        let with = |value| {
            bind(
                &SET_EXECUTION_PARAMETER_VALUE,
                &arguments(&[
                    ("execution_id", json!(1)),
                    ("object_type", json!(20)),
                    ("parameter_name", json!("p")),
                    ("parameter_value", value),
                ]),
            )
        };
        for value in [json!("x"), json!(1.5), json!(true)] {
            assert_eq!(
                *with(value.clone()).unwrap().variant("@parameter_value"),
                value
            );
        }
        assert_eq!(with(json!([1])).unwrap_err().code(), "SO7006");
    }
}
