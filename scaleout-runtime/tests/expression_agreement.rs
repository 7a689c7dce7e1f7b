//! One row alone and the same row in a batch give the same value or the same error, for random
//! expressions over random rows.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

use std::sync::Arc;

use arrow::datatypes::{Field, Schema};
use arrow::record_batch::RecordBatch;
use jiff::Timestamp;
use proptest::prelude::*;
use scaleout_runtime::convert::{array_of, arrow_type, value_at};
use scaleout_runtime::expression::{ColumnRef, Compiled, Evaluation, Scope, compile};
use scaleout_runtime::value::{DataType, Value};

const COLUMNS: [(&str, DataType); 9] = [
    ("i", DataType::I4),
    ("big", DataType::I8),
    ("small", DataType::Ui1),
    ("r", DataType::R8),
    (
        "n",
        DataType::Numeric {
            precision: 10,
            scale: 2,
        },
    ),
    ("c", DataType::Cy),
    (
        "s",
        DataType::Str {
            length: 12,
            code_page: 1252,
        },
    ),
    ("b", DataType::Bool),
    ("t", DataType::DbTimestamp),
];

fn number() -> BoxedStrategy<String> {
    let leaf = prop_oneof![
        Just("i"),
        Just("big"),
        Just("small"),
        Just("r"),
        Just("n"),
        Just("c"),
        Just("0"),
        Just("3"),
        Just("2.50"),
        Just("1.5L"),
        Just("-7"),
        Just("NULL(DT_I4)"),
        Just("7L"),
    ]
    .prop_map(str::to_owned);
    leaf.prop_recursive(4, 24, 3, |inner| {
        let operator = prop_oneof![
            Just("+"),
            Just("-"),
            Just("*"),
            Just("/"),
            Just("%"),
            Just("&"),
            Just("|")
        ];
        prop_oneof![
            (inner.clone(), operator, inner.clone()).prop_map(|(l, o, r)| format!("({l} {o} {r})")),
            inner.clone().prop_map(|x| format!("(-{x})")),
            inner.clone().prop_map(|x| format!("ABS({x})")),
            inner.clone().prop_map(|x| format!("ROUND({x}, 1)")),
            inner.clone().prop_map(|x| format!("FLOOR({x})")),
            inner.clone().prop_map(|x| format!("SQRT({x})")),
            inner.clone().prop_map(|x| format!("(DT_I2){x}")),
            inner.clone().prop_map(|x| format!("(DT_NUMERIC,12,3){x}")),
            inner.clone().prop_map(|x| format!("(DT_R8){x}")),
            (inner.clone(), inner.clone()).prop_map(|(x, y)| format!("REPLACENULL({x}, {y})")),
            (condition_leaf(), inner.clone(), inner)
                .prop_map(|(c, x, y)| format!("({c} ? {x} : {y})")),
            Just("LEN(s)".to_owned()),
            Just("(DT_I4)s".to_owned()),
            Just("FINDSTRING(s, \"a\", i)".to_owned()),
            Just("DATEPART(\"dd\", t)".to_owned()),
            Just("DATEDIFF(\"mm\", t, (DT_DBTIMESTAMP)\"2001-01-01\")".to_owned()),
        ]
    })
    .boxed()
}

