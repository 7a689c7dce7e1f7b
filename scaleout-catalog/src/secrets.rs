//! Sensitive values: AES-256-GCM under a key in a file of its own.

use std::path::{Path, PathBuf};

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};

use crate::hex::{from_hex, sha256_hex, to_hex};
use crate::location::CatalogLocation;
use crate::store::StoreError;

/// First byte of every encrypted value: how it was made.
const FORMAT: u8 = 1;
const KEY_LEN: usize = 32;

/// Encrypts and decrypts the catalog's secrets.
pub struct Keeper {
    key: LessSafeKey,
    fingerprint: String,
    random: SystemRandom,
}

impl std::fmt::Debug for Keeper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keeper(********)")
    }
}

/// Where the key of a catalog is: beside a SQLite file, its name and `.key`; for a server in the
/// master's data folder.
pub fn key_path(location: &CatalogLocation, data_folder: &Path) -> PathBuf {
    match location {
        CatalogLocation::Sqlite(database) => {
            let mut name = database.as_os_str().to_owned();
            name.push(".key");
            name.into()
        }
        CatalogLocation::Postgres(_) => data_folder.join("catalog.key"),
    }
}

impl Keeper {
    /// Reads the key file; makes it, readable by its owner only, when `may_create`.
    pub fn open(path: &Path, may_create: bool) -> Result<Self, StoreError> {
        let refused = |reason| StoreError::Key {
            path: path.to_owned(),
            reason,
        };
        let text = match std::fs::read_to_string(path) {
            Ok(text) => {
                check_private(path)?;
                text
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && may_create => {
                create(path)?
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(refused(
                    "it is missing, and the catalog holds secrets made with it",
                ));
            }
            Err(source) => return Err(cannot_prepare(path, source)),
        };
        let bytes = from_hex(text.trim())
            .filter(|bytes| bytes.len() == KEY_LEN)
            .ok_or_else(|| refused("it must hold 64 hexadecimal digits"))?;
        let key = UnboundKey::new(&AES_256_GCM, &bytes).map_err(|_| refused("it is not a key"))?;
        Ok(Self {
            key: LessSafeKey::new(key),
            fingerprint: sha256_hex(&bytes),
            random: SystemRandom::new(),
        })
    }

    /// Tells keys apart without telling the key.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Encrypts.
    pub fn seal(&self, plain: &str) -> Result<Vec<u8>, StoreError> {
        let mut nonce = [0; NONCE_LEN];
        self.random
            .fill(&mut nonce)
            .map_err(|_| StoreError::Secret)?;
        let mut sealed = plain.as_bytes().to_vec();
        self.key
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from([FORMAT]),
                &mut sealed,
            )
            .map_err(|_| StoreError::Secret)?;
        let mut stored = vec![FORMAT];
        stored.extend_from_slice(&nonce);
        stored.append(&mut sealed);
        Ok(stored)
    }

    /// Decrypts.
    pub fn open_sealed(&self, stored: &[u8]) -> Result<String, StoreError> {
        let [FORMAT, rest @ ..] = stored else {
            return Err(StoreError::Secret);
        };
        let (nonce, sealed) = rest.split_at_checked(NONCE_LEN).ok_or(StoreError::Secret)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| StoreError::Secret)?;
        let mut sealed = sealed.to_vec();
        let plain = self
            .key
            .open_in_place(nonce, Aad::from([FORMAT]), &mut sealed)
            .map_err(|_| StoreError::Secret)?;
        String::from_utf8(plain.to_vec()).map_err(|_| StoreError::Secret)
    }

    /// New random bytes.
    pub fn random<const N: usize>(&self) -> Result<[u8; N], StoreError> {
        let mut random = [0; N];
        self.random
            .fill(&mut random)
            .map_err(|_| StoreError::Secret)?;
        Ok(random)
    }

    /// New random bytes as hexadecimal digits, such as a token.
    pub fn random_hex(&self, bytes: usize) -> Result<String, StoreError> {
        let mut random = vec![0; bytes];
        self.random
            .fill(&mut random)
            .map_err(|_| StoreError::Secret)?;
        Ok(to_hex(&random))
    }
}

fn create(path: &Path) -> Result<String, StoreError> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;

    let mut key = [0; KEY_LEN];
    SystemRandom::new()
        .fill(&mut key)
        .map_err(|_| StoreError::Secret)?;
    let text = to_hex(&key);
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(|source| cannot_prepare(path, source))?;
    // Durable before the first secret is: a lost key loses them all.
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(|source| cannot_prepare(path, source))?;
    Ok(text)
}

fn check_private(path: &Path) -> Result<(), StoreError> {
    use std::os::unix::fs::PermissionsExt as _;

    let mode = std::fs::metadata(path)
        .map_err(|source| cannot_prepare(path, source))?
        .permissions()
        .mode();
    if mode & 0o077 != 0 {
        return Err(StoreError::Key {
            path: path.to_owned(),
            reason: "other accounts may read it (make it mode 0600)",
        });
    }
    Ok(())
}

fn cannot_prepare(path: &Path, source: std::io::Error) -> StoreError {
    StoreError::File {
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_secret_comes_back_with_the_same_key_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.key");
        let sealed = Keeper::open(&path, true).unwrap().seal("hunter2").unwrap();
        assert!(!sealed.windows(7).any(|part| part == b"hunter2"));
        let again = Keeper::open(&path, false).unwrap();
        assert_eq!(again.open_sealed(&sealed).unwrap(), "hunter2");
        let other = Keeper::open(&folder.path().join("b.key"), true).unwrap();
        assert!(other.open_sealed(&sealed).is_err());
    }

    #[test]
    fn a_changed_secret_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let keeper = Keeper::open(&folder.path().join("a.key"), true).unwrap();
        let sealed = keeper.seal("x").unwrap();
        for index in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[index] ^= 1;
            assert!(keeper.open_sealed(&changed).is_err(), "byte {index}");
        }
        assert!(keeper.open_sealed(&[]).is_err());
        assert!(keeper.open_sealed(&[FORMAT, 0]).is_err());
    }

    #[test]
    fn the_key_file_is_private_and_must_stay_so() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.key");
        Keeper::open(&path, true).unwrap();
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(
            Keeper::open(&path, true),
            Err(StoreError::Key { .. })
        ));
    }

    #[test]
    fn a_missing_or_malformed_key_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.key");
        assert!(matches!(
            Keeper::open(&path, false),
            Err(StoreError::Key { .. })
        ));
        Keeper::open(&path, true).unwrap();
        std::fs::write(&path, "not a key").unwrap();
        assert!(matches!(
            Keeper::open(&path, true),
            Err(StoreError::Key { .. })
        ));
    }
}
