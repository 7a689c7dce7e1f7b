//! Which source gives a parameter its value, and why.

use serde::Serialize;

use super::declared::Declared;
use crate::reference_choice::Reference;

/// What gives a parameter its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Source {
    /// A value of this execution.
    #[serde(rename = "execution")]
    Execution,
    /// A value set on the server.
    #[serde(rename = "server value")]
    Server,
    /// A variable of an environment.
    #[serde(rename = "environment variable")]
    Variable,
    /// The value given at design time.
    #[serde(rename = "design default")]
    Design,
    /// It has no value.
    #[serde(rename = "nothing")]
    Nothing,
}

impl Source {
    /// As people read it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Execution => "execution",
            Self::Server => "server value",
            Self::Variable => "environment variable",
            Self::Design => "design default",
            Self::Nothing => "nothing",
        }
    }
}

/// The environment that an execution would have.
#[derive(Clone, Debug)]
pub struct Chosen {
    /// The reference to it.
    pub reference: Reference,
    /// `FOLDER/NAME`.
    pub environment: String,
    /// Its variables.
    pub variables: Vec<Variable>,
}

/// A variable of an environment.
#[derive(Clone, Debug)]
pub struct Variable {
    /// Name.
    pub name: String,
    /// Name of its type.
    pub data_type: String,
    /// Is a secret.
    pub sensitive: bool,
}

impl Chosen {
    fn through(&self) -> String {
        let Reference { id, .. } = self.reference;
        format!("through reference {id} ({})", self.reference.kind())
    }
}

/// The source for an execution created now, and why it is that one.
#[must_use]
pub fn of_new_execution(declared: &Declared, chosen: Option<&Chosen>) -> (Source, String) {
    match (&declared.variable, chosen) {
        (Some(variable), Some(chosen)) => through_reference(declared, variable, chosen),
        (Some(variable), None) => (
            Source::Nothing,
            format!(
                "refers to variable `{variable}`: it needs `--environment`, or a value of the execution"
            ),
        ),
        (None, _) if declared.value_set => (Source::Server, "set on the server".to_owned()),
        (None, _) if declared.required => (
            Source::Nothing,
            "required: a design default does not count, and no server value is set".to_owned(),
        ),
        (None, _) => (Source::Design, "no server value is set".to_owned()),
    }
}

fn through_reference(declared: &Declared, variable: &str, chosen: &Chosen) -> (Source, String) {
    let environment = &chosen.environment;
    let wanted = variable.to_lowercase();
    let found = chosen
        .variables
        .iter()
        .find(|one| one.name.to_lowercase() == wanted);
    let why = match found {
        None => format!("environment `{environment}` has no variable `{variable}`"),
        Some(found) if found.data_type != declared.data_type => format!(
            "variable `{variable}` of environment `{environment}` is of type {}",
            found.data_type
        ),
        Some(found) if found.sensitive && !declared.sensitive => format!(
            "variable `{variable}` of environment `{environment}` is sensitive and the parameter is not"
        ),
        Some(found) => {
            let why = format!(
                "variable `{}` of environment `{environment}`, {}",
                found.name,
                chosen.through()
            );
            return (Source::Variable, why);
        }
    };
    (Source::Nothing, format!("{why}: it refuses an execution"))
}

/// A parameter of an execution that there is.
#[derive(Clone, Debug)]
pub struct Recorded<'a> {
    /// `value_source` of `catalog.execution_parameter_sources`.
    pub value_source: &'a str,
    /// The variable that the parameter refers to.
    pub variable: Option<&'a str>,
    /// Must have a value to start.
    pub required: bool,
    /// Has one.
    pub value_set: bool,
    /// The environment and the reference to it: `environment `F/dev`, through reference 3`.
    pub environment: &'a str,
}

