//! The password that the files of a project are encrypted with.
//!
//! Files up to SQL Server 2016 are encrypted with Triple DES under a key made of the password alone;
//! later ones with AES-256 under one made of password and salt.

use aes::Aes256;
use des::TdesEde3;
use des::cipher::{Block, BlockCipherDecrypt, KeyInit};
use ring::pbkdf2;
use serde::{Deserialize, Serialize};
use sha1::{Digest as _, Sha1};

/// Rounds of the derivation of an AES key.
const ROUNDS: std::num::NonZeroU32 = std::num::NonZeroU32::new(1000).expect("it is not 0");

/// The password of a project or package.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PackagePassword(String);

impl std::fmt::Debug for PackagePassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PackagePassword(********)")
    }
}

impl PackagePassword {
    /// As someone typed it; `None` when it is empty, which no project is encrypted with.
    #[must_use]
    pub fn new(password: impl Into<String>) -> Option<Self> {
        let password = password.into();
        (!password.is_empty()).then_some(Self(password))
    }

    /// The password itself, to be encrypted or sent to where it is needed.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Decrypts; `None` when the password is another one, or what is encrypted is damaged.
    pub(crate) fn decrypt(&self, cipher: Cipher, salt: &[u8], data: &[u8]) -> Option<Vec<u8>> {
        match cipher {
            Cipher::TripleDes => {
                decrypt_blocks(&TdesEde3::new_from_slice(&self.des_key()).ok()?, data)
            }
            Cipher::Aes256 => {
                decrypt_blocks(&Aes256::new_from_slice(&self.aes_key(salt)).ok()?, data)
            }
        }
    }

    /// As the cryptographic interface of Windows derives it from a hash that is too short.
    fn des_key(&self) -> [u8; 24] {
        let hash = Sha1::digest(self.0.as_bytes());
        let half = |with: u8| {
            let mut block = [with; 64];
            for (byte, own) in block.iter_mut().zip(hash.iter()) {
                *byte ^= own;
            }
            Sha1::digest(block)
        };
        let mut key = [0; 24];
        let bytes = half(0x36).into_iter().chain(half(0x5c));
        for (to, from) in key.iter_mut().zip(bytes) {
            *to = from;
        }
        key
    }

    fn aes_key(&self, salt: &[u8]) -> [u8; 32] {
        let mut key = [0; 32];
        let algorithm = pbkdf2::PBKDF2_HMAC_SHA1;
        pbkdf2::derive(algorithm, ROUNDS, salt, self.0.as_bytes(), &mut key);
        key
    }
}

/// How something is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cipher {
    /// `tripledes-cbc`
    TripleDes,
    /// `aes256-cbc`
    Aes256,
}

impl Cipher {
    /// Bytes of a block, and of the initialization vector.
    pub(crate) fn block_length(self) -> usize {
        match self {
            Self::TripleDes => 8,
            Self::Aes256 => 16,
        }
    }
}

/// Cipher block chaining; the data begins with the initialization vector. The last byte says how
/// many bytes fill the last block up, whatever the others of them are.
fn decrypt_blocks<C: BlockCipherDecrypt>(cipher: &C, data: &[u8]) -> Option<Vec<u8>> {
    let length = C::block_size();
    if !data.len().is_multiple_of(length) || data.len() < 2 * length {
        return None;
    }
    let mut plain = Vec::with_capacity(data.len());
    for start in (length..data.len()).step_by(length) {
        let (before, encrypted) = (&data[start - length..start], &data[start..start + length]);
        let mut block = Block::<C>::try_from(encrypted).ok()?;
        cipher.decrypt_block(&mut block);
        plain.extend(
            block
                .iter()
                .zip(before)
                .map(|(byte, chained)| byte ^ chained),
        );
    }
    let filling = usize::from(*plain.last()?);
    if filling == 0 || filling > length {
        return None;
    }
    plain.truncate(plain.len() - filling);
    Some(plain)
}

