//! Foreach NodeList: the texts that an XPath picks out of an XML document.

use scaleout_core::package::xml::{self, Element as Xml};

use super::kinds::{Element, Enumerator};
use crate::paths;
use crate::services::Services;
use crate::variables::typed;
use crate::xpath::{Document, Found, XPath};

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

/// Whether each node gives several values, by a second XPath.
fn is_collection(data: &Xml) -> Result<bool, String> {
    match setting(data, "EnumerationType") {
        "" | "NodeText" | "2" => Ok(false),
        "ElementCollection" | "3" => Ok(true),
        other => Err(format!(
            "EnumerationType `{other}` gives objects that only scripts can use; set it to NodeText \
             or ElementCollection"
        )),
    }
}

fn check(data: &Xml) -> Option<String> {
    let checked = is_collection(data).and_then(|collection| {
        let inner = setting(data, "InnerElementType");
        if collection && !matches!(inner, "" | "NodeText" | "2") {
            return Err(format!(
                "InnerElementType `{inner}` gives objects that only scripts can use; set it to NodeText"
            ));
        }
        if setting(data, "SourceDocument").is_empty() {
            return Err("SourceDocument is empty: no XML is given".to_owned());
        }
        for (kind, name) in xpaths(collection) {
            if is_direct(setting(data, kind)) {
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
    let collection = is_collection(data)?;
    let text = source(data, "SourceType", "SourceDocument", services)?;
    let root = xml::read(text.as_bytes(), "SourceDocument");
    let root = root.map_err(|error| format!("the XML document cannot be read: {error}"))?;
    let xpath = |kind, name| -> Result<XPath, String> {
        let text = source(data, kind, name, services)?;
        XPath::parse(&text).map_err(|error| error.to_string())
    };
    let document = Document::new(&root);
    let outer = xpath("OuterXPathSourceType", "OuterXPathString")?;
    let nodes = document.select(&outer).into_iter();
    let value = |found: &Found<'_>| typed::text(&found.text());
    if !collection {
        return Ok(nodes.map(|node| vec![value(&node)]).collect());
    }
    let inner = xpath("InnerXPathSourceType", "InnerXPathString")?;
    let columns = |node: Found<'_>| {
        document
            .select_from(&inner, &node)
            .iter()
            .map(value)
            .collect()
    };
    Ok(nodes.map(columns).collect())
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
