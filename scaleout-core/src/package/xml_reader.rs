//! Reads XML bytes into an [`Element`] tree.
//!
//! Strict where it protects (no document types, no entities, limits on size,
//! depth and count), exact where scripts depend on it: `&#xA;` in an attribute
//! stays a line break while a literal one becomes a blank, as XML demands.
//! Designer layout is skipped without being kept.

use quick_xml::XmlVersion;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::reader::Reader;

use super::error::{PackageError, Place};
use super::xml::Element;

/// The largest document that is read.
pub const MAX_DOCUMENT_BYTES: usize = 256 << 20;
/// The deepest nesting of elements; a container inside a container takes two levels.
pub const MAX_DEPTH: usize = 160;
/// The most elements and attributes together.
pub const MAX_NODES: usize = 4_000_000;
/// The most attributes of one element: they are compared with each other.
const MAX_ATTRIBUTES: usize = 4_096;

/// Elements that hold nothing but designer layout, escaped XML included.
const DESIGNER_ONLY: [&str; 3] = [
    "DesignTimeProperties",
    "PackageVariables",
    "PackageVariable",
];

/// Reads a document; `origin` names the file in errors.
///
/// # Errors
///
/// When the bytes are not well-formed XML, carry a document type, or are over a limit.
pub fn read(bytes: &[u8], origin: &str) -> Result<Element, PackageError> {
    if bytes.len() > MAX_DOCUMENT_BYTES {
        let limit = format!("{MAX_DOCUMENT_BYTES} bytes");
        let place = Place {
            file: origin.into(),
            ..Place::default()
        };
        return Err(PackageError::DocumentLimit { place, limit });
    }
    let text = decode(bytes, origin)?;
    TreeBuilder::new(&text, origin).run()
}

/// UTF-8 with or without a byte order mark, or UTF-16 with one.
fn decode<'a>(bytes: &'a [u8], origin: &str) -> Result<std::borrow::Cow<'a, str>, PackageError> {
    let wide = |from: fn([u8; 2]) -> u16| {
        let pairs = bytes[2..].chunks_exact(2);
        let is_whole = pairs.remainder().is_empty();
        let units = pairs.map(|pair| from([pair[0], pair[1]]));
        let text: Result<String, _> = char::decode_utf16(units).collect();
        match text {
            Ok(text) if is_whole => Ok(std::borrow::Cow::Owned(text)),
            _ => Err(encoding_error(origin, 0, "UTF-16")),
        }
    };
    match bytes {
        [0xFF, 0xFE, ..] => return wide(u16::from_le_bytes),
        [0xFE, 0xFF, ..] => return wide(u16::from_be_bytes),
        _ => {}
    }
    let bytes = bytes.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(std::borrow::Cow::Borrowed(text)),
        Err(error) => {
            let line = 1 + count_lines(&bytes[..error.valid_up_to()]);
            Err(encoding_error(origin, line, "UTF-8"))
        }
    }
}

fn encoding_error(origin: &str, line: u32, encoding: &str) -> PackageError {
    PackageError::MalformedXml {
        place: Place {
            file: origin.into(),
            line,
            element: Box::default(),
        },
        reason: format!("the bytes are not {encoding}"),
    }
}

fn count_lines(bytes: &[u8]) -> u32 {
    let breaks = bytes.iter().filter(|byte| **byte == b'\n').count();
    u32::try_from(breaks).unwrap_or(u32::MAX)
}

/// An element that is still open.
struct Open {
    element: Element,
    preserve_space: bool,
    /// Text since the last tag; blank text between tags is layout and is dropped.
    pending: String,
    /// A character reference or CDATA in `pending`: it is content, even if blank.
    pending_is_content: bool,
}

struct TreeBuilder<'a> {
    text: &'a str,
    origin: &'a str,
    reader: Reader<&'a [u8]>,
    stack: Vec<Open>,
    root: Option<Element>,
    nodes: usize,
    line: u32,
    counted_to: usize,
}

