//! Values that a command line gives: `/Set path;value`, `/Connection name;string`, `/Parameter`.

use std::fmt;

use scaleout_core::package::VariableType;

/// One change to the package, in the order of the command line.
#[derive(Clone, PartialEq, Eq)]
pub enum Setting {
    /// `/Set`
    Property {
        /// Property path.
        path: String,
        /// New value.
        value: String,
        /// `$Sensitive::` stood before the path.
        sensitive: bool,
    },
    /// `/Connection`
    Connection {
        /// Name or braced GUID.
        manager: String,
        /// Connection string.
        string: String,
    },
    /// `/ConfigFile`
    ConfigFile(String),
    /// `/Logger`
    Logger {
        /// Class id or ProgID.
        provider: String,
        /// Its configuration.
        config: String,
    },
    /// `/VLog` with a file.
    VerboseLog(String),
    /// `/MaxConcurrent`
    MaxConcurrent(i32),
    /// `/CheckFile`
    CheckpointFile(String),
    /// `/CheckPointing`
    Checkpointing(bool),
    /// `/Restart`: `CheckpointUsage`.
    CheckpointUsage(u8),
}

// Values may be secrets: they stay out of what `{:?}` shows.
impl fmt::Debug for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Property { path, .. } => write!(f, "Set {path}"),
            Self::Connection { manager, .. } => write!(f, "Connection {manager}"),
            Self::ConfigFile(file) => write!(f, "ConfigFile {file}"),
            Self::Logger { provider, .. } => write!(f, "Logger {provider}"),
            Self::VerboseLog(file) => write!(f, "VLog {file}"),
            Self::MaxConcurrent(count) => write!(f, "MaxConcurrent {count}"),
            Self::CheckpointFile(file) => write!(f, "CheckFile {file}"),
            Self::Checkpointing(on) => write!(f, "CheckPointing {on}"),
            Self::CheckpointUsage(usage) => write!(f, "Restart {usage}"),
        }
    }
}

/// Whose parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// `$Package::`, or nothing.
    Package,
    /// `$Project::`
    Project,
    /// `$ServerOption::`
    ServerOption,
}

/// `/Parameter`
#[derive(Clone, PartialEq, Eq)]
pub struct ParameterValue {
    /// Whose.
    pub scope: Scope,
    /// Name.
    pub name: String,
    /// Type in brackets behind the name.
    pub data_type: Option<VariableType>,
    /// Value.
    pub value: String,
}

impl fmt::Debug for ParameterValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {}", self.scope, self.name)
    }
}

/// Reads the value of `/Set`.
pub(super) fn property(text: &str) -> Result<Setting, String> {
    const SENSITIVE: &str = "$sensitive::";
    let (path, value) = pair(text).ok_or("a property path, a semicolon and a value are needed")?;
    let (path, sensitive) = match strip_prefix_in_any_case(&path, SENSITIVE) {
        Some(rest) => (rest.to_owned(), true),
        None => (path, false),
    };
    Ok(Setting::Property {
        path,
        value,
        sensitive,
    })
}

/// Reads the pairs of `/Connection`. A connection string with semicolons takes the rest, unless
/// it stands in quotes.
pub(super) fn connections(text: &str) -> Result<Vec<Setting>, String> {
    let wanted = "a connection manager, a semicolon and a connection string are needed";
    let mut found = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (manager, after) = name(rest).ok_or(wanted)?;
        let (string, after) = match quoted(after) {
            Some((string, after)) => (string, after.trim_start_matches(';')),
            None => (after.to_owned(), ""),
        };
        found.push(Setting::Connection { manager, string });
        rest = after.trim_start();
    }
    match found.is_empty() {
        true => Err(wanted.to_owned()),
        false => Ok(found),
    }
}

/// Reads the value of `/Parameter`.
pub(super) fn parameter(text: &str) -> Result<ParameterValue, String> {
    let (name, value) = pair(text).ok_or("a parameter, a semicolon and a value are needed")?;
    let scopes = [
        ("$package::", Scope::Package),
        ("$project::", Scope::Project),
        ("$serveroption::", Scope::ServerOption),
    ];
    let scoped = scopes.iter().find_map(|(prefix, scope)| {
        strip_prefix_in_any_case(&name, prefix).map(|rest| (*scope, rest.to_owned()))
    });
    let (scope, name) = scoped.unwrap_or((Scope::Package, name));
    let (name, data_type) = match name.strip_suffix(')').and_then(|it| it.rsplit_once('(')) {
        Some((name, word)) => {
            let data_type = type_of(word.trim());
            let data_type = data_type.ok_or_else(|| format!("`{word}` is no type"))?;
            (name.trim().to_owned(), Some(data_type))
        }
        None => (name, None),
    };
    if name.is_empty() {
        return Err("the parameter has no name".to_owned());
    }
    Ok(ParameterValue {
        scope,
        name,
        data_type,
        value,
    })
}

/// Reads the value of `/Logger`.
pub(super) fn logger(text: &str) -> Result<Setting, String> {
    let (provider, config) = pair(text).unwrap_or_else(|| (text.to_owned(), String::new()));
    match provider.is_empty() {
        true => Err("no log provider is named".to_owned()),
        false => Ok(Setting::Logger { provider, config }),
    }
}

