//! Reading an XPath.

use super::syntax::{Axis, Comparison, Condition, Literal, Path, Step, Test, XPath};

/// Predicates inside predicates: each takes stack.
const DEEPEST: usize = 16;

/// Why a text is no XPath that runs here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("XPath `{text}` is not understood at character {at}: {reason}")]
pub struct XPathError {
    /// The expression.
    pub text: String,
    /// From 1.
    pub at: usize,
    /// What was expected, or is not part of what runs here.
    pub reason: String,
}

impl XPath {
    /// Reads an expression.
    ///
    /// # Errors
    /// [`XPathError`] with the place.
    pub fn parse(text: &str) -> Result<Self, XPathError> {
        let mut parser = Parser {
            letters: text.chars().collect(),
            at: 0,
            depth: 0,
        };
        let read = parser.expression();
        read.map_err(|reason| XPathError {
            text: text.to_owned(),
            at: parser.at + 1,
            reason,
        })
    }
}

struct Parser {
    letters: Vec<char>,
    at: usize,
    depth: usize,
}

type Read<T> = Result<T, String>;

impl Parser {
    fn expression(&mut self) -> Read<XPath> {
        let mut paths = vec![self.path()?];
        while self.takes("|") {
            paths.push(self.path()?);
        }
        self.blanks();
        match self.at == self.letters.len() {
            true => Ok(XPath { paths }),
            false => Err("the end was expected".to_owned()),
        }
    }

    fn path(&mut self) -> Read<Path> {
        let mut steps = Vec::new();
        let is_absolute = self.is_at("/");
        if self.takes("//") {
            steps.push(below());
        } else if self.takes("/") && !self.begins_step() {
            return Ok(Path { is_absolute, steps });
        }
        steps.push(self.step()?);
        loop {
            if self.takes("//") {
                steps.push(below());
            } else if !self.takes("/") {
                return Ok(Path { is_absolute, steps });
            }
            steps.push(self.step()?);
        }
    }

    fn begins_step(&mut self) -> bool {
        self.blanks();
        let next = self.letters.get(self.at);
        next.is_some_and(|letter| is_name(*letter) || matches!(letter, '*' | '@' | '.'))
    }

    fn step(&mut self) -> Read<Step> {
        let (axis, test) = if self.takes("..") {
            (Axis::Parent, Test::Anything)
        } else if self.takes(".") {
            (Axis::Itself, Test::Anything)
        } else if self.takes("@") {
            (Axis::Attribute, self.test()?)
        } else {
            (Axis::Child, self.test()?)
        };
        let mut predicates = Vec::new();
        while self.takes("[") {
            self.depth += 1;
            if DEEPEST < self.depth {
                return Err(format!("predicates are nested more than {DEEPEST} deep"));
            }
            predicates.push(self.either()?);
            self.needs("]")?;
            self.depth -= 1;
        }
        Ok(Step {
            axis,
            test,
            predicates,
        })
    }

    fn test(&mut self) -> Read<Test> {
        if self.takes("*") {
            return Ok(Test::AnyName);
        }
        let name = self.name()?;
        if self.is_at("::") {
            return Err(format!(
                "axis `{name}::` is not supported; write the short form"
            ));
        }
        if self.is_at("(") {
            self.needs("(")?;
            self.needs(")")?;
            return match name.as_str() {
                "text" => Ok(Test::Text),
                "node" => Ok(Test::Anything),
                _ => Err(format!("`{name}()` is not supported here")),
            };
        }
        if !self.is_at("::") && self.takes(":") {
            return match self.takes("*") {
                true => Ok(Test::AnyName),
                false => self.name().map(Test::Name),
            };
        }
        Ok(Test::Name(name))
    }

    fn either(&mut self) -> Read<Condition> {
        let mut left = self.both()?;
        while self.takes_word("or") {
            left = Condition::Or(Box::new(left), Box::new(self.both()?));
        }
        Ok(left)
    }

    fn both(&mut self) -> Read<Condition> {
        let mut left = self.condition()?;
        while self.takes_word("and") {
            left = Condition::And(Box::new(left), Box::new(self.condition()?));
        }
        Ok(left)
    }

    fn condition(&mut self) -> Read<Condition> {
        self.blanks();
        if self.letters.get(self.at).is_some_and(char::is_ascii_digit) {
            return Ok(Condition::Position(Comparison::Equal, self.number()?));
        }
        for name in ["not", "contains", "starts-with", "last", "position"] {
            if self.takes_call(name) {
                return self.call(name);
            }
        }
        if self.takes("(") {
            self.depth += 1;
            if DEEPEST < self.depth {
                return Err(format!("predicates are nested more than {DEEPEST} deep"));
            }
            let inner = self.either()?;
            self.needs(")")?;
            self.depth -= 1;
            return Ok(inner);
        }
        let path = self.path()?;
        match self.comparison() {
            None => Ok(Condition::Exists(path)),
            Some(comparison) => Ok(Condition::Compare(path, comparison, self.literal()?)),
        }
    }

