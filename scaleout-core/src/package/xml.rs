//! A small XML tree: what the readers walk, and what tasks keep of their own settings.

pub use super::xml_reader::{MAX_DEPTH, MAX_DOCUMENT_BYTES, MAX_NODES, read};

/// One element with everything below it.
///
/// Namespaces are dropped: names are local names (`DTS:Executable` is `Executable`),
/// because task data may carry its own prefix or none at all.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Element {
    /// Local name, without prefix.
    pub name: String,
    /// Attributes in file order: local name, decoded value.
    pub attributes: Vec<(String, String)>,
    /// Child elements in file order.
    pub children: Vec<Element>,
    /// All text and CDATA directly inside this element, joined, entities decoded.
    pub text: String,
    /// Line in the file, from 1, of the start tag.
    pub line: u32,
}

impl Element {
    /// The value of an attribute by local name.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The first child element of that local name.
    #[must_use]
    pub fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    /// All child elements of that local name, in file order.
    pub fn children_named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> + 'a {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The element's name with the object name it carries, for messages: `Executable[Load]`.
    #[must_use]
    pub fn label(&self) -> String {
        const NAMES: [&str; 4] = ["ObjectName", "name", "Name", "refId"];
        let own = NAMES.iter().find_map(|key| self.attribute(key));
        let named = own.or_else(|| self.property_child("ObjectName"));
        match named {
            Some(object) if !object.is_empty() => format!("{}[{object}]", self.name),
            _ => self.name.clone(),
        }
    }

    /// The text of the child `<Property Name="…">`, the form of formats 2 and 3.
    #[must_use]
    pub fn property_child(&self, name: &str) -> Option<&str> {
        let mut properties = self.children_named("Property");
        let found = properties.find(|property| property.attribute("Name") == Some(name));
        found.map(|property| property.text.as_str())
    }
}