#[cfg(test)]
pub(crate) mod tests {
    use des::cipher::BlockCipherEncrypt;

    use super::*;

    /// The inverse of `decrypt`, to make files for tests.
    pub(crate) fn encrypt(
        password: &PackagePassword,
        cipher: Cipher,
        salt: &[u8],
        vector: &[u8],
        plain: &[u8],
    ) -> Vec<u8> {
        match cipher {
            Cipher::TripleDes => {
                let cipher = TdesEde3::new_from_slice(&password.des_key()).unwrap();
                encrypt_blocks(&cipher, vector, plain)
            }
            Cipher::Aes256 => {
                let cipher = Aes256::new_from_slice(&password.aes_key(salt)).unwrap();
                encrypt_blocks(&cipher, vector, plain)
            }
        }
    }

    fn encrypt_blocks<C: BlockCipherEncrypt>(cipher: &C, vector: &[u8], plain: &[u8]) -> Vec<u8> {
        let length = C::block_size();
        let filling = length - plain.len() % length;
        let mut padded = plain.to_vec();
        padded.resize(plain.len() + filling, u8::try_from(filling).unwrap());
        let mut data = vector.to_vec();
        for start in (0..padded.len()).step_by(length) {
            let before = &data[data.len() - length..];
            let mixed: Vec<u8> = padded[start..start + length]
                .iter()
                .zip(before)
                .map(|(byte, chained)| byte ^ chained)
                .collect();
            let mut block = Block::<C>::try_from(mixed.as_slice()).unwrap();
            cipher.encrypt_block(&mut block);
            data.extend_from_slice(&block);
        }
        data
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn password(text: &str) -> PackagePassword {
        PackagePassword::new(text).unwrap()
    }

    #[test]
    fn keys_are_those_of_other_implementations() {
        // CryptDeriveKey of a SHA-1 hash, computed with OpenSSL's digests.
        assert_eq!(
            hex(&password("secret").des_key()),
            "bc91199e2e839eb169c688984e9efdf913b4fb92e6b58853"
        );
        // PBKDF2 with HMAC-SHA-1, computed with OpenSSL.
        assert_eq!(
            hex(&password("secret").aes_key(b"saltsalt")),
            "8b09c61e3ddee1285f60003548fcfb0963b1e8e2d0273da3f4143f62373e0146"
        );
    }

    #[test]
    fn what_was_encrypted_elsewhere_is_decrypted() {
        // `openssl enc -e` with the keys above, initialization vectors of zeros.
        let des = "55ba199d9d5a83152ddf7964a04970884a93460eaca6168e";
        let aes = "97ad46ed2dc85836079767f6a408007c7f49112c97bba779b58e9e34269d5928";
        for (cipher, data) in [(Cipher::TripleDes, des), (Cipher::Aes256, aes)] {
            let bytes = (0..data.len() / 2).map(|at| &data[2 * at..2 * at + 2]);
            let mut encrypted = vec![0; cipher.block_length()];
            encrypted.extend(bytes.map(|pair| u8::from_str_radix(pair, 16).unwrap()));
            let plain = password("secret").decrypt(cipher, b"saltsalt", &encrypted);
            assert_eq!(plain.unwrap(), b"What nobody may read");
        }
    }

    #[test]
    fn damaged_data_is_not_decrypted() {
        for cipher in [Cipher::TripleDes, Cipher::Aes256] {
            let vector = vec![7; cipher.block_length()];
            let own = password("a");
            let whole = encrypt(&own, cipher, b"s", &vector, b"0123456789abcdef");
            assert_eq!(
                own.decrypt(cipher, b"s", &whole).unwrap(),
                b"0123456789abcdef"
            );
            for length in 0..whole.len() {
                let part = own.decrypt(cipher, b"s", &whole[..length]);
                assert_ne!(part.as_deref(), Some(&b"0123456789abcdef"[..]));
            }
        }
        assert!(PackagePassword::new("").is_none());
        assert_eq!(format!("{:?}", password("x")), "PackagePassword(********)");
    }
}
