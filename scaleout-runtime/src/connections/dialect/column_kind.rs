//! What has to be known of a column before an expression with it can be translated.

use sqlparser::ast::{
    AssignmentTarget, BinaryOperator, ColumnOption, DataType, Expr, FunctionArg, FunctionArgExpr,
    FunctionArguments, Insert, SetExpr, Statement, UnaryOperator, Value,
};
use sqlparser::ast::{SelectItem, Values};

use super::names::Names;
use super::template::fill;

/// A kind of value for which T-SQL has other rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// Text: `+` joins it.
    Text,
    /// Numbers with a fraction: a cast to a whole number drops it.
    Fraction,
    /// T-SQL's `bit`, where the database has truth values instead of 1 and 0.
    Truth,
}

/// The kind of the column that an expression is; `None` for other expressions too.
fn kind_of(expr: &Expr, names: &dyn Names) -> Option<ColumnKind> {
    let column = match expr {
        Expr::Identifier(column) => column,
        Expr::CompoundIdentifier(parts) => parts.last()?,
        _ => return None,
    };
    names.kind(&column.value)
}

/// Whether a value may have a fraction, which a cast to a whole number has to drop: PostgreSQL
/// rounds instead.
pub(super) fn may_have_fraction(expr: &Expr, names: &dyn Names) -> bool {
    match expr {
        Expr::Value(value) => match &value.value {
            Value::Number(digits, _) => digits.contains(['.', 'e', 'E']),
            _ => false,
        },
        Expr::Nested(inner) => may_have_fraction(inner, names),
        Expr::UnaryOp {
            op: UnaryOperator::Minus | UnaryOperator::Plus,
            expr: inner,
        } => may_have_fraction(inner, names),
        Expr::BinaryOp {
            left,
            op:
                BinaryOperator::Plus
                | BinaryOperator::Minus
                | BinaryOperator::Multiply
                | BinaryOperator::Divide
                | BinaryOperator::Modulo,
            right,
        } => may_have_fraction(left, names) || may_have_fraction(right, names),
        Expr::Cast { data_type, .. } => is_fraction(data_type),
        Expr::Function(function) => {
            let name = function.name.to_string().to_ascii_lowercase();
            let same_as_argument = matches!(
                name.as_str(),
                "sum" | "avg" | "min" | "max" | "round" | "abs" | "coalesce" | "nullif"
            );
            match name.as_str() {
                "sqrt" | "power" | "exp" | "log" | "ln" | "pi" => true,
                _ if same_as_argument => arguments(expr)
                    .iter()
                    .any(|argument| may_have_fraction(argument, names)),
                _ => false,
            }
        }
        _ => kind_of(expr, names) == Some(ColumnKind::Fraction),
    }
}

fn is_fraction(data_type: &DataType) -> bool {
    matches!(
        data_type,
        DataType::Decimal(_)
            | DataType::Numeric(_)
            | DataType::Dec(_)
            | DataType::Float(_)
            | DataType::Real
            | DataType::Double(_)
            | DataType::DoublePrecision
    )
}

fn arguments(expr: &Expr) -> Vec<&Expr> {
    let Expr::Function(function) = expr else {
        return Vec::new();
    };
    let FunctionArguments::List(list) = &function.args else {
        return Vec::new();
    };
    let plain = list.args.iter().filter_map(|argument| match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr),
        _ => None,
    });
    plain.collect()
}

/// Whether an expression is a truth value that T-SQL sees as 1 or 0.
fn is_truth(expr: &Expr, names: &dyn Names) -> bool {
    match expr {
        Expr::Nested(inner) => is_truth(inner, names),
        Expr::Cast { data_type, .. } => *data_type == DataType::Boolean,
        Expr::Function(function) if function.name.to_string().eq_ignore_ascii_case("coalesce") => {
            arguments(expr)
                .iter()
                .any(|argument| is_truth(argument, names))
        }
        _ => kind_of(expr, names) == Some(ColumnKind::Truth),
    }
}

/// 1 and 0 as truth values; anything else stays.
fn make_true_or_false(expr: &mut Expr) {
    let number = match expr {
        Expr::Nested(inner) => return make_true_or_false(inner),
        Expr::Value(value) => match &value.value {
            Value::Number(digits, _) => digits.clone(),
            _ => return,
        },
        _ => return,
    };
    match number.as_str() {
        "0" => *expr = fill("false", &[]),
        "1" => *expr = fill("true", &[]),
        _ => {}
    }
}

/// 1 and 0 beside a truth value, as truth values.
pub(super) fn truths_of_expression(expr: &mut Expr, names: &dyn Names) {
    match expr {
        Expr::BinaryOp {
            left,
            op: BinaryOperator::Eq | BinaryOperator::NotEq,
            right,
        } => {
            if is_truth(left, names) {
                make_true_or_false(right);
            } else if is_truth(right, names) {
                make_true_or_false(left);
            }
        }
        Expr::InList {
            expr: inner, list, ..
        } if is_truth(inner, names) => list.iter_mut().for_each(make_true_or_false),
        Expr::Function(_) if is_truth(expr, names) => {
            if let Expr::Function(function) = expr
                && let FunctionArguments::List(list) = &mut function.args
            {
                for argument in &mut list.args {
                    if let FunctionArg::Unnamed(FunctionArgExpr::Expr(argument)) = argument {
                        make_true_or_false(argument);
                    }
                }
            }
        }
        _ => {}
    }
}

/// 1 and 0 for columns of truth values, as truth values: `INSERT`, `UPDATE`, `DEFAULT`.
pub(super) fn truths_of_statement(statement: &mut Statement, names: &dyn Names) {
    match statement {
        Statement::Insert(insert) => truths_of_insert(insert, names),
        Statement::Update(update) => {
            for assignment in &mut update.assignments {
                if let AssignmentTarget::ColumnName(name) = &assignment.target
                    && let Some(column) = name.0.last().and_then(|part| part.as_ident())
                    && names.kind(&column.value) == Some(ColumnKind::Truth)
                {
                    make_true_or_false(&mut assignment.value);
                }
            }
        }
        Statement::CreateTable(table) => {
            let truths = table
                .columns
                .iter_mut()
                .filter(|column| column.data_type == DataType::Boolean);
            for option in truths.flat_map(|column| &mut column.options) {
                if let ColumnOption::Default(value) = &mut option.option {
                    make_true_or_false(value);
                }
            }
        }
        _ => {}
    }
}

fn truths_of_insert(insert: &mut Insert, names: &dyn Names) {
    let is_truth = |at: usize| {
        let name = insert.columns.get(at).and_then(|name| name.0.last());
        let column = name.and_then(|part| part.as_ident());
        column.is_some_and(|column| names.kind(&column.value) == Some(ColumnKind::Truth))
    };
    let Some(source) = &mut insert.source else {
        return;
    };
    match source.body.as_mut() {
        SetExpr::Values(Values { rows, .. }) => {
            for row in rows {
                for (at, value) in row.iter_mut().enumerate() {
                    if is_truth(at) {
                        make_true_or_false(value);
                    }
                }
            }
        }
        SetExpr::Select(select) => {
            for (at, item) in select.projection.iter_mut().enumerate() {
                if let SelectItem::UnnamedExpr(value)
                | SelectItem::ExprWithAlias { expr: value, .. } = item
                    && is_truth(at)
                {
                    make_true_or_false(value);
                }
            }
        }
        _ => {}
    }
}
