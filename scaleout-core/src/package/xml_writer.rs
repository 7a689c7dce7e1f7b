//! Writes an [`Element`] tree whose names all belong to one namespace: project manifests.

use super::xml::Element;

/// The tree as XML text without a declaration, every name with `prefix`.
pub(crate) fn write(root: &Element, prefix: &str, namespace: &str) -> String {
    let mut writer = Writer {
        prefix,
        out: String::new(),
    };
    let binding = format!(" xmlns:{prefix}=\"{}\"", escaped(namespace, true));
    writer.element(root, 0, &binding);
    writer.out
}

struct Writer<'a> {
    prefix: &'a str,
    out: String,
}

impl Writer<'_> {
    fn element(&mut self, element: &Element, depth: usize, binding: &str) {
        let indent = "  ".repeat(depth);
        let name = format!("{}:{}", self.prefix, element.name);
        self.out.push_str(&format!("{indent}<{name}{binding}"));
        for (key, value) in element.attributes.iter().filter(|(key, _)| key != "space") {
            let value = escaped(value, true);
            self.out
                .push_str(&format!(" {}:{key}=\"{value}\"", self.prefix));
        }
        let blank = !element.text.is_empty() && element.text.trim().is_empty();
        if blank || element.attribute("space") == Some("preserve") {
            self.out.push_str(" xml:space=\"preserve\"");
        }
        if element.children.is_empty() {
            self.leaf(element, &name);
            return;
        }
        self.out.push_str(">\n");
        for child in &element.children {
            self.element(child, depth + 1, "");
        }
        self.out.push_str(&format!("{indent}</{name}>\n"));
    }

    fn leaf(&mut self, element: &Element, name: &str) {
        if element.text.is_empty() {
            self.out.push_str(" />\n");
        } else {
            let text = escaped(&element.text, false);
            self.out.push_str(&format!(">{text}</{name}>\n"));
        }
    }
}

/// Entities for what XML would change; line breaks survive in attributes only as references.
fn escaped(text: &str, in_attribute: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\r' => out.push_str("&#xD;"),
            '"' if in_attribute => out.push_str("&quot;"),
            '\n' if in_attribute => out.push_str("&#xA;"),
            '\t' if in_attribute => out.push_str("&#x9;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let text = "<S:A xmlns:S=\"s\" S:n=\"a&#xA;&quot;&lt;b\"><S:B xml:space=\"preserve\">  </S:B>\
                    <S:C>x &amp; y&#xD;z</S:C><S:D/></S:A>";
        let root = crate::package::xml::read(text.as_bytes(), "t").unwrap();
        let written = write(&root, "SSIS", "www.microsoft.com/SqlServer/SSIS");
        let mut again = crate::package::xml::read(written.as_bytes(), "t").unwrap();
        for child in &mut again.children {
            child.line = 1;
        }
        assert_eq!(again, root);
        assert!(written.starts_with("<SSIS:A xmlns:SSIS="), "{written}");
    }
}
