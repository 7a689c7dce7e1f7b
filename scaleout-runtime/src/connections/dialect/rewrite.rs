//! One parsed statement, rewritten for another database.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use sqlparser::ast::{
    self, BinaryOperator, CreateTable, Expr, Ident, LimitClause, ObjectName, ObjectNamePart, Query,
    SetExpr, TableFactor, TopQuantity, Value, ValueWithSpan, VisitMut, VisitorMut,
};

use super::casts::rewrite_cast;
use super::column_kind::{truths_of_expression, truths_of_statement};
use super::functions::{is_text, object_id_of, rewrite_function};
use super::names::{Names, Procedure, name_of, object_name};
use super::output::output_to_returning;
use super::reshape::temporary_name;
use super::template::fill;
use super::types::rewrite_column;
use crate::connections::Dialect;

/// Session options that mean nothing elsewhere.
const IGNORED_OPTIONS: [&str; 8] = [
    "nocount",
    "xact_abort",
    "ansi_nulls",
    "ansi_padding",
    "ansi_warnings",
    "quoted_identifier",
    "arithabort",
    "concat_null_yields_null",
];

/// What is to know about a rewritten statement.
pub(super) struct Rewritten {
    /// The text, when the statement has become another one.
    pub(super) replaced: Option<String>,
    /// How many parameters it takes.
    pub(super) parameters: usize,
}

/// Rewrites in place. `None` when nothing is left to run.
pub(super) fn rewrite(
    statement: &mut ast::Statement,
    dialect: Dialect,
    names: &dyn Names,
) -> Option<Rewritten> {
    if is_ignored(statement) {
        return None;
    }
    let mut placeholders = Placeholders { dialect, seen: 0 };
    // None of the visitors ever breaks off.
    let _ = statement.visit(&mut placeholders);
    output_to_returning(statement);
    let mut aliases = Aliases::default();
    let _ = statement.visit(&mut aliases);
    let mut rewriter = Rewriter {
        dialect,
        names,
        aliases: aliases.0,
        dropped: Vec::new(),
        relation: None,
        functions: Vec::new(),
    };
    let _ = statement.visit(&mut rewriter);
    Some(Rewritten {
        replaced: replaced(statement, dialect, names),
        parameters: placeholders.seen,
    })
}

fn is_ignored(statement: &ast::Statement) -> bool {
    let ast::Statement::Set(set) = statement else {
        return false;
    };
    // Other databases take values for their identity columns without being told.
    if let ast::Set::SetSessionParam(ast::SetSessionParamKind::IdentityInsert(_)) = set {
        return true;
    }
    let text = set.to_string().to_ascii_lowercase();
    let mut words = text.split(|character: char| character.is_whitespace() || character == '=');
    let option = words.nth(1).unwrap_or("");
    IGNORED_OPTIONS.contains(&option)
}

fn replaced(statement: &ast::Statement, dialect: Dialect, names: &dyn Names) -> Option<String> {
    match statement {
        ast::Statement::Truncate(truncate) if dialect == Dialect::Sqlite => {
            let tables = truncate.table_names.iter();
            let deletes: Vec<String> = tables
                .map(|table| format!("DELETE FROM {}", table.name))
                .collect();
            Some(deletes.join("; "))
        }
        ast::Statement::StartTransaction { statements, .. } if statements.is_empty() => {
            Some("BEGIN".to_owned())
        }
        ast::Statement::Commit { .. } => Some("COMMIT".to_owned()),
        ast::Statement::Rollback {
            savepoint: None, ..
        } => Some("ROLLBACK".to_owned()),
        ast::Statement::Execute {
            name: Some(name),
            parameters,
            ..
        } if dialect == Dialect::Postgres => Some(call(name, parameters, names)),
        _ => None,
    }
}

/// `EXEC p ?, @x = 1` as `CALL p($1, x => 1)`, or as a query of a function.
fn call(name: &ObjectName, parameters: &[Expr], names: &dyn Names) -> String {
    let arguments = parameters.iter().map(|parameter| match parameter {
        Expr::BinaryOp {
            left,
            op: BinaryOperator::Eq,
            right,
        } => {
            let named = left.to_string();
            format!(
                "{} => {right}",
                named.trim_start_matches('@').to_lowercase()
            )
        }
        other => other.to_string(),
    });
    let arguments = arguments.collect::<Vec<_>>().join(", ");
    let found = name_of(name).and_then(|name| names.procedure(&name));
    match found {
        Some(Procedure { parts, is_function }) => {
            let start = if is_function { "SELECT * FROM" } else { "CALL" };
            format!("{start} {}({arguments})", object_name(parts))
        }
        None => {
            let mut written = name.clone();
            requote(&mut written);
            format!("CALL {written}({arguments})")
        }
    }
}

