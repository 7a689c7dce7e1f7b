//! One command line into arguments, as Windows programs do it.

/// Splits a command line by the rules of the Microsoft C runtime.
///
/// Blanks separate; double quotes keep blanks together; a quote is literal after an odd
/// number of backslashes, or doubled inside quotes; backslashes are literal elsewhere.
pub(super) fn split(line: &str) -> Vec<String> {
    let mut arguments = Vec::new();
    let mut rest = line.chars().peekable();
    loop {
        while rest.next_if(|blank| matches!(blank, ' ' | '\t')).is_some() {}
        if rest.peek().is_none() {
            return arguments;
        }
        arguments.push(argument(&mut rest));
    }
}

fn argument(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) -> String {
    let mut text = String::new();
    let mut quoted = false;
    loop {
        let mut backslashes = 0;
        while rest.next_if_eq(&'\\').is_some() {
            backslashes += 1;
        }
        let before_quote = rest.peek() == Some(&'"');
        let kept = if before_quote {
            backslashes / 2
        } else {
            backslashes
        };
        text.extend(std::iter::repeat_n('\\', kept));
        let Some(next) = rest.peek().copied() else {
            return text;
        };
        if !quoted && matches!(next, ' ' | '\t') {
            return text;
        }
        rest.next();
        if next != '"' || backslashes % 2 == 1 {
            text.push(next);
        } else if quoted && rest.next_if_eq(&'"').is_some() {
            text.push('"');
        } else {
            quoted = !quoted;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn blanks_separate_and_quotes_keep_together() {
        assert_eq!(split("  a  \"b c\" d\te "), ["a", "b c", "d", "e"]);
        assert_eq!(split("\"\" x"), ["", "x"]);
        assert_eq!(split(""), [""; 0]);
    }

    #[test]
    fn backslashes_count_only_before_a_quote() {
        assert_eq!(split(r#"a\\b d"e f"g h"#), [r"a\\b", "de fg", "h"]);
        assert_eq!(split(r#"a\\\"b c d"#), [r#"a\"b"#, "c", "d"]);
        assert_eq!(split(r#"a\\\\"b c" d"#), [r"a\\b c", "d"]);
        assert_eq!(split(r"C:\in\ x"), [r"C:\in\", "x"]);
    }

    #[test]
    fn a_doubled_quote_inside_quotes_is_a_quote() {
        assert_eq!(split(r#""a ""b"" c" d"#), [r#"a "b" c"#, "d"]);
    }

    /// How a caller writes an argument so that it arrives unchanged.
    fn quote(argument: &str) -> String {
        let mut text = String::from('"');
        let mut backslashes = 0;
        for next in argument.chars() {
            match next {
                '\\' => backslashes += 1,
                '"' => {
                    text.extend(std::iter::repeat_n('\\', backslashes + 1));
                    backslashes = 0;
                }
                _ => backslashes = 0,
            }
            text.push(next);
        }
        text.extend(std::iter::repeat_n('\\', backslashes));
        text.push('"');
        text
    }

    proptest! {
        #[test]
        fn quoted_arguments_arrive_unchanged(arguments in proptest::collection::vec(r#"[ab "\\]{0,8}"#, 0..5)) {
            let line: Vec<String> = arguments.iter().map(|argument| quote(argument)).collect();
            prop_assert_eq!(split(&line.join(" ")), arguments);
        }
    }
}
