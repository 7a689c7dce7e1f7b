//! Foreach NodeList: the texts or nodes that an XPath picks out of an XML document.

use std::sync::Arc;

use scaleout_core::package::xml::{self, Element as Xml};

use super::kinds::{Element, Enumerator};
use crate::paths;
use crate::services::Services;
use crate::value::{DataType, TypedValue, Value};
use crate::variables::typed;
use crate::xpath::{Document, Found, XPath, XmlNode};

pub(super) const ENUMERATOR: Enumerator = Enumerator {
    name: "Microsoft.ForEachNodeListEnumerator",
    enumerate,
    check,
    set,
};

/// Names of the settings in the file, and in property expressions.
const SETTINGS: [(&str, &str); 8] = [
    ("EnumerationType", "EnumerationType"),
    ("SourceType", "SourceDocumentType"),
    ("SourceDocument", "SourceDocument"),
    ("OuterXPathSourceType", "OuterXPathStringSourceType"),
    ("OuterXPathString", "OuterXPathString"),
    ("InnerElementType", "InnerElementType"),
    ("InnerXPathSourceType", "InnerXPathStringSourceType"),
    ("InnerXPathString", "InnerXPathString"),
];

fn setting<'x>(data: &'x Xml, name: &str) -> &'x str {
    data.attribute(name).map_or("", str::trim)
}

fn set(data: &mut Xml, property: &str, text: &str) -> Option<()> {
    let known = SETTINGS
        .iter()
        .find(|(file, model)| *file == property || *model == property)?;
    let mut attributes = data.attributes.iter_mut();
    match attributes.find(|(name, _)| name == known.0) {
        Some((_, value)) => text.clone_into(value),
        None => data.attributes.push((known.0.to_owned(), text.to_owned())),
    }
    Some(())
}

/// What a node gives to a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gives {
    /// Its text.
    Text,
    /// Itself, as an object that another loop goes into.
    Node,
}

/// What an element of the loop is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A node.
    Each(Gives),
    /// What a second XPath finds from a node: one column each.
    Collection(Gives),
}

fn kind(data: &Xml) -> Result<Kind, String> {
    match setting(data, "EnumerationType") {
        "ElementCollection" | "3" => gives(data, "InnerElementType").map(Kind::Collection),
        _ => gives(data, "EnumerationType").map(Kind::Each),
    }
}

fn gives(data: &Xml, name: &str) -> Result<Gives, String> {
    match setting(data, name) {
        "Navigator" | "0" | "Node" | "1" => Ok(Gives::Node),
        "" | "NodeText" | "2" => Ok(Gives::Text),
        other => Err(format!(
            "{name} `{other}` is unknown; set it to NodeText, Node or Navigator"
        )),
    }
}

fn check(data: &Xml) -> Option<String> {
    let checked = kind(data).and_then(|kind| {
        if setting(data, "SourceDocument").is_empty() {
            return Err("SourceDocument is empty: no XML is given".to_owned());
        }
        for (source, name) in xpaths(matches!(kind, Kind::Collection(_))) {
            if is_direct(setting(data, source)) {
                XPath::parse(setting(data, name)).map_err(|error| error.to_string())?;
            }
        }
        Ok(())
    });
    checked.err()
}

/// The XPaths that a setting needs: where each comes from, and its text.
fn xpaths(collection: bool) -> impl Iterator<Item = (&'static str, &'static str)> {
    let outer = ("OuterXPathSourceType", "OuterXPathString");
    let inner = ("InnerXPathSourceType", "InnerXPathString");
    std::iter::once(outer).chain(collection.then_some(inner))
}

fn is_direct(kind: &str) -> bool {
    matches!(kind, "" | "DirectInput" | "2")
}

fn enumerate(data: &Xml, services: &Services) -> Result<Vec<Element>, String> {
    let kind = kind(data)?;
    let from = start(data, services)?;
    let xpath = |kind, name| -> Result<XPath, String> {
        let text = source(data, kind, name, services)?;
        XPath::parse(&text).map_err(|error| error.to_string())
    };
    let document = Document::new(from.document());
    let outer = xpath("OuterXPathSourceType", "OuterXPathString")?;
    let nodes = document.select_from(&outer, &document.at(from.place()));
    let nodes = nodes.into_iter();
    let value = |gives: Gives, found: &Found<'_>| match gives {
        Gives::Text => typed::text(&found.text()),
        Gives::Node => object(from.sibling(document.place_of(found))),
    };
    let gives = match kind {
        Kind::Each(gives) => return Ok(nodes.map(|node| vec![value(gives, &node)]).collect()),
        Kind::Collection(gives) => gives,
    };
    let inner = xpath("InnerXPathSourceType", "InnerXPathString")?;
    let columns = |node: Found<'_>| {
        let found = document.select_from(&inner, &node);
        found.iter().map(|found| value(gives, found)).collect()
    };
    Ok(nodes.map(columns).collect())
}

/// Where the search begins: a document, or a node that another loop gave to a variable.
fn start(data: &Xml, services: &Services) -> Result<XmlNode, String> {
    if matches!(setting(data, "SourceType"), "Variable" | "1") {
        let held = services.variables.get(setting(data, "SourceDocument"));
        let held = held.map_err(|error| error.to_string())?;
        if let Value::Object(object) = &held.value
            && let Some(node) = object.as_any().downcast_ref::<XmlNode>()
        {
            return Ok(node.clone());
        }
    }
    let text = source(data, "SourceType", "SourceDocument", services)?;
    let root = xml::read(text.as_bytes(), "SourceDocument");
    let root = root.map_err(|error| format!("the XML document cannot be read: {error}"))?;
    Ok(XmlNode::document_of(root))
}

fn object(node: XmlNode) -> TypedValue {
    TypedValue {
        data_type: DataType::Ntext,
        value: Value::Object(Arc::new(node)),
    }
}

/// An element of a loop that is one node.
pub(super) fn node(node: XmlNode) -> Element {
    vec![object(node)]
}

/// A text that is written down, or in a file or a variable.
fn source(data: &Xml, kind: &str, name: &str, services: &Services) -> Result<String, String> {
    let written = setting(data, name);
    match setting(data, kind) {
        direct if is_direct(direct) => Ok(written.to_owned()),
        "Variable" | "1" => {
            let value = services.variables.get(written);
            let value = value.map_err(|error| error.to_string())?;
            typed::shown(&value).ok_or_else(|| format!("variable `{written}` holds no text"))
        }
        "FileConnection" | "0" => {
            let manager = services.connections.resolve(written);
            let manager = manager.map_err(|error| error.explained())?;
            let path = paths::resolve(manager.connection_string(), &services.settings);
            let path = path.map_err(|error| error.explained())?;
            std::fs::read_to_string(&path)
                .map_err(|error| format!("file `{}`: {error}", path.display()))
        }
        other => Err(format!("`{kind}` is `{other}`, which is unknown")),
    }
}
