//! The query for the current row of one member.

/// The statement with a parameter for each business key, in their order.
///
/// A command with parameters of its own is taken as it is; else the conditions are added to it.
/// `current` is the condition that tells the current row from historical ones.
#[must_use]
pub fn statement(command: &str, keys: &[&str], current: &str, marks: usize) -> String {
    let command = command.trim_end_matches([';', ' ', '\r', '\n', '\t']);
    let current = current.trim();
    if 0 < marks {
        return match current {
            "" => command.to_owned(),
            known if contains(command, known) => command.to_owned(),
            more => format!("{command} and ({more})"),
        };
    }
    let keys = keys
        .iter()
        .map(|key| format!("[{}] = ?", key.replace(']', "]]")));
    let current = (!current.is_empty()).then(|| format!("({current})"));
    let conditions: Vec<String> = keys.chain(current).collect();
    let conditions = conditions.join(" and ");
    // Columns of the condition need not be among those that are selected: it has to stand inside.
    let is_plain = !["where", "group", "order", "union", "having"]
        .iter()
        .any(|word| has_word(command, word));
    if is_plain {
        format!("{command} where {conditions}")
    } else {
        format!("select * from ({command}) [dimension] where {conditions}")
    }
}

fn contains(text: &str, part: &str) -> bool {
    let folded = |text: &str| text.split_whitespace().collect::<String>().to_lowercase();
    folded(text).contains(&folded(part))
}

fn has_word(text: &str, word: &str) -> bool {
    let mut words = text.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
    words.any(|other| other.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_go_where_they_are_understood() {
        for (command, current, marks, expected) in [
            (
                "SELECT [a] FROM [dbo].[D];",
                "[End] IS NULL",
                0,
                "SELECT [a] FROM [dbo].[D] where [k] = ? and ([End] IS NULL)",
            ),
            ("SELECT a FROM D", "", 0, "SELECT a FROM D where [k] = ?"),
            (
                "SELECT a FROM D WHERE x = 1",
                "",
                0,
                "select * from (SELECT a FROM D WHERE x = 1) [dimension] where [k] = ?",
            ),
            (
                "SELECT a FROM D WHERE k = ?",
                "[End] IS NULL",
                1,
                "SELECT a FROM D WHERE k = ? and ([End] IS NULL)",
            ),
            (
                "SELECT a FROM D WHERE k = ? AND [end]  is null",
                "[End] IS NULL",
                1,
                "SELECT a FROM D WHERE k = ? AND [end]  is null",
            ),
        ] {
            assert_eq!(statement(command, &["k"], current, marks), expected);
        }
    }
}
