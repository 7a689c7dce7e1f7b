//! What may be the name of a folder, project, environment, parameter or package.

/// Why a name is not valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameFault {
    /// No character at all.
    #[error("it is empty")]
    Empty,
    /// Longer than allowed.
    #[error("it is longer than {0} characters")]
    TooLong(usize),
    /// A blank at its start or end.
    #[error("it starts or ends with a blank")]
    OuterBlank,
    /// Starts with `@`.
    #[error("it starts with `@`")]
    LeadingAt,
    /// Starts with something else than a letter or an underscore.
    #[error("it starts with {0:?}, not with a letter or an underscore")]
    FirstCharacter(char),
    /// A control character or one of `" < > |`.
    #[error("character {0:?} is not allowed")]
    Character(char),
    /// A package whose name does not end in `.dtsx`.
    #[error("it does not end in `.dtsx`")]
    NotDtsx,
}

/// Checks the name of a folder, project or environment.
///
/// # Errors
/// What is wrong with it.
pub fn check_object_name(name: &str) -> Result<(), NameFault> {
    check_text(name, 128)?;
    if name.starts_with('@') {
        return Err(NameFault::LeadingAt);
    }
    Ok(())
}

/// Checks the file name of a package.
///
/// # Errors
/// What is wrong with it.
pub fn check_package_name(name: &str) -> Result<(), NameFault> {
    check_text(name, 260)
}

/// Checks the name of an environment variable: the rules of parameters too.
///
/// # Errors
/// What is wrong with it.
pub fn check_variable_name(name: &str) -> Result<(), NameFault> {
    check_object_name(name)?;
    let odd = |c: &char| !(c.is_alphanumeric() || *c == '_');
    match (name.chars().next(), name.chars().find(odd)) {
        (Some(first), _) if !(first.is_alphabetic() || first == '_') => {
            Err(NameFault::FirstCharacter(first))
        }
        (_, Some(odd)) => Err(NameFault::Character(odd)),
        _ => Ok(()),
    }
}

/// The form of a name that is compared: names differ by more than case.
#[must_use]
pub fn name_key(name: &str) -> String {
    name.to_lowercase()
}

fn check_text(name: &str, longest: usize) -> Result<(), NameFault> {
    if name.is_empty() {
        return Err(NameFault::Empty);
    }
    // The original counts UTF-16 code units.
    if name.encode_utf16().count() > longest {
        return Err(NameFault::TooLong(longest));
    }
    if name.starts_with(char::is_whitespace) || name.ends_with(char::is_whitespace) {
        return Err(NameFault::OuterBlank);
    }
    let refused = |c: &char| c.is_control() || matches!(c, '"' | '<' | '>' | '|');
    match name.chars().find(refused) {
        Some(odd) => Err(NameFault::Character(odd)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_is_named_like_a_parameter() {
        for name in ["_a", "Größe2", "名前"] {
            assert_eq!(check_variable_name(name), Ok(()), "{name}");
        }
        for (name, fault) in [
            ("", NameFault::Empty),
            ("2a", NameFault::FirstCharacter('2')),
            ("a b", NameFault::Character(' ')),
            ("a.b", NameFault::Character('.')),
            ("@a", NameFault::LeadingAt),
        ] {
            assert_eq!(check_variable_name(name), Err(fault), "{name}");
        }
    }

    #[test]
    fn ordinary_names_are_valid() {
        for name in [
            "folder1",
            "Überfluß 2",
            "a.b-c",
            "'; DROP TABLE x; --",
            "a\\b",
            "名前",
        ] {
            assert_eq!(check_object_name(name), Ok(()), "{name}");
        }
        assert_eq!(check_object_name(&"x".repeat(128)), Ok(()));
        assert_eq!(check_package_name("Load data.dtsx"), Ok(()));
    }

    #[test]
    fn each_rule_refuses() {
        let cases = [
            ("", NameFault::Empty),
            (" a", NameFault::OuterBlank),
            ("a ", NameFault::OuterBlank),
            ("@a", NameFault::LeadingAt),
            ("a\u{8}", NameFault::Character('\u{8}')),
            ("a\0b", NameFault::Character('\0')),
            ("a|b", NameFault::Character('|')),
            ("a<b", NameFault::Character('<')),
            ("a>b", NameFault::Character('>')),
            ("a\"b", NameFault::Character('"')),
        ];
        for (name, fault) in cases {
            assert_eq!(check_object_name(name), Err(fault), "{name:?}");
        }
        assert_eq!(
            check_object_name(&"x".repeat(129)),
            Err(NameFault::TooLong(128))
        );
        // One character, two UTF-16 code units.
        assert_eq!(
            check_object_name(&"𝒳".repeat(65)),
            Err(NameFault::TooLong(128))
        );
    }

    #[test]
    fn keys_ignore_case_beyond_ascii() {
        assert_eq!(name_key("ÄRGER"), name_key("ärger"));
        assert_ne!(name_key("a"), name_key("b"));
    }
}
