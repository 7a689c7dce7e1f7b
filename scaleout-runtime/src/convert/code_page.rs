//! Windows code pages: bytes to text and back, saying what did not fit.

use std::borrow::Cow;

use encoding_rs::{EncoderResult, Encoding};
use scaleout_core::error::{Blame, Explain};

use super::code_page_tables::UPPER_HALVES;

/// What stands for a character that a code page does not have.
const SUBSTITUTE: u8 = b'?';

/// A code page.
#[derive(Clone, Copy, Debug)]
pub struct CodePage {
    number: u32,
    kind: Kind,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Utf8,
    Utf16 { big_endian: bool },
    Ascii,
    Latin1,
    Upper(&'static str),
    Library(&'static Encoding),
}

/// Text that came out of bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded<'a> {
    /// The text; U+FFFD where the bytes mean nothing.
    pub text: Cow<'a, str>,
    /// Some bytes mean nothing in the code page.
    pub malformed: bool,
}

/// Bytes that came out of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoded<'a> {
    /// The bytes; `?` for characters that the code page does not have.
    pub bytes: Cow<'a, [u8]>,
    /// The code page does not have some of the characters.
    pub unmappable: bool,
}

/// A code page that is not known here, or that is refused (UTF-7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("code page `{0}` is not supported")]
pub struct UnknownCodePage(pub u32);

impl Explain for UnknownCodePage {
    fn code(&self) -> &'static str {
        "SO3024"
    }

    fn blame(&self) -> Blame {
        Blame::Caller
    }

    fn hint(&self) -> String {
        "use 65001 (UTF-8) or a Windows code page such as 1252".to_owned()
    }
}

impl CodePage {
    /// Looks a code page up; 0, which files write where they mean the machine's own, is 1252.
    ///
    /// # Errors
    /// [`UnknownCodePage`]
    pub fn from_number(number: u32) -> Result<Self, UnknownCodePage> {
        let kind = match number {
            65001 => Kind::Utf8,
            1200 => Kind::Utf16 { big_endian: false },
            1201 => Kind::Utf16 { big_endian: true },
            20127 => Kind::Ascii,
            28591 => Kind::Latin1,
            _ => match UPPER_HALVES.iter().find(|(page, _)| *page == number) {
                Some((_, upper)) => Kind::Upper(upper),
                None => Kind::Library(library(number).ok_or(UnknownCodePage(number))?),
            },
        };
        Ok(Self { number, kind })
    }

    /// Its number.
    #[must_use]
    pub fn number(self) -> u32 {
        self.number
    }

    /// Can every character be written in it?
    #[must_use]
    pub fn is_unicode(self) -> bool {
        matches!(self.kind, Kind::Utf8 | Kind::Utf16 { .. }) || self.number == 54936
    }

    /// Is text of ASCII characters the same bytes in it?
    #[must_use]
    pub fn is_ascii_compatible(self) -> bool {
        !matches!(self.kind, Kind::Utf16 { .. })
    }

    /// Bytes to text. A byte order mark is text like any other: take it off before.
    #[must_use]
    pub fn decode(self, bytes: &[u8]) -> Decoded<'_> {
        if self.is_ascii_compatible()
            && bytes.is_ascii()
            && let Ok(text) = std::str::from_utf8(bytes)
        {
            return Decoded {
                text: Cow::Borrowed(text),
                malformed: false,
            };
        }
        match self.kind {
            Kind::Utf8 => decoded(String::from_utf8_lossy(bytes), bytes),
            Kind::Utf16 { big_endian } => decode_utf16(bytes, big_endian),
            Kind::Ascii => by_byte(bytes, |_| char::REPLACEMENT_CHARACTER),
            Kind::Latin1 => by_byte(bytes, char::from),
            Kind::Upper(upper) => {
                let upper: Vec<char> = upper.chars().collect();
                by_byte(bytes, |byte| upper[usize::from(byte - 128)])
            }
            Kind::Library(encoding) => {
                let (text, malformed) = encoding.decode_without_bom_handling(bytes);
                Decoded { text, malformed }
            }
        }
    }

    /// Text to bytes.
    #[must_use]
    pub fn encode(self, text: &str) -> Encoded<'_> {
        if matches!(self.kind, Kind::Utf8) || (self.is_ascii_compatible() && text.is_ascii()) {
            return Encoded {
                bytes: Cow::Borrowed(text.as_bytes()),
                unmappable: false,
            };
        }
        match self.kind {
            Kind::Utf8 => unmapped(text, |_| None),
            Kind::Utf16 { big_endian } => encode_utf16(text, big_endian),
            Kind::Ascii => unmapped(text, |_| None),
            Kind::Latin1 => unmapped(text, |character| u8::try_from(u32::from(character)).ok()),
            Kind::Upper(upper) => unmapped(text, |character| {
                let position = upper.chars().position(|other| other == character)?;
                u8::try_from(position + 128).ok()
            }),
            Kind::Library(encoding) => encode_library(text, encoding),
        }
    }
}

/// The code pages that `encoding_rs` has under another name.
fn library(number: u32) -> Option<&'static Encoding> {
    let label = match number {
        0 => "windows-1252",
        866 => "ibm866",
        874 => "windows-874",
        932 => "shift_jis",
        936 => "gbk",
        949 => "euc-kr",
        950 => "big5",
        10000 => "macintosh",
        10007 => "x-mac-cyrillic",
        20866 => "koi8-r",
        21866 => "koi8-u",
        20932 | 51932 => "euc-jp",
        51949 => "euc-kr",
        54936 => "gb18030",
        50220 => "iso-2022-jp",
        1250..=1258 => return Encoding::for_label(format!("windows-{number}").as_bytes()),
        28592..=28606 => {
            return Encoding::for_label(format!("iso-8859-{}", number - 28590).as_bytes());
        }
        _ => return None,
    };
    Encoding::for_label(label.as_bytes())
}

