//! Parsed statements, in the shape that other databases know, into the statements of one.

use sqlparser::ast::{self, Expr, Query, SelectItem, SetExpr};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;

use super::names::Names;
use super::rewrite::rewrite;
use super::script::{Branches, Parameters, Statement, StatementKind, kind_of};
use crate::connections::Dialect;

/// The statements in order, without those that leave nothing to run. `own_text` is kept by one that
/// needs no translation.
pub(super) fn translate_all(
    statements: &[ast::Statement],
    own_text: Option<&str>,
    dialect: Dialect,
    names: &dyn Names,
) -> Vec<Statement> {
    let translated = statements
        .iter()
        .flat_map(|statement| translate(statement, own_text, dialect, names));
    translated.collect()
}

fn translate(
    original: &ast::Statement,
    own_text: Option<&str>,
    dialect: Dialect,
    names: &dyn Names,
) -> Vec<Statement> {
    match original {
        ast::Statement::If(branches) => vec![choose(branches, dialect, names)],
        // A block is what is in it.
        ast::Statement::StartTransaction {
            statements,
            exception: None,
            ..
        } if !statements.is_empty() => translate_all(statements, None, dialect, names),
        _ => translate_one(original, own_text, dialect, names)
            .into_iter()
            .collect(),
    }
}

fn translate_one(
    original: &ast::Statement,
    own_text: Option<&str>,
    dialect: Dialect,
    names: &dyn Names,
) -> Option<Statement> {
    let kind = kind_of(original);
    let mut statement = original.clone();
    let rewritten = rewrite(&mut statement, dialect, names)?;
    let sql = match (rewritten.replaced, own_text) {
        (Some(sql), _) => sql,
        (None, Some(text)) if statement == *original => text.to_owned(),
        (None, _) => statement.to_string(),
    };
    Some(Statement {
        sql,
        kind,
        parameters: Parameters::Next(rewritten.parameters),
        branches: None,
    })
}

/// An `IF` as a query of its condition, with the statements behind it.
fn choose(branches: &ast::IfStatement, dialect: Dialect, names: &dyn Names) -> Statement {
    let blocks = std::iter::once(&branches.if_block).chain(&branches.elseif_blocks);
    let mut otherwise = branches.else_block.as_ref().map_or_else(Vec::new, |block| {
        translate_all(block.statements(), None, dialect, names)
    });
    let blocks: Vec<_> = blocks.collect();
    for block in blocks.into_iter().rev() {
        let then = translate_all(block.statements(), None, dialect, names);
        otherwise = vec![conditional(block, (then, otherwise), dialect, names)];
    }
    otherwise.remove(0)
}

fn conditional(
    block: &ast::ConditionalStatementBlock,
    (then, otherwise): (Vec<Statement>, Vec<Statement>),
    dialect: Dialect,
    names: &dyn Names,
) -> Statement {
    let mut question = ast::Statement::Query(Box::new(question()));
    if let ast::Statement::Query(query) = &mut question
        && let SetExpr::Select(select) = query.body.as_mut()
        && let Some(SelectItem::UnnamedExpr(Expr::Case { conditions, .. })) =
            select.projection.first_mut()
        && let Some(condition) = &block.condition
    {
        conditions[0].condition = condition.clone();
    }
    let rewritten = rewrite(&mut question, dialect, names);
    Statement {
        sql: question.to_string(),
        kind: StatementKind::If,
        parameters: Parameters::Next(rewritten.map_or(0, |it| it.parameters)),
        branches: Some(Box::new(Branches { then, otherwise })),
    }
}

fn question() -> Query {
    let text = "SELECT CASE WHEN 1 = 1 THEN 1 ELSE 0 END";
    let parser = Parser::new(&GenericDialect {}).try_with_sql(text);
    let query = parser.and_then(|mut parser| parser.parse_query());
    *query.expect("the text is ours and parses")
}
