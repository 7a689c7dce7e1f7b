//! Text as wide as a terminal shows it.

use dialoguer::console;

/// How many columns of a terminal a text takes; wide characters take two.
#[must_use]
pub fn width_of(text: &str) -> usize {
    console::measure_text_width(text)
}

/// The text in lines of at most this width, broken at blanks where there are any; what follows
/// the first line is indented.
#[must_use]
pub fn wrapped(text: &str, width: usize, indent: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for line in text.lines() {
        let mut page = Page::new(width, indent.min(width / 2));
        for (number, word) in line.split(' ').enumerate() {
            if 0 < number {
                page.blank_before(width_of(word));
            }
            for part in parts(word) {
                page.begin(width_of(part));
                part.chars().for_each(|character| page.put(character));
            }
        }
        lines.extend(page.lines);
    }
    lines
}

/// The parts of a word between which it may be broken: folders of a path, the extension of a file,
/// the words of `a_name`. Numbers stay whole.
#[must_use]
pub fn parts(word: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut last) = (0, None);
    for (at, character) in word.char_indices() {
        let before = match character {
            '/' | '\\' => last != Some(character),
            '.' => last.is_some_and(char::is_alphabetic),
            _ => last == Some('_') && character != '_',
        };
        if before && start < at {
            parts.push(&word[start..at]);
            start = at;
        }
        last = Some(character);
    }
    parts.push(&word[start..]);
    parts
}

/// Lines that are being filled.
struct Page {
    width: usize,
    indent: usize,
    lines: Vec<String>,
    /// What the last line takes.
    taken: usize,
    /// Whether the last line holds more than blanks.
    begun: bool,
}

impl Page {
    fn new(width: usize, indent: usize) -> Self {
        Self {
            width,
            indent,
            lines: vec![String::new()],
            taken: 0,
            begun: false,
        }
    }

    /// A blank, or a new line when the word behind it would not fit.
    fn blank_before(&mut self, word: usize) {
        if self.begun && self.width < self.taken + 1 + word {
            self.new_line();
        } else {
            self.push(' ', 1);
        }
    }

    /// A new line when this part of a word would fit there and does not fit here.
    fn begin(&mut self, part: usize) {
        let fits_there = self.indent + part <= self.width;
        if self.begun && fits_there && self.width < self.taken + part {
            self.new_line();
        }
    }

    fn put(&mut self, character: char) {
        let width = width_of(character.encode_utf8(&mut [0; 4]));
        if self.begun && self.width < self.taken + width {
            self.new_line();
        }
        self.push(character, width);
        self.begun = true;
    }

    fn push(&mut self, character: char, width: usize) {
        if let Some(line) = self.lines.last_mut() {
            line.push(character);
        }
        self.taken += width;
    }

    fn new_line(&mut self) {
        self.lines.push(" ".repeat(self.indent));
        self.taken = self.indent;
        self.begun = false;
    }
}

/// What cannot be drawn, taken out: a control character would move the cursor or change colours.
#[must_use]
pub fn drawable(text: &str) -> String {
    let drawn = |character: char| match character {
        '\n' => '\n',
        '\t' => ' ',
        other if other.is_control() => char::REPLACEMENT_CHARACTER,
        other => other,
    };
    text.replace("\r\n", "\n").chars().map(drawn).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_at_blanks_and_indented() {
        assert_eq!(
            wrapped("one two three four", 9, 2),
            ["one two", "  three", "  four"]
        );
        assert_eq!(wrapped("fits", 9, 2), ["fits"]);
        assert_eq!(wrapped("  next: do", 20, 2), ["  next: do"]);
        assert_eq!(wrapped("a\nb", 9, 2), ["a", "b"]);
    }

    #[test]
    fn a_word_that_is_too_long_is_broken_anywhere() {
        assert_eq!(wrapped("abcdefghij", 4, 1), ["abcd", " efg", " hij"]);
    }

    #[test]
    fn a_word_is_broken_between_its_parts_if_it_has_any() {
        assert_eq!(parts("/tmp/a_b/c.csv"), ["/tmp", "/a_", "b", "/c", ".csv"]);
        assert_eq!(parts(r"\\srv\x"), [r"\\srv", r"\x"]);
        assert_eq!(parts("10.5"), ["10.5"]);
        assert_eq!(parts(""), [""]);
        assert_eq!(wrapped("customers.dtsx", 12, 0), ["customers", ".dtsx"]);
        assert_eq!(
            wrapped("see /tmp/folder/x", 12, 2),
            ["see", "  /tmp", "  /folder/x"]
        );
    }

    #[test]
    fn wide_characters_count_twice() {
        assert_eq!(width_of("日本"), 4);
        assert_eq!(wrapped("日本語", 4, 0), ["日本", "語"]);
    }

    #[test]
    fn control_characters_do_not_reach_a_terminal() {
        assert_eq!(drawable("a\r\nb\tc\u{1b}[31m"), "a\nb c\u{fffd}[31m");
    }
}
