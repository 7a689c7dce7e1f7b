//! Statements of a script.

use serde_json::Value;

use super::TsqlFault;
use super::token::{Kind, Token, tokens};

/// A statement with the line on which it begins.
#[derive(Clone, Debug, PartialEq)]
pub enum Statement {
    /// `DECLARE @v type [= value]`
    Declare {
        /// With its `@`.
        name: String,
        /// What it begins with; NULL when nothing is written.
        value: Operand,
        /// Line.
        line: usize,
    },
    /// `SET @v = value` or `SELECT @v = value`
    Assign {
        /// With its `@`.
        name: String,
        /// Its new value.
        value: Operand,
        /// Line.
        line: usize,
    },
    /// `EXEC …`
    Call(Call),
    /// `IF … statement`; an ELSE is not needed by scripts like these.
    If {
        /// What decides.
        condition: Condition,
        /// What is done then.
        then: Vec<Statement>,
        /// Line.
        line: usize,
    },
    /// A frame without meaning here: transactions, USE, GO, SET NOCOUNT ON, PRINT, labels.
    Frame,
    /// `GOTO`, `RETURN`: the end of what is read.
    Leave {
        /// Line.
        line: usize,
    },
    /// Something else.
    Other {
        /// How it begins.
        text: String,
        /// Line.
        line: usize,
    },
}

/// What an IF asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// `@@ERROR`, `@@TRANCOUNT` or the return code of a call: an error ends a script here before it is asked.
    Failed,
    /// `NOT EXISTS (SELECT … FROM msdb.dbo.sys…)`: whether something of msdb is missing.
    Missing(String),
    /// Something else.
    Other(String),
}

/// A call of a procedure.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// As written, without brackets: `msdb.dbo.sp_add_job`.
    pub procedure: String,
    /// The variable that takes the return code.
    pub returns: Option<String>,
    /// Arguments in their order.
    pub arguments: Vec<Argument>,
    /// Line.
    pub line: usize,
}

/// An argument of a call.
#[derive(Clone, Debug, PartialEq)]
pub struct Argument {
    /// The parameter with its `@`; by position when absent.
    pub name: Option<String>,
    /// Its value.
    pub value: Operand,
    /// `OUTPUT` stands behind it.
    pub output: bool,
}

/// A value as written.
#[derive(Clone, Debug, PartialEq)]
pub enum Operand {
    /// Itself.
    Literal(Value),
    /// A variable with its `@`.
    Variable(String),
    /// `DEFAULT`
    Default,
}

/// Reads a script.
///
/// # Errors
/// It is not even made of words and texts.
pub fn parse(script: &str) -> Result<Vec<Statement>, TsqlFault> {
    let mut parser = Parser {
        script,
        tokens: tokens(script)?,
        at: 0,
    };
    let mut all = Vec::new();
    while parser.peek().is_some() {
        all.extend(parser.statement());
    }
    Ok(all)
}

struct Parser<'s> {
    script: &'s str,
    tokens: Vec<Token>,
    at: usize,
}

