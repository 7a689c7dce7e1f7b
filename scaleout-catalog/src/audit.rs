//! What is written down about a call: who, what, when and from where; names and ids, and never a
//! value.

use jiff::Timestamp;
use scaleout_core::model::Caller;
use scaleout_core::registry::{ArgumentValue, BoundArguments, Procedure};

use crate::store::audit::AuditEntry;

/// Procedures that change nothing, and leave no entry.
const READING: [&str; 8] = [
    "check_schema_version",
    "explain_execution",
    "get_parameter_values",
    "get_project",
    "sp_help_job",
    "sp_help_jobactivity",
    "sp_help_jobhistory",
    "sp_help_jobstep",
];

/// Longest description of an object, in characters.
const LONGEST: usize = 400;

/// The entry of a call; `None` for a procedure that only reads.
pub fn entry_of(
    caller: &Caller,
    procedure: &'static Procedure,
    arguments: &BoundArguments,
    time: Timestamp,
) -> Option<AuditEntry> {
    if READING.contains(&procedure.name) {
        return None;
    }
    Some(AuditEntry {
        object: object_of(procedure, arguments),
        ..entry(caller, procedure.name, time)
    })
}

/// An entry of something that was done.
pub fn entry(caller: &Caller, action: &'static str, time: Timestamp) -> AuditEntry {
    AuditEntry {
        time,
        login: caller.name.clone(),
        address: caller.address.map(|address| address.to_string()),
        action,
        object: String::new(),
        outcome: "done".to_owned(),
    }
}

/// What a call names: `folder_name=Sales, project_name=Load`.
fn object_of(procedure: &Procedure, arguments: &BoundArguments) -> String {
    let mut parts = Vec::new();
    for parameter in procedure.parameters {
        if !names_something(parameter.name) {
            continue;
        }
        let text = match arguments.get(parameter.name) {
            ArgumentValue::Text(text) => text.clone(),
            ArgumentValue::Integer(number) => number.to_string(),
            ArgumentValue::Bit(bit) => u8::from(*bit).to_string(),
            ArgumentValue::Uuid(id) => id.to_string(),
            ArgumentValue::Null
            | ArgumentValue::Bytes(_)
            | ArgumentValue::Time(_)
            | ArgumentValue::Variant(_)
            | ArgumentValue::Packages(_) => continue,
        };
        let name = parameter.name.trim_start_matches('@');
        parts.push(format!("{name}={text}"));
    }
    let text = parts.join(", ");
    text.chars().take(LONGEST).collect()
}

/// Whether a parameter names an object or says what kind of change it is. A list of what is
/// known to be harmless: whatever else a procedure takes may be a value.
fn names_something(parameter: &str) -> bool {
    let parameter = parameter.trim_start_matches('@').to_ascii_lowercase();
    let harmless = [
        "_name",
        "_id",
        "_lsn",
        "_folder",
        "_thumbprint",
        "_type",
        "_location",
    ];
    harmless.iter().any(|end| parameter.ends_with(end))
        || matches!(
            parameter.as_str(),
            "workeragentid" | "is_enabled" | "sensitive" | "name" | "enabled"
        )
}

#[cfg(test)]
mod tests {
    use scaleout_core::registry::bind;
    use scaleout_core::registry::procedures::{PROCEDURES, SET_OBJECT_PARAMETER_VALUE};
    use serde_json::json;

    use super::*;

    #[test]
    fn no_value_password_or_token_is_written_down() {
        let mut shown = Vec::new();
        for procedure in PROCEDURES {
            for parameter in procedure.parameters {
                if names_something(parameter.name) {
                    shown.push(parameter.name.to_ascii_lowercase());
                }
            }
        }
        for word in [
            "value",
            "password",
            "token",
            "stream",
            "data_",
            "string",
            "description",
        ] {
            let leaks: Vec<_> = shown
                .iter()
                .filter(|name| name.contains(word))
                // Kind of the value; the type of a variable; the numbers of a token and of a tap.
                .filter(|name| {
                    let names = ["@value_type", "@data_type", "@token_id", "@data_tap_id"];
                    !names.contains(&name.as_str())
                })
                .collect();
            assert!(leaks.is_empty(), "{leaks:?}");
        }
    }

    #[test]
    fn an_entry_says_what_was_named() {
        let arguments = json!({
            "object_type": 20, "folder_name": "f", "project_name": "p",
            "parameter_name": "Password", "parameter_value": "secret",
        });
        let arguments = serde_json::from_value(arguments).unwrap();
        let bound = bind(&SET_OBJECT_PARAMETER_VALUE, &arguments).unwrap();
        let text = object_of(&SET_OBJECT_PARAMETER_VALUE, &bound);
        assert_eq!(
            text,
            "object_type=20, folder_name=f, project_name=p, parameter_name=Password, value_type=V"
        );
    }
}
