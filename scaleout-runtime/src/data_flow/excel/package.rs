//! The parts of an `.xlsx` file, to be changed one by one.

use std::fs::File;
use std::io::{Cursor, Read, Write};
use std::path::{Path, PathBuf};

use quick_xml::Reader;
use quick_xml::events::Event;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::error::ExcelError;
use super::sheet_xml::escaped;

/// A workbook as its parts. What is not changed is copied as it is.
pub(super) struct Package {
    path: PathBuf,
    archive: ZipArchive<Cursor<Vec<u8>>>,
    changed: Vec<(String, String)>,
}

const WORKBOOK: &str = "xl/workbook.xml";
const RELATIONS: &str = "xl/_rels/workbook.xml.rels";
const TYPES: &str = "[Content_Types].xml";
/// The part with the styles of cells.
pub(super) const STYLES: &str = "xl/styles.xml";

/// A sheet without rows.
const EMPTY_SHEET: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData/></worksheet>"#;

impl Package {
    /// Opens a file, or begins a workbook where there is none.
    pub(super) fn open(path: &Path) -> Result<Self, ExcelError> {
        let unreadable = |reason: String| ExcelError::Unreadable {
            path: path.to_owned(),
            reason,
        };
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => empty_workbook(),
            Err(error) => return Err(unreadable(error.to_string())),
        };
        let archive = ZipArchive::new(Cursor::new(bytes));
        Ok(Self {
            path: path.to_owned(),
            archive: archive.map_err(|error| unreadable(error.to_string()))?,
            changed: Vec::new(),
        })
    }

    /// The text of a part.
    pub(super) fn part(&mut self, name: &str) -> Result<String, ExcelError> {
        if let Some((_, text)) = self.changed.iter().find(|(other, _)| other == name) {
            return Ok(text.clone());
        }
        let mut text = String::new();
        let read = self
            .archive
            .by_name(name)
            .map_err(|error| error.to_string())
            .and_then(|mut part| {
                part.read_to_string(&mut text)
                    .map_err(|error| error.to_string())
            });
        match read {
            Ok(_) => Ok(text),
            Err(reason) => Err(self.broken(&format!("part `{name}`: {reason}"))),
        }
    }

    /// Puts a text in the place of a part, or adds one.
    pub(super) fn put(&mut self, name: &str, text: String) {
        self.changed.retain(|(other, _)| other != name);
        self.changed.push((name.to_owned(), text));
    }

    /// The part of a sheet; one is added where there is none of that name.
    pub(super) fn sheet(&mut self, name: &str) -> Result<String, ExcelError> {
        let sheets = elements(&self.part(WORKBOOK)?, "sheet");
        let found = sheets.iter().find(|sheet| {
            attribute(sheet, "name").is_some_and(|other| other.eq_ignore_ascii_case(name))
        });
        match found {
            Some(sheet) => {
                let id = attribute(sheet, "id").unwrap_or_default().to_owned();
                self.target(&id)
            }
            None => self.add_sheet(name, &sheets),
        }
    }

    fn target(&mut self, id: &str) -> Result<String, ExcelError> {
        let relations = elements(&self.part(RELATIONS)?, "Relationship");
        let mut relations = relations.iter();
        let found = relations.find(|relation| attribute(relation, "Id") == Some(id));
        match found.and_then(|relation| attribute(relation, "Target")) {
            Some(target) => Ok(match target.strip_prefix('/') {
                Some(absolute) => absolute.to_owned(),
                None => format!("xl/{target}"),
            }),
            None => Err(self.broken("a sheet has no part")),
        }
    }

    fn add_sheet(&mut self, name: &str, sheets: &[Attributes]) -> Result<String, ExcelError> {
        let ids = sheets
            .iter()
            .filter_map(|sheet| attribute(sheet, "sheetId")?.parse::<u32>().ok());
        let number = ids.max().unwrap_or(0) + 1;
        let part = format!("worksheets/sheetScaleOut{number}.xml");
        let id = format!("rIdScaleOut{number}");
        let name = escaped(name);
        for (file, before, added) in [
            (
                WORKBOOK,
                "</sheets>",
                format!(
                    r#"<sheet xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" name="{name}" sheetId="{number}" r:id="{id}"/>"#
                ),
            ),
            (
                RELATIONS,
                "</Relationships>",
                format!(
                    r#"<Relationship Id="{id}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="{part}"/>"#
                ),
            ),
            (
                TYPES,
                "</Types>",
                format!(
                    r#"<Override PartName="/xl/{part}" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>"#
                ),
            ),
        ] {
            let mut text = self.part(file)?;
            // An empty list may be written in one tag.
            text = text.replace("<sheets/>", "<sheets></sheets>");
            let Some(at) = text.rfind(before) else {
                return Err(self.broken(&format!("part `{file}` has no `{before}`")));
            };
            text.insert_str(at, &added);
            self.put(file, text);
        }
        let part = format!("xl/{part}");
        self.put(&part, EMPTY_SHEET.to_owned());
        Ok(part)
    }

    /// Writes everything beside the file and puts it in its place.
    pub(super) fn save(mut self) -> Result<(), ExcelError> {
        let written = self.write();
        written.map_err(|reason| ExcelError::Unwritable {
            path: self.path.clone(),
            reason: format!("{reason}; look at the rights of the folder and the room on its disk"),
        })
    }

    fn write(&mut self) -> Result<(), String> {
        let folder = self.path.parent().filter(|it| !it.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        let beside = tempfile::NamedTempFile::new_in(folder).map_err(|error| error.to_string())?;
        let file: File = beside.reopen().map_err(|error| error.to_string())?;
        let mut writer = ZipWriter::new(file);
        for index in 0..self.archive.len() {
            let part = self
                .archive
                .by_index_raw(index)
                .map_err(|error| error.to_string())?;
            let name = part.name().map_err(|error| error.to_string())?.into_owned();
            if !self.changed.iter().any(|(changed, _)| *changed == name) {
                writer
                    .raw_copy_file(part)
                    .map_err(|error| error.to_string())?;
            }
        }
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        for (name, text) in &self.changed {
            writer
                .start_file(name.as_str(), options)
                .map_err(|error| error.to_string())?;
            writer
                .write_all(text.as_bytes())
                .map_err(|error| error.to_string())?;
        }
        writer.finish().map_err(|error| error.to_string())?;
        beside
            .persist(&self.path)
            .map_err(|error| error.to_string())?;
        Ok(())
    }

    fn broken(&self, reason: &str) -> ExcelError {
        ExcelError::Unreadable {
            path: self.path.clone(),
            reason: reason.to_owned(),
        }
    }
}