fn decoded<'a>(text: Cow<'a, str>, bytes: &[u8]) -> Decoded<'a> {
    let malformed = matches!(text, Cow::Owned(_)) && std::str::from_utf8(bytes).is_err();
    Decoded { text, malformed }
}

fn decode_utf16(bytes: &[u8], big_endian: bool) -> Decoded<'static> {
    let units = bytes.chunks_exact(2).map(|pair| {
        let pair = [pair[0], pair[1]];
        if big_endian {
            u16::from_be_bytes(pair)
        } else {
            u16::from_le_bytes(pair)
        }
    });
    let mut malformed = !bytes.len().is_multiple_of(2);
    let text = char::decode_utf16(units)
        .map(|unit| {
            unit.unwrap_or_else(|_| {
                malformed = true;
                char::REPLACEMENT_CHARACTER
            })
        })
        .collect::<String>();
    Decoded {
        text: Cow::Owned(text),
        malformed,
    }
}

fn by_byte(bytes: &[u8], upper: impl Fn(u8) -> char) -> Decoded<'static> {
    let text: String = bytes
        .iter()
        .map(|&byte| {
            if byte.is_ascii() {
                char::from(byte)
            } else {
                upper(byte)
            }
        })
        .collect();
    let malformed = text.contains(char::REPLACEMENT_CHARACTER);
    Decoded {
        text: Cow::Owned(text),
        malformed,
    }
}

fn encode_utf16(text: &str, big_endian: bool) -> Encoded<'static> {
    let bytes = text
        .encode_utf16()
        .flat_map(|unit| {
            if big_endian {
                unit.to_be_bytes()
            } else {
                unit.to_le_bytes()
            }
        })
        .collect::<Vec<u8>>();
    Encoded {
        bytes: Cow::Owned(bytes),
        unmappable: false,
    }
}

fn unmapped(text: &str, upper: impl Fn(char) -> Option<u8>) -> Encoded<'static> {
    let mut unmappable = false;
    let bytes = text
        .chars()
        .map(|character| {
            let byte = if character.is_ascii() {
                u8::try_from(u32::from(character)).ok()
            } else {
                upper(character)
            };
            byte.unwrap_or_else(|| {
                unmappable = true;
                SUBSTITUTE
            })
        })
        .collect::<Vec<u8>>();
    Encoded {
        bytes: Cow::Owned(bytes),
        unmappable,
    }
}

fn encode_library<'a>(text: &str, encoding: &'static Encoding) -> Encoded<'a> {
    let mut encoder = encoding.new_encoder();
    let mut bytes = Vec::with_capacity(text.len() + 16);
    let mut unmappable = false;
    let mut rest = text;
    loop {
        let room = encoder
            .max_buffer_length_from_utf8_without_replacement(rest.len())
            .unwrap_or(rest.len() * 4);
        bytes.reserve(room + 16);
        let (result, read) =
            encoder.encode_from_utf8_to_vec_without_replacement(rest, &mut bytes, true);
        rest = &rest[read..];
        match result {
            EncoderResult::InputEmpty => break,
            EncoderResult::OutputFull => {}
            EncoderResult::Unmappable(_) => {
                unmappable = true;
                bytes.push(SUBSTITUTE);
            }
        }
    }
    Encoded {
        bytes: Cow::Owned(bytes),
        unmappable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_comes_back_from_every_code_page() {
        let samples: [(u32, &str, &[u8]); 9] = [
            (1252, "é€", &[0xE9, 0x80]),
            (1251, "Ж", &[0xC6]),
            (437, "éß", &[0x82, 0xE1]),
            (850, "éÓ", &[0x82, 0xE0]),
            (932, "日", &[0x93, 0xFA]),
            (936, "中", &[0xD6, 0xD0]),
            (28591, "ÿ", &[0xFF]),
            (1200, "é", &[0xE9, 0]),
            (65001, "é", &[0xC3, 0xA9]),
        ];
        for (number, text, bytes) in samples {
            let page = CodePage::from_number(number).unwrap();
            let encoded = page.encode(text);
            assert_eq!(
                (&*encoded.bytes, encoded.unmappable),
                (bytes, false),
                "{number}"
            );
            let decoded = page.decode(bytes);
            assert_eq!(
                (&*decoded.text, decoded.malformed),
                (text, false),
                "{number}"
            );
        }
    }

    #[test]
    fn what_does_not_fit_is_reported() {
        for number in [1252, 437, 28591, 20127] {
            let encoded = CodePage::from_number(number).unwrap().encode("a中b");
            assert_eq!(
                (&*encoded.bytes, encoded.unmappable),
                (b"a?b".as_slice(), true)
            );
        }
        let malformed = |number, bytes: &[u8]| {
            CodePage::from_number(number)
                .unwrap()
                .decode(bytes)
                .malformed
        };
        assert!(malformed(65001, b"a\xFFb"));
        assert!(malformed(932, b"\x93"));
        assert!(malformed(1200, b"a"));
        assert!(malformed(20127, b"\x80"));
        assert!(!malformed(1252, b"\xE9"));
    }

    #[test]
    fn utf_7_and_nonsense_are_refused() {
        assert!(CodePage::from_number(65000).is_err());
        assert!(CodePage::from_number(7).is_err());
    }
}
