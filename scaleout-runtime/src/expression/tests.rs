//! The language as a whole: what expressions give, and where wrong ones go wrong.
//!
//! `tests/expression_vectors.rs` checks many more where the shared vectors are present.

use std::sync::Arc;

use arrow::array::Array;
use arrow::datatypes::{Field, Schema};
use arrow::record_batch::RecordBatch;
use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};
use scaleout_core::error::Explain;

use super::{
    BatchOutcome, ColumnRef, Evaluation, Mistake, Scope, VariableTypes, VariableValues, compile,
    compile_assignment,
};
use crate::convert::{array_of, arrow_type, to_text, value_at};
use crate::services::VariableError;
use crate::value::{DataType, TypedValue, Value};

struct Variables;

impl VariableValues for Variables {
    fn value(&self, name: &str) -> Result<TypedValue, VariableError> {
        let (data_type, value) = match name {
            "User::Count" | "Count" => (DataType::I4, Value::I4(7)),
            "User::Path" => (DataType::Wstr { length: 0 }, Value::Str("in.csv".into())),
            "$Project::Flag" => (DataType::Bool, Value::Bool(true)),
            "User::Rows" => (DataType::Ntext, Value::Null),
            _ => {
                let name = name.to_owned();
                return Err(VariableError::Unknown { name });
            }
        };
        Ok(TypedValue { data_type, value })
    }
}

impl VariableTypes for Variables {
    fn data_type(&self, name: &str) -> Result<DataType, VariableError> {
        self.value(name).map(|typed| typed.data_type)
    }
}

fn scope(columns: &[ColumnRef]) -> Scope<'_> {
    Scope {
        variables: Some(&Variables),
        columns,
        locale_id: 1033,
    }
}

fn now() -> Evaluation<'static> {
    let zone = TimeZone::fixed(Offset::constant(2));
    Evaluation::at("2026-03-04T23:06:07.123456Z".parse::<Timestamp>().unwrap())
        .with_variables(&Variables)
        .in_time_zone(zone)
}

/// `TYPE value`, or the stable code of the error.
fn eval(text: &str) -> String {
    let compiled = match compile(text, &scope(&[])) {
        Ok(compiled) => compiled,
        Err(error) => return error.code().to_owned(),
    };
    match compiled.evaluate(&now()) {
        Ok(value) => shown(&value, compiled.data_type()),
        Err(error) => format!("row {}", error.code()),
    }
}

fn shown(value: &Value, data_type: DataType) -> String {
    let text = to_text(value, data_type, 1033).unwrap_or_else(|| "NULL".into());
    format!("{} {text}", &data_type.name()[3..])
}

#[track_caller]
fn check(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        assert_eq!(eval(text), *expected, "{text}");
    }
}

#[test]
fn arithmetic_follows_the_types() {
    check(&[
        ("2 + 3 * 4", "I4 14"),
        ("(2 + 3) * 4", "I4 20"),
        ("-7 / 2", "I4 -3"),
        ("-7 % 2", "I4 -1"),
        ("10L - 3", "I8 7"),
        ("8u / 3u", "UI4 2"),
        ("2.5 * 4", "NUMERIC 10.0"),
        ("1.0 / 3", "NUMERIC .333333333333"),
        ("(DT_CY)3 / (DT_CY)8", "CY 0.375"),
        ("1.5f + 1", "R4 2.5"),
        ("(DT_NUMERIC,38,0)1 + 1", "NUMERIC 2"),
        ("12 & 10", "I4 8"),
        ("12 ^ 10", "I4 6"),
        ("~(DT_UI1)1", "UI1 254"),
        ("2147483647 * 2", "SO3011"),
        ("-(DT_I4)(-2147483647 - 1)", "SO3011"),
        ("1 / 0", "SO3010"),
        ("1.5 % 1", "SO3003"),
        ("(DT_NUMERIC,38,38)0 * (DT_NUMERIC,38,38)0", "SO3003"),
        (
            "(DT_NUMERIC,38,0)99999999999999999999999999999999999999. + 1",
            "SO3011",
        ),
    ]);
}

