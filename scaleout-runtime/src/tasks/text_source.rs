//! Texts that a task has typed in, in a variable, or in a file: statements, messages.

use crate::convert::CodePage;
use crate::paths;
use crate::services::Services;
use crate::value::Value;

/// Where the text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SourceType {
    Direct,
    File,
    Variable,
}

impl SourceType {
    /// By name, or by the number that property expressions give; `None` for any other.
    pub(super) fn from_text(text: &str) -> Option<Self> {
        Some(match text.trim() {
            "" | "DirectInput" | "1" => Self::Direct,
            "FileConnection" | "2" => Self::File,
            "Variable" | "3" => Self::Variable,
            _ => return None,
        })
    }
}

/// The text. A file without a mark at its start is UTF-8, or else in the code page.
pub(super) fn read(
    source_type: SourceType,
    source: &str,
    code_page: u32,
    services: &Services,
) -> Result<String, String> {
    match source_type {
        SourceType::Direct => Ok(source.to_owned()),
        SourceType::Variable => from_variable(source, services),
        SourceType::File => from_file(source, code_page, services),
    }
}

fn from_variable(name: &str, services: &Services) -> Result<String, String> {
    let value = services.variables.get(name);
    match value.map_err(|error| error.to_string())?.value {
        Value::Str(text) => Ok(text.as_ref().to_owned()),
        Value::Null => Ok(String::new()),
        _ => Err(format!("variable `{name}` holds no text")),
    }
}

fn from_file(source: &str, code_page: u32, services: &Services) -> Result<String, String> {
    let manager = services.connections.resolve(source);
    let manager = manager.map_err(|error| error.explained())?;
    let written = manager.connection_string();
    let path = paths::resolve(written, &services.settings).map_err(|error| error.explained())?;
    let bytes = std::fs::read(&path).map_err(|error| {
        format!(
            "file \"{written}\" of connection manager `{}` cannot be read: {error}",
            manager.name
        )
    })?;
    decode(&bytes, code_page).map_err(|reason| format!("file \"{written}\": {reason}"))
}

/// A byte order mark decides; then UTF-8 where the bytes are that; then the code page.
fn decode(bytes: &[u8], code_page: u32) -> Result<String, String> {
    const UTF_16: u32 = 1200;
    let (rest, page) = match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => (rest, 65001),
        [0xFF, 0xFE, rest @ ..] => (rest, UTF_16),
        _ => {
            if let Ok(text) = std::str::from_utf8(bytes) {
                return Ok(text.to_owned());
            }
            (bytes, code_page)
        }
    };
    let page = CodePage::from_number(page).map_err(|error| error.to_string())?;
    Ok(page.decode(rest).text.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_encoding_is_found_out() {
        for (bytes, code_page) in [
            (&b"\xEF\xBB\xBFs\xC3\xA4"[..], 0),
            (b"\xFF\xFEs\0\xE4\0", 0),
            (b"s\xC3\xA4", 1252),
            (b"s\xE4", 1252),
            (b"s\xE4", 0),
        ] {
            assert_eq!(decode(bytes, code_page).as_deref(), Ok("sä"), "{bytes:?}");
        }
    }
}
