//! A batch of statements, parsed as T-SQL where it is T-SQL.

use std::ops::ControlFlow;

use sqlparser::ast::{self, Visit, Visitor};
use sqlparser::dialect::MsSqlDialect;
use sqlparser::parser::{Parser, ParserOptions};

use super::deletes::with_from;
use super::marks::number_marks;
use super::names::{Names, name_of};
use super::reshape::reshape_all;
use super::translate::translate_all;
use super::{output, reshape};
use crate::connections::{Dialect, TableName};

/// A batch: what a `GO` would end.
#[derive(Clone, Debug)]
pub enum Script {
    /// T-SQL that can be translated.
    TSql {
        /// The text.
        text: String,
        /// Its statements, in the shape that other databases know.
        statements: Vec<ast::Statement>,
        /// They had another shape in the text.
        is_reshaped: bool,
    },
    /// Not T-SQL, or more of it than the parser knows: passes untouched.
    Untouched(String),
}

/// One translated statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Text for the database.
    pub sql: String,
    /// What it does.
    pub kind: StatementKind,
    /// How many parameters it takes, numbered from 1 in its text.
    pub parameters: Parameters,
    /// What an `IF` chooses from.
    pub branches: Option<Box<Branches>>,
}

/// The statements behind an `IF`, whose own text gives 1 or 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Branches {
    /// Those for 1.
    pub then: Vec<Statement>,
    /// Those for 0.
    pub otherwise: Vec<Statement>,
}

/// The parameters of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parameters {
    /// So many: the next ones of the batch.
    Next(usize),
    /// Not known: all of the batch.
    All,
}

/// What a statement does, as far as running it depends on that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatementKind {
    /// Gives rows.
    Query,
    /// Inserts, updates, deletes.
    Change,
    /// Creates something, in a schema that may not be there yet.
    Create,
    /// Begins a transaction.
    Begin,
    /// Commits or rolls back.
    End,
    /// Calls a procedure.
    Procedure,
    /// Chooses between other statements.
    If,
    /// What only T-SQL has, by its word: control of flow (`IF`, `DECLARE`, …), some `OUTPUT` clauses.
    Flow(&'static str),
    /// Anything else.
    Other,
}

impl Statement {
    /// Why the statement runs on SQL Server only; `None` when it may run anywhere.
    #[must_use]
    pub fn refusal(&self) -> Option<String> {
        match self.kind {
            StatementKind::If => {
                let branches = self.branches.as_deref()?;
                let mut all = branches.then.iter().chain(&branches.otherwise);
                all.find_map(Self::refusal)
            }
            StatementKind::Flow(word) => Some(format!(
                "T-SQL's `{word}` is not translated; write plain statements, or statements of \
                 the database itself"
            )),
            _ => None,
        }
    }
}

impl Script {
    /// Parses a batch. T-SQL parts statements by `;` or by nothing at all.
    #[must_use]
    pub fn parse(sql: &str) -> Self {
        let strict = Parser::parse_sql(&MsSqlDialect {}, sql);
        let parsed = strict.or_else(|_| {
            let mut options = ParserOptions::new();
            options.require_semicolon_stmt_delimiter = false;
            let parser = Parser::new(&MsSqlDialect {}).with_options(options);
            parser.try_with_sql(sql)?.parse_statements()
        });
        let completed = |error| match with_from(sql) {
            None => Err(error),
            Some(tokens) => {
                let mut options = ParserOptions::new();
                options.require_semicolon_stmt_delimiter = false;
                let parser = Parser::new(&MsSqlDialect {}).with_options(options);
                parser.with_tokens(tokens).parse_statements()
            }
        };
        let as_written = parsed.is_ok();
        match parsed.or_else(completed) {
            Ok(mut statements) => {
                let is_reshaped = reshape_all(&mut statements) || !as_written;
                Self::TSql {
                    text: sql.to_owned(),
                    statements,
                    is_reshaped,
                }
            }
            Err(_) => Self::Untouched(sql.to_owned()),
        }
    }

    /// Tables that the batch names. Without those of an untouched batch.
    #[must_use]
    pub fn tables(&self) -> Vec<TableName> {
        let Self::TSql { statements, .. } = self else {
            return Vec::new();
        };
        let mut found = Tables::default();
        // It never breaks off.
        let _ = statements.visit(&mut found);
        found.0
    }

    /// Names of common table expressions (`WITH x AS …`), in lower case.
    #[must_use]
    pub fn common_tables(&self) -> Vec<String> {
        let Self::TSql { statements, .. } = self else {
            return Vec::new();
        };
        let mut found = CommonTables::default();
        // It never breaks off.
        let _ = statements.visit(&mut found);
        found.0
    }

    /// Whether it creates something. False for an untouched batch.
    #[must_use]
    pub fn creates(&self) -> bool {
        let Self::TSql { statements, .. } = self else {
            return false;
        };
        statements.iter().any(creates)
    }

    /// Procedures that the batch calls.
    #[must_use]
    pub fn procedures(&self) -> Vec<TableName> {
        let Self::TSql { statements, .. } = self else {
            return Vec::new();
        };
        let mut found = Procedures::default();
        // It never breaks off.
        let _ = statements.visit(&mut found);
        found.0
    }