#[test]
fn text_counts_utf_16_units() {
    check(&[
        ("\"a\\x20AC\" + \"b\"", "WSTR a€b"),
        ("LEN(\"😀\")", "I4 2"),
        ("SUBSTRING(\"x😀y\", 4, 1)", "WSTR y"),
        ("RIGHT(\"naïve\", 3)", "WSTR ïve"),
        ("LEFT(\"naïve\", 3)", "WSTR naï"),
        ("UPPER(\"straße\")", "WSTR STRAßE"),
        ("REVERSE(\"añb\")", "WSTR bña"),
        ("TRIM(\"  a \")", "WSTR a"),
        ("REPLACE(\"banana\", \"an\", \"\")", "WSTR ba"),
        ("REPLACE(\"x\", \"\", \"y\")", "SO3012"),
        ("REPLICATE(\"ab\", 3)", "WSTR ababab"),
        ("REPLICATE(\"ab\", 2000000000)", "SO3012"),
        ("FINDSTRING(\"aaaa\", \"aa\", 3)", "I4 3"),
        ("TOKEN(\"a,,b\", \",\", 2)", "WSTR b"),
        ("TOKEN(\"a,b\", \",\", 3)", "WSTR NULL"),
        ("TOKENCOUNT(\",a,,b,\", \",\")", "I4 2"),
        ("HEX(-1)", "WSTR FFFFFFFF"),
        ("CODEPOINT(\"€\")", "UI2 8364"),
        ("\"apple\" < \"Banana\"", "BOOL True"),
        ("\"a\" < \"A\"", "BOOL True"),
    ]);
}

#[test]
fn null_spreads_except_where_it_is_asked_for() {
    check(&[
        ("NULL(DT_I4) + 1", "I4 NULL"),
        ("NULL(DT_I4) == NULL(DT_I4)", "BOOL NULL"),
        ("ISNULL(NULL(DT_WSTR, 3))", "BOOL True"),
        ("REPLACENULL(NULL(DT_I4), 5)", "I4 5"),
        (
            "REPLACENULL(NULL(DT_DBDATE), \"2020-02-29\")",
            "DBDATE 2020-02-29",
        ),
        ("FALSE && NULL(DT_BOOL)", "BOOL False"),
        ("TRUE || (1 / 0 == 1)", "BOOL True"),
        ("FALSE && (1 / 0 == 1)", "BOOL False"),
        ("TRUE ? 1 : 1 / 0", "I4 1"),
        ("NULL(DT_BOOL) ? 1 : 2", "I4 NULL"),
        ("!NULL(DT_BOOL)", "BOOL NULL"),
        ("-NULL(DT_R8)", "R8 NULL"),
    ]);
}

#[test]
fn dates_move_by_the_calendar() {
    check(&[
        (
            "DATEADD(\"mm\", 1, (DT_DBTIMESTAMP)\"2023-01-31\")",
            "DBTIMESTAMP 2023-02-28 00:00:00",
        ),
        (
            "DATEADD(\"yy\", 1, (DT_DBDATE)\"2024-02-29\")",
            "DBTIMESTAMP 2025-02-28 00:00:00",
        ),
        ("DATEADD(\"yy\", 9000, (DT_DBDATE)\"2024-02-29\")", "SO3011"),
        (
            "DATEDIFF(\"dd\", (DT_DBDATE)\"2024-02-28\", (DT_DBDATE)\"2024-03-01\")",
            "I4 2",
        ),
        ("DATEPART(\"wk\", (DT_DBDATE)\"2023-01-01\")", "I4 1"),
        ("DATEPART(\"dw\", (DT_DBDATE)\"2023-01-01\")", "I4 1"),
        ("DATEPART(\"wk\", (DT_DBDATE)\"2023-01-08\")", "I4 2"),
        ("DATEPART(\"hh\", (DT_DBTIME)\"23:59:58\")", "I4 23"),
        ("GETUTCDATE()", "DBTIMESTAMP 2026-03-04 23:06:07.123000000"),
        ("GETDATE()", "DBTIMESTAMP 2026-03-05 01:06:07.123000000"),
        (
            "(DT_DBTIMESTAMP)(DT_DBTIME)\"10:00:00\"",
            "DBTIMESTAMP 2026-03-05 10:00:00",
        ),
        (
            "(DT_WSTR, 30)GETDATE()",
            "WSTR 2026-03-05 01:06:07.123000000",
        ),
        ("DATEPART(\"fortnight\", GETDATE())", "SO3003"),
    ]);
}