impl<'a> TreeBuilder<'a> {
    fn new(text: &'a str, origin: &'a str) -> Self {
        Self {
            text,
            origin,
            reader: Reader::from_str(text),
            stack: Vec::new(),
            root: None,
            nodes: 0,
            line: 1,
            counted_to: 0,
        }
    }

    fn run(mut self) -> Result<Element, PackageError> {
        loop {
            self.advance_line();
            let event = match self.reader.read_event() {
                Ok(event) => event,
                Err(error) => return Err(self.malformed_at_error(&error)),
            };
            match event {
                Event::Start(tag) if is_designer_only(&tag) => self.skip(&tag)?,
                Event::Start(tag) => self.open(&tag)?,
                Event::Empty(tag) if is_designer_only(&tag) => {}
                Event::Empty(tag) => {
                    self.open(&tag)?;
                    self.close();
                }
                Event::End(_) => self.close(),
                Event::Text(text) => self.append(&text.xml10_content(), false)?,
                Event::CData(text) => self.append(&text.xml10_content(), true)?,
                Event::GeneralRef(reference) => self.append_reference(&reference)?,
                Event::DocType(_) => {
                    return Err(PackageError::DocumentType {
                        place: self.place(),
                    });
                }
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
                Event::Eof => break,
            }
        }
        if !self.stack.is_empty() {
            return Err(self.malformed("the file ends before this element is closed"));
        }
        match self.root.take() {
            Some(root) => Ok(root),
            None => Err(self.malformed("the file has no root element")),
        }
    }

    fn skip(&mut self, tag: &BytesStart<'_>) -> Result<(), PackageError> {
        match self.reader.read_to_end(tag.name()) {
            Ok(_) => Ok(()),
            Err(error) => Err(self.malformed_at_error(&error)),
        }
    }

    fn open(&mut self, tag: &BytesStart<'_>) -> Result<(), PackageError> {
        if self.stack.is_empty() && self.root.is_some() {
            return Err(self.malformed("there is a second root element"));
        }
        self.flush_text();
        let inherited = self.stack.last().is_some_and(|open| open.preserve_space);
        let mut open = Open {
            element: Element {
                name: tag.local_name().as_ref().to_owned(),
                line: self.line,
                ..Element::default()
            },
            preserve_space: inherited,
            pending: String::new(),
            pending_is_content: false,
        };
        for attribute in tag.attributes() {
            let attribute = attribute.map_err(|error| self.malformed(&error.to_string()))?;
            let key = attribute.key;
            if key.as_namespace_binding().is_some() {
                continue;
            }
            let value = attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .map_err(|error| self.malformed(&error.to_string()))?;
            if key.as_ref() == "xml:space" {
                open.preserve_space = value == "preserve";
            }
            let name = key.local_name().as_ref().to_owned();
            open.element.attributes.push((name, value.into_owned()));
            if open.element.attributes.len() > MAX_ATTRIBUTES {
                return Err(self.over_limit(format!("{MAX_ATTRIBUTES} attributes")));
            }
        }
        self.nodes += 1 + open.element.attributes.len();
        self.stack.push(open);
        if self.stack.len() > MAX_DEPTH {
            return Err(self.over_limit(format!("{MAX_DEPTH} nested elements")));
        }
        if self.nodes > MAX_NODES {
            return Err(self.over_limit(format!("{MAX_NODES} elements and attributes")));
        }
        Ok(())
    }

    fn close(&mut self) {
        self.flush_text();
        let Some(done) = self.stack.pop() else { return };
        match self.stack.last_mut() {
            Some(parent) => parent.element.children.push(done.element),
            None => self.root = Some(done.element),
        }
    }

