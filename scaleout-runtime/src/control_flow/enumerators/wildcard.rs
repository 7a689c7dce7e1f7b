//! File name patterns with `*` and `?`, ignoring case.

/// Whether a name matches a pattern. `*.*` matches every name, as it always has.
pub(super) fn matches(pattern: &str, name: &str) -> bool {
    if pattern == "*.*" || pattern.is_empty() {
        return true;
    }
    let fold = |text: &str| text.to_lowercase().chars().collect::<Vec<char>>();
    matches_chars(&fold(pattern), &fold(name))
}

fn matches_chars(pattern: &[char], name: &[char]) -> bool {
    let (mut at_pattern, mut at_name) = (0, 0);
    // Where to resume when the last star has to swallow one more character.
    let mut resume: Option<(usize, usize)> = None;
    while at_name < name.len() {
        match pattern.get(at_pattern) {
            Some('*') => {
                resume = Some((at_pattern + 1, at_name));
                at_pattern += 1;
            }
            Some(&expected) if expected == '?' || expected == name[at_name] => {
                at_pattern += 1;
                at_name += 1;
            }
            _ => match resume {
                Some((after_star, from)) => {
                    resume = Some((after_star, from + 1));
                    at_pattern = after_star;
                    at_name = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern[at_pattern..].iter().all(|rest| *rest == '*')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn stars_question_marks_and_case() {
        assert!(matches("*.csv", "A.CSV"));
        assert!(matches("in_??.csv", "in_01.csv"));
        assert!(matches("*", "no-extension"));
        assert!(matches("*.*", "no-extension"));
        assert!(matches("a*b*c", "aXbYbZc"));
    }

    #[test]
    fn short_names_of_old_are_not_imitated() {
        assert!(!matches("*.csv", "a.csvx"));
        assert!(!matches("in_??.csv", "in_1.csv"));
        assert!(!matches("a*b", "abc"));
    }

    /// The definition, without any cleverness.
    fn naive(pattern: &[char], name: &[char]) -> bool {
        match (pattern, name) {
            ([], []) => true,
            (['*', rest @ ..], _) => {
                naive(rest, name) || (!name.is_empty() && naive(pattern, &name[1..]))
            }
            (['?', rest @ ..], [_, more @ ..]) => naive(rest, more),
            ([one, rest @ ..], [other, more @ ..]) => one == other && naive(rest, more),
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn matching_agrees_with_the_definition(pattern in "[ab*?]{0,6}", name in "[ab]{0,7}") {
            let pattern: Vec<char> = pattern.chars().collect();
            let name: Vec<char> = name.chars().collect();
            prop_assert_eq!(matches_chars(&pattern, &name), naive(&pattern, &name));
        }
    }
}