    fn call(&mut self, name: &str) -> Read<Condition> {
        match name {
            "last" => self.needs(")").map(|()| Condition::Last),
            "position" => {
                self.needs(")")?;
                let comparison = self.comparison();
                let comparison = comparison.ok_or("a comparison was expected")?;
                if self.takes_call("last") {
                    self.needs(")")?;
                    return match comparison {
                        Comparison::Equal => Ok(Condition::Last),
                        Comparison::NotEqual => Ok(Condition::Not(Box::new(Condition::Last))),
                        _ => Err("only `=` and `!=` go with `last()`".to_owned()),
                    };
                }
                Ok(Condition::Position(comparison, self.number()?))
            }
            "not" => {
                let inner = self.either()?;
                self.needs(")")?;
                Ok(Condition::Not(Box::new(inner)))
            }
            _ => {
                let path = self.path()?;
                self.needs(",")?;
                let Literal::Text(text) = self.literal()? else {
                    return Err("a text in quotes was expected".to_owned());
                };
                self.needs(")")?;
                Ok(match name {
                    "contains" => Condition::Contains(path, text),
                    _ => Condition::StartsWith(path, text),
                })
            }
        }
    }

    fn comparison(&mut self) -> Option<Comparison> {
        const SIGNS: [(&str, Comparison); 6] = [
            ("!=", Comparison::NotEqual),
            ("<=", Comparison::LessOrEqual),
            (">=", Comparison::GreaterOrEqual),
            ("=", Comparison::Equal),
            ("<", Comparison::Less),
            (">", Comparison::Greater),
        ];
        let found = SIGNS.iter().find(|(sign, _)| self.takes(sign));
        found.map(|(_, comparison)| *comparison)
    }

    fn literal(&mut self) -> Read<Literal> {
        self.blanks();
        let quote = self.letters.get(self.at).copied();
        let Some(quote) = quote.filter(|letter| matches!(letter, '\'' | '"')) else {
            return self.number().map(Literal::Number);
        };
        let rest = &self.letters[self.at + 1..];
        let length = rest.iter().position(|letter| *letter == quote);
        let length = length.ok_or("the quote does not end")?;
        let text = rest[..length].iter().collect();
        self.at += length + 2;
        Ok(Literal::Text(text))
    }

    fn number(&mut self) -> Read<f64> {
        self.blanks();
        let rest = self.letters[self.at..].iter();
        let digits = rest.take_while(|letter| matches!(letter, '0'..='9' | '.' | '-'));
        let digits: String = digits.collect();
        let number = digits.parse();
        let number = number.map_err(|_| "a number or a text in quotes was expected".to_owned())?;
        self.at += digits.chars().count();
        Ok(number)
    }

    fn name(&mut self) -> Read<String> {
        self.blanks();
        let rest = self.letters[self.at..].iter();
        let name: String = rest.take_while(|letter| is_name(**letter)).collect();
        match name.is_empty() {
            true => Err("a name was expected".to_owned()),
            false => {
                self.at += name.chars().count();
                Ok(name)
            }
        }
    }

    fn blanks(&mut self) {
        let rest = self.letters[self.at..].iter();
        self.at += rest.take_while(|letter| letter.is_whitespace()).count();
    }

    fn is_at(&mut self, sign: &str) -> bool {
        self.blanks();
        let rest = self.letters[self.at..].iter().copied();
        rest.take(sign.chars().count()).eq(sign.chars())
    }

    fn takes(&mut self, sign: &str) -> bool {
        let is_there = self.is_at(sign);
        if is_there {
            self.at += sign.chars().count();
        }
        is_there
    }

    fn takes_word(&mut self, word: &str) -> bool {
        let after = self.at;
        let is_there = self.takes(word);
        let goes_on = self
            .letters
            .get(self.at)
            .is_some_and(|letter| is_name(*letter));
        if !is_there || goes_on {
            self.at = after;
        }
        is_there && !goes_on
    }

    /// `name(`
    fn takes_call(&mut self, name: &str) -> bool {
        let before = self.at;
        let is_there = self.takes_word(name) && self.takes("(");
        if !is_there {
            self.at = before;
        }
        is_there
    }

    fn needs(&mut self, sign: &str) -> Read<()> {
        match self.takes(sign) {
            true => Ok(()),
            false => Err(format!("`{sign}` was expected")),
        }
    }
}

fn below() -> Step {
    Step {
        axis: Axis::Below,
        test: Test::Anything,
        predicates: Vec::new(),
    }
}

fn is_name(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '-')
}
