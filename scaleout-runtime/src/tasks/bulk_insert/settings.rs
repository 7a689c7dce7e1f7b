//! What a Bulk Insert task is set to.

use scaleout_core::package::xml::Element;

use crate::settle::task_property::{Place, PropertyPlace};
use crate::tasks::path_source::is_true;

/// Properties by object-model name.
pub(super) const PROPERTIES: &[PropertyPlace] = &[
    ("SourceConnection", Place::Attribute("SourceConnectionName")),
    (
        "SourceConnectionName",
        Place::Attribute("SourceConnectionName"),
    ),
    (
        "DestinationConnection",
        Place::Attribute("DestinationConnectionName"),
    ),
    (
        "DestinationConnectionName",
        Place::Attribute("DestinationConnectionName"),
    ),
    (
        "DestinationTableName",
        Place::Attribute("DestinationTableName"),
    ),
    ("DataFileType", Place::Attribute("DataFileType")),
    ("FieldTerminator", Place::Attribute("FieldTerminator")),
    ("RowTerminator", Place::Attribute("RowTerminator")),
    ("UseFormatFile", Place::Attribute("UseFormatFile")),
    ("FormatFile", Place::Attribute("FormatFile")),
    ("FirstRow", Place::Attribute("FirstRow")),
    ("LastRow", Place::Attribute("LastRow")),
    ("BatchSize", Place::Attribute("BatchSize")),
    ("CodePage", Place::Attribute("CodePage")),
    ("CheckConstraints", Place::Attribute("CheckConstraints")),
    ("TableLock", Place::Attribute("TableLock")),
    ("KeepIdentity", Place::Attribute("KeepIdentity")),
    ("KeepNulls", Place::Attribute("KeepNulls")),
    ("FireTriggers", Place::Attribute("FireTriggers")),
    ("SortedData", Place::Attribute("SortedData")),
    ("MaximumErrors", Place::Attribute("MaximumErrors")),
];

/// All settings, as `BULK INSERT` takes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Settings<'x> {
    pub(super) source: &'x str,
    pub(super) destination: &'x str,
    pub(super) table: &'x str,
    /// `char`, `native`, `widechar`, `widenative`.
    pub(super) file_type: &'static str,
    pub(super) format: Format<'x>,
    /// `FIRSTROW` and the like, where they are not 0.
    pub(super) numbers: Vec<(&'static str, u64)>,
    pub(super) code_page: &'x str,
    /// `TABLOCK` and the like, those that are on.
    pub(super) switches: Vec<&'static str>,
    pub(super) sorted: &'x str,
}

/// How the file is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format<'x> {
    Terminators { field: &'x str, row: &'x str },
    File(&'x str),
}

impl<'x> Settings<'x> {
    /// Reads the task's own element.
    ///
    /// # Errors
    /// Something is missing, or is no value of its kind.
    pub(super) fn read(data: &'x Element) -> Result<Self, String> {
        let text = |name: &str| data.attribute(name).unwrap_or_default().trim();
        let needed = |name: &str, what: &str| match text(name) {
            "" => Err(format!("no {what} is set")),
            value => Ok(value),
        };
        let is_on = |name: &str, default: bool| match text(name) {
            "" => default,
            value => is_true(value),
        };
        let mut numbers = Vec::new();
        for (name, option) in [
            ("FirstRow", "FIRSTROW"),
            ("LastRow", "LASTROW"),
            ("BatchSize", "BATCHSIZE"),
            ("MaximumErrors", "MAXERRORS"),
        ] {
            let number = match text(name) {
                "" => 0,
                value => value
                    .parse()
                    .map_err(|_| format!("`{name}` is `{value}`, which is no number"))?,
            };
            if 0 < number {
                numbers.push((option, number));
            }
        }
        let switches = [
            ("CheckConstraints", "CHECK_CONSTRAINTS", true),
            ("TableLock", "TABLOCK", false),
            ("KeepIdentity", "KEEPIDENTITY", false),
            ("KeepNulls", "KEEPNULLS", false),
            ("FireTriggers", "FIRE_TRIGGERS", false),
        ];
        let switches = switches.into_iter();
        let switches = switches.filter(|(name, _, default)| is_on(name, *default));
        let or = |value: &'x str, default: &'x str| if value.is_empty() { default } else { value };
        Ok(Self {
            source: needed("SourceConnectionName", "source file")?,
            destination: needed("DestinationConnectionName", "destination connection")?,
            table: needed("DestinationTableName", "destination table")?,
            file_type: file_type(text("DataFileType"))?,
            format: match is_on("UseFormatFile", false) {
                true => Format::File(needed("FormatFile", "format file")?),
                false => Format::Terminators {
                    // A blank is a terminator too.
                    field: or(data.attribute("FieldTerminator").unwrap_or_default(), "Tab"),
                    row: or(
                        data.attribute("RowTerminator").unwrap_or_default(),
                        "{CR}{LF}",
                    ),
                },
            },
            numbers,
            code_page: or(text("CodePage"), "RAW"),
            switches: switches.map(|(_, option, _)| option).collect(),
            sorted: text("SortedData"),
        })
    }
}

fn file_type(text: &str) -> Result<&'static str, String> {
    let name = text.strip_prefix("DTSBulkInsert_DataFileType_");
    Ok(match name.unwrap_or(text) {
        "" | "Char" | "1" => "char",
        "Native" | "2" => "native",
        "WideChar" | "3" => "widechar",
        "WideNative" | "4" => "widenative",
        _ => return Err(format!("`DataFileType` is `{text}`, which is unknown")),
    })
}
