//! The type of a variable or parameter, with the numbers and words that files use for it.

use serde::{Deserialize, Serialize};

/// The type of a variable or parameter (VARTYPE in packages, TypeCode in manifests).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum VariableType {
    /// VARTYPE 0
    Empty,
    /// VARTYPE 11, TypeCode 3
    Boolean,
    /// VARTYPE 16, TypeCode 5
    SByte,
    /// VARTYPE 17, TypeCode 6
    Byte,
    /// VARTYPE 2, TypeCode 7
    Int16,
    /// VARTYPE 18, TypeCode 8 (also Char)
    UInt16,
    /// VARTYPE 3, TypeCode 9
    Int32,
    /// VARTYPE 19, TypeCode 10
    UInt32,
    /// VARTYPE 20, TypeCode 11
    Int64,
    /// VARTYPE 21, TypeCode 12
    UInt64,
    /// VARTYPE 4, TypeCode 13
    Single,
    /// VARTYPE 5, TypeCode 14
    Double,
    /// VARTYPE 14, TypeCode 15
    Decimal,
    /// VARTYPE 6
    Currency,
    /// VARTYPE 7, TypeCode 16
    DateTime,
    /// VARTYPE 8, TypeCode 18
    String,
    /// VARTYPE 13
    Object,
}

/// Type, VARTYPE (packages), TypeCode (manifests and parameter files), name in catalog and words.
const TYPES: [(VariableType, Option<u16>, Option<u16>, &str); 17] = [
    (VariableType::Empty, Some(0), Some(0), "Empty"),
    (VariableType::Boolean, Some(11), Some(3), "Boolean"),
    (VariableType::SByte, Some(16), Some(5), "SByte"),
    (VariableType::Byte, Some(17), Some(6), "Byte"),
    (VariableType::Int16, Some(2), Some(7), "Int16"),
    (VariableType::UInt16, Some(18), Some(8), "UInt16"),
    (VariableType::Int32, Some(3), Some(9), "Int32"),
    (VariableType::UInt32, Some(19), Some(10), "UInt32"),
    (VariableType::Int64, Some(20), Some(11), "Int64"),
    (VariableType::UInt64, Some(21), Some(12), "UInt64"),
    (VariableType::Single, Some(4), Some(13), "Single"),
    (VariableType::Double, Some(5), Some(14), "Double"),
    (VariableType::Decimal, Some(14), Some(15), "Decimal"),
    (VariableType::Currency, Some(6), None, "Currency"),
    (VariableType::DateTime, Some(7), Some(16), "DateTime"),
    (VariableType::String, Some(8), Some(18), "String"),
    (VariableType::Object, Some(13), Some(1), "Object"),
];

impl VariableType {
    /// The type that a package writes as this VARTYPE number.
    #[must_use]
    pub fn from_vartype(number: u16) -> Option<Self> {
        // 22 and 23 are the machine-sized int and uint, 9 and 12 object references
        // and variants: other numbers for types that packages have anyway.
        let number = match number {
            1 => 0,
            22 => 3,
            23 => 19,
            9 | 12 => 13,
            other => other,
        };
        let found = TYPES.iter().find(|entry| entry.1 == Some(number));
        found.map(|entry| entry.0)
    }

    /// The type that a manifest or parameter file writes as this TypeCode:
    /// a number, or the word that hand-made files use.
    #[must_use]
    pub fn from_type_code(text: &str) -> Option<Self> {
        let text = text.trim();
        match text.parse::<u16>() {
            // Char
            Ok(4) => Some(Self::UInt16),
            Ok(number) => TYPES
                .iter()
                .find(|entry| entry.2 == Some(number))
                .map(|entry| entry.0),
            Err(_) => Self::from_word(text),
        }
    }

    /// The type of a name such as `Int32`, whatever the case, `System.` allowed before it.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        let word = word.strip_prefix("System.").unwrap_or(word);
        let found = TYPES
            .iter()
            .find(|entry| entry.3.eq_ignore_ascii_case(word));
        found.map(|entry| entry.0).or_else(|| {
            let is_char = word.eq_ignore_ascii_case("Char");
            is_char.then_some(Self::UInt16)
        })
    }

    /// The name as the catalog shows it: `String`, `Int32`, `Boolean`, `DateTime`.
    #[must_use]
    pub fn name(self) -> &'static str {
        let found = TYPES.iter().find(|entry| entry.0 == self);
        found.map_or("Object", |entry| entry.3)
    }

    /// The VARTYPE number of packages.
    #[must_use]
    pub fn vartype(self) -> u16 {
        let found = TYPES.iter().find(|entry| entry.0 == self);
        found.and_then(|entry| entry.1).unwrap_or(13)
    }

    /// The TypeCode number of manifests; Currency, which has none, is Decimal.
    #[must_use]
    pub fn type_code(self) -> u16 {
        let found = TYPES.iter().find(|entry| entry.0 == self);
        found.and_then(|entry| entry.2).unwrap_or(15)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_reads_back_from_its_number_and_its_name() {
        for (variable_type, vartype, type_code, name) in TYPES {
            assert_eq!(VariableType::from_word(name), Some(variable_type));
            assert_eq!(variable_type.name(), name);
            assert_eq!(
                VariableType::from_vartype(variable_type.vartype()),
                Some(variable_type)
            );
            assert_eq!(vartype, Some(variable_type.vartype()));
            if let Some(code) = type_code {
                assert_eq!(
                    VariableType::from_type_code(&code.to_string()),
                    Some(variable_type)
                );
                assert_eq!(variable_type.type_code(), code);
            }
        }
    }

    #[test]
    fn words_of_hand_made_files_are_types() {
        assert_eq!(
            VariableType::from_type_code("String"),
            Some(VariableType::String)
        );
        assert_eq!(
            VariableType::from_type_code(" int32 "),
            Some(VariableType::Int32)
        );
        assert_eq!(
            VariableType::from_type_code("System.DateTime"),
            Some(VariableType::DateTime)
        );
        assert_eq!(VariableType::from_type_code("Text"), None);
        assert_eq!(VariableType::from_vartype(999), None);
    }
}