    /// The statements in the SQL of a database, in order.
    #[must_use]
    pub fn translate(self, dialect: Dialect, names: &dyn Names) -> Vec<Statement> {
        let (text, statements, is_reshaped) = match self {
            Self::Untouched(sql) => return vec![untouched(sql, dialect)],
            Self::TSql {
                text,
                statements,
                is_reshaped,
            } => (text, statements, is_reshaped),
        };
        if dialect == Dialect::SqlServer {
            return vec![untouched(text, dialect)];
        }
        // What needs no translation keeps its own text, comments and all.
        let own_text = (statements.len() == 1 && !is_reshaped).then_some(text.as_str());
        translate_all(&statements, own_text, dialect, names)
    }
}

fn creates(statement: &ast::Statement) -> bool {
    match statement {
        ast::Statement::If(branches) => {
            let blocks = std::iter::once(&branches.if_block)
                .chain(&branches.elseif_blocks)
                .chain(&branches.else_block);
            blocks
                .into_iter()
                .any(|block| block.statements().iter().any(creates))
        }
        ast::Statement::StartTransaction { statements, .. } => statements.iter().any(creates),
        other => kind_of(other) == StatementKind::Create,
    }
}

#[derive(Default)]
struct Tables(Vec<TableName>);

impl Visitor for Tables {
    type Break = ();

    fn pre_visit_relation(&mut self, name: &ast::ObjectName) -> ControlFlow<()> {
        self.0.extend(name_of(name));
        ControlFlow::Continue(())
    }

    fn pre_visit_statement(&mut self, statement: &ast::Statement) -> ControlFlow<()> {
        if let ast::Statement::Drop { names, .. } = statement {
            self.0.extend(names.iter().filter_map(name_of));
        }
        ControlFlow::Continue(())
    }
}

#[derive(Default)]
struct Procedures(Vec<TableName>);

impl Visitor for Procedures {
    type Break = ();

    fn pre_visit_statement(&mut self, statement: &ast::Statement) -> ControlFlow<()> {
        if let ast::Statement::Execute {
            name: Some(name), ..
        } = statement
        {
            self.0.extend(name_of(name));
        }
        ControlFlow::Continue(())
    }
}

#[derive(Default)]
struct CommonTables(Vec<String>);

impl Visitor for CommonTables {
    type Break = ();

    fn pre_visit_query(&mut self, query: &ast::Query) -> ControlFlow<()> {
        let tables = query.with.iter().flat_map(|with| &with.cte_tables);
        self.0
            .extend(tables.map(|table| table.alias.name.value.to_lowercase()));
        ControlFlow::Continue(())
    }
}

fn untouched(sql: String, dialect: Dialect) -> Statement {
    let word = first_word(&sql);
    let sql = match dialect {
        Dialect::SqlServer => number_marks(&sql, "@P"),
        Dialect::Postgres => number_marks(&sql, "$"),
        Dialect::Sqlite | Dialect::Odbc => sql,
    };
    let kind = match word.as_str() {
        "select" | "with" | "values" | "table" | "pragma" | "show" | "explain" => {
            StatementKind::Query
        }
        "exec" | "execute" | "call" => StatementKind::Procedure,
        "create" => StatementKind::Create,
        "if" => StatementKind::Flow("IF"),
        "while" => StatementKind::Flow("WHILE"),
        "declare" => StatementKind::Flow("DECLARE"),
        _ => StatementKind::Other,
    };
    Statement {
        sql,
        kind,
        parameters: Parameters::All,
        branches: None,
    }
}

/// The first word behind blanks and comments, in lower case.
fn first_word(sql: &str) -> String {
    let mut rest = sql.trim_start();
    loop {
        if let Some(comment) = rest.strip_prefix("--") {
            rest = comment.split_once('\n').map_or("", |(_, after)| after);
        } else if let Some(comment) = rest.strip_prefix("/*") {
            rest = comment.split_once("*/").map_or("", |(_, after)| after);
        } else {
            break;
        }
        rest = rest.trim_start();
    }
    let word = rest.split(|character: char| !character.is_alphanumeric());
    word.into_iter().next().unwrap_or("").to_ascii_lowercase()
}

pub(super) fn kind_of(statement: &ast::Statement) -> StatementKind {
    let refused = output::untranslatable(statement).or_else(|| reshape::untranslatable(statement));
    if let Some(clause) = refused {
        return StatementKind::Flow(clause);
    }
    match statement {
        ast::Statement::Query(_) => StatementKind::Query,
        ast::Statement::Insert(_)
        | ast::Statement::Update(_)
        | ast::Statement::Delete(_)
        | ast::Statement::Merge(_)
        | ast::Statement::Truncate(_) => StatementKind::Change,
        ast::Statement::CreateTable(_)
        | ast::Statement::CreateView(_)
        | ast::Statement::CreateIndex(_)
        | ast::Statement::CreateSchema { .. } => StatementKind::Create,
        ast::Statement::StartTransaction { statements, .. } if statements.is_empty() => {
            StatementKind::Begin
        }
        ast::Statement::Commit { .. } | ast::Statement::Rollback { .. } => StatementKind::End,
        ast::Statement::Execute { .. } | ast::Statement::Call(_) => StatementKind::Procedure,
        ast::Statement::If(_) => StatementKind::If,
        ast::Statement::While(_) => StatementKind::Flow("WHILE"),
        ast::Statement::Declare { .. } => StatementKind::Flow("DECLARE"),
        ast::Statement::Print(_) => StatementKind::Flow("PRINT"),
        ast::Statement::RaisError { .. } => StatementKind::Flow("RAISERROR"),
        ast::Statement::StartTransaction { .. } => StatementKind::Flow("BEGIN"),
        _ => StatementKind::Other,
    }
}
