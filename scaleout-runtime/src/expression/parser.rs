//! Tokens to syntax: precedence climbing with a bound on depth.

use super::mistake::Mistake;
use super::syntax::{Binary, ColumnName, Kind, Syntax, Unary};
use super::token::{Located, Misplaced, Placed, Token, tokens};
use super::type_name;

/// Deepest nesting that is accepted; each bracket, operand and branch counts.
pub(super) const MAX_DEPTH: usize = 400;

/// Parses a whole expression.
pub(super) fn parse(text: &str) -> Located<Box<Syntax>> {
    let mut parser = Parser::new(text)?;
    if parser.at_end() {
        return Err((Mistake::Empty, 0).into());
    }
    let syntax = parser.conditional()?;
    parser.expect_end()?;
    Ok(syntax)
}

/// Parses `@Variable = expression`: the variable and the expression.
pub(super) fn parse_assignment(text: &str) -> Located<(String, Box<Syntax>)> {
    let mut parser = Parser::new(text)?;
    if parser.at_end() {
        return Err((Mistake::Empty, 0).into());
    }
    let target = parser.next();
    let Token::Variable(variable) = target.token else {
        return Err((Mistake::NotAnAssignment, target.span.start).into());
    };
    let assign = parser.next();
    if !matches!(assign.token, Token::Assign) {
        return Err((Mistake::NotAnAssignment, assign.span.start).into());
    }
    let syntax = parser.conditional()?;
    parser.expect_end()?;
    Ok((variable, syntax))
}

pub(super) struct Parser {
    tokens: Vec<Placed>,
    at: usize,
    depth: usize,
}

impl Parser {
    fn new(text: &str) -> Located<Self> {
        Ok(Self {
            tokens: tokens(text)?,
            at: 0,
            depth: 0,
        })
    }

    // The functions that call each other are kept small and pass boxes, for every level of
    // nesting has a frame of each on the stack.

    fn conditional(&mut self) -> Located<Box<Syntax>> {
        self.descend()?;
        let mut syntax = self.binary(1)?;
        if self.eat("?") {
            syntax = self.branches(syntax)?;
        }
        self.depth -= 1;
        Ok(syntax)
    }

    fn branches(&mut self, condition: Box<Syntax>) -> Located<Box<Syntax>> {
        let yes = self.conditional()?;
        self.expect(":", "`:` and the other value of `?:`")?;
        let no = self.conditional()?;
        let span = condition.span.start..no.span.end;
        let kind = Kind::Conditional { condition, yes, no };
        Ok(Box::new(Syntax { kind, span }))
    }

    /// Operators that bind at least as tightly as `lowest`.
    fn binary(&mut self, lowest: u8) -> Located<Box<Syntax>> {
        self.descend()?;
        let mut left = self.unary()?;
        while let Some((operator, level)) = self.operator(lowest) {
            self.at += 1;
            let right = self.binary(level + 1)?;
            left = append(left, level, operator, *right);
        }
        self.depth -= 1;
        Ok(left)
    }

    fn operator(&self, lowest: u8) -> Option<(Binary, u8)> {
        match self.peek().token {
            Token::Sign(sign) => Binary::from_sign(sign).filter(|(_, level)| *level >= lowest),
            _ => None,
        }
    }

    fn unary(&mut self) -> Located<Box<Syntax>> {
        match self.peek().token {
            Token::Sign("-") => self.prefixed(Unary::Negate),
            Token::Sign("!") => self.prefixed(Unary::Not),
            Token::Sign("~") => self.prefixed(Unary::BitNot),
            Token::Sign("(") if self.at_cast() => self.cast(),
            Token::Sign("(") => self.bracketed(),
            Token::Name { .. } => self.name(),
            _ => self.leaf(),
        }
    }

    fn prefixed(&mut self, operator: Unary) -> Located<Box<Syntax>> {
        self.descend()?;
        let start = self.next().span.start;
        let operand = self.unary()?;
        self.depth -= 1;
        let span = start..operand.span.end;
        let kind = Kind::Unary { operator, operand };
        Ok(Box::new(Syntax { kind, span }))
    }

    fn cast(&mut self) -> Located<Box<Syntax>> {
        self.descend()?;
        let start = self.next().span.start;
        let to = type_name::read(self, false)?;
        self.expect(")", "`)` after the type")?;
        let operand = self.unary()?;
        self.depth -= 1;
        let span = start..operand.span.end;
        let kind = Kind::Cast { to, operand };
        Ok(Box::new(Syntax { kind, span }))
    }

    fn bracketed(&mut self) -> Located<Box<Syntax>> {
        let start = self.next().span.start;
        let mut inner = self.conditional()?;
        let end = self.expect(")", "`)` or an operator")?;
        inner.span = start..end;
        Ok(inner)
    }

    fn leaf(&mut self) -> Located<Box<Syntax>> {
        let Placed { token, span } = self.next();
        let kind = match token {
            Token::Literal(value, data_type) => Kind::Literal(value, data_type),
            Token::Variable(name) => Kind::Variable(name),
            Token::Lineage(id) => Kind::Column(ColumnName::Lineage(id)),
            Token::Assign => return Err((Mistake::SingleEqual, span.start).into()),
            other => {
                let mistake = Mistake::Unexpected {
                    found: other.describe(),
                    expected: "a value, a name or `(`",
                };
                return Err((mistake, span.start).into());
            }
        };
        Ok(Box::new(Syntax { kind, span }))
    }