fn text() -> BoxedStrategy<String> {
    let leaf = prop_oneof![
        Just("s"),
        Just("\"ab\""),
        Just("\"é \""),
        Just("NULL(DT_WSTR, 3)"),
        Just("(DT_WSTR, 20)t"),
        Just("(DT_WSTR, 4)i"),
        Just("(DT_WSTR, 30)r"),
        Just("(DT_WSTR, 30)n"),
    ]
    .prop_map(str::to_owned);
    leaf.prop_recursive(3, 16, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(l, r)| format!("({l} + {r})")),
            (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(a, b, c)| format!("({a} + {b} + {c})")),
            inner.clone().prop_map(|x| format!("UPPER({x})")),
            inner.clone().prop_map(|x| format!("TRIM({x})")),
            inner.clone().prop_map(|x| format!("REVERSE({x})")),
            inner.clone().prop_map(|x| format!("LEFT({x}, i)")),
            inner.clone().prop_map(|x| format!("SUBSTRING({x}, 2, 3)")),
            inner
                .clone()
                .prop_map(|x| format!("SUBSTRING({x}, small, i)")),
            inner.clone().prop_map(|x| format!("TOKEN({x}, \" \", 1)")),
            inner.clone().prop_map(|x| format!("(DT_WSTR, 2){x}")),
            inner.clone().prop_map(|x| format!("(DT_STR, 3, 1252){x}")),
            (inner.clone(), inner.clone()).prop_map(|(x, y)| format!("REPLACE({x}, \"a\", {y})")),
            (inner.clone(), inner.clone()).prop_map(|(x, y)| format!("REPLACENULL({x}, {y})")),
            (condition_leaf(), inner.clone(), inner)
                .prop_map(|(c, x, y)| format!("({c} ? {x} : {y})")),
        ]
    })
    .boxed()
}

fn condition_leaf() -> BoxedStrategy<String> {
    prop_oneof![
        Just("b"),
        Just("i > 0"),
        Just("ISNULL(s)"),
        Just("s == \"a\""),
        Just("n / i > 1"),
        Just("big / i == 1"),
        Just("t > (DT_DBTIMESTAMP)\"2001-01-01\""),
        Just("NULL(DT_BOOL)"),
    ]
    .prop_map(str::to_owned)
    .boxed()
}

fn condition() -> BoxedStrategy<String> {
    let comparison = prop_oneof![
        Just("=="),
        Just("!="),
        Just("<"),
        Just("<="),
        Just(">"),
        Just(">=")
    ];
    let leaf = prop_oneof![
        condition_leaf(),
        (number(), comparison.clone(), number()).prop_map(|(l, o, r)| format!("({l} {o} {r})")),
        (text(), comparison, text()).prop_map(|(l, o, r)| format!("({l} {o} {r})")),
        text().prop_map(|x| format!("ISNULL({x})")),
    ];
    leaf.prop_recursive(3, 12, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(l, r)| format!("({l} && {r})")),
            (inner.clone(), inner.clone()).prop_map(|(l, r)| format!("({l} || {r})")),
            inner.clone().prop_map(|x| format!("!({x})")),
        ]
    })
    .boxed()
}

fn maybe<S: Strategy<Value = Value> + 'static>(values: S) -> BoxedStrategy<Value> {
    prop_oneof![1 => Just(Value::Null), 5 => values].boxed()
}

fn row() -> BoxedStrategy<Vec<Value>> {
    let texts = prop_oneof![
        "[ab ]{0,12}",
        Just("42".to_owned()),
        Just("é€".to_owned()),
        Just("-1.5".to_owned())
    ];
    (
        maybe(prop_oneof![(-3..4_i32), any::<i32>()].prop_map(Value::I4)),
        maybe(prop_oneof![(-3..4_i64), any::<i64>()].prop_map(Value::I8)),
        maybe(any::<u8>().prop_map(Value::Ui1)),
        maybe(prop_oneof![-10.0..10.0_f64, -1e300..1e300_f64].prop_map(Value::R8)),
        maybe((-9_999_999_999..9_999_999_999_i128).prop_map(Value::Decimal)),
        maybe(any::<i32>().prop_map(|value| Value::Cy(i64::from(value)))),
        maybe(texts.prop_map(|text: String| Value::Str(text.into()))),
        maybe(any::<bool>().prop_map(Value::Bool)),
        maybe(
            (-5_000_000_000_000..15_000_000_000_000_i64).prop_map(|ms| Value::Timestamp(ms * 1000)),
        ),
    )
        .prop_map(|(a, b, c, d, e, f, g, h, i)| vec![a, b, c, d, e, f, g, h, i])
        .boxed()
}

