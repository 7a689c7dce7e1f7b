//! Property paths: `\Package\Load.Properties[Disable]`, in overrides and configurations.
//!
//! Names are those of the designer, not `refId`s. Reading does not look at a
//! package: whether the path leads anywhere is for whoever applies it.

use std::fmt;
use std::str::FromStr;

use crate::error::{Blame, Explain};

/// A property of something in a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PropertyPath {
    /// From below the package down to the owner; empty for the package itself.
    pub levels: Vec<Level>,
    /// The property, and the part of the owner that has it.
    pub target: Target,
}

/// One step down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Level {
    /// `\Name`: a child executable.
    Executable(String),
    /// `.EventHandlers[OnError]`: the handler's body.
    EventHandler(String),
}

/// What has the property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// `.Properties[Disable]` of the owner itself.
    Executable {
        /// Object model name.
        property: String,
    },
    /// `.Properties[[OLE DB Source].[SqlCommand]]` of a data flow task.
    Component {
        /// Component name.
        component: String,
        /// Custom property name.
        property: String,
    },
    /// `.Variables[User::v].Value` or `.Properties[Value]`, parameters included.
    Variable {
        /// `User`, `$Package`, `$Project`, …; `None` when not given.
        namespace: Option<String>,
        /// Variable name.
        name: String,
        /// `Value` mostly.
        property: String,
    },
    /// `.Connections[Name].Properties[ConnectionString]`.
    Connection {
        /// Connection manager name.
        name: String,
        /// Object model name.
        property: String,
    },
    /// `.ForEachEnumerator.Properties[Directory]`.
    ForEachEnumerator {
        /// Enumerator property.
        property: String,
    },
    /// `.LogProviders[Name].Properties[ConfigString]`.
    LogProvider {
        /// Log provider name.
        name: String,
        /// Object model name.
        property: String,
    },
    /// `.PrecedenceConstraints[Name].Properties[Expression]`.
    PrecedenceConstraint {
        /// Constraint name.
        name: String,
        /// Object model name.
        property: String,
    },
}

/// A text that is no property path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("property path `{text}` cannot be read at character {position}: expected {expected}")]
pub struct PropertyPathError {
    /// The whole text.
    pub text: String,
    /// Character, from 1, at which reading stopped.
    pub position: usize,
    /// What would have been right there.
    pub expected: &'static str,
}

impl Explain for PropertyPathError {
    fn code(&self) -> &'static str {
        "SO2030"
    }

    fn blame(&self) -> Blame {
        Blame::Caller
    }

    fn hint(&self) -> Option<String> {
        Some(r"write a path such as `\Package\Task.Properties[Disable]` or `\Package.Variables[User::Name].Value`".to_owned())
    }
}

impl PropertyPath {
    /// Reads a path.
    ///
    /// # Errors
    ///
    /// When the text follows none of the known forms, with the position.
    pub fn parse(text: &str) -> Result<Self, PropertyPathError> {
        Parser { text, at: 0 }.path()
    }
}

impl FromStr for PropertyPath {
    type Err = PropertyPathError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl fmt::Display for PropertyPath {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("\\Package")?;
        for level in &self.levels {
            match level {
                Level::Executable(name) => write!(out, "\\{name}")?,
                Level::EventHandler(event) => write!(out, ".EventHandlers[{event}]")?,
            }
        }
        self.target.fmt(out)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Executable { property } => write!(out, ".Properties[{property}]"),
            Self::Component {
                component,
                property,
            } => write!(out, ".Properties[[{component}].[{property}]]"),
            Self::Variable {
                namespace,
                name,
                property,
            } => {
                let separator = if namespace.is_some() { "::" } else { "" };
                let namespace = namespace.as_deref().unwrap_or_default();
                write!(
                    out,
                    ".Variables[{namespace}{separator}{name}].Properties[{property}]"
                )
            }
            Self::Connection { name, property } => {
                write!(out, ".Connections[{name}].Properties[{property}]")
            }
            Self::ForEachEnumerator { property } => {
                write!(out, ".ForEachEnumerator.Properties[{property}]")
            }
            Self::LogProvider { name, property } => {
                write!(out, ".LogProviders[{name}].Properties[{property}]")
            }
            Self::PrecedenceConstraint { name, property } => {
                write!(out, ".PrecedenceConstraints[{name}].Properties[{property}]")
            }
        }
    }
}

const PROPERTIES: &str = ".Properties[";
const EVENT_HANDLERS: &str = ".EventHandlers[";
const ENUMERATOR: &str = ".ForEachEnumerator";
const VARIABLES: &str = ".Variables[";
const CONNECTIONS: &str = ".Connections[";
const LOG_PROVIDERS: &str = ".LogProviders[";
const CONSTRAINTS: &str = ".PrecedenceConstraints[";