#[test]
fn casts_read_and_write_text() {
    check(&[
        ("(DT_I4)\" 42 \"", "I4 42"),
        ("(DT_I4)\"1,234\"", "I4 1234"),
        ("(DT_I4)4.9", "I4 4"),
        ("(DT_I4)\"4x\"", "SO3021"),
        ("(DT_I2)40000", "SO3022"),
        ("(DT_BOOL)\"TRUE\"", "BOOL True"),
        ("(DT_WSTR, 5)TRUE", "WSTR True"),
        ("(DT_WSTR, 9)0.5", "WSTR .5"),
        ("(DT_WSTR, 9)(DT_DECIMAL, 2)0.5", "WSTR 0.50"),
        ("(DT_WSTR, 9)2.50L", "WSTR 2.5"),
        (
            "(DT_WSTR, 40)(DT_GUID)\"{01234567-89ab-cdef-0123-456789abcdef}\"",
            "WSTR {01234567-89AB-CDEF-0123-456789ABCDEF}",
        ),
        ("(DT_WSTR, 9)(DT_BYTES, 4)258", "WSTR 02010000"),
        ("(DT_I4)(DT_DBDATE)\"2020-01-01\"", "SO3003"),
        ("(DT_R8)(DT_DATE)\"1900-01-01 06:00:00\"", "R8 2.25"),
        ("(DT_NUMERIC, 3, 0)1000", "SO3022"),
        ("(DT_WSTR, 4001)1", "SO3006"),
        ("(DT_STR, 5)1", "SO3006"),
        ("(DT_STR, 5, 65000)1", "SO3006"),
    ]);
}

#[test]
fn names_are_looked_up_where_they_are_written() {
    check(&[
        ("@Count + @[User::Count]", "I4 14"),
        ("\"C:\\\\\" + @[User::Path]", "WSTR C:\\in.csv"),
        ("@[$Project::Flag] ? \"y\" : \"n\"", "WSTR y"),
        ("@[User::count]", "SO3004"),
        ("@[User::Rows]", "SO3004"),
        ("Count", "SO3005"),
        ("[upper](\"a\")", "WSTR A"),
        ("CONCAT(\"a\", \"b\")", "SO3002"),
        ("LEN()", "SO3002"),
    ]);
}

#[test]
fn a_mistake_points_at_the_character() {
    let cases = [
        ("", 0),
        ("1 +", 3),
        ("é + 'x'", 4),
        ("\"äö\" + 1", 0),
        ("(1 + 2", 6),
        ("1 2", 2),
        ("UPPER(1)", 6),
        ("LEN(\"a\\q\")", 6),
        ("1 == 1 = 2", 7),
        ("1 + 3000000000", 4),
        ("(DT_FOO)1", 1),
        ("@[User::Count", 0),
    ];
    let columns = [column("é", DataType::I4)];
    for (text, position) in cases {
        let error = compile(text, &scope(&columns)).unwrap_err();
        assert_eq!(error.position, position, "{text}: {error}");
    }
    let error = compile("1 + )", &scope(&[])).unwrap_err();
    assert_eq!(
        error.to_string(),
        "found `)` where a value, a name or `(` should be (at character 4)"
    );
}

