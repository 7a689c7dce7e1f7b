//! Parameter marks in SQL that is not parsed: `?` and `@name` outside literals and comments.

/// `?` becomes `prefix` and a number: `@P1`, `$1`.
#[must_use]
pub fn number_marks(sql: &str, prefix: &str) -> String {
    let mut seen = 0;
    replace(sql, |mark| {
        (mark == "?").then(|| {
            seen += 1;
            format!("{prefix}{seen}")
        })
    })
}

/// Each `?` for which `replacement` has something becomes that; it is asked with the number of
/// the mark, from 0.
#[must_use]
pub fn replace_marks(sql: &str, mut replacement: impl FnMut(usize) -> Option<String>) -> String {
    let mut seen = 0;
    replace(sql, |mark| {
        (mark == "?").then(|| {
            seen += 1;
            replacement(seen - 1)
        })?
    })
}

/// How many `?` a text has.
#[must_use]
pub fn count_marks(sql: &str) -> usize {
    let mut seen = 0;
    replace(sql, |mark| {
        seen += usize::from(mark == "?");
        None
    });
    seen
}

/// Each `@name` that is one of `names` becomes a `?`; with it, which name each mark stands for.
///
/// Names are compared without `@` and without case.
#[must_use]
pub fn name_marks(sql: &str, names: &[String]) -> (String, Vec<usize>) {
    let mut order = Vec::new();
    let replaced = replace(sql, |mark| {
        let name = mark.strip_prefix('@')?;
        let same = |other: &String| other.trim_start_matches('@').eq_ignore_ascii_case(name);
        order.push(names.iter().position(same)?);
        Some("?".to_owned())
    });
    (replaced, order)
}

/// Offers each mark to `replacement`; `None` leaves it.
fn replace(sql: &str, mut replacement: impl FnMut(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(sql.len() + 16);
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let length = piece(rest, first);
        let (now, later) = rest.split_at(length);
        match replacement(now).filter(|_| first == '?' || first == '@') {
            Some(replaced) => out.push_str(&replaced),
            None => out.push_str(now),
        }
        rest = later;
    }
    out
}

/// Bytes of the literal, comment, mark or single character at the start.
fn piece(text: &str, first: char) -> usize {
    let up_to = |end: &str, from: usize| {
        let found = text[from..].find(end);
        found.map_or(text.len(), |at| from + at + end.len())
    };
    match first {
        '\'' | '"' => up_to(&first.to_string(), 1),
        '[' => up_to("]", 1),
        '-' if text.starts_with("--") => up_to("\n", 2),
        '/' if text.starts_with("/*") => up_to("*/", 2),
        '@' => {
            let is_name =
                |character: char| character.is_alphanumeric() || "_@#$".contains(character);
            text[1..]
                .find(|character| !is_name(character))
                .map_or(text.len(), |at| at + 1)
        }
        other => other.len_utf8(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn marks_are_numbered_outside_literals_only() {
        assert_eq!(
            number_marks(
                "a = ? and b = '?' -- ?\nand c = ? /* ? */ and [?] = \"?\"",
                "$"
            ),
            "a = $1 and b = '?' -- ?\nand c = $2 /* ? */ and [?] = \"?\""
        );
    }

    #[test]
    fn single_marks_are_replaced() {
        let replaced = replace_marks("exec ? = p ?, '?', ?", |at| {
            (at != 1).then(|| format!("@v{at}"))
        });
        assert_eq!(replaced, "exec @v0 = p ?, '?', @v2");
    }

    #[test]
    fn named_marks_keep_their_order() {
        let names = ["@b".to_owned(), "a".to_owned()];
        assert_eq!(
            name_marks("x = @A and y = @b or @A = '@a' or @@rowcount = @ab", &names),
            (
                "x = ? and y = ? or ? = '@a' or @@rowcount = @ab".to_owned(),
                vec![1, 0, 1]
            )
        );
    }

    proptest! {
        #[test]
        fn text_without_marks_stays(text in "[^?@]*") {
            prop_assert_eq!(number_marks(&text, "$"), text);
        }
    }
}
