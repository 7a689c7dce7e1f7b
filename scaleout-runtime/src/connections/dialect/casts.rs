//! `CAST`, `TRY_CAST`, `CONVERT` and `TRY_CONVERT`.

use sqlparser::ast::{CastKind, CharacterLength, DataType, ExactNumberInfo, Expr, Value};

use super::column_kind::may_have_fraction;
use super::dates::styled;
use super::names::Names;
use super::template::fill;
use super::types::rewrite_type;
use crate::connections::Dialect;
use crate::connections::declared_type::declared_type;
use crate::value::DataType as SsisType;

/// Rewrites a conversion in place; other expressions stay.
pub(super) fn rewrite_cast(expr: &mut Expr, dialect: Dialect, names: &dyn Names) {
    let (inner, data_type, is_try) = match expr {
        Expr::Convert {
            expr: inner,
            data_type: Some(data_type),
            styles,
            is_try,
            ..
        } => {
            if let [style] = styles.as_slice()
                && is_text_type(data_type)
                && let Some(text) = styled(inner, style, dialect)
            {
                *expr = cut(text, data_type);
                return;
            }
            // A style that is not known here: the database refuses the call, by its name.
            if !styles.is_empty() {
                return;
            }
            (inner, data_type, *is_try)
        }
        Expr::Cast {
            kind: kind @ (CastKind::Cast | CastKind::TryCast),
            expr: inner,
            data_type,
            format: None,
        } => (inner, data_type, *kind == CastKind::TryCast),
        _ => return,
    };
    let (mut inner, data_type) = ((**inner).clone(), data_type.clone());
    // T-SQL drops the fraction, and so does SQLite.
    if dialect == Dialect::Postgres && is_whole(&data_type) && may_have_fraction(&inner, names) {
        inner = fill("trunc(__1)", &[inner]);
    }
    *expr = match (dialect, is_try) {
        (Dialect::SqlServer | Dialect::Odbc, _) => return,
        (Dialect::Sqlite, _) => for_sqlite(inner, data_type, is_try),
        (Dialect::Postgres, false) => cast(inner, rewrite_type(data_type, dialect)),
        (Dialect::Postgres, true) => {
            let kind = cast(Expr::value(Value::Null), rewrite_type(data_type, dialect));
            let text = "pg_temp.scaleout_try_cast(CAST(__1 AS text), __2)";
            fill(text, &[inner, kind])
        }
    };
}

fn is_whole(data_type: &DataType) -> bool {
    matches!(
        data_type,
        DataType::Int(_)
            | DataType::Integer(_)
            | DataType::BigInt(_)
            | DataType::SmallInt(_)
            | DataType::TinyInt(_)
    )
}

/// SQLite converts by affinity: dates, scales and lengths would be lost without a word.
fn for_sqlite(inner: Expr, data_type: DataType, is_try: bool) -> Expr {
    let wanted = data_type.to_string().to_ascii_lowercase();
    let known = declared_type(&wanted);
    let is_date = matches!(
        known,
        Some(
            SsisType::DbDate
                | SsisType::DbTimestamp
                | SsisType::DbTimestamp2 { .. }
                | SsisType::DbTime2 { .. }
                | SsisType::DbTimestampOffset { .. }
        )
    );
    let has_no_text = !is_text_type(&data_type);
    if (is_date || is_try) && known.is_some() && has_no_text {
        let function = if is_try {
            "scaleout_try_cast"
        } else {
            "scaleout_cast"
        };
        return fill(&format!("{function}(__1, '{wanted}')"), &[inner]);
    }
    if let DataType::Decimal(ExactNumberInfo::PrecisionAndScale(_, scale))
    | DataType::Numeric(ExactNumberInfo::PrecisionAndScale(_, scale))
    | DataType::Dec(ExactNumberInfo::PrecisionAndScale(_, scale)) = data_type
    {
        return fill(&format!("round(CAST(__1 AS numeric), {scale})"), &[inner]);
    }
    if is_text_type(&data_type) {
        let text = cast(inner, DataType::Text);
        return cut(text, &data_type);
    }
    cast(inner, rewrite_type(data_type, Dialect::Sqlite))
}

fn cast(inner: Expr, data_type: DataType) -> Expr {
    // A cast within an expression written by hand: everything but the two parts is as usual.
    let mut expr = fill("CAST(__1 AS int)", &[inner]);
    if let Expr::Cast {
        data_type: wanted, ..
    } = &mut expr
    {
        *wanted = data_type;
    }
    expr
}

fn is_text_type(data_type: &DataType) -> bool {
    let is_other = |name: &str| name.eq_ignore_ascii_case("nchar");
    match data_type {
        DataType::Varchar(_)
        | DataType::Nvarchar(_)
        | DataType::Char(_)
        | DataType::Character(_)
        | DataType::CharacterVarying(_)
        | DataType::Text => true,
        DataType::Custom(name, _) => is_other(&name.to_string()),
        _ => false,
    }
}

/// The text in the length that its type says; 30 where it does not, as T-SQL has it.
fn cut(text: Expr, data_type: &DataType) -> Expr {
    let length = match data_type {
        DataType::Varchar(length)
        | DataType::Nvarchar(length)
        | DataType::Char(length)
        | DataType::Character(length)
        | DataType::CharacterVarying(length) => match length {
            Some(CharacterLength::IntegerLength { length, .. }) => Some(length.to_string()),
            Some(CharacterLength::Max) => None,
            None => Some("30".to_owned()),
        },
        DataType::Custom(_, arguments) => arguments.first().cloned(),
        _ => None,
    };
    match length {
        Some(length) => fill(&format!("substr(__1, 1, {length})"), &[text]),
        None => text,
    }
}
