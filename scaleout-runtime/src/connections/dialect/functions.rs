//! T-SQL functions by the names and arguments they have elsewhere.

use sqlparser::ast::{
    BinaryOperator, DataType, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments,
    Ident, ObjectName, Value,
};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;

use super::dates::date_function;
use super::template::fill;
use crate::connections::{Dialect, TableName};

/// Replaces a function call that the database knows by another name, or not at all.
pub(super) fn rewrite_function(expr: &mut Expr, dialect: Dialect) {
    let Expr::Function(function) = expr else {
        return;
    };
    let name = function.name.to_string().to_ascii_lowercase();
    let plain = plain_arguments(function);
    if let Some(plain) = &plain {
        let other =
            date_function(&name, plain, dialect).or_else(|| text_function(&name, plain, dialect));
        if let Some(other) = other {
            *expr = other;
            return;
        }
    }
    rename_function(expr, &name, plain.map_or(0, |plain| plain.len()), dialect);
}

/// Functions that are other expressions elsewhere.
fn text_function(name: &str, arguments: &[Expr], dialect: Dialect) -> Option<Expr> {
    let on_sqlite = dialect == Dialect::Sqlite;
    let text = match (name, arguments.len(), on_sqlite) {
        ("iif", 3, _) => "CASE WHEN __1 THEN __2 ELSE __3 END",
        ("right", 2, true) => "CASE WHEN __2 <= 0 THEN '' ELSE substr(__1, -__2) END",
        ("replicate", 2, true) => "replace(hex(zeroblob(__2)), '00', __1)",
        ("replicate", 2, false) => "repeat(__1, __2)",
        ("space", 1, true) => "replace(hex(zeroblob(__1)), '00', ' ')",
        ("space", 1, false) => "repeat(' ', __1)",
        ("stuff", 4, _) => "substr(__1, 1, __2 - 1) || __4 || substr(__1, __2 + __3)",
        ("charindex", 3, true) => {
            "CASE WHEN instr(substr(__2, __3), __1) = 0 THEN 0 ELSE instr(substr(__2, __3), __1) + __3 - 1 END"
        }
        ("charindex", 3, false) => {
            "CASE WHEN strpos(substr(__2, __3), __1) = 0 THEN 0 ELSE strpos(substr(__2, __3), __1) + __3 - 1 END"
        }
        ("newid", 0, true) => {
            "hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-' || substr('89AB', abs(random() % 4) + 1, 1) || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))"
        }
        ("db_name", 0, false) => "current_database()",
        ("suser_sname" | "suser_name" | "system_user" | "original_login", 0, false) => {
            "session_user"
        }
        _ => return None,
    };
    Some(fill(text, arguments))
}

fn rename_function(expr: &mut Expr, name: &str, count: usize, dialect: Dialect) {
    let Expr::Function(function) = expr else {
        return;
    };
    match (name, count) {
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
                Dialect::Postgres | Dialect::SqlServer | Dialect::Odbc => "strpos",
            };
            rename(function, name);
        }
        ("substring", 3) => rename(function, "substr"),
        ("scope_identity", 0) => {
            let name = match dialect {
                Dialect::Sqlite => "last_insert_rowid",
                Dialect::Postgres | Dialect::SqlServer | Dialect::Odbc => "lastval",
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

/// The table of `OBJECT_ID('t')` and `OBJECT_ID('t', 'U')`.
pub(super) fn object_id_of(expr: &Expr) -> Option<TableName> {
    let Expr::Function(function) = expr else {
        return None;
    };
    let plain = plain_arguments(function)?;
    let (Expr::Value(name), true) = (
        plain.first()?,
        function.name.to_string().eq_ignore_ascii_case("object_id"),
    ) else {
        return None;
    };
    match &name.value {
        Value::SingleQuotedString(name) | Value::NationalStringLiteral(name) => {
            TableName::parse(name).ok()
        }
        _ => None,
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
            "upper"
                | "lower"
                | "ltrim"
                | "rtrim"
                | "trim"
                | "replace"
                | "substr"
                | "left"
                | "right"
                | "concat"
                | "repeat"
                | "to_char"
        ),
        Expr::Trim { .. } | Expr::Substring { .. } => true,
        _ => false,
    }
}

/// The arguments, where all of them are plain expressions.
fn plain_arguments(function: &Function) -> Option<Vec<Expr>> {
    let arguments = arguments(function)?.iter();
    arguments
        .map(|argument| match argument {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr.clone()),
            _ => None,
        })
        .collect()
}

fn now(expr: &mut Expr, dialect: Dialect, local: bool) {
    let text = match (dialect, local) {
        (Dialect::SqlServer | Dialect::Odbc, _) => return,
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
