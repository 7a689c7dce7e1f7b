//! Sensitive values, encrypted under keys of their owners, and those under the master key.
//!
//! Each project, environment and execution has a key of its own for its sensitive values. Such keys
//! are in the database, wrapped under the master key, which is in a file beside it. So a
//! new master key means to wrap keys anew, not to touch values; and a value that is copied to
//! another owner's row does not open there.

mod cipher;
mod key_file;

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use ring::aead::LessSafeKey;

use self::cipher::{KEY_LEN, Random};
pub use self::key_file::key_path;
use crate::hex::{from_hex, sha256_hex, to_hex};
use crate::store::keys::{self, WrappedKey};
use crate::store::{Session, StoreError, properties};

/// First byte of every encrypted value: how it was made.
const VALUE: u8 = 2;
/// First byte of every wrapped key.
const KEY: u8 = 3;

/// Whose key a value is encrypted with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Owner {
    /// The parameters of a project, over all its versions.
    Project(i64),
    /// The variables of an environment.
    Environment(i64),
    /// The values of one execution.
    Execution(i64),
    /// The values of all executions of a project, where the catalog has one key for all of them.
    ExecutionsOf(i64),
}

impl Owner {
    /// What kind it is and which one, as the database has it.
    pub fn parts(self) -> (u8, i64) {
        match self {
            Self::Project(id) => (20, id),
            Self::Environment(id) => (40, id),
            Self::Execution(id) => (50, id),
            Self::ExecutionsOf(id) => (51, id),
        }
    }

    /// The inverse of [`Owner::parts`].
    pub fn from_parts(kind: u8, id: i64) -> Option<Self> {
        match kind {
            20 => Some(Self::Project(id)),
            40 => Some(Self::Environment(id)),
            50 => Some(Self::Execution(id)),
            51 => Some(Self::ExecutionsOf(id)),
            _ => None,
        }
    }

    /// What stands before whatever is encrypted for it, and is authenticated with it.
    fn header(self, form: u8) -> [u8; 10] {
        let (kind, id) = self.parts();
        let mut header = [form, kind, 0, 0, 0, 0, 0, 0, 0, 0];
        header[2..].copy_from_slice(&id.to_be_bytes());
        header
    }

    fn of_value(stored: &[u8]) -> Option<Self> {
        let [VALUE, kind, rest @ ..] = stored else {
            return None;
        };
        let id = i64::from_be_bytes(*rest.first_chunk()?);
        Self::from_parts(*kind, id)
    }
}

/// A master key.
struct Master {
    key: LessSafeKey,
    /// As the file has it.
    text: String,
    /// Tells keys apart without telling the key.
    fingerprint: String,
}

impl Master {
    fn from_text(text: &str) -> Option<Self> {
        let bytes = from_hex(text).filter(|bytes| bytes.len() == KEY_LEN)?;
        Some(Self {
            key: cipher::key(&bytes)?,
            text: text.to_owned(),
            fingerprint: sha256_hex(&bytes),
        })
    }
}

/// Encrypts and decrypts the catalog's secrets.
pub struct Keeper {
    path: PathBuf,
    /// Those of the file, the one made first at the front, and those that were in it since it was
    /// opened: a reader may still hold what was wrapped before a rotation.
    masters: RwLock<Vec<Arc<Master>>>,
    random: Random,
}

impl std::fmt::Debug for Keeper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keeper(********)")
    }
}

impl Keeper {
    /// Reads the key file; makes it, readable by its owner only, when `may_create`.
    pub fn open(path: &Path, may_create: bool) -> Result<Self, StoreError> {
        let random = Random::new();
        let lines = key_file::read_or_create(path, may_create, &random)?;
        let masters = lines
            .iter()
            .map(|line| Master::from_text(line).map(Arc::new))
            .collect::<Option<Vec<_>>>()
            .filter(|masters| !masters.is_empty())
            .ok_or_else(|| StoreError::Key {
                path: path.to_owned(),
                reason: "each of its lines must hold 64 hexadecimal digits",
            })?;
        Ok(Self {
            path: path.to_owned(),
            masters: RwLock::new(masters),
            random,
        })
    }

    /// The master keys that the file has, by fingerprint.
    pub fn fingerprints(&self) -> Vec<String> {
        let masters = self.masters.read().unwrap_or_else(PoisonError::into_inner);
        let known = masters.iter();
        known.map(|master| master.fingerprint.clone()).collect()
    }

    /// Refuses a file that lacks one of these keys.
    pub fn check(&self, needed: &[String]) -> Result<(), StoreError> {
        let known = self.fingerprints();
        if needed.iter().all(|one| known.contains(one)) {
            return Ok(());
        }
        Err(StoreError::Key {
            path: self.path.clone(),
            reason: "it is the key of another catalog",
        })
    }

    /// Encrypts under the key of an owner, which is made where there is none yet.
    pub async fn seal(
        &self,
        session: &mut Session,
        owner: Owner,
        plain: &str,
    ) -> Result<Vec<u8>, StoreError> {
        let key = match keys::find(session, owner).await? {
            Some(wrapped) => self.unwrap_key(owner, &wrapped)?,
            None => self.new_key(session, owner).await?,
        };
        let header = owner.header(VALUE);
        self.random.seal(&key, &header, plain.as_bytes())
    }

    /// Decrypts.
    pub async fn open_sealed(
        &self,
        session: &mut Session,
        stored: &[u8],
    ) -> Result<String, StoreError> {
        let owner = Owner::of_value(stored).ok_or(StoreError::Secret)?;
        let wrapped = keys::find(session, owner).await?;
        let key = self.unwrap_key(owner, &wrapped.ok_or(StoreError::Secret)?)?;
        let plain = cipher::open(&key, &owner.header(VALUE), stored)?;
        String::from_utf8(plain).map_err(|_| StoreError::Secret)
    }