/// What ends the name of an executable; names from old packages may hold dots.
const AFTER_NAME: [&str; 8] = [
    "\\",
    PROPERTIES,
    EVENT_HANDLERS,
    ".ForEachEnumerator.",
    VARIABLES,
    CONNECTIONS,
    LOG_PROVIDERS,
    CONSTRAINTS,
];

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Parser<'a> {
    fn path(mut self) -> Result<PropertyPath, PropertyPathError> {
        if !self.take("\\Package") {
            return Err(self.expected("`\\Package`"));
        }
        let mut levels = Vec::new();
        loop {
            if self.take("\\") {
                levels.push(Level::Executable(self.executable_name()?));
            } else if self.take(EVENT_HANDLERS) {
                let event = self.until("]", "`]` after the event name")?;
                levels.push(Level::EventHandler(event.to_owned()));
            } else {
                break;
            }
        }
        let target = self.target()?;
        Ok(PropertyPath { levels, target })
    }

    fn executable_name(&mut self) -> Result<String, PropertyPathError> {
        let rest = self.rest();
        let ends = rest.char_indices().map(|(index, _)| index);
        let end = ends.into_iter().find(|index| {
            let here = &rest[*index..];
            AFTER_NAME.iter().any(|marker| starts_with(here, marker))
        });
        match end {
            Some(0) => Err(self.expected("the name of a task or container")),
            Some(end) => {
                self.at += end;
                Ok(rest[..end].to_owned())
            }
            None => {
                self.at = self.text.len();
                Err(self.expected("`.Properties[…]` or another property behind the name"))
            }
        }
    }

    fn target(&mut self) -> Result<Target, PropertyPathError> {
        if self.take(VARIABLES) {
            return self.variable();
        }
        if self.take(CONNECTIONS) {
            let (name, property) = self.named_property()?;
            return Ok(Target::Connection { name, property });
        }
        if self.take(LOG_PROVIDERS) {
            let (name, property) = self.named_property()?;
            return Ok(Target::LogProvider { name, property });
        }
        if self.take(CONSTRAINTS) {
            let (name, property) = self.named_property()?;
            return Ok(Target::PrecedenceConstraint { name, property });
        }
        if self.take(ENUMERATOR) {
            let property = self.property()?;
            return Ok(Target::ForEachEnumerator { property });
        }
        let property = self.property()?;
        Ok(match component_property(&property) {
            Some((component, property)) => Target::Component {
                component: component.to_owned(),
                property: property.to_owned(),
            },
            None => Target::Executable { property },
        })
    }

    /// `User::v].Value` or `User::v].Properties[Value]`.
    fn variable(&mut self) -> Result<Target, PropertyPathError> {
        let full_name = self.until(
            "].",
            "`].Value` or `].Properties[…]` after the variable name",
        )?;
        self.at -= 1;
        let property = if self.take(".Value") && self.rest().is_empty() {
            "Value".to_owned()
        } else {
            self.property()?
        };
        let (namespace, name) = match full_name.split_once("::") {
            Some((namespace, name)) => (Some(namespace.to_owned()), name),
            None => (None, full_name),
        };
        if name.is_empty() {
            return Err(self.expected("a variable name in the brackets"));
        }
        Ok(Target::Variable {
            namespace,
            name: name.to_owned(),
            property,
        })
    }

    /// `Name].Properties[Property]`; the name may hold brackets and dots.
    fn named_property(&mut self) -> Result<(String, String), PropertyPathError> {
        let name = self.until("].Properties[", "`].Properties[…]` after the name")?;
        self.at -= PROPERTIES.len();
        let property = self.property()?;
        Ok((name.to_owned(), property))
    }

    /// `.Properties[X]` up to the end of the text; `X` may hold brackets.
    fn property(&mut self) -> Result<String, PropertyPathError> {
        if !self.take(PROPERTIES) {
            return Err(self.expected("`.Properties[…]`, `.Variables[…]` or `.Connections[…]`"));
        }
        let rest = self.rest();
        match rest.strip_suffix(']') {
            Some("") => Err(self.expected("a property name in the brackets")),
            Some(name) => Ok(name.to_owned()),
            None => {
                self.at = self.text.len();
                Err(self.expected("`]` at the end"))
            }
        }
    }

    /// The text before `marker`, which is passed over; it may not be empty.
    fn until(
        &mut self,
        marker: &str,
        expected: &'static str,
    ) -> Result<&'a str, PropertyPathError> {
        let rest = self.rest();
        let found = rest
            .char_indices()
            .find(|(index, _)| starts_with(&rest[*index..], marker));
        match found {
            Some((0, _)) => Err(self.expected("a name in the brackets")),
            Some((end, _)) => {
                self.at += end + marker.len();
                Ok(&rest[..end])
            }
            None => {
                self.at = self.text.len();
                Err(self.expected(expected))
            }
        }
    }

    fn take(&mut self, marker: &str) -> bool {
        let found = starts_with(self.rest(), marker);
        if found {
            self.at += marker.len();
        }
        found
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn expected(&self, expected: &'static str) -> PropertyPathError {
        PropertyPathError {
            text: self.text.to_owned(),
            position: self.text[..self.at].chars().count() + 1,
            expected,
        }
    }
}

/// Whether `text` begins with an ASCII marker, whatever the case.
fn starts_with(text: &str, marker: &str) -> bool {
    let start = text.as_bytes().get(..marker.len());
    start.is_some_and(|start| start.eq_ignore_ascii_case(marker.as_bytes()))
}

