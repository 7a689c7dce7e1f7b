//! Private keys: held, written as PEM, never shown.

use std::fmt;

use super::error::CertificateError;
use super::pem;

/// A private key in one of the three DER forms that PEM files carry.
#[derive(Clone, PartialEq, Eq)]
pub struct PrivateKey {
    form: KeyForm,
    der: Vec<u8>,
}

/// How the DER bytes of a private key are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum KeyForm {
    Pkcs8,
    Sec1,
    Pkcs1,
}

impl KeyForm {
    const ALL: [Self; 3] = [Self::Pkcs8, Self::Sec1, Self::Pkcs1];

    fn label(self) -> &'static str {
        match self {
            Self::Pkcs8 => "PRIVATE KEY",
            Self::Sec1 => "EC PRIVATE KEY",
            Self::Pkcs1 => "RSA PRIVATE KEY",
        }
    }
}

impl PrivateKey {
    /// A key in PKCS#8 form, as this crate makes them.
    #[must_use]
    pub fn pkcs8(der: Vec<u8>) -> Self {
        Self {
            form: KeyForm::Pkcs8,
            der,
        }
    }

    /// Reads the first private key of a PEM text.
    ///
    /// # Errors
    /// There is none, or it is encrypted.
    pub fn from_pem(text: &str) -> Result<Self, CertificateError> {
        let blocks = pem::blocks(text).ok_or(CertificateError::BadPem)?;
        if blocks.iter().any(|block| block.label.contains("ENCRYPTED")) {
            return Err(CertificateError::EncryptedKey);
        }
        blocks
            .into_iter()
            .find_map(|block| {
                let form = KeyForm::ALL
                    .into_iter()
                    .find(|form| form.label() == block.label)?;
                Some(Self {
                    form,
                    der: block.bytes,
                })
            })
            .ok_or(CertificateError::NoKey)
    }

    /// The bytes of a key in PKCS#8 form; `None` for the two older forms.
    #[must_use]
    pub fn pkcs8_der(&self) -> Option<&[u8]> {
        (self.form == KeyForm::Pkcs8).then_some(&self.der)
    }

    /// PEM text. The caller writes it with mode 0600.
    #[must_use]
    pub fn to_pem(&self) -> String {
        pem::write(self.form.label(), &self.der)
    }

    /// The key as rustls wants it.
    #[cfg(feature = "client")]
    #[must_use]
    pub fn to_rustls(&self) -> rustls::pki_types::PrivateKeyDer<'static> {
        use rustls::pki_types::{
            PrivateKeyDer, PrivatePkcs1KeyDer, PrivatePkcs8KeyDer, PrivateSec1KeyDer,
        };
        let der = self.der.clone();
        match self.form {
            KeyForm::Pkcs8 => PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(der)),
            KeyForm::Sec1 => PrivateKeyDer::Sec1(PrivateSec1KeyDer::from(der)),
            KeyForm::Pkcs1 => PrivateKeyDer::Pkcs1(PrivatePkcs1KeyDer::from(der)),
        }
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey(********)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_survives_its_pem() {
        for form in KeyForm::ALL {
            let key = PrivateKey {
                form,
                der: vec![1, 2, 3],
            };
            assert_eq!(PrivateKey::from_pem(&key.to_pem()).unwrap(), key);
        }
    }

    #[test]
    fn a_key_is_never_shown() {
        let shown = format!("{:?}", PrivateKey::pkcs8(vec![11, 22, 33]));
        assert!(!shown.contains("22"), "{shown}");
    }

    #[test]
    fn an_encrypted_key_is_named_as_such() {
        let text = pem::write("ENCRYPTED PRIVATE KEY", &[1]);
        assert!(matches!(
            PrivateKey::from_pem(&text),
            Err(CertificateError::EncryptedKey)
        ));
        assert!(matches!(
            PrivateKey::from_pem(&pem::write("CERTIFICATE", &[1])),
            Err(CertificateError::NoKey)
        ));
    }
}
