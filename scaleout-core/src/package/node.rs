//! An element together with its file: typed access to what all formats call properties.
//!
//! Formats 2 and 3 keep a property in a child `<DTS:Property DTS:Name="X">`,
//! formats 6 and 8 in an attribute. Reading both everywhere makes one reader
//! of four formats.

use std::str::FromStr;

use super::error::{PackageError, Place};
use super::xml::Element;

/// An element and the name of its file.
#[derive(Clone, Copy)]
pub(crate) struct Node<'a> {
    pub(crate) origin: &'a str,
    pub(crate) element: &'a Element,
}

impl<'a> Node<'a> {
    pub(crate) fn new(origin: &'a str, element: &'a Element) -> Self {
        Self { origin, element }
    }

    /// A property: the attribute, or else the `Property` child of that name.
    pub(crate) fn get(self, name: &str) -> Option<&'a str> {
        let attribute = self.element.attribute(name);
        attribute.or_else(|| self.element.property_child(name))
    }

    /// A property as text, empty when absent.
    pub(crate) fn text(self, name: &str) -> String {
        self.get(name).unwrap_or_default().to_owned()
    }

    /// A property as a boolean: `True`/`False`, or `-1`/`0` (also `1`).
    pub(crate) fn boolean(self, name: &str, default: bool) -> Result<bool, PackageError> {
        let Some(text) = self.written(name) else {
            return Ok(default);
        };
        parse_boolean(text)
            .ok_or_else(|| self.invalid(name, text, "`True` or `False`, or `-1` or `0`"))
    }

    /// A property as a number.
    pub(crate) fn number<T: FromStr>(self, name: &str, default: T) -> Result<T, PackageError> {
        let Some(text) = self.written(name) else {
            return Ok(default);
        };
        let parsed = text.parse();
        parsed.map_err(|_| {
            self.invalid(
                name,
                text,
                &format!("a number of type {}", std::any::type_name::<T>()),
            )
        })
    }

    /// A property as one of a list of values; absent means the default of the type.
    pub(crate) fn choice<T: Copy + Default>(
        self,
        name: &str,
        choices: &[(&str, T)],
    ) -> Result<T, PackageError> {
        let Some(text) = self.written(name) else {
            return Ok(T::default());
        };
        let found = choices.iter().find(|(word, _)| *word == text);
        found.map(|(_, value)| *value).ok_or_else(|| {
            let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
            self.invalid(name, text, &format!("one of {}", words.join(", ")))
        })
    }

    /// The text of a property that is there and not blank, without blanks around it.
    fn written(self, name: &str) -> Option<&'a str> {
        self.get(name)
            .map(str::trim)
            .filter(|text| !text.is_empty())
    }

    pub(crate) fn child(self, name: &str) -> Option<Node<'a>> {
        let child = self.element.child(name);
        child.map(|element| Node::new(self.origin, element))
    }

    pub(crate) fn children(self, name: &'a str) -> impl Iterator<Item = Node<'a>> {
        let children = self.element.children_named(name);
        children.map(move |element| Node::new(self.origin, element))
    }

    /// The items of a collection: directly below (formats 2 and 3) and inside its wrapper (6 and 8).
    pub(crate) fn items(self, wrapper: &'a str, item: &'a str) -> impl Iterator<Item = Node<'a>> {
        let wrapped = self.children(wrapper);
        self.children(item)
            .chain(wrapped.flat_map(move |inside| inside.children(item)))
    }

    pub(crate) fn place(self) -> Place {
        Place {
            file: self.origin.into(),
            line: self.element.line,
            element: self.element.label().into(),
        }
    }

    pub(crate) fn invalid(self, name: &str, value: &str, expected: &str) -> PackageError {
        PackageError::InvalidValue {
            place: self.place(),
            name: name.to_owned(),
            value: shortened(value),
            expected: expected.to_owned(),
        }
    }

    pub(crate) fn missing(self, what: impl Into<String>) -> PackageError {
        PackageError::MissingPart {
            place: self.place(),
            what: what.into(),
        }
    }
}

/// `True`, `False`, `-1`, `0`, `1`, whatever the case.
pub(crate) fn parse_boolean(text: &str) -> Option<bool> {
    match text.trim() {
        "-1" | "1" => Some(true),
        "0" => Some(false),
        word if word.eq_ignore_ascii_case("true") => Some(true),
        word if word.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// A value as a message shows it: the beginning of it.
fn shortened(value: &str) -> String {
    const SHOWN: usize = 60;
    match value.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None => value.to_owned(),
    }
}
