//! Tags of workers, and those that an execution asks for.

use std::collections::BTreeSet;
use std::fmt;

/// A set of tags: words without regard to case, separated by commas, semicolons or blanks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tags(BTreeSet<String>);

impl Tags {
    /// Reads what `set_worker_agent_property` or the option `WORKER_TAGS` holds.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let words = text.split(|one: char| one == ',' || one == ';' || one.is_whitespace());
        let words = words.filter(|word| !word.is_empty());
        Self(words.map(str::to_lowercase).collect())
    }

    /// Whether nothing is asked for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether all of `wanted` are here.
    #[must_use]
    pub fn include(&self, wanted: &Self) -> bool {
        wanted.0.is_subset(&self.0)
    }
}

impl fmt::Display for Tags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, tag) in self.0.iter().enumerate() {
            if 0 < index {
                f.write_str(", ")?;
            }
            f.write_str(tag)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_words_without_case_in_any_order() {
        let worker = Tags::parse("ETL, big;gpu  eu-west");
        assert!(worker.include(&Tags::parse("Big etl")));
        assert!(worker.include(&Tags::parse(" ,; ")));
        assert!(!worker.include(&Tags::parse("big, eu")));
        assert_eq!(worker.to_string(), "big, etl, eu-west, gpu");
    }
}
