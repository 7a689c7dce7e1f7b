//! Command files: the same words as on the command line, parted by blanks and line ends.

/// The words of a text. Quotes keep blanks; a doubled quote inside them is one.
pub(super) fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quoted = false;
    let mut letters = text.trim_start_matches('\u{FEFF}').chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                word.get_or_insert_default().push('"');
            }
            '"' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            // As command lines are read on Windows: a backslash before a quote is none.
            '\\' if letters.peek() == Some(&'"') => {
                letters.next();
                word.get_or_insert_default().push('"');
            }
            blank if blank.is_whitespace() && !quoted => words.extend(word.take()),
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_keep_blanks_and_lines_part_words() {
        let text = "/F \"C:\\my packages\\a.dtsx\"\r\n/SET \"\\Package.Variables[x].Value\";\"a \"\"b\"\"\"\n/Rem \"\"";
        assert_eq!(
            words(text),
            [
                "/F",
                r"C:\my packages\a.dtsx",
                "/SET",
                "\\Package.Variables[x].Value;a \"b\"",
                "/Rem",
                ""
            ]
        );
        assert_eq!(
            words("/CONN db;\"\\\"Data Source=x\\\"\""),
            ["/CONN", "db;\"Data Source=x\""]
        );
        assert!(words(" \n ").is_empty());
    }
}
