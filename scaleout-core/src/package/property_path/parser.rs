//! From the text of a property path to its parts, with the place of what is wrong.

use super::{Level, PropertyPath, PropertyPathError, Target};

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

/// Reads a path.
pub(super) fn parse(text: &str) -> Result<PropertyPath, PropertyPathError> {
    Parser { text, at: 0 }.path()
}

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
