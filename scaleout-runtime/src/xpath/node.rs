//! Nodes that outlive the search that found them: variables hold them.

use std::any::Any;
use std::sync::Arc;

use scaleout_core::package::xml::Element;

use super::evaluate::{Document, Place};
use crate::value::ObjectValue;

/// A node with its document.
#[derive(Clone, Debug)]
pub struct XmlNode {
    document: Arc<Element>,
    place: Place,
}

impl XmlNode {
    /// A document as a node of its own.
    #[must_use]
    pub fn document_of(root: Element) -> Self {
        Self {
            document: Arc::new(root),
            place: Place::DOCUMENT,
        }
    }

    /// The root element of the document.
    #[must_use]
    pub fn document(&self) -> &Element {
        &self.document
    }

    /// Where in the document it is.
    #[must_use]
    pub fn place(&self) -> Place {
        self.place
    }

    /// Another node of the same document.
    #[must_use]
    pub fn sibling(&self, place: Place) -> Self {
        Self {
            document: Arc::clone(&self.document),
            place,
        }
    }

    /// What stands directly in it: its text, then its elements.
    #[must_use]
    pub fn children(&self) -> Vec<Self> {
        let document = Document::new(&self.document);
        let places = document.inside(self.place).into_iter();
        places.map(|place| self.sibling(place)).collect()
    }
}

impl ObjectValue for XmlNode {
    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[cfg(test)]
mod tests {
    use scaleout_core::package::xml;

    use super::super::XPath;
    use super::*;

    const BOOKS: &str = r#"<books><book id="1"><title>a</title><by><name>x</name><name>y</name></by></book><book id="2">b<title>c</title></book><other/></books>"#;

    fn found(from: &XmlNode, xpath: &str) -> Vec<XmlNode> {
        let document = Document::new(from.document());
        let xpath = XPath::parse(xpath).unwrap();
        let found = document.select_from(&xpath, &document.at(from.place()));
        let found = found.iter().map(|node| document.place_of(node));
        found.map(|place| from.sibling(place)).collect()
    }

    fn text(node: &XmlNode) -> String {
        Document::new(node.document()).at(node.place()).text()
    }

    fn texts(nodes: &[XmlNode]) -> Vec<String> {
        nodes.iter().map(text).collect()
    }

    #[test]
    fn a_node_is_found_again_and_searched_from_where_it_is() {
        let root = xml::read(BOOKS.as_bytes(), "books.xml").unwrap();
        let document = XmlNode::document_of(root);
        let all = found(&document, "//* | //@* | //text()");
        for node in &all {
            let document = Document::new(node.document());
            assert_eq!(document.place_of(&document.at(node.place())), node.place());
        }
        assert_eq!(all.len(), 16);
        let books = found(&document, "/books/book");
        assert_eq!(texts(&found(&books[1], "title")), ["c"]);
        assert_eq!(texts(&found(&books[0], "by/name")), ["x", "y"]);
        assert_eq!(
            texts(&found(&books[1], "@id | /books/book[1]/@id")),
            ["1", "2"]
        );
        assert_eq!(texts(&found(&books[0], "../book/title")), ["a", "c"]);
        assert_eq!(texts(&books[1].children()), ["b", "c"]);
        assert!(found(&books[0], "@id")[0].children().is_empty());
        assert_eq!(document.children().len(), 1);
    }
}
