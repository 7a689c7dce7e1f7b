//! Check constraints of SQLite, which stand in the text of their table only.

use sqlparser::ast::{ColumnOption, Ident, Statement, TableConstraint};
use sqlparser::dialect::SQLiteDialect;
use sqlparser::parser::Parser;

/// A check constraint.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Check {
    /// Empty when it has none.
    pub(super) name: String,
    /// What has to hold.
    pub(super) clause: String,
}

/// The check constraints in the text of a table, those of columns first; none when the text is
/// more than the parser knows.
pub(super) fn checks(create_table: &str) -> Vec<Check> {
    let parsed = Parser::parse_sql(&SQLiteDialect {}, create_table).unwrap_or_default();
    let Some(Statement::CreateTable(table)) = parsed.into_iter().next() else {
        return Vec::new();
    };
    let options = table.columns.into_iter().flat_map(|column| column.options);
    let of_columns = options.filter_map(|option| match option.option {
        ColumnOption::Check(check) => Some(named(option.name.or(check.name), &check.expr)),
        _ => None,
    });
    let of_table = table.constraints.into_iter();
    let of_table = of_table.filter_map(|constraint| match constraint {
        TableConstraint::Check(check) => Some(named(check.name, &check.expr)),
        _ => None,
    });
    of_columns.chain(of_table).collect()
}

fn named(name: Option<Ident>, clause: &dyn std::fmt::Display) -> Check {
    Check {
        name: name.map_or_else(String::new, |name| name.value),
        clause: clause.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_are_read_out_of_the_text_of_a_table() {
        let found = checks(
            "CREATE TABLE t (a int CHECK (a > 0), b int CONSTRAINT small CHECK (b < 9), \
             CONSTRAINT \"both of them\" CHECK (a < b AND b <> 7))",
        );
        let shown: Vec<String> = found
            .iter()
            .map(|check| format!("{}: {}", check.name, check.clause))
            .collect();
        assert_eq!(
            shown,
            [": a > 0", "small: b < 9", "both of them: a < b AND b <> 7"]
        );
        assert!(checks("CREATE TABLE t (a int)").is_empty());
        assert!(checks("no table at all").is_empty());
    }
}