/// `[Component].[Property]`.
fn component_property(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix('[')?.strip_suffix(']')?;
    let (component, property) = inner.rsplit_once("].[")?;
    let whole = !component.is_empty() && !property.is_empty();
    whole.then_some((component, property))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parsed(text: &str) -> PropertyPath {
        PropertyPath::parse(text).unwrap()
    }

    #[test]
    fn properties_of_package_and_tasks() {
        let path = parsed(r"\Package.Properties[MaximumErrorCount]");
        assert!(path.levels.is_empty());
        let property = "MaximumErrorCount".to_owned();
        assert_eq!(path.target, Target::Executable { property });
        let path = parsed(r"\Package\Seq\Load v1.5.Properties[Disable]");
        assert_eq!(
            path.levels,
            [
                Level::Executable("Seq".to_owned()),
                Level::Executable("Load v1.5".to_owned())
            ]
        );
    }

    #[test]
    fn variables_in_their_scopes() {
        let short = parsed(r"\Package\Seq.Variables[User::v].Value");
        let long = parsed(r"\Package\Seq.Variables[User::v].Properties[Value]");
        assert_eq!(short, long);
        let Target::Variable {
            namespace,
            name,
            property,
        } = short.target
        else {
            panic!()
        };
        assert_eq!(
            (namespace.as_deref(), name.as_str(), property.as_str()),
            (Some("User"), "v", "Value")
        );
        let Target::Variable { namespace, .. } = parsed(r"\Package.Variables[v].Value").target
        else {
            panic!()
        };
        assert_eq!(namespace, None);
        let Target::Variable { namespace, .. } =
            parsed(r"\Package.Variables[$Project::p].Value").target
        else {
            panic!()
        };
        assert_eq!(namespace.as_deref(), Some("$Project"));
    }

    #[test]
    fn named_parts_may_hold_dots_and_brackets() {
        let Target::Connection { name, property } =
            parsed(r"\Package.Connections[(local).Sales [old]].Properties[ConnectionString]")
                .target
        else {
            panic!()
        };
        assert_eq!(
            (name.as_str(), property.as_str()),
            ("(local).Sales [old]", "ConnectionString")
        );
    }

    #[test]
    fn components_have_double_brackets() {
        let Target::Component {
            component,
            property,
        } = parsed(r"\Package\DFT.Properties[[OLE DB Source].[SqlCommand]]").target
        else {
            panic!()
        };
        assert_eq!(
            (component.as_str(), property.as_str()),
            ("OLE DB Source", "SqlCommand")
        );
    }

    #[test]
    fn handlers_and_collections() {
        let path = parsed(r"\Package.EventHandlers[OnError]\Task.Properties[X]");
        assert_eq!(
            path.levels,
            [
                Level::EventHandler("OnError".to_owned()),
                Level::Executable("Task".to_owned())
            ]
        );
        for text in [
            r"\Package.LogProviders[n].Properties[ConfigString]",
            r"\Package.PrecedenceConstraints[c].Properties[Expression]",
            r"\Package\Loop.ForEachEnumerator.Properties[Directory]",
            r"\Package\Loop.EventHandlers[OnError].Variables[System::Propagate].Properties[Value]",
        ] {
            assert_eq!(parsed(text).to_string(), text);
        }
    }

    #[test]
    fn errors_say_where_and_what() {
        for (text, position, expected) in [
            ("", 1, "`\\Package`"),
            ("Package.Properties[X]", 1, "`\\Package`"),
            (r"\Package", 9, "`.Properties[…]`"),
            (r"\Package\Task", 14, "behind the name"),
            (r"\Package\.Properties[X]", 10, "name of a task"),
            (r"\Package.Properties[X", 22, "`]` at the end"),
            (r"\Package.Properties[]", 21, "property name"),
            (r"\Package.Variables[User::v]", 28, "`].Value`"),
            (r"\Package.Connections[c].Value", 30, "`].Properties[…]`"),
            (
                r"\Package.EventHandlers[].Properties[X]",
                24,
                "a name in the brackets",
            ),
        ] {
            let error = PropertyPath::parse(text).unwrap_err();
            assert_eq!(error.position, position, "{text}: {error}");
            assert!(error.expected.contains(expected), "{text}: {error}");
        }
    }

    proptest! {
        #[test]
        fn what_reads_is_written_and_reads_again(text in r"\\Package(\\[a-zü .]{1,4}){0,2}(\.EventHandlers\[On\])?\.(Properties|Variables|Connections)\[[a-z\[\].:\\]{0,9}\](\.Value|\.Properties\[[a-z\]]{1,3}\])?") {
            if let Ok(path) = PropertyPath::parse(&text) {
                prop_assert_eq!(PropertyPath::parse(&path.to_string()), Ok(path));
            }
        }

        #[test]
        fn any_text_reads_or_fails(text in r"(\\Package|\\|\.|\[|\]|Properties|Variables|é|x|::){0,12}") {
            let _ = PropertyPath::parse(&text);
        }
    }
}
