//! T-SQL's `OUTPUT inserted.x` as `RETURNING x`.

use std::ops::ControlFlow;

use sqlparser::ast::{
    self, Expr, OutputClause, SelectItem, SelectItemQualifiedWildcardKind, VisitMut, VisitorMut,
};

/// Why the `OUTPUT` clause of a statement has no counterpart, in the words of T-SQL; `None` when it
/// has one, or when there is none.
pub(super) fn untranslatable(statement: &ast::Statement) -> Option<&'static str> {
    let output = match statement {
        ast::Statement::Insert(insert) => insert.output.as_ref(),
        ast::Statement::Delete(delete) => delete.output.as_ref(),
        ast::Statement::Update(update) => update.output.as_ref(),
        ast::Statement::Merge(merge) if merge.output.is_some() => return Some("MERGE … OUTPUT"),
        _ => None,
    };
    let Some(OutputClause::Output {
        select_items,
        into_table,
        ..
    }) = output
    else {
        return None;
    };
    if into_table.is_some() {
        return Some("OUTPUT … INTO");
    }
    let updates = matches!(statement, ast::Statement::Update(_));
    // The values from before an update are gone when `RETURNING` looks.
    (updates && select_items.iter().any(names_deleted)).then_some("OUTPUT deleted")
}

/// Moves the clause to where other databases have it.
pub(super) fn output_to_returning(statement: &mut ast::Statement) {
    if untranslatable(statement).is_some() {
        return;
    }
    let (output, returning) = match statement {
        ast::Statement::Insert(insert) => (&mut insert.output, &mut insert.returning),
        ast::Statement::Delete(delete) => (&mut delete.output, &mut delete.returning),
        ast::Statement::Update(update) => (&mut update.output, &mut update.returning),
        _ => return,
    };
    if let Some(OutputClause::Output { select_items, .. }) = output.take() {
        *returning = Some(select_items.into_iter().map(unqualified).collect());
    }
}

/// `inserted.x` as `x`, wherever it stands in the item.
fn unqualified(mut item: SelectItem) -> SelectItem {
    if let SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), options) =
        &item
        && is_pseudo_table(&name.to_string())
    {
        return SelectItem::Wildcard(options.clone());
    }
    let _: ControlFlow<()> = item.visit(&mut Unqualifier);
    item
}

struct Unqualifier;

impl VisitorMut for Unqualifier {
    type Break = ();

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if let Expr::CompoundIdentifier(parts) = expr
            && let [table, column] = parts.as_slice()
            && is_pseudo_table(&table.value)
        {
            *expr = Expr::Identifier(column.clone());
        }
        ControlFlow::Continue(())
    }
}

fn is_pseudo_table(name: &str) -> bool {
    name.eq_ignore_ascii_case("inserted") || name.eq_ignore_ascii_case("deleted")
}

fn names_deleted(item: &SelectItem) -> bool {
    let text = item.to_string().to_ascii_lowercase();
    text.split(|character: char| !character.is_alphanumeric() && character != '_')
        .any(|word| word == "deleted")
}

#[cfg(test)]
mod tests {
    use crate::connections::Dialect;
    use crate::connections::dialect::{AsWritten, Script, Statement};

    fn translated(sql: &str) -> Statement {
        let mut statements = Script::parse(sql).translate(Dialect::Sqlite, &AsWritten);
        assert_eq!(statements.len(), 1, "{sql}");
        statements.remove(0)
    }

    #[test]
    fn rows_come_back_by_returning() {
        for (sql, expected) in [
            (
                "insert into t (a) output inserted.id as audit_id values (?)",
                "INSERT INTO t (a) VALUES (?1) RETURNING id AS audit_id",
            ),
            (
                "INSERT INTO t (a) OUTPUT INSERTED.* SELECT b FROM s",
                "INSERT INTO t (a) SELECT b FROM s RETURNING *",
            ),
            (
                "DELETE FROM t OUTPUT deleted.[id], deleted.a + 1 AS b WHERE a = ?",
                r#"DELETE FROM t WHERE a = ?1 RETURNING "id", a + 1 AS b"#,
            ),
            (
                "UPDATE t SET a = 1 OUTPUT inserted.a WHERE id = 3",
                "UPDATE t SET a = 1 WHERE id = 3 RETURNING a",
            ),
        ] {
            let statement = translated(sql);
            assert_eq!(statement.sql, expected, "{sql}");
            assert_eq!(statement.refusal(), None, "{sql}");
        }
    }

    #[test]
    fn what_has_no_counterpart_is_refused_by_name() {
        for (sql, named) in [
            (
                "INSERT INTO t (a) OUTPUT inserted.a INTO log (a) VALUES (1)",
                "`OUTPUT … INTO`",
            ),
            (
                "UPDATE t SET a = 1 OUTPUT deleted.a, inserted.a",
                "`OUTPUT deleted`",
            ),
        ] {
            let refusal = translated(sql).refusal();
            assert!(
                refusal.as_ref().is_some_and(|text| text.contains(named)),
                "{sql}: {refusal:?}"
            );
        }
    }
}