    fn append(&mut self, text: &str, is_content: bool) -> Result<(), PackageError> {
        match self.stack.last_mut() {
            Some(open) => {
                open.pending.push_str(text);
                open.pending_is_content |= is_content;
                Ok(())
            }
            None if text.trim().is_empty() && !is_content => Ok(()),
            None => Err(self.malformed("there is text outside the root element")),
        }
    }

    fn append_reference(&mut self, reference: &BytesRef<'_>) -> Result<(), PackageError> {
        let resolved = reference
            .resolve_char_ref()
            .map_err(|error| self.malformed(&error.to_string()))?;
        if let Some(character) = resolved {
            return self.append(character.encode_utf8(&mut [0; 4]), true);
        }
        let name = reference.xml10_content();
        match quick_xml::escape::resolve_predefined_entity(&name) {
            Some(text) => self.append(text, true),
            None => Err(self.malformed(&format!("the entity `&{name};` is not defined"))),
        }
    }

    /// Moves text into its element; blank text counts only where the file says so.
    fn flush_text(&mut self) {
        let Some(open) = self.stack.last_mut() else {
            return;
        };
        let keep = open.preserve_space || open.pending_is_content || !is_blank(&open.pending);
        if keep {
            open.element.text.push_str(&open.pending);
        }
        open.pending.clear();
        open.pending_is_content = false;
    }

    fn advance_line(&mut self) {
        let position = usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX);
        let position = position.min(self.text.len());
        if position > self.counted_to {
            self.line += count_lines(&self.text.as_bytes()[self.counted_to..position]);
            self.counted_to = position;
        }
    }

    fn malformed_at_error(&mut self, error: &quick_xml::Error) -> PackageError {
        let position = usize::try_from(self.reader.error_position()).unwrap_or(usize::MAX);
        let before = &self.text.as_bytes()[..position.min(self.text.len())];
        self.line = 1 + count_lines(before);
        self.malformed(&error.to_string())
    }

    fn malformed(&self, reason: &str) -> PackageError {
        PackageError::MalformedXml {
            place: self.place(),
            reason: reason.to_owned(),
        }
    }

    fn over_limit(&self, limit: String) -> PackageError {
        PackageError::DocumentLimit {
            place: self.place(),
            limit,
        }
    }

    fn place(&self) -> Place {
        let innermost = self.stack.last().map(|open| &open.element);
        Place {
            file: self.origin.into(),
            line: self.line,
            element: innermost.map(Element::label).unwrap_or_default().into(),
        }
    }
}

fn is_designer_only(tag: &BytesStart<'_>) -> bool {
    DESIGNER_ONLY.contains(&tag.local_name().as_ref())
}

