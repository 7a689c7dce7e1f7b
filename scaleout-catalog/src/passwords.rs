//! Passwords: hashed with argon2id, compared in constant time, and guessed slowly.

use std::collections::HashMap;

use argon2::Argon2;
use argon2::password_hash::{PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString};
use jiff::{SignedDuration, Timestamp};
use scaleout_core::model::identifier::name_key;

use crate::error::PermissionError;
use crate::store::StoreError;

/// Shortest password, in characters.
const SHORTEST: usize = 12;
/// Longest password, in bytes.
const LONGEST: usize = 1024;
/// Bytes of a salt.
pub const SALT_BYTES: usize = 16;

/// Refuses what is too easy to guess.
pub fn check(login: &str, password: &str) -> Result<(), PermissionError> {
    let reason = if password.chars().count() < SHORTEST {
        "it is shorter than 12 characters"
    } else if LONGEST < password.len() {
        "it is longer than 1024 bytes"
    } else if name_key(password).contains(&name_key(login)) && password.len() < login.len() + 8 {
        "it is hardly more than the name of the login"
    } else if password.chars().all(|one| password.starts_with(one)) {
        "it is one character over and over"
    } else {
        return Ok(());
    };
    Err(PermissionError::PasswordWeak { reason })
}

/// Hashes a password with argon2id (19 MiB, 2 passes); takes tens of milliseconds on purpose.
pub fn hash(password: &str, salt: &[u8; SALT_BYTES]) -> Result<String, StoreError> {
    let salt = SaltString::encode_b64(salt).map_err(|_| StoreError::Secret)?;
    let hashed = Argon2::default().hash_password(password.as_bytes(), &salt);
    hashed
        .map(|hashed| hashed.to_string())
        .map_err(|_| StoreError::Secret)
}

/// Whether a password belongs to a hash; without a hash it takes as long and is false, so that
/// the time of an answer does not tell which logins there are.
pub fn verify(password: &str, stored: Option<&str>) -> bool {
    /// Of a password that nobody knows.
    const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$\
                           AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let Ok(parsed) = PasswordHash::new(stored.unwrap_or(NOBODYS)) else {
        return false;
    };
    // The comparison of the two hashes is one in constant time.
    let fits = Argon2::default().verify_password(password.as_bytes(), &parsed);
    fits.is_ok() && stored.is_some()
}

/// Failures after which a login has to wait.
const PATIENCE: u32 = 5;
/// Failures older than this are forgotten.
const MEMORY: SignedDuration = SignedDuration::from_mins(15);
/// Longest wait.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_secs(60);
/// Most names remembered; beyond that, all that are old enough are forgotten, then everything.
const MOST_NAMES: usize = 10_000;

/// Wrong passwords by login, known or not. Pure: callers pass the time.
#[derive(Debug, Default)]
pub struct Failures {
    by_login: HashMap<String, (u32, Timestamp)>,
}

impl Failures {
    /// How long nobody may try this login, whatever the password: nothing until the fifth failure
    /// in a row, then 1 s, doubling up to a minute.
    pub fn wait(&self, login: &str, now: Timestamp) -> Option<SignedDuration> {
        let (count, last) = self.by_login.get(&name_key(login))?;
        let over = count.checked_sub(PATIENCE)?;
        let wait = SignedDuration::from_secs(1 << over.min(6)).min(LONGEST_WAIT);
        let left = last.saturating_add(wait).ok()?.duration_since(now);
        // A clock that was set back keeps nobody out for longer.
        left.is_positive().then_some(left.min(wait))
    }

    /// Records a wrong password.
    pub fn failed(&mut self, login: &str, now: Timestamp) {
        if MOST_NAMES <= self.by_login.len() {
            self.by_login
                .retain(|_, (_, last)| now.duration_since(*last) < MEMORY);
            if MOST_NAMES <= self.by_login.len() {
                self.by_login.clear();
            }
        }
        let entry = self.by_login.entry(name_key(login)).or_insert((0, now));
        if MEMORY <= now.duration_since(entry.1) {
            entry.0 = 0;
        }
        *entry = (entry.0.saturating_add(1), now);
    }

    /// Forgets the failures of a login that was let in.
    pub fn succeeded(&mut self, login: &str) {
        self.by_login.remove(&name_key(login));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    #[test]
    fn a_password_is_verified_by_its_own_hash_only() {
        let stored = hash("correct horse battery", &[7; SALT_BYTES]).unwrap();
        assert!(
            stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{stored}"
        );
        assert!(!stored.contains("horse"));
        assert!(verify("correct horse battery", Some(&stored)));
        assert!(!verify("correct horse batterz", Some(&stored)));
        assert!(!verify("correct horse battery", None));
        assert!(!verify("correct horse battery", Some("")));
        let salted = hash("correct horse battery", &[8; SALT_BYTES]).unwrap();
        assert_ne!(stored, salted);
    }

    #[test]
    fn easy_passwords_are_refused() {
        for easy in [
            "",
            "short",
            "elevenchars",
            "aaaaaaaaaaaaaaaa",
            "administrator1",
        ] {
            assert!(check("administrator", easy).is_err(), "{easy}");
        }
        assert!(check("anna", &"x1".repeat(513)).is_err());
        for good in [
            "correct horse battery",
            "übermäßigküh",
            "annas-very-long-secret",
        ] {
            assert!(check("anna", good).is_ok(), "{good}");
        }
    }

    #[test]
    fn guessing_gets_slower_and_a_success_forgives() {
        let mut failures = Failures::default();
        for second in 0..4 {
            failures.failed("Anna", at(second));
            assert_eq!(failures.wait("anna", at(second)), None);
        }
        let mut waits = Vec::new();
        for second in 4..14 {
            failures.failed("anna", at(second));
            let wait = failures.wait("ANNA", at(second)).unwrap();
            waits.push(wait.as_secs());
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60, 60, 60]);
        assert_eq!(failures.wait("anna", at(13 + 60)), None);
        assert_eq!(failures.wait("bert", at(13)), None);
        failures.succeeded("anna");
        assert_eq!(failures.wait("anna", at(13)), None);
    }

    #[test]
    fn old_failures_are_forgotten_and_memory_is_bounded() {
        let mut failures = Failures::default();
        for second in 0..10 {
            failures.failed("anna", at(second));
        }
        failures.failed("anna", at(10_000));
        assert_eq!(failures.wait("anna", at(10_000)), None);
        for number in 0..30_000 {
            failures.failed(&format!("name{number}"), at(10_000));
        }
        assert!(failures.by_login.len() <= MOST_NAMES);
    }
}
