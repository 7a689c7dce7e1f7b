//! From the bytes of a flat file to text and back, by code page.

use encoding_rs::Encoding;

use crate::convert::CodePage;

/// How the text of a file is encoded.
#[derive(Clone, Debug)]
pub enum Codec {
    /// `Unicode`: UTF-16, low byte first.
    Utf16,
    /// Code page 65001.
    Utf8,
    /// One byte per character, such as code page 1252.
    SingleByte(Box<SingleByte>),
    /// One or more bytes per character, such as code page 932.
    MultiByte(&'static Encoding),
}

/// The characters of a code page with one byte each.
#[derive(Clone, Debug)]
pub struct SingleByte {
    decode: [char; 256],
    /// Characters above ASCII with their byte, sorted for binary search.
    encode: Vec<(char, u8)>,
}

/// Bytes that are not text in the code page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotText;

/// A character that the code page does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unmappable(pub char);

/// What no code page decodes to; it stands for an undefined byte in [`SingleByte`].
const UNDEFINED: char = char::REPLACEMENT_CHARACTER;

impl Codec {
    /// The codec of a Windows code page; `None` when it is not supported.
    #[must_use]
    pub fn of_code_page(code_page: u32) -> Option<Self> {
        match code_page {
            1200 => return Some(Self::Utf16),
            65001 => return Some(Self::Utf8),
            // High byte first, and states between characters: no file of a package has those.
            1201 | 50220 => return None,
            _ => {}
        }
        if let Some(encoding) = multi_byte(code_page) {
            return Some(Self::MultiByte(encoding));
        }
        let page = CodePage::from_number(code_page).ok()?;
        Some(Self::SingleByte(Box::new(SingleByte::new(page))))
    }

    /// Decodes one field.
    ///
    /// `scratch` holds the text when it cannot be borrowed. A [`Codec::Utf16`] file is
    /// transcoded as a whole, so that its fields are UTF-8 as well.
    ///
    /// # Errors
    /// [`NotText`] for bytes that are no text in this encoding.
    pub fn decode<'t>(&self, bytes: &'t [u8], scratch: &'t mut String) -> Result<&'t str, NotText> {
        match self {
            Self::Utf16 | Self::Utf8 => std::str::from_utf8(bytes).map_err(|_| NotText),
            _ if bytes.is_ascii() => std::str::from_utf8(bytes).map_err(|_| NotText),
            Self::SingleByte(page) => {
                scratch.clear();
                scratch.extend(bytes.iter().map(|&byte| page.decode[usize::from(byte)]));
                let whole = !scratch.contains(UNDEFINED);
                if whole { Ok(scratch) } else { Err(NotText) }
            }
            Self::MultiByte(encoding) => {
                let text = encoding
                    .decode_without_bom_handling_and_without_replacement(bytes)
                    .ok_or(NotText)?;
                scratch.clear();
                scratch.push_str(&text);
                Ok(scratch)
            }
        }
    }

    /// Appends the text as bytes of the file.
    ///
    /// # Errors
    /// [`Unmappable`] with the first character that the code page does not have;
    /// `out` may hold what came before it.
    pub fn encode(&self, text: &str, out: &mut Vec<u8>) -> Result<(), Unmappable> {
        match self {
            Self::Utf16 => out.extend(text.encode_utf16().flat_map(u16::to_le_bytes)),
            Self::Utf8 => out.extend_from_slice(text.as_bytes()),
            _ if text.is_ascii() => out.extend_from_slice(text.as_bytes()),
            Self::SingleByte(page) => {
                for character in text.chars() {
                    out.push(page.byte_of(character)?);
                }
            }
            Self::MultiByte(encoding) => {
                let (bytes, _, unmappable) = encoding.encode(text);
                if unmappable {
                    return Err(first_unmappable(encoding, text));
                }
                out.extend_from_slice(&bytes);
            }
        }
        Ok(())
    }

    /// How long the text is in the units that column widths count: bytes, or UTF-16 units.
    #[must_use]
    pub fn measure(&self, text: &str) -> usize {
        match self {
            Self::Utf16 => text.encode_utf16().count(),
            Self::Utf8 => text.len(),
            _ if text.is_ascii() => text.len(),
            Self::SingleByte(_) => text.chars().count(),
            Self::MultiByte(encoding) => encoding.encode(text).0.len(),
        }
    }

