//! Statements whose clauses stand elsewhere outside of T-SQL: `SELECT … INTO`, `UPDATE … FROM`,
//! `DELETE x FROM`, `INSERT` without `INTO`, tables named `#x`.

use sqlparser::ast::helpers::stmt_create_table::CreateTableBuilder;
use sqlparser::ast::{
    self, AssignmentTarget, ConditionalStatements, Expr, FromTable, Ident, ObjectName,
    ObjectNamePart, Query, SetExpr, TableFactor, TableWithJoins, UpdateTableFromKind,
};

use super::joined::{Target, conjunction, exists, target_of};

/// Brings statements into the shape that other databases know; whether something changed.
pub(super) fn reshape_all(statements: &mut [ast::Statement]) -> bool {
    let changes = statements.iter_mut().map(reshape);
    changes.fold(false, |any, changed| any | changed)
}

/// Brings a statement into that shape; whether it was in another one.
pub(super) fn reshape(statement: &mut ast::Statement) -> bool {
    if let ast::Statement::Query(query) = statement
        && let Some(created) = select_into(query)
    {
        *statement = created;
        return true;
    }
    match statement {
        ast::Statement::Insert(insert) => !std::mem::replace(&mut insert.into, true),
        ast::Statement::Update(update) => {
            let stripped = strip_targets(&mut update.assignments);
            update_from(update) || stripped
        }
        ast::Statement::Delete(delete) => delete_from(delete),
        ast::Statement::CreateTable(create) if is_temporary(&create.name) => {
            !std::mem::replace(&mut create.temporary, true)
        }
        ast::Statement::If(branches) => {
            let blocks = std::iter::once(&mut branches.if_block)
                .chain(&mut branches.elseif_blocks)
                .chain(&mut branches.else_block);
            let changes = blocks.map(|block| match &mut block.conditional_statements {
                ConditionalStatements::Sequence { statements } => reshape_all(statements),
                ConditionalStatements::BeginEnd(block) => reshape_all(&mut block.statements),
            });
            changes.fold(false, |any, changed| any | changed)
        }
        ast::Statement::StartTransaction { statements, .. } => reshape_all(statements),
        _ => false,
    }
}

/// Why the joins of a statement have no counterpart, in the words of T-SQL.
pub(super) fn untranslatable(statement: &ast::Statement) -> Option<&'static str> {
    match statement {
        ast::Statement::Update(update) => {
            let (Some(UpdateTableFromKind::AfterSet(from)), Some(target)) =
                (&update.from, table_name(&update.table.relation))
            else {
                return None;
            };
            matches!(target_of(from, target), Some(Target::Outer { .. }))
                .then_some("UPDATE … FROM with an outer join")
        }
        ast::Statement::Delete(delete) => {
            (!delete.tables.is_empty()).then_some("DELETE … FROM with this join")
        }
        _ => None,
    }
}

/// Whether the name is that of a temporary table: `#x`, `tempdb..#x`.
pub(super) fn is_temporary(name: &ObjectName) -> bool {
    let last = name.0.last().and_then(ObjectNamePart::as_ident);
    last.is_some_and(|ident| ident.value.starts_with('#'))
}

/// `SELECT a INTO t FROM s` as `CREATE TABLE t AS SELECT a FROM s`.
fn select_into(query: &mut Query) -> Option<ast::Statement> {
    let SetExpr::Select(select) = query.body.as_mut() else {
        return None;
    };
    let name = match select.into.as_ref()?.targets.as_slice() {
        [Expr::Identifier(name)] => vec![name.clone()],
        [Expr::CompoundIdentifier(names)] => names.clone(),
        _ => return None,
    };
    select.into = None;
    let name = ObjectName::from(name);
    let create = CreateTableBuilder::new(name.clone())
        .temporary(is_temporary(&name))
        .query(Some(Box::new(query.clone())))
        .build();
    Some(ast::Statement::CreateTable(create))
}

/// `SET x.a = 1` as `SET a = 1`.
fn strip_targets(assignments: &mut [ast::Assignment]) -> bool {
    let mut changed = false;
    for assignment in assignments {
        if let AssignmentTarget::ColumnName(name) = &mut assignment.target
            && let count @ 2.. = name.0.len()
        {
            name.0.drain(..count - 1);
            changed = true;
        }
    }
    changed
}

/// `UPDATE x SET … FROM t AS x JOIN s ON …` as `UPDATE t AS x SET … FROM s WHERE …`.
fn update_from(update: &mut ast::Update) -> bool {
    let (Some(UpdateTableFromKind::AfterSet(from)), Some(name)) =
        (&update.from, table_name(&update.table.relation))
    else {
        return false;
    };
    let Some(Target::Inner {
        target,
        others,
        conditions,
    }) = target_of(from, name)
    else {
        return false;
    };
    update.table.relation = target;
    update.from = (!others.is_empty()).then_some(UpdateTableFromKind::AfterSet(others));
    update.selection = conjunction(conditions, update.selection.take());
    true
}

/// `DELETE x FROM t AS x JOIN s ON …` as `DELETE FROM t AS x WHERE EXISTS (…)`.
fn delete_from(delete: &mut ast::Delete) -> bool {
    let ([name], FromTable::WithFromKeyword(from)) = (delete.tables.as_slice(), &delete.from)
    else {
        return false;
    };
    let selection = delete.selection.take();
    let (target, selection) = match target_of(from, name) {
        Some(Target::Inner {
            target,
            others,
            conditions,
        }) => {
            let wanted = conjunction(conditions, selection);
            let wanted = match others.is_empty() {
                true => wanted,
                false => Some(exists(others, wanted)),
            };
            (target, wanted)
        }
        Some(Target::Outer {
            target,
            joined: Some(joined),
        }) => (target, Some(exists(vec![*joined], selection))),
        Some(Target::Outer { joined: None, .. }) | None => {
            delete.selection = selection;
            return false;
        }
    };
    delete.tables.clear();
    let relation = TableWithJoins {
        relation: target,
        joins: Vec::new(),
    };
    delete.from = FromTable::WithFromKeyword(vec![relation]);
    delete.selection = selection;
    true
}

fn table_name(factor: &TableFactor) -> Option<&ObjectName> {
    match factor {
        TableFactor::Table { name, .. } => Some(name),
        _ => None,
    }
}

/// `#x` in quotes, without the database in front of it; `None` for other names.
pub(super) fn temporary_name(name: &ObjectName) -> Option<ObjectName> {
    let last = name.0.last()?.as_ident()?;
    is_temporary(name).then(|| ObjectName::from(Ident::with_quote('"', last.value.clone())))
}
