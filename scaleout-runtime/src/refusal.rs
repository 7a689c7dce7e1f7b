//! The one text for what a package may hold and this runtime does not run.

/// Says what does not run, why, and what can be done about it today.
///
/// `what` is a clause with its subject, such as ``task `Send` is a Send Mail task``; `instead` says
/// what to change in the package, in the imperative.
#[must_use]
pub fn not_run_here(what: &str, instead: &str) -> String {
    format!("{what}, and this version has no engine for that; {instead}")
}

/// The name with its indefinite article: `an Execute SQL task`, `a Script task`, `an FTP task`.
#[must_use]
pub fn with_article(name: &str) -> String {
    let article = if starts_with_a_vowel_sound(name) {
        "an"
    } else {
        "a"
    };
    format!("{article} {name}")
}

fn starts_with_a_vowel_sound(name: &str) -> bool {
    let first_word = name.split(' ').next().unwrap_or_default();
    let is_spelled = first_word.chars().count() > 1
        && first_word
            .chars()
            .all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit());
    match name.chars().next() {
        // Letters whose names start with a vowel: an FTP task, but a WMI task.
        Some(letter) if is_spelled => "AEFHILMNORSX8".contains(letter),
        Some(letter) => "AEIOaeio".contains(letter) || name.starts_with("Up"),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_what_why_and_what_to_do() {
        assert_eq!(
            not_run_here("task `Send` is a Send Mail task", "disable it"),
            "task `Send` is a Send Mail task, and this version has no engine for that; disable it"
        );
    }

    #[test]
    fn the_article_goes_with_the_sound() {
        for (name, expected) in [
            ("Execute SQL task", "an Execute SQL task"),
            ("Script task", "a Script task"),
            ("ActiveX Script task", "an ActiveX Script task"),
            ("FTP task", "an FTP task"),
            ("XML task", "an XML task"),
            ("WMI Data Reader task", "a WMI Data Reader task"),
            ("CDC Control task", "a CDC Control task"),
            ("OLE DB Command", "an OLE DB Command"),
            ("Union All", "a Union All"),
            ("Update Statistics task", "an Update Statistics task"),
            ("Foreach SMO enumerator", "a Foreach SMO enumerator"),
            ("", "a "),
        ] {
            assert_eq!(with_article(name), expected);
        }
    }
}
