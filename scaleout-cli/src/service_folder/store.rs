//! Certificate stores: folders of plain files, named as the original's.
//!
//! `My` holds what a service shows, with keys; `Root` what it trusts. Each certificate is a file
//! `.cer`, `.crt`, `.pem` or `.der`, PEM or DER, and its key the file of the same name that ends in
//! `.key`. Whatever a person puts there by hand counts as well as what `soctl cert` puts there.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use scaleout_core::certificates::{Certificate, PrivateKey, Thumbprint, TrustStore};
use scaleout_core::client::Identity;

use super::files::{owned_folder, replace};
use crate::error::{CliError, CommandError, file_error};

/// Endings of files that are certificates.
const ENDINGS: [&str; 4] = ["cer", "crt", "pem", "der"];

/// Which store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum StoreName {
    /// What the service shows, with keys
    #[value(name = "My", alias = "my")]
    My,
    /// What the service trusts
    #[value(name = "Root", alias = "root")]
    Root,
}

impl StoreName {
    /// The name of the folder.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::My => "My",
            Self::Root => "Root",
        }
    }
}

/// One store.
#[derive(Clone, Debug)]
pub struct CertificateStore {
    folder: PathBuf,
}

/// One certificate of a store.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Its file.
    pub file: PathBuf,
    /// What it holds.
    pub certificate: Certificate,
    /// The file of its key, where there is one.
    pub key_file: Option<PathBuf>,
}

impl CertificateStore {
    /// The store of a service folder.
    #[must_use]
    pub fn of(service: &Path, name: StoreName) -> Self {
        Self {
            folder: service.join(name.as_str()),
        }
    }

    /// Its folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// All certificates, by file name. A store that is not there is empty.
    ///
    /// # Errors
    /// A file cannot be read, or is no certificate.
    pub fn list(&self) -> Result<Vec<Stored>, CliError> {
        let entries = match std::fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(file_error("read", &self.folder)(error).into()),
        };
        let mut files: Vec<PathBuf> = entries
            .filter_map(Result::ok)
            .map(|entry| entry.path())
            .filter(|file| {
                let ending = file.extension().and_then(std::ffi::OsStr::to_str);
                ending.is_some_and(|ending| ENDINGS.contains(&ending))
            })
            .collect();
        files.sort();
        files.into_iter().map(stored).collect()
    }

    /// The certificate with this thumbprint, SHA-1 or SHA-256.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn find(&self, thumbprint: &Thumbprint) -> Result<Option<Stored>, CliError> {
        let all = self.list()?;
        let fits = |one: &Stored| thumbprint.matches(one.certificate.der());
        Ok(all.into_iter().find(fits))
    }

    /// The certificate with this thumbprint.
    ///
    /// # Errors
    /// There is none, or the store cannot be read.
    pub fn get(&self, thumbprint: &Thumbprint) -> Result<Stored, CliError> {
        self.find(thumbprint)?.ok_or_else(|| {
            CommandError::NotFound {
                kind: "certificate",
                name: thumbprint.to_string(),
                place: format!(" in the store `{}`", self.folder.display()),
                hint: "`soctl cert list` shows what each store holds; `soctl cert install` puts \
                       one there"
                    .to_owned(),
            }
            .into()
        })
    }

    /// Puts a certificate in, with its key where there is one. One that is there already stays, and
    /// gets the key if it had none. Says whether anything changed.
    ///
    /// # Errors
    /// It is too weak, does not go with the key, or cannot be written.
    pub fn install(
        &self,
        certificate: &Certificate,
        key: Option<&PrivateKey>,
    ) -> Result<bool, CliError> {
        certificate.check_strength()?;
        if let Some(key) = key {
            let identity = Identity {
                certificate: certificate.clone(),
                key: key.clone(),
            };
            identity.check()?;
        }
        owned_folder(&self.folder)?;
        let there = self.find(&certificate.thumbprint_sha256())?;
        let name = certificate.thumbprint();
        let mut changed = false;
        if let Some(key) = key
            && there.as_ref().is_none_or(|one| one.key_file.is_none())
        {
            let file = match &there {
                Some(one) => one.file.with_extension("key"),
                None => self.folder.join(format!("{name}.key")),
            };
            replace(&file, 0o600, key.to_pem().as_bytes())?;
            changed = true;
        }
        if there.is_none() {
            let file = self.folder.join(format!("{name}.cer"));
            replace(&file, 0o644, certificate.to_pem().as_bytes())?;
            changed = true;
        }
        Ok(changed)
    }

    /// Takes a certificate out, with its key.
    ///
    /// # Errors
    /// There is none with this thumbprint, or a file cannot be removed.
    pub fn remove(&self, thumbprint: &Thumbprint) -> Result<Stored, CliError> {
        let found = self.get(thumbprint)?;
        for file in found.key_file.iter().chain([&found.file]) {
            std::fs::remove_file(file).map_err(file_error("remove", file))?;
        }
        Ok(found)
    }

    /// All of them, to trust.
    ///
    /// # Errors
    /// One is too weak, or the store cannot be read.
    pub fn to_trust(&self) -> Result<TrustStore, CliError> {
        let mut trust = TrustStore::new();
        for one in self.list()? {
            trust.add(one.certificate)?;
        }
        Ok(trust)
    }
}