/// Numbers `?` in the order of the text, before anything moves.
struct Placeholders {
    dialect: Dialect,
    seen: usize,
}

impl VisitorMut for Placeholders {
    type Break = ();

    fn pre_visit_value(&mut self, value: &mut ValueWithSpan) -> ControlFlow<()> {
        if value.value == Value::Placeholder("?".to_owned()) {
            self.seen += 1;
            let mark = if self.dialect == Dialect::Postgres {
                '$'
            } else {
                '?'
            };
            value.value = Value::Placeholder(format!("{mark}{}", self.seen));
        }
        ControlFlow::Continue(())
    }
}

/// The aliases of tables, in lower case.
#[derive(Default)]
struct Aliases(BTreeSet<String>);

impl VisitorMut for Aliases {
    type Break = ();

    fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<()> {
        if let TableFactor::Table {
            alias: Some(alias), ..
        }
        | TableFactor::Derived {
            alias: Some(alias), ..
        } = factor
        {
            self.0.insert(alias.name.value.to_lowercase());
        }
        ControlFlow::Continue(())
    }
}

struct Rewriter<'a> {
    dialect: Dialect,
    names: &'a dyn Names,
    aliases: BTreeSet<String>,
    /// The tables of a `DROP`, as written.
    dropped: Vec<ObjectName>,
    /// The table name under way, as written: its parts are no columns.
    relation: Option<ObjectName>,
    /// The function names under way, for the same reason.
    functions: Vec<ObjectName>,
}