    /// A function call, a column, or a column of a component.
    fn name(&mut self) -> Located<Box<Syntax>> {
        match self.tokens.get(self.at + 1).map(|placed| &placed.token) {
            Some(Token::Sign("(")) => self.call(),
            Some(Token::Sign(".")) => self.dotted(),
            _ => self.bare(),
        }
    }

    fn call(&mut self) -> Located<Box<Syntax>> {
        let (name, start) = self.take_name()?;
        self.at += 1;
        let kind = if name.eq_ignore_ascii_case("null") {
            Kind::Null(type_name::read(self, true)?)
        } else {
            let arguments = self.arguments()?;
            Kind::Call { name, arguments }
        };
        let span = start..self.expect(")", "`,` or `)`")?;
        Ok(Box::new(Syntax { kind, span }))
    }

    fn dotted(&mut self) -> Located<Box<Syntax>> {
        let (component, start) = self.take_name()?;
        self.at += 1;
        let (column, _) = self.take_name()?;
        let span = start..self.tokens[self.at - 1].span.end;
        let kind = Kind::Column(ColumnName::Dotted { component, column });
        Ok(Box::new(Syntax { kind, span }))
    }

    fn bare(&mut self) -> Located<Box<Syntax>> {
        let Placed { token, span } = self.next();
        let kind = match token {
            Token::Name {
                name,
                bracketed: false,
            } if type_name::looks_like_type(&name) => {
                return Err((Mistake::TypeName(name), span.start).into());
            }
            Token::Name { name, .. } => Kind::Column(ColumnName::Bare(name)),
            other => return Err(no_name(&other, span.start)),
        };
        Ok(Box::new(Syntax { kind, span }))
    }

    fn take_name(&mut self) -> Located<(String, usize)> {
        let Placed { token, span } = self.next();
        match token {
            Token::Name { name, .. } => Ok((name, span.start)),
            other => Err(no_name(&other, span.start)),
        }
    }

    fn arguments(&mut self) -> Located<Vec<Syntax>> {
        let mut arguments = Vec::new();
        if matches!(self.peek().token, Token::Sign(")")) {
            return Ok(arguments);
        }
        loop {
            arguments.push(*self.conditional()?);
            if !self.eat(",") {
                return Ok(arguments);
            }
        }
    }

    /// Does `(type` stand here?
    fn at_cast(&self) -> bool {
        match self.tokens.get(self.at + 1).map(|placed| &placed.token) {
            Some(Token::Name {
                name,
                bracketed: false,
            }) => type_name::looks_like_type(name),
            _ => false,
        }
    }

    fn descend(&mut self) -> Located<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err((Mistake::TooDeep(MAX_DEPTH), self.peek().span.start).into());
        }
        Ok(())
    }

    fn at_end(&self) -> bool {
        matches!(self.peek().token, Token::End)
    }

    fn expect_end(&mut self) -> Located<()> {
        let Placed { token, span } = self.next();
        let mistake = match token {
            Token::End => return Ok(()),
            Token::Assign => Mistake::SingleEqual,
            other => Mistake::Unexpected {
                found: other.describe(),
                expected: "an operator or the end",
            },
        };
        Err((mistake, span.start).into())
    }

    /// The end of the sign that must stand here.
    pub(super) fn expect(&mut self, sign: &str, expected: &'static str) -> Located<usize> {
        let Placed { token, span } = self.next();
        match token {
            Token::Sign(found) if found == sign => Ok(span.end),
            Token::Assign => Err((Mistake::SingleEqual, span.start).into()),
            other => {
                let found = other.describe();
                Err((Mistake::Unexpected { found, expected }, span.start).into())
            }
        }
    }

    pub(super) fn eat(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek().token, Token::Sign(other) if other == sign);
        if found {
            self.at += 1;
        }
        found
    }

    pub(super) fn peek(&self) -> &Placed {
        // The last token is the end, and nothing goes past it.
        &self.tokens[self.at.min(self.tokens.len() - 1)]
    }

    pub(super) fn next(&mut self) -> Placed {
        let placed = self.peek().clone();
        self.at += 1;
        placed
    }
}

fn no_name(found: &Token, at: usize) -> Misplaced {
    let mistake = Mistake::Unexpected {
        found: found.describe(),
        expected: "a name",
    };
    (mistake, at).into()
}

/// Adds an operand to a chain of the same level, or starts one.
fn append(left: Box<Syntax>, level: u8, operator: Binary, right: Syntax) -> Box<Syntax> {
    let mut left = left;
    let end = right.span.end;
    if let Kind::Chain {
        level: same, rest, ..
    } = &mut left.kind
        && *same == level
    {
        rest.push((operator, right));
        left.span.end = end;
        return left;
    }
    let span = left.span.start..end;
    let kind = Kind::Chain {
        level,
        first: left,
        rest: vec![(operator, right)],
    };
    Box::new(Syntax { kind, span })
}