/// Words that begin a statement.
const BEGINNINGS: [&str; 24] = [
    "EXEC",
    "EXECUTE",
    "DECLARE",
    "SET",
    "SELECT",
    "IF",
    "BEGIN",
    "END",
    "GOTO",
    "RETURN",
    "USE",
    "GO",
    "PRINT",
    "COMMIT",
    "ROLLBACK",
    "INSERT",
    "UPDATE",
    "DELETE",
    "WAITFOR",
    "WHILE",
    "ELSE",
    "RAISERROR",
    "THROW",
    "CREATE",
];

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn line(&self) -> usize {
        self.peek().map_or(0, |token| token.line)
    }

    /// The bare word that comes, in capitals.
    fn word(&self) -> Option<String> {
        self.word_at(self.at)
    }

    fn word_at(&self, at: usize) -> Option<String> {
        match &self.tokens.get(at)?.kind {
            Kind::Word {
                text,
                quoted: false,
            } => Some(text.to_ascii_uppercase()),
            _ => None,
        }
    }

    fn is_sign(&self, sign: char) -> bool {
        self.peek()
            .is_some_and(|token| token.kind == Kind::Sign(sign))
    }

    fn take_sign(&mut self, sign: char) -> bool {
        let found = self.is_sign(sign);
        self.at += usize::from(found);
        found
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = self.word().as_deref() == Some(word);
        self.at += usize::from(found);
        found
    }

    fn statement(&mut self) -> Vec<Statement> {
        if self.take_sign(';') {
            return Vec::new();
        }
        let line = self.line();
        match self.word().as_deref() {
            Some("EXEC" | "EXECUTE") => vec![self.call(line)],
            Some("DECLARE") => self.declare(line),
            Some("SET" | "SELECT") => self.assign(line),
            Some("IF") => vec![self.condition(line)],
            Some("BEGIN") => self.block(),
            Some("GOTO" | "RETURN") => {
                self.skip_statement();
                vec![Statement::Leave { line }]
            }
            Some("GO" | "END") => {
                self.at += 1;
                vec![Statement::Frame]
            }
            Some("USE" | "PRINT" | "COMMIT" | "ROLLBACK") => {
                self.skip_statement();
                vec![Statement::Frame]
            }
            _ if self.is_label() => {
                self.at += 2;
                vec![Statement::Frame]
            }
            _ => {
                let text = self.skip_statement();
                vec![Statement::Other { text, line }]
            }
        }
    }

    fn is_label(&self) -> bool {
        self.word().is_some()
            && self.tokens.get(self.at + 1).map(|token| &token.kind) == Some(&Kind::Sign(':'))
    }

    /// Goes to the end of a statement; gives its beginning.
    fn skip_statement(&mut self) -> String {
        let start = self.peek().map_or(0, |token| token.span.0);
        let mut end = start;
        let mut depth = 0_i32;
        let mut first = true;
        while let Some(token) = self.peek() {
            let begins = self
                .word()
                .is_some_and(|word| BEGINNINGS.contains(&word.as_str()));
            match token.kind {
                Kind::Sign(';') if depth <= 0 => break,
                Kind::Sign('(') => depth += 1,
                Kind::Sign(')') => depth -= 1,
                _ if begins && !first && depth <= 0 => break,
                _ if !first && depth <= 0 && self.is_label() => break,
                _ => {}
            }
            end = token.span.1;
            first = false;
            self.at += 1;
        }
        let text = self.script.get(start..end).unwrap_or_default();
        text.split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .chars()
            .take(80)
            .collect()
    }

    /// `BEGIN TRANSACTION` or `BEGIN … END`
    fn block(&mut self) -> Vec<Statement> {
        self.at += 1;
        if matches!(self.word().as_deref(), Some("TRANSACTION" | "TRAN")) {
            self.skip_statement();
            return vec![Statement::Frame];
        }
        let mut all = Vec::new();
        while self.peek().is_some() {
            if self.take_word("END") {
                break;
            }
            all.extend(self.statement());
        }
        all
    }

    fn condition(&mut self, line: usize) -> Statement {
        self.at += 1;
        let start = self.peek().map_or(0, |token| token.span.0);
        let mut end = start;
        let mut depth = 0_i32;
        while let Some(token) = self.peek() {
            let begins = self
                .word()
                .is_some_and(|word| BEGINNINGS.contains(&word.as_str()));
            match token.kind {
                Kind::Sign('(') => depth += 1,
                Kind::Sign(')') => depth -= 1,
                _ if begins && depth <= 0 => break,
                _ => {}
            }
            end = token.span.1;
            self.at += 1;
        }
        let text = self.script.get(start..end).unwrap_or_default().trim();
        let upper = text.to_ascii_uppercase();
        let condition = if ["@@ERROR", "@RETURNCODE", "@@TRANCOUNT"]
            .iter()
            .any(|asked| upper.contains(asked))
        {
            Condition::Failed
        } else if upper.starts_with("NOT EXISTS") && upper.contains("SYS") {
            Condition::Missing(text.to_owned())
        } else {
            Condition::Other(text.to_owned())
        };
        let then = self.statement();
        if self.take_word("ELSE") {
            let text = "ELSE".to_owned();
            let mut both = then;
            both.push(Statement::Other { text, line });
            self.statement();
            return Statement::If {
                condition,
                then: both,
                line,
            };
        }
        Statement::If {
            condition,
            then,
            line,
        }
    }

    /// `DECLARE @a int = 1, @b binary(16)`
    fn declare(&mut self, line: usize) -> Vec<Statement> {
        self.at += 1;
        let mut all = Vec::new();
        loop {
            let Some(name) = self.variable() else {
                let text = self.skip_statement();
                all.push(Statement::Other {
                    text: format!("DECLARE {text}"),
                    line,
                });
                return all;
            };
            self.take_word("AS");
            // The type: names with dots, and perhaps a length.
            while matches!(self.peek().map(|one| &one.kind), Some(Kind::Word { .. }))
                && !self.begins_statement()
            {
                self.at += 1;
                if self.take_sign('(') {
                    while self.peek().is_some() && !self.take_sign(')') {
                        self.at += 1;
                    }
                }
                self.take_sign('.');
            }
            let mut value = Operand::Literal(Value::Null);
            if self.take_sign('=') {
                value = match self.operand() {
                    Some(value) => value,
                    None => {
                        let text = self.skip_statement();
                        all.push(Statement::Other {
                            text: format!("DECLARE {name} = {text}"),
                            line,
                        });
                        return all;
                    }
                };
            }
            all.push(Statement::Declare { name, value, line });
            if !self.take_sign(',') {
                return all;
            }
        }
    }

    fn begins_statement(&self) -> bool {
        self.word()
            .is_some_and(|word| BEGINNINGS.contains(&word.as_str()))
    }

    fn variable(&mut self) -> Option<String> {
        match &self.peek()?.kind {
            Kind::Word {
                text,
                quoted: false,
            } if text.starts_with('@') => {
                let name = text.clone();
                self.at += 1;
                Some(name)
            }
            _ => None,
        }
    }

    /// `SET @a = 1`, `SELECT @a = 1, @b = 2`; a SELECT that shows something shows nothing here.
    fn assign(&mut self, line: usize) -> Vec<Statement> {
        let start = self.at;
        let selects = self.word().as_deref() == Some("SELECT");
        self.at += 1;
        let mut all = Vec::new();
        while let Some(name) = self.variable() {
            if !self.take_sign('=') {
                // `SELECT @a`
                if selects && all.is_empty() {
                    self.at = start;
                    self.skip_statement();
                    return vec![Statement::Frame];
                }
                break;
            }
            let Some(value) = self.operand() else {
                break;
            };
            all.push(Statement::Assign { name, value, line });
            if !self.take_sign(',') {
                return all;
            }
        }
        self.at = start;
        let text = self.skip_statement();
        if selects {
            vec![Statement::Other { text, line }]
        } else {
            // `SET NOCOUNT ON` and its kind.
            vec![Statement::Frame]
        }
    }

    fn operand(&mut self) -> Option<Operand> {
        if self.begins_statement() {
            return None;
        }
        let negative = self.take_sign('-');
        let token = self.peek()?.clone();
        self.at += 1;
        let literal = |value: Value| Some(Operand::Literal(value));
        match token.kind {
            Kind::Text(text) => literal(Value::String(text)),
            Kind::Number(digits) => literal(number(&digits, negative)),
            Kind::Hex(digits) => literal(match i64::from_str_radix(&digits, 16) {
                Ok(number) => Value::from(number),
                Err(_) => Value::String(format!("0x{digits}")),
            }),
            Kind::Word {
                text,
                quoted: false,
            } if text.starts_with('@') => Some(Operand::Variable(text)),
            Kind::Word { text, .. } => match text.to_ascii_uppercase().as_str() {
                "NULL" => literal(Value::Null),
                "DEFAULT" => Some(Operand::Default),
                // EXEC takes a bare word as a text.
                _ => literal(Value::String(text)),
            },
            Kind::Sign(_) => {
                self.at -= 1;
                None
            }
        }
    }

    fn call(&mut self, line: usize) -> Statement {
        let start = self.at;
        self.at += 1;
        let other = |parser: &mut Self| {
            parser.at = start;
            let text = parser.skip_statement();
            Statement::Other { text, line }
        };
        let mut returns = None;
        let before = self.at;
        if let Some(name) = self.variable() {
            if !self.take_sign('=') {
                self.at = before;
                return other(self);
            }
            returns = Some(name);
        }
        let Some(procedure) = self.name() else {
            return other(self);
        };
        let mut arguments = Vec::new();
        while !self.is_sign(';') && !self.begins_statement() && self.peek().is_some() {
            if self.is_label() {
                break;
            }
            let Some(argument) = self.argument() else {
                return other(self);
            };
            arguments.push(argument);
            if !self.take_sign(',') {
                break;
            }
        }
        Statement::Call(Call {
            procedure,
            returns,
            arguments,
            line,
        })
    }

    /// `[msdb].[dbo].[sp_add_job]`, `msdb..sp_add_job`
    fn name(&mut self) -> Option<String> {
        let mut parts = Vec::new();
        loop {
            match self.peek().map(|token| token.kind.clone()) {
                Some(Kind::Word { text, .. }) => {
                    parts.push(text);
                    self.at += 1;
                }
                Some(Kind::Sign('.')) if !parts.is_empty() => parts.push(String::new()),
                _ => return None,
            }
            if !self.take_sign('.') {
                return Some(parts.join("."));
            }
        }
    }

    fn argument(&mut self) -> Option<Argument> {
        let before = self.at;
        let mut name = None;
        if let Some(variable) = self.variable() {
            if self.take_sign('=') {
                name = Some(variable);
            } else {
                self.at = before;
            }
        }
        let value = self.operand()?;
        let output = self.take_word("OUTPUT") || self.take_word("OUT");
        Some(Argument {
            name,
            value,
            output,
        })
    }
}

fn number(digits: &str, negative: bool) -> Value {
    let text = if negative {
        format!("-{digits}")
    } else {
        digits.to_owned()
    };
    match (text.parse::<i64>(), text.parse::<f64>()) {
        (Ok(whole), _) => Value::from(whole),
        (Err(_), Ok(real)) => Value::from(real),
        (Err(_), Err(_)) => Value::String(text),
    }
}