/// Blank in the sense of XML: only these four characters.
fn is_blank(text: &str) -> bool {
    text.bytes()
        .all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Explain as _;

    fn parsed(text: &str) -> Element {
        read(text.as_bytes(), "a.xml").unwrap_or_else(|error| panic!("{error}"))
    }

    fn refused(text: &str) -> PackageError {
        read(text.as_bytes(), "a.xml").unwrap_err()
    }

    #[test]
    fn names_lose_their_prefix_and_bindings_are_no_attributes() {
        let root = parsed("<A:b xmlns:A=\"u\" xmlns=\"v\" A:c=\"1\" d=\"2\"><e/></A:b>");
        assert_eq!(root.name, "b");
        let pairs = [("c", "1"), ("d", "2")].map(|(key, value)| (key.to_owned(), value.to_owned()));
        assert_eq!(root.attributes, pairs);
        assert_eq!(root.children[0].name, "e");
    }

    #[test]
    fn attributes_keep_escaped_line_breaks_only() {
        let root = parsed("<a b=\"1&#xA;2\r\n3\t4&#13;5 &amp;&lt;&quot;\"/>");
        assert_eq!(root.attribute("b"), Some("1\n2 3 4\r5 &<\""));
    }

    #[test]
    fn text_cdata_and_entities_are_joined_exactly() {
        let root = parsed("<a> x &amp; <![CDATA[<y>\n]]>&#x41;&gt; <!-- no --> z</a>");
        assert_eq!(root.text, " x & <y>\nA>  z");
    }

    #[test]
    fn blank_text_counts_only_where_it_is_meant() {
        assert_eq!(parsed("<a>\n  </a>").text, "");
        assert_eq!(parsed("<a xml:space=\"preserve\"> </a>").text, " ");
        assert_eq!(
            parsed("<a xml:space=\"preserve\"><b> </b></a>").children[0].text,
            " "
        );
        assert_eq!(parsed("<a>&#x20;</a>").text, " ");
        assert_eq!(parsed("<a><![CDATA[ ]]></a>").text, " ");
        assert_eq!(parsed("<a>\n <b/>\n</a>").text, "");
    }

    #[test]
    fn byte_order_marks_and_utf_16_are_read() {
        assert_eq!(parsed("\u{FEFF}<?xml version=\"1.0\"?><a>é</a>").text, "é");
        let wide: Vec<u8> = "\u{FEFF}<a>é</a>"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(read(&wide, "a.xml").unwrap().text, "é");
        assert!(read(&wide[..wide.len() - 1], "a.xml").is_err());
        let error = read(b"<a>\n\xE9</a>", "a.xml").unwrap_err();
        assert_eq!(
            error.to_string(),
            "malformed XML in `a.xml`, line 2: the bytes are not UTF-8"
        );
    }

    #[test]
    fn lines_are_counted() {
        let root = parsed("<?xml version=\"1.0\"?>\n<a\n b=\"1\">\n <c/><d/>\n\n <e/></a>");
        let lines: Vec<u32> = root.children.iter().map(|child| child.line).collect();
        assert_eq!((root.line, &lines[..]), (2, &[4, 4, 6][..]));
    }

    #[test]
    fn designer_layout_is_skipped() {
        let root = parsed(
            "<a><DTS:DesignTimeProperties><x>y</x></DTS:DesignTimeProperties><b/><PackageVariable/></a>",
        );
        assert_eq!(root.children.len(), 1);
    }

    #[test]
    fn document_types_and_unknown_entities_are_refused() {
        let bomb = "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>";
        assert_eq!(refused(bomb).code(), "SO2002");
        let error = refused("<a><b>\n&x;</b></a>");
        assert_eq!(
            error.to_string(),
            "malformed XML in `a.xml`, line 2, element `b`: the entity `&x;` is not defined"
        );
        assert_eq!(refused("<a b=\"&x;\"/>").code(), "SO2001");
    }

    #[test]
    fn what_is_not_well_formed_is_refused_with_its_line() {
        for (text, line) in [
            ("<a>\n<b>\n</a>", 3),
            ("<a>\n<b", 2),
            ("<a>\n\n", 3),
            ("<a/>\n<b/>", 2),
            ("<a/>\ntext", 1),
            ("<a b=\"1\" b=\"2\"/>", 1),
            ("<a b=1/>", 1),
            ("", 1),
        ] {
            let error = refused(text);
            let PackageError::MalformedXml { place, .. } = &error else {
                panic!("{error}")
            };
            assert_eq!(place.line, line, "{text}: {error}");
        }
    }

    #[test]
    fn depth_is_limited() {
        let deep = |depth: usize| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
        assert_eq!(parsed(&deep(MAX_DEPTH)).name, "a");
        let error = refused(&deep(MAX_DEPTH + 1));
        assert_eq!(error.code(), "SO2003");
        assert!(error.to_string().contains("160 nested elements"), "{error}");
    }

    #[test]
    fn attributes_are_limited() {
        let many: String = (0..=MAX_ATTRIBUTES)
            .map(|index| format!(" a{index}=\"\""))
            .collect();
        assert_eq!(refused(&format!("<a{many}/>")).code(), "SO2003");
    }
}
