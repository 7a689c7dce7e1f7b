//! A text on its way through functions and concatenations of one row.
//!
//! A function that only cuts keeps the text where it is, one that changes it makes a new one, and
//! only the end of the way makes a value of it.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use crate::value::Value;

/// A text and who holds it.
#[derive(Debug)]
pub(super) struct Words<'a> {
    held: Held<'a>,
    /// The part that is meant, in bytes.
    part: Range<usize>,
}

#[derive(Debug)]
enum Held<'a> {
    /// A constant of the expression.
    Constant(&'a Arc<str>),
    /// The value of a variable or a column.
    Shared(Arc<str>),
    /// Made on the way.
    Made(String),
}

impl<'a> Words<'a> {
    pub(super) fn constant(text: &'a Arc<str>) -> Self {
        let part = 0..text.len();
        Self {
            held: Held::Constant(text),
            part,
        }
    }

    pub(super) fn shared(text: Arc<str>) -> Self {
        let part = 0..text.len();
        Self {
            held: Held::Shared(text),
            part,
        }
    }

    pub(super) fn made(text: String) -> Self {
        let part = 0..text.len();
        Self {
            held: Held::Made(text),
            part,
        }
    }

    fn whole(&self) -> &str {
        match &self.held {
            Held::Constant(text) => text,
            Held::Shared(text) => text,
            Held::Made(text) => text,
        }
    }

    pub(super) fn as_str(&self) -> &str {
        &self.whole()[self.part.clone()]
    }

    /// What a function makes of it.
    pub(super) fn through<E>(
        mut self,
        function: impl for<'t> FnOnce(&'t str) -> Result<Cow<'t, str>, E>,
    ) -> Result<Self, E> {
        let part = match function(self.as_str())? {
            Cow::Owned(text) => return Ok(Self::made(text)),
            Cow::Borrowed(text) => place(self.whole(), text).ok_or_else(|| text.to_owned()),
        };
        match part {
            Ok(part) => self.part = part,
            Err(text) => return Ok(Self::made(text)),
        }
        Ok(self)
    }

    /// With another text behind it.
    pub(super) fn followed_by(self, more: &str) -> Self {
        if let Held::Made(mut text) = self.held {
            text.truncate(self.part.end);
            text.push_str(more);
            return Self {
                part: self.part.start..text.len(),
                held: Held::Made(text),
            };
        }
        let text = self.as_str();
        let mut both = String::with_capacity(text.len() + more.len());
        both.push_str(text);
        both.push_str(more);
        Self::made(both)
    }

    pub(super) fn into_value(self) -> Value {
        if self.part.len() < self.whole().len() {
            return Value::Str(Arc::from(self.as_str()));
        }
        Value::Str(match self.held {
            Held::Constant(text) => Arc::clone(text),
            Held::Shared(text) => text,
            Held::Made(text) => Arc::from(text),
        })
    }
}

/// Where in the whole the part is, if it is a part of it and not a text of its own.
fn place(whole: &str, part: &str) -> Option<Range<usize>> {
    if part.is_empty() {
        return Some(0..0);
    }
    let start = part.as_ptr().addr().checked_sub(whole.as_ptr().addr())?;
    let end = start.checked_add(part.len())?;
    (end <= whole.len()).then_some(start..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(words: Words<'_>, range: Range<usize>) -> Words<'_> {
        let cut: Result<_, ()> = words.through(|text| Ok(Cow::Borrowed(&text[range])));
        cut.unwrap()
    }

    fn text(value: &Value) -> &Arc<str> {
        match value {
            Value::Str(text) => text,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_not_changed_is_not_copied() {
        let source: Arc<str> = Arc::from("unchanged");
        let value = cut(Words::shared(Arc::clone(&source)), 0..9).into_value();
        assert!(Arc::ptr_eq(text(&value), &source));
        let value = Words::constant(&source).into_value();
        assert!(Arc::ptr_eq(text(&value), &source));
    }

    #[test]
    fn a_part_of_a_part_is_a_part() {
        for words in [
            Words::shared(Arc::from("äbcdef")),
            Words::constant(&Arc::from("äbcdef")),
            Words::made("äbcdef".to_owned()),
        ] {
            let part = cut(cut(words, 2..7), 1..3);
            assert_eq!(part.as_str(), "cd");
            let longer = part.followed_by("-x").followed_by("");
            assert_eq!(longer.as_str(), "cd-x");
            assert_eq!(&**text(&longer.into_value()), "cd-x");
        }
    }

    #[test]
    fn a_text_that_is_no_part_and_an_empty_one_are_right_as_well() {
        let words = || Words::made("abc".to_owned());
        let other: Result<_, ()> = words().through(|_| Ok(Cow::Borrowed("static")));
        assert_eq!(other.unwrap().as_str(), "static");
        assert_eq!(cut(words(), 3..3).followed_by("d").as_str(), "d");
        let failed = words().through(|_| Err("no"));
        assert_eq!(failed.unwrap_err(), "no");
    }
}
