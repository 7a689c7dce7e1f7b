//! `Debug` of what may hold secrets: it shows everything but those.

use std::fmt;

use super::connection_string::ConnectionString;
use super::model::{ConnectionManager, Parameter};
use super::node::parse_boolean;
use super::xml::Element;

const HIDDEN: &str = "***";

impl fmt::Debug for Parameter {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.value.as_deref();
        let shown = if self.sensitive {
            value.map(|_| HIDDEN)
        } else {
            value
        };
        out.debug_struct("Parameter")
            .field("name", &self.name)
            .field("value", &shown)
            .field("data_type", &self.data_type)
            .field("required", &self.required)
            .field("sensitive", &self.sensitive)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for ConnectionManager {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A string that does not read as pairs, such as a path, holds no password key.
        let parsed = ConnectionString::parse(self.connection_string());
        let shown = parsed.map_or_else(
            |_| self.connection_string().to_owned(),
            |parsed| parsed.redacted(),
        );
        out.debug_struct("ConnectionManager")
            .field("ref_id", &self.ref_id)
            .field("id", &self.id)
            .field("name", &self.name)
            .field("creation_name", &self.creation_name)
            .field("connection_string", &shown)
            .field("properties", &self.properties.keys())
            .field("sensitive_missing", &self.sensitive_missing)
            .field("flat_file_columns", &self.flat_file_columns)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Element {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sensitive = self.attribute("Sensitive").and_then(parse_boolean) == Some(true);
        let text = if sensitive {
            HIDDEN
        } else {
            self.text.as_str()
        };
        out.debug_struct("Element")
            .field("name", &self.name)
            .field("attributes", &self.attributes)
            .field("children", &self.children)
            .field("text", &text)
            .field("line", &self.line)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use crate::package::{conmgr, xml};

    #[test]
    fn debug_shows_no_secret() {
        let text = "<DTS:ConnectionManager xmlns:DTS=\"www.microsoft.com/SqlServer/Dts\" DTS:ObjectName=\"C\" \
                    DTS:CreationName=\"OLEDB\"><DTS:ObjectData><DTS:ConnectionManager \
                    DTS:ConnectionString=\"Data Source=db1;Password=hush;\"><DTS:Password DTS:Name=\"Password\" \
                    Sensitive=\"1\">hush</DTS:Password></DTS:ConnectionManager></DTS:ObjectData></DTS:ConnectionManager>";
        let manager = conmgr::read(text.as_bytes(), "C.conmgr").unwrap();
        assert_eq!(manager.properties["Password"], "hush");
        let shown = format!("{manager:?}");
        assert!(shown.contains("db1") && !shown.contains("hush"), "{shown}");
        let element = xml::read(b"<a><b Sensitive=\"1\">hush</b></a>", "a.xml").unwrap();
        assert!(!format!("{element:?}").contains("hush"));
    }
}
