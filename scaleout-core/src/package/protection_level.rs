//! The numbers of packages and the words of projects for a protection level.

use super::model::ProtectionLevel;

const LEVELS: [(ProtectionLevel, &str, &str); 6] = [
    (ProtectionLevel::DontSaveSensitive, "0", "DontSaveSensitive"),
    (
        ProtectionLevel::EncryptSensitiveWithUserKey,
        "1",
        "EncryptSensitiveWithUserKey",
    ),
    (
        ProtectionLevel::EncryptSensitiveWithPassword,
        "2",
        "EncryptSensitiveWithPassword",
    ),
    (
        ProtectionLevel::EncryptAllWithPassword,
        "3",
        "EncryptAllWithPassword",
    ),
    (
        ProtectionLevel::EncryptAllWithUserKey,
        "4",
        "EncryptAllWithUserKey",
    ),
    (ProtectionLevel::ServerStorage, "5", "ServerStorage"),
];

impl ProtectionLevel {
    /// The level of a number or a word.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        let text = text.trim();
        let mut levels = LEVELS.iter();
        let found =
            levels.find(|(_, number, word)| *number == text || word.eq_ignore_ascii_case(text));
        found.map(|(level, _, _)| *level)
    }

    /// The word of projects, such as `DontSaveSensitive`.
    #[must_use]
    pub fn word(self) -> &'static str {
        let found = LEVELS.iter().find(|(level, _, _)| *level == self);
        found.map_or("EncryptSensitiveWithUserKey", |(_, _, word)| word)
    }

    /// The number of packages.
    #[must_use]
    pub fn number(self) -> &'static str {
        let found = LEVELS.iter().find(|(level, _, _)| *level == self);
        found.map_or("1", |(_, number, _)| number)
    }

    /// Whether everything is encrypted, not only sensitive values.
    #[must_use]
    pub fn encrypts_all(self) -> bool {
        matches!(
            self,
            Self::EncryptAllWithPassword | Self::EncryptAllWithUserKey
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_words_name_the_same_levels() {
        for (level, number, word) in LEVELS {
            assert_eq!(ProtectionLevel::from_text(number), Some(level));
            assert_eq!(ProtectionLevel::from_text(word), Some(level));
            assert_eq!((level.number(), level.word()), (number, word));
        }
        assert_eq!(ProtectionLevel::from_text("6"), None);
    }
}
