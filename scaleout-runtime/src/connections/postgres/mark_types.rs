//! `? + ?`: PostgreSQL gives a parameter the type that its place asks for, and such a place asks for
//! none.

use tokio_postgres::types::Type;

use crate::value::{DataType, TypedValue};

/// The types of a statement's parameters, up to the last one whose place says nothing; those in front
/// of it whose place does say are left to the server. Nothing where every place says enough.
pub(super) fn mark_types(sql: &str, parameters: &[TypedValue]) -> Vec<Type> {
    let alone = marks_among_themselves(sql);
    let Some(last) = alone.iter().max() else {
        return Vec::new();
    };
    let of = |at: usize| match parameters.get(at - 1) {
        Some(value) if alone.contains(&at) => number_type(value.data_type),
        _ => Type::UNKNOWN,
    };
    (1..=*last).map(of).collect()
}

fn number_type(data_type: DataType) -> Type {
    match data_type {
        DataType::Bool | DataType::I1 | DataType::Ui1 | DataType::I2 => Type::INT2,
        DataType::Ui2 | DataType::I4 => Type::INT4,
        DataType::Ui4 | DataType::I8 => Type::INT8,
        DataType::R4 | DataType::R8 => Type::FLOAT8,
        DataType::Ui8 | DataType::Cy | DataType::Decimal { .. } | DataType::Numeric { .. } => {
            Type::NUMERIC
        }
        _ => Type::UNKNOWN,
    }
}

/// The numbers of `$1 + $2` and the like.
fn marks_among_themselves(sql: &str) -> Vec<usize> {
    let mut found = Vec::new();
    let words: Vec<&str> = sql.split_whitespace().collect();
    for three in words.windows(3) {
        let number = |word: &str| -> Option<usize> {
            let digits = word.trim_matches(['(', ')', ',']).strip_prefix('$')?;
            digits.parse().ok()
        };
        let is_sign = matches!(three[1], "+" | "-" | "*" | "/" | "%");
        if is_sign && let (Some(one), Some(other)) = (number(three[0]), number(three[2])) {
            found.extend([one, other]);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Value;

    #[test]
    fn only_places_between_marks_are_typed() {
        let value = |data_type| TypedValue {
            data_type,
            value: Value::Null,
        };
        let given = [
            value(DataType::Wstr { length: 5 }),
            value(DataType::I4),
            value(DataType::R8),
            value(DataType::I4),
        ];
        for (sql, expected) in [
            ("UPDATE t SET a = $1, b = $2 WHERE c = $3", vec![]),
            (
                "UPDATE t SET a = $1, b = ($2 + $3), c = $4",
                vec![Type::UNKNOWN, Type::INT4, Type::FLOAT8],
            ),
            ("SELECT a + $1, $2", vec![]),
        ] {
            assert_eq!(mark_types(sql, &given), expected, "{sql}");
        }
    }
}
