//! Tokens to syntax: precedence climbing with a bound on depth.

use super::mistake::Mistake;
use super::syntax::{Binary, ColumnName, Kind, Syntax, Unary};
use super::token::{Located, Placed, Token, tokens};
use super::type_name;
use crate::value::DataType;

/// Deepest nesting that is accepted; each bracket, operand and branch counts.
pub(super) const MAX_DEPTH: usize = 400;

/// Parses a whole expression.
pub(super) fn parse(text: &str) -> Located<Syntax> {
    let mut parser = Parser::new(text)?;
    if parser.at_end() {
        return Err((Mistake::Empty, 0));
    }
    let syntax = parser.conditional()?;
    parser.expect_end()?;
    Ok(syntax)
}

/// Parses `@Variable = expression`: the variable and the expression.
pub(super) fn parse_assignment(text: &str) -> Located<(String, Syntax)> {
    let mut parser = Parser::new(text)?;
    if parser.at_end() {
        return Err((Mistake::Empty, 0));
    }
    let target = parser.next();
    let Token::Variable(variable) = target.token else {
        return Err((Mistake::NotAnAssignment, target.span.start));
    };
    let assign = parser.next();
    if !matches!(assign.token, Token::Assign) {
        return Err((Mistake::NotAnAssignment, assign.span.start));
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

    fn conditional(&mut self) -> Located<Syntax> {
        self.descend()?;
        let condition = self.binary(1)?;
        let syntax = if self.eat("?") {
            let yes = self.conditional()?;
            self.expect(":", "`:` and the other value of `?:`")?;
            let no = self.conditional()?;
            let span = condition.span.start..no.span.end;
            let kind = Kind::Conditional {
                condition: Box::new(condition),
                yes: Box::new(yes),
                no: Box::new(no),
            };
            Syntax { kind, span }
        } else {
            condition
        };
        self.depth -= 1;
        Ok(syntax)
    }

    /// Operators that bind at least as tightly as `lowest`.
    fn binary(&mut self, lowest: u8) -> Located<Syntax> {
        self.descend()?;
        let mut left = self.unary()?;
        while let Token::Sign(sign) = self.peek().token
            && let Some((operator, level)) = Binary::from_sign(sign)
            && level >= lowest
        {
            self.at += 1;
            let right = self.binary(level + 1)?;
            left = append(left, level, operator, right);
        }
        self.depth -= 1;
        Ok(left)
    }

    fn unary(&mut self) -> Located<Syntax> {
        let start = self.peek().span.start;
        let operator = match self.peek().token {
            Token::Sign("-") => Unary::Negate,
            Token::Sign("!") => Unary::Not,
            Token::Sign("~") => Unary::BitNot,
            Token::Sign("(") => {
                if let Some(to) = self.cast_type()? {
                    self.descend()?;
                    let operand = Box::new(self.unary()?);
                    self.depth -= 1;
                    let span = start..operand.span.end;
                    let kind = Kind::Cast { to, operand };
                    return Ok(Syntax { kind, span });
                }
                return self.primary();
            }
            _ => return self.primary(),
        };
        self.at += 1;
        self.descend()?;
        let operand = Box::new(self.unary()?);
        self.depth -= 1;
        let span = start..operand.span.end;
        let kind = Kind::Unary { operator, operand };
        Ok(Syntax { kind, span })
    }

    fn primary(&mut self) -> Located<Syntax> {
        let Placed { token, span } = self.next();
        let kind = match token {
            Token::Literal(value, data_type) => Kind::Literal(value, data_type),
            Token::Variable(name) => Kind::Variable(name),
            Token::Lineage(id) => Kind::Column(ColumnName::Lineage(id)),
            Token::Sign("(") => {
                let mut inner = self.conditional()?;
                let end = self.expect(")", "`)` or an operator")?;
                inner.span = span.start..end;
                return Ok(inner);
            }
            Token::Name { name, bracketed } => return self.name(name, bracketed, span.start),
            Token::Assign => return Err((Mistake::SingleEqual, span.start)),
            other => {
                let mistake = Mistake::Unexpected {
                    found: other.describe(),
                    expected: "a value, a name or `(`",
                };
                return Err((mistake, span.start));
            }
        };
        Ok(Syntax { kind, span })
    }

    /// A function call, a column, or a column of a component.
    fn name(&mut self, name: String, bracketed: bool, start: usize) -> Located<Syntax> {
        let end = self.previous_end();
        if self.eat("(") {
            let kind = if name.eq_ignore_ascii_case("null") {
                let to = type_name::read(self, true)?;
                Kind::Null(to)
            } else {
                let arguments = self.arguments()?;
                Kind::Call { name, arguments }
            };
            let end = self.expect(")", "`,` or `)`")?;
            let span = start..end;
            return Ok(Syntax { kind, span });
        }
        if self.eat(".") {
            let Placed { token, span } = self.next();
            let Token::Name { name: column, .. } = token else {
                let mistake = Mistake::Unexpected {
                    found: token.describe(),
                    expected: "the name of a column",
                };
                return Err((mistake, span.start));
            };
            let kind = Kind::Column(ColumnName::Dotted {
                component: name,
                column,
            });
            return Ok(Syntax {
                kind,
                span: start..span.end,
            });
        }
        if !bracketed && type_name::looks_like_type(&name) {
            return Err((Mistake::TypeName(name), start));
        }
        Ok(Syntax {
            kind: Kind::Column(ColumnName::Bare(name)),
            span: start..end,
        })
    }

    fn arguments(&mut self) -> Located<Vec<Syntax>> {
        let mut arguments = Vec::new();
        if matches!(self.peek().token, Token::Sign(")")) {
            return Ok(arguments);
        }
        loop {
            arguments.push(self.conditional()?);
            if !self.eat(",") {
                return Ok(arguments);
            }
        }
    }

    /// `(type, parameters)` if that is what stands here.
    fn cast_type(&mut self) -> Located<Option<DataType>> {
        let Some(Token::Name {
            name,
            bracketed: false,
        }) = self.tokens.get(self.at + 1).map(|placed| &placed.token)
        else {
            return Ok(None);
        };
        if !type_name::looks_like_type(name) {
            return Ok(None);
        }
        self.at += 1;
        let to = type_name::read(self, false)?;
        self.expect(")", "`)` after the type")?;
        Ok(Some(to))
    }

    fn descend(&mut self) -> Located<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err((Mistake::TooDeep(MAX_DEPTH), self.peek().span.start));
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
        Err((mistake, span.start))
    }

    /// The end of the sign that must stand here.
    pub(super) fn expect(&mut self, sign: &str, expected: &'static str) -> Located<usize> {
        let Placed { token, span } = self.next();
        match token {
            Token::Sign(found) if found == sign => Ok(span.end),
            Token::Assign => Err((Mistake::SingleEqual, span.start)),
            other => {
                let found = other.describe();
                Err((Mistake::Unexpected { found, expected }, span.start))
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

    fn previous_end(&self) -> usize {
        self.tokens[self.at.min(self.tokens.len()) - 1].span.end
    }
}

/// Adds an operand to a chain of the same level, or starts one.
fn append(left: Syntax, level: u8, operator: Binary, right: Syntax) -> Syntax {
    let span = left.span.start..right.span.end;
    let kind = match left.kind {
        Kind::Chain {
            level: same,
            first,
            mut rest,
        } if same == level => {
            rest.push((operator, right));
            Kind::Chain { level, first, rest }
        }
        kind => Kind::Chain {
            level,
            first: Box::new(Syntax {
                kind,
                span: left.span,
            }),
            rest: vec![(operator, right)],
        },
    };
    Syntax { kind, span }
}
