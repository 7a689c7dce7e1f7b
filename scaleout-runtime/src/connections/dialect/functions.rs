//! T-SQL functions by the names and arguments they have elsewhere.

use sqlparser::ast::{
    BinaryOperator, DataType, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments,
    Ident, ObjectName, Value,
};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;

use crate::connections::Dialect;

/// Replaces a function call that the database knows by another name.
pub(super) fn rewrite_function(expr: &mut Expr, dialect: Dialect) {
    let Expr::Function(function) = expr else {
        return;
    };
    let name = function.name.to_string().to_ascii_lowercase();
    let count = arguments(function).map_or(0, <[FunctionArg]>::len);
    match (name.as_str(), count) {
        ("isnull", 2) => rename(function, "coalesce"),
        ("getdate" | "sysdatetime" | "current_timestamp", 0) => now(expr, dialect, true),
        ("getutcdate" | "sysutcdatetime", 0) => now(expr, dialect, false),
        ("len", 1) => {
            // Blanks at the end do not count in T-SQL.
            rename(function, "rtrim");
            wrap(expr, "length");
        }
        ("datalength", 1) => rename(function, "octet_length"),
        ("charindex", 2) => {
            swap(function);
            let name = match dialect {
                Dialect::Sqlite => "instr",
                Dialect::Postgres | Dialect::SqlServer => "strpos",
            };
            rename(function, name);
        }
        ("substring", 3) => rename(function, "substr"),
        ("scope_identity", 0) => {
            let name = match dialect {
                Dialect::Sqlite => "last_insert_rowid",
                Dialect::Postgres | Dialect::SqlServer => "lastval",
            };
            rename(function, name);
        }
        ("newid", 0) if dialect == Dialect::Postgres => rename(function, "gen_random_uuid"),
        ("left", 2) if dialect == Dialect::Sqlite => {
            rename(function, "substr");
            insert_number(function, 1, "1");
        }
        _ => {}
    }
}

/// Whether an expression certainly is text, so that `+` with it joins.
pub(super) fn is_text(expr: &Expr) -> bool {
    match expr {
        Expr::Value(value) => matches!(
            value.value,
            Value::SingleQuotedString(_) | Value::NationalStringLiteral(_)
        ),
        Expr::Nested(inner) => is_text(inner),
        Expr::BinaryOp { op, .. } => *op == BinaryOperator::StringConcat,
        Expr::Cast { data_type, .. } => matches!(
            data_type,
            DataType::Varchar(_)
                | DataType::Nvarchar(_)
                | DataType::Char(_)
                | DataType::Character(_)
                | DataType::CharacterVarying(_)
                | DataType::Text
        ),
        Expr::Function(function) => matches!(
            function.name.to_string().to_ascii_lowercase().as_str(),
            "upper" | "lower" | "ltrim" | "rtrim" | "trim" | "replace" | "substr"
        ),
        Expr::Trim { .. } | Expr::Substring { .. } => true,
        _ => false,
    }
}

fn now(expr: &mut Expr, dialect: Dialect, local: bool) {
    let text = match (dialect, local) {
        (Dialect::SqlServer, _) => return,
        (Dialect::Postgres, true) => "localtimestamp",
        (Dialect::Postgres, false) => "timezone('UTC', now())",
        (Dialect::Sqlite, true) => "strftime('%Y-%m-%d %H:%M:%f', 'now', 'localtime')",
        (Dialect::Sqlite, false) => "strftime('%Y-%m-%d %H:%M:%f', 'now')",
    };
    let parsed = Parser::new(&GenericDialect {})
        .try_with_sql(text)
        .and_then(|mut parser| parser.parse_expr());
    if let Ok(parsed) = parsed {
        *expr = parsed;
    }
}

fn arguments(function: &Function) -> Option<&[FunctionArg]> {
    match &function.args {
        FunctionArguments::List(list) => Some(&list.args),
        FunctionArguments::None | FunctionArguments::Subquery(_) => None,
    }
}

fn rename(function: &mut Function, name: &str) {
    function.name = ObjectName::from(Ident::new(name));
}

fn swap(function: &mut Function) {
    if let FunctionArguments::List(list) = &mut function.args {
        list.args.swap(0, 1);
    }
}

fn insert_number(function: &mut Function, at: usize, number: &str) {
    if let FunctionArguments::List(list) = &mut function.args {
        let number = Expr::value(Value::Number(number.to_owned(), false));
        let argument = FunctionArg::Unnamed(FunctionArgExpr::Expr(number));
        list.args.insert(at, argument);
    }
}

/// `f(x)` to `outer(f(x))`.
fn wrap(expr: &mut Expr, outer: &str) {
    let inner = expr.clone();
    if let Expr::Function(function) = expr {
        rename(function, outer);
        if let FunctionArguments::List(list) = &mut function.args {
            list.args = vec![FunctionArg::Unnamed(FunctionArgExpr::Expr(inner))];
        }
    }
}
