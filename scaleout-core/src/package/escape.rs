//! `_xHHHH_`: how packages write characters that their XML writers would not keep.

/// Decodes `_x000D__x000A_` and the like; what does not fit the pattern stays as it is.
#[must_use]
pub fn decode_escapes(text: &str) -> String {
    let mut units: Vec<u16> = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("_x") {
        units.extend(rest[..start].encode_utf16());
        rest = &rest[start..];
        if let Some(unit) = escaped_unit(rest) {
            units.push(unit);
            rest = &rest[7..];
        } else {
            units.extend("_x".encode_utf16());
            rest = &rest[2..];
        }
    }
    units.extend(rest.encode_utf16());
    String::from_utf16_lossy(&units)
}

/// The UTF-16 unit of an escape at the very start of `text`.
fn escaped_unit(text: &str) -> Option<u16> {
    let bytes = text.as_bytes().get(..7)?;
    let digits = &bytes[2..6];
    if bytes[6] != b'_' || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let digits = std::str::from_utf8(digits).ok()?;
    u16::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_become_characters() {
        assert_eq!(decode_escapes("_x000D__x000A_"), "\r\n");
        assert_eq!(decode_escapes("a_x0022_b"), "a\"b");
        assert_eq!(decode_escapes("_x003C_none_x003E_"), "<none>");
        assert_eq!(decode_escapes("_xD83D__xDE00_"), "\u{1F600}");
    }

    #[test]
    fn what_is_no_escape_stays() {
        for text in [
            "_x",
            "_x00",
            "_x00G0_",
            "a_xb_x",
            "_x000D",
            "é_xé000_",
            "_x+12F_",
        ] {
            assert_eq!(decode_escapes(text), text);
        }
    }
}
