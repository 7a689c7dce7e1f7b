//! Names of members: URL-encoded in the zip, plain everywhere else.

/// `Load%20orders.dtsx` is `Load orders.dtsx`. A `%` that starts no escape stays.
pub(super) fn decode(name: &str) -> String {
    let bytes = name.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut index = 0;
    while index < bytes.len() {
        let escaped = (bytes[index] == b'%')
            .then(|| hex_pair(bytes.get(index + 1..index + 3)))
            .flatten();
        match escaped {
            Some(byte) => {
                out.push(byte);
                index += 3;
            }
            None => {
                out.push(bytes[index]);
                index += 1;
            }
        }
    }
    // Escapes that do not make UTF-8 were no escapes.
    String::from_utf8(out).unwrap_or_else(|_| name.to_owned())
}

/// Escapes everything that a URL path would: blanks, `%`, brackets, letters beyond ASCII.
pub(super) fn encode(name: &str) -> String {
    if name == super::content_types::MEMBER {
        return name.to_owned();
    }
    let mut out = String::with_capacity(name.len());
    for byte in name.bytes() {
        let plain = byte.is_ascii_alphanumeric() || b"-_.~!$&'()*+,;=@".contains(&byte);
        if plain {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

fn hex_pair(pair: Option<&[u8]>) -> Option<u8> {
    let pair = pair.filter(|pair| pair.iter().all(u8::is_ascii_hexdigit))?;
    let text = std::str::from_utf8(pair).ok()?;
    u8::from_str_radix(text, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_encoded_and_decoded() {
        assert_eq!(decode("Load%20orders.dtsx"), "Load orders.dtsx");
        assert_eq!(encode("Load orders.dtsx"), "Load%20orders.dtsx");
        assert_eq!(encode("@Project.manifest"), "@Project.manifest");
        assert_eq!(encode("[Content_Types].xml"), "[Content_Types].xml");
        for name in ["100%.dtsx", "Größe.dtsx", "a+b&c.dtsx", "日本.dtsx"] {
            assert_eq!(decode(&encode(name)), name);
        }
    }

    #[test]
    fn a_percent_sign_without_digits_stays() {
        for name in ["100%", "%G0.dtsx", "%2", "%FF.dtsx", "%+1"] {
            assert_eq!(decode(name), name);
        }
    }
}
