//! Files with certificates and keys: `.cer`, `.pem`, `.der`, and `.pfx` with its password.

use std::io::Read as _;
use std::path::Path;

use p12_keystore::{
    Certificate as PfxCertificate, KeyStore, KeyStoreEntry, Pkcs12ImportPolicy,
    PrivateKey as PfxKey, PrivateKeyChain,
};
use scaleout_core::certificates::{Certificate, CertificateError, PrivateKey};
use scaleout_core::client::Identity;

use crate::error::{CliError, CommandError, file_error};

/// Longest password that is read.
const MOST_PASSWORD: u64 = 4096;

/// What a file held.
#[derive(Clone, Debug)]
pub struct Found {
    /// The certificate.
    pub certificate: Certificate,
    /// Its key, if the file has one.
    pub key: Option<PrivateKey>,
}

/// Reads a file in any of the forms, and its key from another file if one is given.
///
/// # Errors
/// A file cannot be read, the password is wrong, or there is no certificate.
pub fn read(
    file: &Path,
    key_file: Option<&Path>,
    password_file: Option<&Path>,
) -> Result<Found, CliError> {
    let bytes = std::fs::read(file).map_err(file_error("read", file))?;
    let found = if is_pfx(file) {
        of_pfx(file, &bytes, &password(password_file)?)?
    } else {
        Found {
            certificate: Certificate::read(&bytes)?,
            key: key_inside(&bytes)?,
        }
    };
    let Some(key_file) = key_file else {
        return Ok(found);
    };
    let text = std::fs::read_to_string(key_file).map_err(file_error("read", key_file))?;
    Ok(Found {
        key: Some(PrivateKey::from_pem(&text)?),
        ..found
    })
}

/// The same, where a key is needed.
///
/// # Errors
/// There is none, or it belongs to another certificate.
pub fn identity_of_files(
    file: &Path,
    key_file: Option<&Path>,
    password_file: Option<&Path>,
) -> Result<Identity, CliError> {
    let Found { certificate, key } = read(file, key_file, password_file)?;
    let identity = Identity {
        certificate,
        key: key.ok_or_else(|| CommandError::Argument {
            message: format!("`{}` holds no private key", file.display()),
            hint: "give the key with `--key FILE`, or a `.pfx` that has both".to_owned(),
        })?,
    };
    identity.check()?;
    Ok(identity)
}

/// Whether a file is a PKCS #12 one, by its ending.
#[must_use]
pub fn is_pfx(file: &Path) -> bool {
    let ending = file.extension().and_then(std::ffi::OsStr::to_str);
    ending.is_some_and(|ending| {
        ending.eq_ignore_ascii_case("pfx") || ending.eq_ignore_ascii_case("p12")
    })
}

fn key_inside(bytes: &[u8]) -> Result<Option<PrivateKey>, CliError> {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Ok(None);
    };
    match PrivateKey::from_pem(text) {
        Ok(key) => Ok(Some(key)),
        Err(CertificateError::EncryptedKey) => Err(CertificateError::EncryptedKey.into()),
        Err(_) => Ok(None),
    }
}

fn of_pfx(file: &Path, bytes: &[u8], password: &str) -> Result<Found, CliError> {
    let store = KeyStore::from_pkcs12(bytes, password, Pkcs12ImportPolicy::Relaxed);
    let store = store.map_err(|error| CommandError::Argument {
        message: format!("`{}` cannot be opened: {error}", file.display()),
        hint: "check the password: `--password-file FILE`; a `.pfx` made with MD5 cannot be read"
            .to_owned(),
    })?;
    if let Some((_, chain)) = store.private_key_chain()
        && let Some(first) = chain.certs().first()
    {
        return Ok(Found {
            certificate: Certificate::from_der(first.as_der())?,
            key: Some(PrivateKey::pkcs8(chain.key().as_der().to_vec())),
        });
    }
    let mut certificates = store.entries().filter_map(|(_, entry)| match entry {
        KeyStoreEntry::Certificate(certificate) => Some(certificate),
        _ => None,
    });
    let first = certificates.next().ok_or(CertificateError::NoCertificate)?;
    Ok(Found {
        certificate: Certificate::from_der(first.as_der())?,
        key: None,
    })
}

/// A `.pfx` of a certificate with its key: AES-256 and SHA-256, as Windows Server 2019 and later and
/// OpenSSL 3 read it.
///
/// # Errors
/// The key is in an older form, or the library cannot write it.
pub fn to_pfx(identity: &Identity, name: &str, password: &str) -> Result<Vec<u8>, CliError> {
    let not_made = |reason: String| CertificateError::NotMade { reason };
    let key = identity
        .key
        .pkcs8_der()
        .ok_or_else(|| CommandError::Argument {
            message: "the private key is not in PKCS #8 form, which a `.pfx` needs".to_owned(),
            hint: "turn it with `openssl pkcs8 -topk8 -nocrypt -in OLD -out NEW` first".to_owned(),
        })?;
    let key = PfxKey::from_der(key).map_err(|error| not_made(error.to_string()))?;
    let certificate = PfxCertificate::from_der(identity.certificate.der())
        .map_err(|error| not_made(error.to_string()))?;
    let id = identity.certificate.thumbprint().to_string();
    let chain = PrivateKeyChain::new(id.as_str(), key, [certificate]);
    let mut store = KeyStore::new();
    store.add_entry(name, KeyStoreEntry::PrivateKeyChain(chain));
    let written = store.writer(password).write();
    Ok(written.map_err(|error| not_made(error.to_string()))?)
}

/// The password of a `.pfx`: from a file, from stdin with `-`, or empty.
///
/// # Errors
/// The file cannot be read.
pub fn password(file: Option<&Path>) -> Result<String, CliError> {
    let Some(file) = file else {
        return Ok(String::new());
    };
    let mut text = String::new();
    let read = if file == Path::new("-") {
        std::io::stdin()
            .take(MOST_PASSWORD)
            .read_to_string(&mut text)
    } else {
        let opened = std::fs::File::open(file);
        opened.and_then(|file| file.take(MOST_PASSWORD).read_to_string(&mut text))
    };
    read.map_err(file_error("read", file))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

#[cfg(test)]
mod tests {
    use scaleout_core::certificates::{CertificateRequest, create_self_signed};

    use super::*;

    #[test]
    fn a_pfx_gives_back_what_was_put_in_and_only_with_its_password() {
        let issued = create_self_signed(&CertificateRequest {
            names: vec!["m".to_owned()],
            not_before: jiff::Timestamp::now(),
            valid_days: 1,
        })
        .unwrap();
        let identity = Identity {
            certificate: issued.certificate,
            key: issued.key,
        };
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("m.pfx");
        std::fs::write(&file, to_pfx(&identity, "m", "geheim").unwrap()).unwrap();
        let secret = folder.path().join("password");
        std::fs::write(&secret, "geheim\n").unwrap();
        let back = identity_of_files(&file, None, Some(&secret)).unwrap();
        assert_eq!(back.certificate, identity.certificate);
        assert_eq!(back.key, identity.key);
        std::fs::write(&secret, "wrong").unwrap();
        let refused = identity_of_files(&file, None, Some(&secret)).unwrap_err();
        assert!(refused.body.message.contains("m.pfx"), "{refused:?}");
        assert!(!refused.body.message.contains("wrong"), "{refused:?}");
    }
}