    /// The longest start of the text that is at most `limit` units long.
    #[must_use]
    pub fn cut<'t>(&self, text: &'t str, limit: usize) -> &'t str {
        let mut units = 0;
        for (at, character) in text.char_indices() {
            units += self.measure(character.encode_utf8(&mut [0; 4]));
            if limit < units {
                return &text[..at];
            }
        }
        text
    }
}

impl SingleByte {
    fn new(page: CodePage) -> Self {
        let mut decode = [UNDEFINED; 256];
        for (byte, character) in (0_u8..=255).zip(&mut decode) {
            let bytes = [byte];
            let decoded = page.decode(&bytes);
            *character = decoded.text.chars().next().unwrap_or(UNDEFINED);
        }
        let mut encode: Vec<(char, u8)> = decode
            .iter()
            .copied()
            .zip(0_u8..=255)
            .filter(|&(character, byte)| 127 < byte && character != UNDEFINED)
            .collect();
        encode.sort_unstable();
        Self { decode, encode }
    }

    fn byte_of(&self, character: char) -> Result<u8, Unmappable> {
        if let Ok(byte) = u8::try_from(character)
            && byte.is_ascii()
        {
            return Ok(byte);
        }
        let found = self
            .encode
            .binary_search_by_key(&character, |&(known, _)| known);
        let index = found.map_err(|_| Unmappable(character))?;
        Ok(self.encode[index].1)
    }
}

fn first_unmappable(encoding: &'static Encoding, text: &str) -> Unmappable {
    let lacks = |character: &char| encoding.encode(character.encode_utf8(&mut [0; 4])).2;
    Unmappable(text.chars().find(lacks).unwrap_or(UNDEFINED))
}

/// The code pages with characters of more than one byte.
fn multi_byte(code_page: u32) -> Option<&'static Encoding> {
    Some(match code_page {
        932 => encoding_rs::SHIFT_JIS,
        936 => encoding_rs::GBK,
        949 | 51949 => encoding_rs::EUC_KR,
        950 => encoding_rs::BIG5,
        20932 | 51932 => encoding_rs::EUC_JP,
        54936 => encoding_rs::GB18030,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(code_page: u32, bytes: &[u8]) -> Result<String, NotText> {
        let codec = Codec::of_code_page(code_page).unwrap();
        codec.decode(bytes, &mut String::new()).map(str::to_owned)
    }

    #[test]
    fn each_code_page_reads_its_own_bytes() {
        for (code_page, bytes, text) in [
            (1252, &b"caf\xe9 \x80"[..], "café €"),
            (1250, b"\xe8", "č"),
            (1251, b"\xcf", "П"),
            (932, b"\x83e", "テ"),
            (65001, "é".as_bytes(), "é"),
        ] {
            assert_eq!(
                decoded(code_page, bytes).as_deref(),
                Ok(text),
                "{code_page}"
            );
            let mut back = Vec::new();
            Codec::of_code_page(code_page)
                .unwrap()
                .encode(text, &mut back)
                .unwrap();
            assert_eq!(back, bytes, "{code_page}");
        }
    }

    #[test]
    fn bytes_and_characters_outside_the_code_page_are_refused() {
        assert_eq!(decoded(65001, b"caf\xe9"), Err(NotText));
        assert_eq!(decoded(932, b"\x83"), Err(NotText));
        assert_eq!(decoded(874, b"\xfc"), Err(NotText));
        let mut out = Vec::new();
        let western = Codec::of_code_page(1252).unwrap();
        assert_eq!(western.encode("aПb", &mut out), Err(Unmappable('П')));
        let japanese = Codec::of_code_page(932).unwrap();
        assert_eq!(japanese.encode("テ🦀", &mut out), Err(Unmappable('🦀')));
        assert!(Codec::of_code_page(65000).is_none());
    }

    #[test]
    fn text_is_measured_and_cut_in_the_units_of_the_file() {
        let utf8 = Codec::of_code_page(65001).unwrap();
        assert_eq!(utf8.measure("é🦀"), 6);
        assert_eq!(utf8.cut("é🦀", 5), "é");
        assert_eq!(Codec::Utf16.measure("é🦀"), 3);
        assert_eq!(Codec::Utf16.cut("é🦀", 2), "é");
        let western = Codec::of_code_page(1252).unwrap();
        assert_eq!(western.measure("é€"), 2);
        assert_eq!(western.cut("abc", 3), "abc");
    }
}
