//! The answers that a partial cache keeps: those that were used last.
//!
//! Two generations stand for an order of use. When the younger one is half as large as allowed, it
//! becomes the older one, and what was in that and has not been used since is forgotten.

use std::collections::HashMap;
use std::sync::Arc;

use crate::value::{TypedValue, Value};

/// The copied columns of one reference row.
pub type Answer = Arc<[TypedValue]>;

/// Answers by the key that was asked for.
pub struct Kept<A> {
    limit: u64,
    young: HashMap<Box<[u8]>, A>,
    young_bytes: u64,
    old: HashMap<Box<[u8]>, A>,
}

impl<A: Clone> Kept<A> {
    /// As many as fit into so many bytes.
    pub fn new(limit: u64) -> Self {
        Self {
            limit,
            young: HashMap::new(),
            young_bytes: 0,
            old: HashMap::new(),
        }
    }

    /// What was answered to a key, if it is still known.
    pub fn get(&mut self, key: &[u8], size: impl Fn(&A) -> u64) -> Option<A> {
        if let Some(answer) = self.young.get(key) {
            return Some(answer.clone());
        }
        let (key, answer) = self.old.remove_entry(key)?;
        let bytes = size(&answer);
        self.insert(key, answer.clone(), bytes);
        Some(answer)
    }

    /// Keeps an answer of so many bytes.
    pub fn keep(&mut self, key: &[u8], answer: A, bytes: u64) {
        if bytes <= self.limit / 2 {
            self.insert(key.into(), answer, bytes);
        }
    }

    /// Answers that are known.
    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.young.len() + self.old.len()
    }

    fn insert(&mut self, key: Box<[u8]>, answer: A, bytes: u64) {
        if self.limit / 2 < self.young_bytes + bytes {
            self.old = std::mem::take(&mut self.young);
            self.young_bytes = 0;
        }
        self.young_bytes += bytes;
        self.young.insert(key, answer);
    }
}

/// Bytes that an answer takes with its key.
pub fn size_of_answer(key: &[u8], answer: &[TypedValue]) -> u64 {
    let values = answer.iter().map(|value| {
        let outside = match &value.value {
            Value::Str(text) => text.len() + 16,
            Value::Bytes(bytes) => bytes.len() + 16,
            _ => 0,
        };
        (size_of::<TypedValue>() + outside) as u64
    });
    size_without_answer(key) + values.sum::<u64>()
}

/// Bytes that a key without an answer takes.
pub fn size_without_answer(key: &[u8]) -> u64 {
    key.len() as u64 + 64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_used_last_stays_and_the_limit_holds() {
        let mut kept: Kept<u32> = Kept::new(100);
        for number in 0..1000_u32 {
            kept.keep(&number.to_le_bytes(), number, 10);
            // The first one is used all the time.
            assert_eq!(kept.get(&0_u32.to_le_bytes(), |_| 10), Some(0));
            assert!(kept.len() <= 11, "{} of 10 bytes each", kept.len());
        }
        assert_eq!(kept.get(&999_u32.to_le_bytes(), |_| 10), Some(999));
        assert_eq!(kept.get(&500_u32.to_le_bytes(), |_| 10), None);
    }

    #[test]
    fn an_answer_larger_than_the_cache_is_not_kept() {
        let mut kept: Kept<u32> = Kept::new(100);
        kept.keep(b"a", 1, 51);
        assert_eq!((kept.get(b"a", |_| 51), kept.len()), (None, 0));
    }
}