fn compiled(text: &str) -> Option<Compiled> {
    let columns: Vec<ColumnRef> = COLUMNS
        .iter()
        .map(|(name, data_type)| ColumnRef {
            lineage_id: (*name).to_owned(),
            name: (*name).to_owned(),
            component: "Source".to_owned(),
            data_type: *data_type,
        })
        .collect();
    let scope = Scope {
        variables: None,
        columns: &columns,
        locale_id: 1033,
    };
    compile(text, &scope).ok()
}

/// Bits, so that NaN is itself.
fn exact(value: &Value) -> String {
    match value {
        Value::R8(value) => format!("R8 {:x}", value.to_bits()),
        Value::R4(value) => format!("R4 {:x}", value.to_bits()),
        other => format!("{other:?}"),
    }
}

fn compare(text: &str, rows: &[Vec<Value>]) -> Result<(), TestCaseError> {
    let Some(compiled) = compiled(text) else {
        // A constant part that always fails, or types that do not go together.
        return Ok(());
    };
    let cx = Evaluation::at(Timestamp::UNIX_EPOCH);
    let mut fields = Vec::new();
    let mut arrays = Vec::new();
    for (index, (name, data_type)) in COLUMNS.iter().enumerate() {
        let values: Vec<Value> = rows.iter().map(|row| row[index].clone()).collect();
        fields.push(Field::new(*name, arrow_type(*data_type), true));
        arrays.push(array_of(&values, *data_type).unwrap());
    }
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap();
    let map: Vec<usize> = (0..COLUMNS.len()).collect();
    let outcome = compiled.evaluate_batch(&batch, &map, &cx).unwrap();
    for (index, row) in rows.iter().enumerate() {
        let alone = compiled
            .evaluate_row(row, &cx)
            .map_err(|error| error.to_string());
        let error = outcome.errors.iter().find(|error| error.row == index);
        let value = value_at(&outcome.array, index, compiled.data_type());
        let among = match error {
            Some(error) => Err(error.error.to_string()),
            None => Ok(value.clone()),
        };
        prop_assert_eq!(
            alone.as_ref().map(exact),
            among.as_ref().map(exact),
            "{} for {:?}",
            text,
            row
        );
        prop_assert!(error.is_none() || matches!(value, Value::Null));
    }
    Ok(())
}

/// What random expressions found, so that it is tried every time.
#[test]
fn a_second_argument_that_does_not_fit_fails_only_the_rows_that_need_it() {
    let row = |decided: bool| {
        let mut row = vec![Value::Null; COLUMNS.len()];
        row[0] = Value::I4(1);
        row[7] = Value::Bool(decided);
        row
    };
    for text in [
        "b || i == REPLACENULL(small, -7)",
        "!b && i == REPLACENULL(small, -7)",
        "b ? i : (DT_I4)REPLACENULL(small, -7)",
        "b || big == REPLACENULL(small, i - 8)",
    ] {
        assert!(compiled(text).is_some(), "{text}");
        compare(text, &[row(true), row(false), row(true)]).unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn numbers_agree(text in number(), rows in prop::collection::vec(row(), 1..12)) {
        compare(&text, &rows)?;
    }

    #[test]
    fn texts_agree(text in text(), rows in prop::collection::vec(row(), 1..12)) {
        compare(&text, &rows)?;
    }

    #[test]
    fn conditions_agree(text in condition(), rows in prop::collection::vec(row(), 1..12)) {
        compare(&text, &rows)?;
    }

    #[test]
    fn any_text_compiles_or_says_where_not(text in "[-+*/%()?:!&|=<>\"'\\[\\]@#.,0-9a-zA-Z_ \\\\é]{0,40}") {
        let columns = [];
        let scope = Scope { variables: None, columns: &columns, locale_id: 1033 };
        if let Err(error) = compile(&text, &scope) {
            prop_assert!(error.position <= text.chars().count());
        }
    }
}
