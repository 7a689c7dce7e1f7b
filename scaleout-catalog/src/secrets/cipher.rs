//! AES-256-GCM: a header that is authenticated, a nonce, and what is encrypted.

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};

use crate::store::StoreError;

/// Bytes of a key.
pub const KEY_LEN: usize = 32;

/// Where nonces and keys come from.
#[derive(Debug)]
pub struct Random(SystemRandom);

impl Random {
    /// The system's.
    pub fn new() -> Self {
        Self(SystemRandom::new())
    }

    /// So many of them.
    pub fn bytes(&self, count: usize) -> Result<Vec<u8>, StoreError> {
        let mut bytes = vec![0; count];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    /// Fills a part of memory with them.
    pub fn fill(&self, bytes: &mut [u8]) -> Result<(), StoreError> {
        self.0.fill(bytes).map_err(|_| StoreError::Secret)
    }

    /// Encrypts; the header is stored in front.
    pub fn seal(
        &self,
        key: &LessSafeKey,
        header: &[u8],
        plain: &[u8],
    ) -> Result<Vec<u8>, StoreError> {
        let mut nonce = [0; NONCE_LEN];
        self.fill(&mut nonce)?;
        let mut sealed = plain.to_vec();
        let nonce_of_seal = Nonce::assume_unique_for_key(nonce);
        key.seal_in_place_append_tag(nonce_of_seal, Aad::from(header), &mut sealed)
            .map_err(|_| StoreError::Secret)?;
        Ok([header, &nonce, &sealed].concat())
    }
}

/// The key of these bytes; `None` when they are too few or too many.
pub fn key(bytes: &[u8]) -> Option<LessSafeKey> {
    UnboundKey::new(&AES_256_GCM, bytes)
        .ok()
        .map(LessSafeKey::new)
}

/// Decrypts what begins with this very header.
pub fn open(key: &LessSafeKey, header: &[u8], stored: &[u8]) -> Result<Vec<u8>, StoreError> {
    let rest = stored.strip_prefix(header).ok_or(StoreError::Secret)?;
    let (nonce, sealed) = rest.split_at_checked(NONCE_LEN).ok_or(StoreError::Secret)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| StoreError::Secret)?;
    let mut sealed = sealed.to_vec();
    let plain = key
        .open_in_place(nonce, Aad::from(header), &mut sealed)
        .map_err(|_| StoreError::Secret)?;
    Ok(plain.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_changed_anywhere_does_not_open() {
        let random = Random::new();
        let own = key(&random.bytes(KEY_LEN).unwrap()).unwrap();
        let sealed = random.seal(&own, b"head", b"hunter2").unwrap();
        assert!(!sealed.windows(7).any(|part| part == b"hunter2"));
        assert_eq!(open(&own, b"head", &sealed).unwrap(), b"hunter2");
        for index in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[index] ^= 1;
            assert!(open(&own, b"head", &changed).is_err(), "byte {index}");
        }
        let other = key(&random.bytes(KEY_LEN).unwrap()).unwrap();
        assert!(open(&other, b"head", &sealed).is_err());
        assert!(open(&own, b"hea", &sealed).is_err());
        for short in [&b""[..], b"head", b"head and"] {
            assert!(open(&own, b"head", short).is_err());
        }
    }

    #[test]
    fn keys_have_one_length() {
        assert!(key(&[0; KEY_LEN]).is_some());
        assert!(key(&[0; KEY_LEN - 1]).is_none());
    }
}