    /// Gives an owner a new key and returns the one that it had, to open what is still under it.
    pub async fn renew_key(
        &self,
        session: &mut Session,
        owner: Owner,
        wrapped: &WrappedKey,
    ) -> Result<OldKey, StoreError> {
        let old = self.unwrap_key(owner, wrapped)?;
        keys::delete(session, owner).await?;
        self.new_key(session, owner).await?;
        Ok(OldKey(old))
    }

    /// The same key, wrapped under the master key in force.
    pub async fn wrap_anew(
        &self,
        session: &mut Session,
        owner: Owner,
        wrapped: &WrappedKey,
    ) -> Result<(), StoreError> {
        let bytes = self.unwrapped(owner, wrapped)?;
        let wrapped = self.wrap(session, owner, &bytes).await?;
        keys::put(session, owner, &wrapped).await
    }

    async fn new_key(
        &self,
        session: &mut Session,
        owner: Owner,
    ) -> Result<LessSafeKey, StoreError> {
        let bytes = self.random.bytes(KEY_LEN)?;
        let wrapped = self.wrap(session, owner, &bytes).await?;
        if keys::put_first(session, owner, &wrapped).await? {
            return cipher::key(&bytes).ok_or(StoreError::Secret);
        }
        // Executions of one project may be made side by side.
        let theirs = keys::find(session, owner).await?;
        self.unwrap_key(owner, &theirs.ok_or(StoreError::Secret)?)
    }

    /// Which master key is in force the database says: in this very transaction, or a rotation
    /// could end while keys are wrapped under the one before.
    async fn wrap(
        &self,
        session: &mut Session,
        owner: Owner,
        bytes: &[u8],
    ) -> Result<WrappedKey, StoreError> {
        let in_force = properties::key_fingerprint(session).await?;
        let master = self.master(&in_force.ok_or(StoreError::Secret)?)?;
        Ok(WrappedKey {
            wrapped: self.random.seal(&master.key, &owner.header(KEY), bytes)?,
            master: master.fingerprint.clone(),
        })
    }

    fn unwrap_key(&self, owner: Owner, wrapped: &WrappedKey) -> Result<LessSafeKey, StoreError> {
        cipher::key(&self.unwrapped(owner, wrapped)?).ok_or(StoreError::Secret)
    }

    fn unwrapped(&self, owner: Owner, wrapped: &WrappedKey) -> Result<Vec<u8>, StoreError> {
        let master = self.master(&wrapped.master)?;
        cipher::open(&master.key, &owner.header(KEY), &wrapped.wrapped)
    }

    fn master(&self, fingerprint: &str) -> Result<Arc<Master>, StoreError> {
        if let Some(known) = self.known_master(fingerprint) {
            return Ok(known);
        }
        // Another master may have made it meanwhile, where the file is shared or was copied.
        self.read_again()?;
        self.known_master(fingerprint).ok_or(StoreError::Secret)
    }

    fn known_master(&self, fingerprint: &str) -> Option<Arc<Master>> {
        let masters = self.masters.read().unwrap_or_else(PoisonError::into_inner);
        let mut known = masters.iter();
        let found = known.find(|master| master.fingerprint == fingerprint);
        found.cloned()
    }

    /// Adds the keys that the file has by now.
    fn read_again(&self) -> Result<(), StoreError> {
        let lines = key_file::read_or_create(&self.path, false, &self.random)?;
        let mut masters = self.masters.write().unwrap_or_else(PoisonError::into_inner);
        for master in lines.iter().filter_map(|line| Master::from_text(line)) {
            if masters
                .iter()
                .all(|known| known.fingerprint != master.fingerprint)
            {
                masters.push(Arc::new(master));
            }
        }
        Ok(())
    }

    /// Makes a master key and adds it to the file, which has all of them until [`Keeper::keep_only`].
    /// It is in force when the database says so.
    pub fn add_master(&self) -> Result<String, StoreError> {
        let text = to_hex(&self.random.bytes(KEY_LEN)?);
        let master = Master::from_text(&text).ok_or(StoreError::Secret)?;
        let fingerprint = master.fingerprint.clone();
        let mut masters = self.masters.write().unwrap_or_else(PoisonError::into_inner);
        let mut lines: Vec<&str> = masters.iter().map(|one| one.text.as_str()).collect();
        lines.push(&text);
        key_file::replace(&self.path, &lines)?;
        masters.push(Arc::new(master));
        Ok(fingerprint)
    }

    /// Takes all other master keys out of the file. In memory they stay.
    pub fn keep_only(&self, fingerprint: &str) -> Result<(), StoreError> {
        let master = self.master(fingerprint)?;
        key_file::replace(&self.path, &[&master.text])
    }

    /// New random bytes.
    pub fn random<const N: usize>(&self) -> Result<[u8; N], StoreError> {
        let mut random = [0; N];
        self.random.fill(&mut random)?;
        Ok(random)
    }

    /// New random bytes as hexadecimal digits, such as a token.
    pub fn random_hex(&self, bytes: usize) -> Result<String, StoreError> {
        Ok(to_hex(&self.random.bytes(bytes)?))
    }
}

/// A key that is no longer its owner's.
pub struct OldKey(LessSafeKey);

impl OldKey {
    /// Decrypts what was encrypted for that owner while the key was its own.
    pub fn open_sealed(&self, owner: Owner, stored: &[u8]) -> Result<String, StoreError> {
        let plain = cipher::open(&self.0, &owner.header(VALUE), stored)?;
        String::from_utf8(plain).map_err(|_| StoreError::Secret)
    }
}

#[cfg(test)]
mod tests;
