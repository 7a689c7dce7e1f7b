//! What a Send Mail task is set to.

use scaleout_core::package::xml::Element;

use crate::settle::task_property::{Place, PropertyPlace};
use crate::tasks::text_source::SourceType;

/// The list of attachments as one text; files have it as children.
const FILE_ATTACHMENTS: &str = "FileAttachments";

/// Properties by object-model name.
pub(super) const PROPERTIES: &[PropertyPlace] = &[
    ("SmtpConnection", Place::Attribute("SMTPServer")),
    ("SMTPServer", Place::Attribute("SMTPServer")),
    ("FromLine", Place::Attribute("From")),
    ("ToLine", Place::Attribute("To")),
    ("CCLine", Place::Attribute("CC")),
    ("BCCLine", Place::Attribute("BCC")),
    ("Subject", Place::Attribute("Subject")),
    ("Priority", Place::Attribute("Priority")),
    ("MessageSourceType", Place::Attribute("MessageSourceType")),
    ("MessageSource", Place::Attribute("MessageSource")),
    ("FileAttachments", Place::Attribute(FILE_ATTACHMENTS)),
];

/// `Priority`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Priority {
    Normal,
    Low,
    High,
}

/// All settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Settings {
    pub(super) connection: String,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) cc: String,
    pub(super) bcc: String,
    pub(super) subject: String,
    pub(super) priority: Priority,
    pub(super) source_type: SourceType,
    pub(super) source: String,
    /// Paths, as the package writes them.
    pub(super) attachments: Vec<String>,
}

impl Settings {
    /// Reads the task's own element.
    ///
    /// # Errors
    /// An enumeration has a value that is none.
    pub(super) fn read(data: &Element) -> Result<Self, String> {
        let text = |name| data.attribute(name).unwrap_or_default().trim().to_owned();
        let priority = match text("Priority").as_str() {
            "" | "Normal" | "1" => Priority::Normal,
            "High" | "0" => Priority::High,
            "Low" | "2" => Priority::Low,
            other => return Err(format!("`Priority` is `{other}`, which is unknown")),
        };
        let source_type = text("MessageSourceType");
        Ok(Self {
            connection: text("SMTPServer"),
            from: text("From"),
            to: text("To"),
            cc: text("CC"),
            bcc: text("BCC"),
            subject: text("Subject"),
            priority,
            source_type: SourceType::from_text(&source_type).ok_or_else(|| {
                format!("`MessageSourceType` is `{source_type}`, which is unknown")
            })?,
            source: data
                .attribute("MessageSource")
                .unwrap_or_default()
                .to_owned(),
            attachments: attachments(data),
        })
    }
}

/// A property expression gives one text; a file has one child for each, or one text as well.
fn attachments(data: &Element) -> Vec<String> {
    let written: Vec<&str> = match data.attribute(FILE_ATTACHMENTS) {
        Some(list) => vec![list],
        None => data
            .children_named("Attachments")
            .filter_map(|child| child.attribute("FileName"))
            .collect(),
    };
    written
        .iter()
        .flat_map(|list| list.split(['|', ';']))
        .map(|path| path.trim().to_owned())
        .filter(|path| !path.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn element(name: &str, attributes: &[(&str, &str)]) -> Element {
        let attributes = attributes.iter();
        let attributes = attributes.map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        Element {
            name: name.to_owned(),
            attributes: attributes.collect(),
            ..Element::default()
        }
    }

    #[test]
    fn attachments_come_from_the_file_or_from_an_expression() {
        let mut data = element("SendMailTaskData", &[]);
        data.children = vec![
            element("Attachments", &[("FileName", r"C:\a.csv|C:\b.csv")]),
            element("Attachments", &[("FileName", r"C:\c.csv")]),
        ];
        let read = Settings::read(&data).unwrap();
        assert_eq!(read.attachments, [r"C:\a.csv", r"C:\b.csv", r"C:\c.csv"]);

        let list = ("FileAttachments".to_owned(), " /x | ".to_owned());
        data.attributes.push(list);
        assert_eq!(Settings::read(&data).unwrap().attachments, ["/x"]);
    }

    #[test]
    fn numbers_of_property_expressions_are_read() {
        let attributes = [("Priority", "0"), ("MessageSourceType", "3")];
        let read = Settings::read(&element("SendMailTaskData", &attributes)).unwrap();
        assert_eq!(read.priority, Priority::High);
        assert_eq!(read.source_type, SourceType::Variable);
        let wrong = element("SendMailTaskData", &[("Priority", "Urgent")]);
        assert!(Settings::read(&wrong).unwrap_err().contains("`Urgent`"));
    }
}