type Attributes = Vec<(String, String)>;

fn attribute<'a>(attributes: &'a Attributes, name: &str) -> Option<&'a str> {
    let found = attributes.iter().find(|(other, _)| other == name);
    found.map(|(_, value)| value.as_str())
}

/// The attributes of all elements of a name, without prefixes.
fn elements(text: &str, name: &str) -> Vec<Attributes> {
    let mut reader = Reader::from_str(text);
    let mut found = Vec::new();
    // A document that is not whole has the elements up to there.
    while let Ok(event) = reader.read_event() {
        let start = match &event {
            Event::Start(start) | Event::Empty(start) => start,
            Event::Eof => break,
            _ => continue,
        };
        if start.local_name().as_ref() != name {
            continue;
        }
        let attributes = start.attributes().flatten().map(|attribute| {
            let key = attribute.key.local_name().as_ref().to_owned();
            let value =
                quick_xml::escape::unescape(&attribute.value).map(std::borrow::Cow::into_owned);
            (key, value.unwrap_or_default())
        });
        found.push(attributes.collect());
    }
    found
}

/// A workbook without sheets.
fn empty_workbook() -> Vec<u8> {
    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
    const KIND: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml";
    let parts = [
        (
            TYPES,
            format!(
                r#"<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="{KIND}.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="{KIND}.styles+xml"/></Types>"#
            ),
        ),
        (
            "_rels/.rels",
            format!(
                r#"<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
            ),
        ),
        (
            WORKBOOK,
            format!(r#"<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets></sheets></workbook>"#),
        ),
        (
            RELATIONS,
            format!(
                r#"<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>"#
            ),
        ),
        (
            STYLES,
            format!(
                r#"<styleSheet xmlns="{MAIN}"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs></styleSheet>"#
            ),
        ),
    ];
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, text) in parts {
        writer
            .start_file(name, options)
            .and_then(|()| {
                let head = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
                writer.write_all(head.as_bytes())?;
                writer.write_all(text.as_bytes())?;
                Ok(())
            })
            .expect("memory takes everything");
    }
    let done = writer.finish().expect("memory takes everything");
    done.into_inner()
}