/// The types of parameters, as `TypeCode` spells them.
fn type_of(word: &str) -> Option<VariableType> {
    let types = [
        VariableType::Boolean,
        VariableType::Byte,
        VariableType::DateTime,
        VariableType::Decimal,
        VariableType::Double,
        VariableType::Int16,
        VariableType::Int32,
        VariableType::Int64,
        VariableType::SByte,
        VariableType::Single,
        VariableType::String,
        VariableType::UInt32,
        VariableType::UInt64,
    ];
    let mut types = types.into_iter();
    types.find(|one| format!("{one:?}").eq_ignore_ascii_case(word))
}

/// Two values with a semicolon between them; quotes around either are taken off.
fn pair(text: &str) -> Option<(String, String)> {
    let (first, rest) = name(text)?;
    let value = match quoted(rest) {
        Some((value, "")) => value,
        _ => rest.to_owned(),
    };
    Some((first, value))
}

/// The text up to the first semicolon that is neither in quotes nor in brackets.
fn name(text: &str) -> Option<(String, &str)> {
    let text = text.trim_start();
    if let Some((name, rest)) = quoted(text) {
        return Some((name, rest.trim_start().strip_prefix(';')?));
    }
    let mut depth = 0_u32;
    for (at, letter) in text.char_indices() {
        match letter {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            ';' if depth == 0 => {
                let name = text[..at].trim_end().to_owned();
                return (!name.is_empty()).then_some((name, &text[at + 1..]));
            }
            _ => {}
        }
    }
    None
}

/// A text in quotes at the start, and what follows it; doubled quotes inside are one.
fn quoted(text: &str) -> Option<(String, &str)> {
    let inner = text.strip_prefix('"')?;
    let mut value = String::new();
    let mut letters = inner.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' if letters.peek().is_some_and(|(_, next)| *next == '"') => {
                letters.next();
                value.push('"');
            }
            '"' => return Some((value, &inner[at + 1..])),
            other => value.push(other),
        }
    }
    None
}

fn strip_prefix_in_any_case<'t>(text: &'t str, prefix: &str) -> Option<&'t str> {
    let start = text.get(..prefix.len())?;
    start
        .eq_ignore_ascii_case(prefix)
        .then(|| &text[prefix.len()..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(path: &str, value: &str, sensitive: bool) -> Setting {
        Setting::Property {
            path: path.to_owned(),
            value: value.to_owned(),
            sensitive,
        }
    }

    #[test]
    fn a_property_is_split_outside_of_brackets_and_quotes() {
        for (text, expected) in [
            (
                r"\Package.Variables[a;b].Value;1",
                set(r"\Package.Variables[a;b].Value", "1", false),
            ),
            (
                r#"\p.Variables[a].Value;"x ""y"" ""#,
                set(r"\p.Variables[a].Value", "x \"y\" ", false),
            ),
            (
                r#""\p.Properties[Disable]";True"#,
                set(r"\p.Properties[Disable]", "True", false),
            ),
            (
                r"$Sensitive::\p.Variables[a].Value;s;t",
                set(r"\p.Variables[a].Value", "s;t", true),
            ),
            (
                r"\p.Variables[a].Value;",
                set(r"\p.Variables[a].Value", "", false),
            ),
        ] {
            assert_eq!(property(text), Ok(expected), "{text}");
        }
        assert!(property(r"\p.Variables[a].Value").is_err());
    }

    #[test]
    fn connection_strings_keep_their_semicolons() {
        let connection = |manager: &str, string: &str| Setting::Connection {
            manager: manager.to_owned(),
            string: string.to_owned(),
        };
        assert_eq!(
            connections("db;Data Source=.;Initial Catalog=x"),
            Ok(vec![connection("db", "Data Source=.;Initial Catalog=x")])
        );
        assert_eq!(
            connections(r#""a b";"Data Source=.;Password=""p""";{G};"x""#),
            Ok(vec![
                connection("a b", "Data Source=.;Password=\"p\""),
                connection("{G}", "x")
            ])
        );
        assert!(connections("db").is_err() && connections("").is_err());
    }

    #[test]
    fn parameters_have_scope_and_type() {
        let read = parameter("$Project::p(Int32);12").unwrap();
        assert_eq!((read.scope, read.name.as_str()), (Scope::Project, "p"));
        assert_eq!(read.data_type, Some(VariableType::Int32));
        let read = parameter("$ServerOption::SYNCHRONIZED(boolean);True").unwrap();
        assert_eq!(read.scope, Scope::ServerOption);
        let read = parameter("CM.Source.ServerName;.").unwrap();
        assert_eq!((read.scope, read.value.as_str()), (Scope::Package, "."));
        assert!(parameter("p(Blob);1").unwrap_err().contains("`Blob`"));
        assert!(parameter("p").is_err());
    }

    #[test]
    fn values_are_not_shown() {
        let shown = format!("{:?}", set(r"\p.Variables[a].Value", "geheim", true));
        assert!(!shown.contains("geheim"), "{shown}");
    }
}