#[test]
fn depth_is_bounded_and_length_is_not() {
    let on_a_small_stack = std::thread::Builder::new().stack_size(1 << 20).spawn(|| {
        let nested = |open: &str, close: &str, levels: usize| {
            format!("{}1{}", open.repeat(levels), close.repeat(levels))
        };
        let deep = [
            nested("(", ")", 1000),
            nested("-", "", 100_000),
            nested("(DT_I8)", "", 100_000),
            nested("ABS(", ")", 100_000),
            nested("TRUE ? 1 : ", "", 100_000),
            nested("1||1&&1|1^1&1==1<1+1*(", ")", 100_000),
        ];
        for text in deep {
            let error = compile(&text, &scope(&[])).unwrap_err();
            assert!(matches!(error.mistake, Mistake::TooDeep(_)), "{error}");
        }
        for (open, close) in [("(", ")"), ("-", ""), ("ABS(", ")"), ("@Count + (", ")")] {
            let text = nested(open, close, 100);
            let compiled = compile(&text, &scope(&[])).unwrap();
            assert!(compiled.evaluate(&now()).is_ok());
        }
        let long = vec!["@Count"; 50_000].join(" + ");
        let sum = compile(&long, &scope(&[]))
            .unwrap()
            .evaluate(&now())
            .unwrap();
        assert!(matches!(sum, Value::I4(350_000)));
    });
    on_a_small_stack.unwrap().join().unwrap();
}

#[test]
fn an_assignment_names_its_variable() {
    for text in [
        "@[User::Count] = @Count + 1",
        "@[User::Count] := @Count + 1",
    ] {
        let (variable, compiled) = compile_assignment(text, &scope(&[])).unwrap();
        assert_eq!(variable, "User::Count");
        assert!(matches!(compiled.evaluate(&now()), Ok(Value::I4(8))));
        assert_eq!(compiled.variables().collect::<Vec<_>>(), ["Count"]);
    }
    for text in ["@Count + 1", "1 = 2", "@Count == 1", "@Count = ", ""] {
        assert!(compile_assignment(text, &scope(&[])).is_err(), "{text}");
    }
}

fn column(name: &str, data_type: DataType) -> ColumnRef {
    ColumnRef {
        lineage_id: format!("Package\\DFT\\Src.Outputs[Out].Columns[{name}]"),
        name: name.to_owned(),
        component: "Src".to_owned(),
        data_type,
    }
}

/// Evaluates over the columns `n` (DT_I4), `d` (DT_I4) and `s` (DT_STR) of a batch that holds
/// them in another order.
fn batch(text: &str, rows: &[(i32, i32, Option<&str>)]) -> (BatchOutcome, Vec<String>) {
    let string = DataType::Str {
        length: 10,
        code_page: 1252,
    };
    let columns = [
        column("n", DataType::I4),
        column("d", DataType::I4),
        column("s", string),
    ];
    let compiled = compile(text, &scope(&columns)).unwrap();
    let ints = |pick: fn(&(i32, i32, Option<&str>)) -> i32| {
        let values: Vec<Value> = rows.iter().map(|row| Value::I4(pick(row))).collect();
        array_of(&values, DataType::I4).unwrap()
    };
    let texts: Vec<Value> = rows
        .iter()
        .map(|row| row.2.map_or(Value::Null, |text| Value::Str(text.into())))
        .collect();
    let arrays = vec![
        array_of(&texts, string).unwrap(),
        ints(|row| row.0),
        ints(|row| row.1),
    ];
    let fields: Vec<Field> = arrays
        .iter()
        .map(|array| Field::new("", array.data_type().clone(), true))
        .collect();
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap();
    let outcome = compiled.evaluate_batch(&batch, &[1, 2, 0], &now()).unwrap();
    assert_eq!(*outcome.array.data_type(), arrow_type(compiled.data_type()));
    let values = (0..rows.len())
        .map(|row| {
            shown(
                &value_at(&outcome.array, row, compiled.data_type()),
                compiled.data_type(),
            )
        })
        .collect();
    (outcome, values)
}

#[test]
fn a_row_fails_alone_and_is_null() {
    let rows = [(6, 2, None), (6, 0, None), (9, 3, Some("x"))];
    let (outcome, values) = batch("n / d", &rows);
    assert_eq!(values, ["I4 3", "I4 NULL", "I4 3"]);
    assert_eq!(outcome.errors.len(), 1);
    assert_eq!(outcome.errors[0].row, 1);
    assert_eq!(
        outcome.errors[0].error.to_string(),
        "division by zero in `n / d`"
    );
    assert_eq!(outcome.errors[0].error.ssis_code(), Some(0xC004_707B));
}