/// The source that an execution had, and why it was that one.
#[must_use]
pub fn of_execution(recorded: &Recorded<'_>) -> (Source, String) {
    let Recorded {
        variable,
        environment,
        ..
    } = recorded;
    match (recorded.value_source, variable) {
        ("execution", Some(variable)) => (
            Source::Execution,
            format!("set for this execution, instead of variable `{variable}`"),
        ),
        ("execution", None) => (Source::Execution, "set for this execution".to_owned()),
        ("environment variable", variable) if !recorded.value_set => (
            Source::Nothing,
            format!(
                "refers to variable `{}`, and the execution was created without an environment",
                variable.unwrap_or_default()
            ),
        ),
        ("environment variable", variable) => (
            Source::Variable,
            format!(
                "variable `{}` of {environment}",
                variable.unwrap_or_default()
            ),
        ),
        ("server value", _) => (
            Source::Server,
            "set on the server when the execution was created".to_owned(),
        ),
        _ if recorded.required && !recorded.value_set => (
            Source::Nothing,
            "required: a design default does not count, and no server value was set".to_owned(),
        ),
        _ => (Source::Design, "no server value was set".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use scaleout_core::client::ParameterScope;
    use serde_json::Value;

    use super::*;

    fn declared(required: bool, value_set: bool, variable: Option<&str>) -> Declared {
        Declared {
            scope: ParameterScope::Project,
            object: "p".into(),
            name: "Day".into(),
            data_type: "String".into(),
            required,
            sensitive: false,
            design: Value::Null,
            server: Value::Null,
            value_set,
            variable: variable.map(str::to_owned),
        }
    }

    fn chosen(data_type: &str) -> Chosen {
        Chosen {
            reference: Reference {
                id: 3,
                project_id: 1,
                folder: None,
                environment: "dev".into(),
            },
            environment: "Finance/dev".into(),
            variables: vec![Variable {
                name: "Day".into(),
                data_type: data_type.into(),
                sensitive: data_type == "Decimal",
            }],
        }
    }

    #[test]
    fn a_new_execution_takes_the_variable_before_anything_else() {
        let (text, number) = (chosen("String"), chosen("Int32"));
        let hidden = chosen("Decimal");
        let decimal = Declared {
            data_type: "Decimal".into(),
            ..declared(false, true, Some("Day"))
        };
        for (parameter, chosen, source, part) in [
            (
                declared(false, true, Some("DAY")),
                Some(&text),
                Source::Variable,
                "through reference 3 (relative)",
            ),
            (
                declared(false, true, Some("Day")),
                Some(&number),
                Source::Nothing,
                "of type Int32",
            ),
            (
                declared(false, true, Some("Year")),
                Some(&text),
                Source::Nothing,
                "no variable `Year`",
            ),
            (decimal, Some(&hidden), Source::Nothing, "is sensitive"),
            (
                declared(false, true, Some("Day")),
                None,
                Source::Nothing,
                "needs `--environment`",
            ),
            (
                declared(true, true, None),
                Some(&text),
                Source::Server,
                "set on the server",
            ),
            (
                declared(true, false, None),
                None,
                Source::Nothing,
                "required",
            ),
            (
                declared(false, false, None),
                Some(&text),
                Source::Design,
                "no server value",
            ),
        ] {
            let (found, why) = of_new_execution(&parameter, chosen);
            assert_eq!(found, source, "{why}");
            assert!(why.contains(part), "{why}");
        }
    }

    #[test]
    fn an_execution_tells_what_it_was_created_with() {
        let recorded = |value_source, variable, value_set| Recorded {
            value_source,
            variable,
            required: true,
            value_set,
            environment: "environment `Finance/dev`, through reference 3",
        };
        for (recorded, source, part) in [
            (
                recorded("execution", Some("Day"), true),
                Source::Execution,
                "instead of variable `Day`",
            ),
            (
                recorded("execution", None, true),
                Source::Execution,
                "set for this execution",
            ),
            (
                recorded("environment variable", Some("Day"), true),
                Source::Variable,
                "`Day` of environment `Finance/dev`",
            ),
            (
                recorded("environment variable", Some("Day"), false),
                Source::Nothing,
                "without an environment",
            ),
            (
                recorded("server value", None, true),
                Source::Server,
                "when the execution was created",
            ),
            (
                recorded("design default", None, false),
                Source::Nothing,
                "required",
            ),
            (
                recorded("design default", None, true),
                Source::Design,
                "no server value",
            ),
        ] {
            let (found, why) = of_execution(&recorded);
            assert_eq!(found, source, "{why}");
            assert!(why.contains(part), "{why}");
        }
    }
}
