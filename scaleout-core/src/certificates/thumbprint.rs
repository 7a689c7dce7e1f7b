//! Thumbprints: the hash of a certificate's DER form, as administrators copy it around.

use std::fmt;
use std::str::FromStr;

use sha1::Digest as _;

use super::error::CertificateError;

/// SHA-1 (40 digits, as the original prints) or SHA-256 (64 digits), upper-case hex.
///
/// SHA-1 stays because every tool of the original shows it and nothing else; where both are
/// known, ours compare SHA-256.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Thumbprint(String);

impl Thumbprint {
    /// SHA-1 of the DER form.
    #[must_use]
    pub fn sha1(der: &[u8]) -> Self {
        Self(hex(&sha1::Sha1::digest(der)))
    }

    /// SHA-256 of the DER form.
    #[must_use]
    pub fn sha256(der: &[u8]) -> Self {
        Self(hex(&sha2::Sha256::digest(der)))
    }

    /// Whether this is the thumbprint of that certificate.
    #[must_use]
    pub fn matches(&self, der: &[u8]) -> bool {
        let same_kind = if self.0.len() == 40 {
            Self::sha1(der)
        } else {
            Self::sha256(der)
        };
        *self == same_kind
    }

    /// The hex digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Accepts what people paste: lower case, blanks, colons, dashes, and the invisible mark that
/// Windows' certificate dialog puts in front.
impl FromStr for Thumbprint {
    type Err = CertificateError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits: String = text
            .chars()
            .filter(|c| !matches!(c, ' ' | ':' | '-' | '\u{200e}' | '\u{200f}' | '\u{feff}'))
            .map(|c| c.to_ascii_uppercase())
            .collect();
        let all_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        if all_hex && matches!(digits.len(), 40 | 64) {
            Ok(Self(digits))
        } else {
            Err(CertificateError::NotAThumbprint {
                text: text.chars().take(80).collect(),
            })
        }
    }
}

impl fmt::Display for Thumbprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Thumbprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_hashes() {
        assert_eq!(
            Thumbprint::sha1(b"abc").as_str(),
            "A9993E364706816ABA3E25717850C26C9CD0D89D"
        );
        assert_eq!(
            Thumbprint::sha256(b"abc").as_str(),
            "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD"
        );
    }

    #[test]
    fn what_people_paste_is_understood() {
        let plain: Thumbprint = "A9993E364706816ABA3E25717850C26C9CD0D89D".parse().unwrap();
        for text in [
            "a9993e364706816aba3e25717850c26c9cd0d89d",
            "\u{200e}a9 99 3e 36 47 06 81 6a ba 3e 25 71 78 50 c2 6c 9c d0 d8 9d",
            "A9:99:3E:36:47:06:81:6A:BA:3E:25:71:78:50:C2:6C:9C:D0:D8:9D",
        ] {
            assert_eq!(text.parse::<Thumbprint>().unwrap(), plain);
        }
        assert!(plain.matches(b"abc"));
        assert!(!plain.matches(b"abd"));
        assert!(Thumbprint::sha256(b"abc").matches(b"abc"));
    }

    #[test]
    fn what_is_no_thumbprint_is_refused() {
        for text in ["", "A999", "Z9993E364706816ABA3E25717850C26C9CD0D89D"] {
            assert!(text.parse::<Thumbprint>().is_err(), "{text}");
        }
    }
}