#[test]
fn a_row_that_does_not_take_a_branch_cannot_fail_in_it() {
    let rows = [(6, 2, None), (6, 0, Some("a")), (1, 0, None)];
    let (outcome, values) = batch("d == 0 ? -1 : n / d", &rows);
    assert_eq!(values, ["I4 3", "I4 -1", "I4 -1"]);
    assert!(outcome.errors.is_empty());
    let (outcome, values) = batch("d != 0 && n / d == 3", &rows);
    assert_eq!(values, ["BOOL True", "BOOL False", "BOOL False"]);
    assert!(outcome.errors.is_empty());
    let (outcome, values) = batch("d == 0 || n / d == 3", &rows);
    assert_eq!(values, ["BOOL True", "BOOL True", "BOOL True"]);
    assert!(outcome.errors.is_empty());
    let (outcome, values) = batch("n > 2 ? n / d : (DT_I4)s", &rows);
    assert_eq!(values, ["I4 3", "I4 NULL", "I4 NULL"]);
    assert_eq!(
        outcome.errors.iter().map(|row| row.row).collect::<Vec<_>>(),
        [1]
    );
}

#[test]
fn a_truncated_row_keeps_what_is_left_of_it() {
    let rows = [
        (1, 1, Some("abc")),
        (1, 0, Some("abcdef")),
        (1, 1, Some("é€日")),
    ];
    let (outcome, values) = batch("(DT_WSTR, 4)s", &rows);
    assert_eq!(values, ["WSTR abc", "WSTR abcd", "WSTR é€日"]);
    let truncated: Vec<usize> = outcome.truncations.iter().map(|row| row.row).collect();
    assert_eq!(truncated, [1]);
    let (outcome, values) = batch("(DT_STR, 4, 1252)s", &rows);
    assert_eq!(values, ["STR abc", "STR abcd", "STR é€?"]);
    assert_eq!(outcome.truncations.len(), 2);
    // A row that fails as well counts as failed only.
    let (outcome, _) = batch("(DT_WSTR, 4)s + (DT_WSTR, 4)(n / d)", &rows);
    assert_eq!((outcome.errors.len(), outcome.truncations.len()), (1, 0));
    let (outcome, values) = batch("(DT_WSTR, 1)12 + s", &rows[..1]);
    assert_eq!(
        (values, outcome.truncations.len()),
        (vec!["WSTR 1abc".to_owned()], 1)
    );
}

#[test]
fn columns_are_found_by_any_of_their_names() {
    let rows = [(6, 2, Some("x"))];
    let id = "#{Package\\DFT\\Src.Outputs[Out].Columns[n]}";
    for text in [
        "n + 1",
        "[n] + 1",
        "Src.n + 1",
        "[Src].[n] + 1",
        &format!("{id} + 1"),
    ] {
        assert_eq!(batch(text, &rows).1, ["I4 7"], "{text}");
    }
    let columns = [column("n", DataType::I4), column("d", DataType::I4)];
    let compiled = compile("d + d", &scope(&columns)).unwrap();
    assert_eq!(compiled.columns(), [1]);
}

#[test]
fn lengths_follow_from_the_operands() {
    let string = DataType::Str {
        length: 50,
        code_page: 1252,
    };
    let columns = [column("s", string)];
    let cases = [
        ("s + \" \" + s", DataType::Wstr { length: 101 }),
        ("s", DataType::Wstr { length: 50 }),
        ("LEFT(s, 3)", DataType::Wstr { length: 3 }),
        ("SUBSTRING(s, 1, @Count)", DataType::Wstr { length: 50 }),
        ("ISNULL(s) ? \"unknown\" : s", DataType::Wstr { length: 50 }),
        ("HEX((DT_I2)1)", DataType::Wstr { length: 4 }),
        (
            "(DT_STR, 5, 1252)s",
            DataType::Str {
                length: 5,
                code_page: 1252,
            },
        ),
        (
            "1.25 + 1",
            DataType::Numeric {
                precision: 13,
                scale: 2,
            },
        ),
        (
            "1.25 * 1.5",
            DataType::Numeric {
                precision: 6,
                scale: 3,
            },
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(
            compile(text, &scope(&columns)).unwrap().data_type(),
            expected,
            "{text}"
        );
    }
}
