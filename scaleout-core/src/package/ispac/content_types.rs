//! `[Content_Types].xml`: one line per extension, as every packaging format has it.

use super::archive::Member;

/// The name of the member.
pub(super) const MEMBER: &str = "[Content_Types].xml";

/// The content for these members. It alone starts with a byte order mark.
pub(super) fn build(members: &[&Member]) -> Vec<u8> {
    let mut extensions: Vec<String> = Vec::new();
    for member in members {
        let extension = member
            .name
            .rsplit('.')
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        if !extensions.contains(&extension) {
            extensions.push(extension);
        }
    }
    let mut text = String::from(
        "\u{FEFF}<?xml version=\"1.0\" encoding=\"utf-8\"?>\
         <Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">",
    );
    for extension in extensions {
        let extension = quick_xml::escape::escape(extension);
        text.push_str(&format!(
            "<Default Extension=\"{extension}\" ContentType=\"text/xml\" />"
        ));
    }
    text.push_str("</Types>");
    text.into_bytes()
}