impl VisitorMut for Rewriter<'_> {
    type Break = ();

    fn pre_visit_relation(&mut self, relation: &mut ObjectName) -> ControlFlow<()> {
        self.relation = Some(relation.clone());
        ControlFlow::Continue(())
    }

    fn post_visit_relation(&mut self, relation: &mut ObjectName) -> ControlFlow<()> {
        if let Some(written) = self.relation.take() {
            *relation = self.renamed(written);
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_statement(&mut self, statement: &mut ast::Statement) -> ControlFlow<()> {
        if let ast::Statement::Drop { names, .. } = statement {
            self.dropped.clone_from(names);
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_ident(&mut self, ident: &mut Ident) -> ControlFlow<()> {
        requote_ident(ident);
        if let Some(real) = self.names.column(&ident.value) {
            *ident = Ident::with_quote('"', real);
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_value(&mut self, value: &mut ValueWithSpan) -> ControlFlow<()> {
        if let Value::NationalStringLiteral(text) = &mut value.value {
            value.value = Value::SingleQuotedString(std::mem::take(text));
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<()> {
        if let TableFactor::Table { with_hints, .. } = factor {
            with_hints.clear();
        }
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, query: &mut Query) -> ControlFlow<()> {
        top_to_limit(query);
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if let Expr::Function(function) = expr {
            self.functions.push(function.name.clone());
        }
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if let Expr::Function(function) = expr
            && let Some(name) = self.functions.pop()
        {
            function.name = name;
            requote(&mut function.name);
        }
        match expr {
            Expr::BinaryOp { left, op, right }
                if *op == BinaryOperator::Plus && (self.joins(left) || self.joins(right)) =>
            {
                *op = BinaryOperator::StringConcat;
            }
            // `dbo.X.c` and `db.dbo.X.c`: the table alone is unique enough, and its schema may
            // have another name here.
            Expr::CompoundIdentifier(parts) if 3 <= parts.len() => {
                parts.drain(..parts.len() - 2);
                self.qualify(parts);
            }
            Expr::CompoundIdentifier(parts) => self.qualify(parts),
            Expr::Convert { .. } | Expr::Cast { .. } => {
                rewrite_cast(expr, self.dialect, self.names)
            }
            Expr::Function(_) => match object_id_of(expr) {
                Some(table) => *expr = fill(&self.names.object_id(&table), &[]),
                None => rewrite_function(expr, self.dialect),
            },
            Expr::Identifier(ident) if ident.value.eq_ignore_ascii_case("@@identity") => {
                *expr = fill("scope_identity()", &[]);
                rewrite_function(expr, self.dialect);
            }
            Expr::Identifier(ident)
                if self.dialect == Dialect::Sqlite
                    && ident.value.eq_ignore_ascii_case("@@rowcount") =>
            {
                *expr = fill("changes()", &[]);
            }
            // SQL Server's collations ignore case unless somebody chose others; so does SQLite's LIKE.
            Expr::Like { .. } if self.dialect == Dialect::Postgres => ignore_case(expr),
            _ => {}
        }
        if self.dialect == Dialect::Postgres {
            truths_of_expression(expr, self.names);
        }
        ControlFlow::Continue(())
    }

    fn post_visit_statement(&mut self, statement: &mut ast::Statement) -> ControlFlow<()> {
        if let ast::Statement::Drop { names, .. } = statement {
            let written = std::mem::take(&mut self.dropped).into_iter();
            *names = written.map(|written| self.renamed(written)).collect();
        }
        if let ast::Statement::CreateTable(CreateTable { columns, .. }) = statement {
            for column in columns {
                rewrite_column(column, self.dialect);
            }
        }
        if self.dialect == Dialect::Postgres {
            truths_of_statement(statement, self.names);
        }
        ControlFlow::Continue(())
    }
}

impl Rewriter<'_> {
    /// What the database calls a table.
    fn renamed(&self, mut written: ObjectName) -> ObjectName {
        if let Some(temporary) = temporary_name(&written) {
            return temporary;
        }
        let table = name_of(&written);
        match table.and_then(|table| self.names.table(&table)) {
            Some(parts) => object_name(parts),
            None => {
                requote(&mut written);
                written
            }
        }
    }

    /// A table in front of a column by its real name, unless that is an alias.
    fn qualify(&self, parts: &mut [Ident]) {
        let [table, _] = parts else {
            return;
        };
        if self.aliases.contains(&table.value.to_lowercase()) {
            return;
        }
        if table.value.starts_with('#') {
            table.quote_style = Some('"');
        } else if let Some(real) = self.names.qualifier(&table.value) {
            *table = Ident::with_quote('"', real);
        }
    }

    /// Whether `+` with this expression joins texts.
    fn joins(&self, expr: &Expr) -> bool {
        let column = match expr {
            Expr::Identifier(column) => Some(column),
            Expr::CompoundIdentifier(parts) => parts.last(),
            _ => None,
        };
        is_text(expr) || column.is_some_and(|column| self.names.is_text(&column.value))
    }
}

/// `LIKE` to `ILIKE`.
fn ignore_case(expr: &mut Expr) {
    let taken = std::mem::replace(expr, Expr::value(Value::Null));
    if let Expr::Like {
        negated,
        any,
        expr: inner,
        pattern,
        escape_char,
    } = taken
    {
        *expr = Expr::ILike {
            negated,
            any,
            expr: inner,
            pattern,
            escape_char,
        };
    }
}

fn requote(name: &mut ObjectName) {
    for part in &mut name.0 {
        if let ObjectNamePart::Identifier(ident) = part {
            requote_ident(ident);
        }
    }
}

/// `[a]` to `"a"`.
fn requote_ident(ident: &mut Ident) {
    if ident.quote_style == Some('[') {
        ident.quote_style = Some('"');
    }
}

/// `SELECT TOP (n) …` to `SELECT … LIMIT n`. `PERCENT` and `WITH TIES` stay, and the database
/// refuses them.
fn top_to_limit(query: &mut Query) {
    let SetExpr::Select(select) = query.body.as_mut() else {
        return;
    };
    let convertible = |top: &ast::Top| !top.percent && !top.with_ties && top.quantity.is_some();
    if query.limit_clause.is_some() || !select.top.as_ref().is_some_and(convertible) {
        return;
    }
    let quantity = select.top.take().and_then(|top| top.quantity);
    let limit = quantity.map(|quantity| match quantity {
        TopQuantity::Expr(expr) => expr,
        TopQuantity::Constant(count) => Expr::value(Value::Number(count.to_string(), false)),
    });
    query.limit_clause = Some(LimitClause::LimitOffset {
        limit,
        offset: None,
        limit_by: Vec::new(),
    });
}