impl Stored {
    /// The certificate with its key.
    ///
    /// # Errors
    /// The key is missing, cannot be read, or is another's.
    pub fn identity(&self) -> Result<Identity, CliError> {
        let Some(file) = &self.key_file else {
            return Err(CommandError::NotFound {
                kind: "private key of certificate",
                name: self.certificate.thumbprint().to_string(),
                place: format!(" beside `{}`", self.file.display()),
                hint: "put its key beside it as a file of the same name that ends in `.key`, with \
                       mode 0600, or install both again: `soctl cert install FILE --key FILE`"
                    .to_owned(),
            }
            .into());
        };
        let text = std::fs::read_to_string(file).map_err(file_error("read", file))?;
        let identity = Identity {
            certificate: self.certificate.clone(),
            key: PrivateKey::from_pem(&text)?,
        };
        identity.check()?;
        Ok(identity)
    }
}

fn stored(file: PathBuf) -> Result<Stored, CliError> {
    let bytes = std::fs::read(&file).map_err(file_error("read", &file))?;
    let certificate = Certificate::read(&bytes).map_err(|error| {
        let mut error = CliError::from(error);
        error.body.message = format!("`{}`: {}", file.display(), error.body.message);
        error
    })?;
    let beside = file.with_extension("key");
    let inside = String::from_utf8_lossy(&bytes).contains("PRIVATE KEY-----");
    let key_file = if inside {
        Some(file.clone())
    } else {
        beside.is_file().then_some(beside)
    };
    Ok(Stored {
        file,
        certificate,
        key_file,
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use jiff::Timestamp;
    use scaleout_core::certificates::{CertificateRequest, IssuedCertificate, create_self_signed};

    use super::*;

    fn issued() -> IssuedCertificate {
        create_self_signed(&CertificateRequest {
            names: vec!["m".to_owned()],
            not_before: Timestamp::now(),
            valid_days: 1,
        })
        .unwrap()
    }

    #[test]
    fn what_is_installed_is_found_by_either_thumbprint_and_goes_with_its_key() {
        let folder = tempfile::tempdir().unwrap();
        let store = CertificateStore::of(folder.path(), StoreName::My);
        assert!(store.list().unwrap().is_empty());
        let one = issued();
        assert!(store.install(&one.certificate, Some(&one.key)).unwrap());
        assert!(!store.install(&one.certificate, Some(&one.key)).unwrap());
        for thumbprint in [
            one.certificate.thumbprint(),
            one.certificate.thumbprint_sha256(),
        ] {
            let identity = store.get(&thumbprint).unwrap().identity().unwrap();
            assert_eq!(identity.certificate, one.certificate);
        }
        let found = store.get(&one.certificate.thumbprint()).unwrap();
        let key = found.key_file.unwrap();
        assert_eq!(key.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        store.remove(&one.certificate.thumbprint()).unwrap();
        assert!(!key.exists());
        assert!(store.remove(&one.certificate.thumbprint()).is_err());
    }

    #[test]
    fn a_key_of_another_certificate_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let store = CertificateStore::of(folder.path(), StoreName::My);
        let (one, other) = (issued(), issued());
        assert!(store.install(&one.certificate, Some(&other.key)).is_err());
        assert!(store.list().unwrap().is_empty());
    }

    #[test]
    fn files_put_there_by_hand_count_and_a_damaged_one_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let store = CertificateStore::of(folder.path(), StoreName::Root);
        owned_folder(store.folder()).unwrap();
        let one = issued();
        std::fs::write(store.folder().join("w1.der"), one.certificate.der()).unwrap();
        let both = one.certificate.to_pem() + &one.key.to_pem();
        std::fs::write(store.folder().join("both.pem"), both).unwrap();
        std::fs::write(store.folder().join("notes.txt"), "x").unwrap();
        let found = store.list().unwrap();
        assert_eq!(found.len(), 2);
        assert!(found[0].identity().is_ok(), "{found:?}");
        std::fs::write(store.folder().join("bad.cer"), "x").unwrap();
        let problem = store.list().unwrap_err();
        assert!(problem.body.message.contains("bad.cer"), "{problem:?}");
    }
}
