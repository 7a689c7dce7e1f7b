//! Every vector of the shared expression vectors, by both evaluators.
//!
//! The vectors are not part of the repository; without them this prints a line and passes.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

use std::path::PathBuf;
use std::sync::Arc;

use arrow::datatypes::{Field, Schema};
use arrow::record_batch::RecordBatch;
use jiff::Timestamp;
use scaleout_runtime::convert::{array_of, arrow_type, parse_text, to_text, value_at};
use scaleout_runtime::expression::{
    ColumnRef, Compiled, Evaluation, Scope, VariableTypes, VariableValues, compile,
};
use scaleout_runtime::services::VariableError;
use scaleout_runtime::value::{DataType, TypedValue, Value};
use serde_json::Value as Json;

struct Variables(Vec<(String, TypedValue)>);

impl VariableValues for Variables {
    fn value(&self, name: &str) -> Result<TypedValue, VariableError> {
        let found = self.0.iter().find(|(full, _)| {
            full == name
                || full
                    .split_once("::")
                    .is_some_and(|(_, short)| short == name)
        });
        let unknown = VariableError::Unknown {
            name: name.to_owned(),
        };
        found.map(|(_, typed)| typed.clone()).ok_or(unknown)
    }
}

impl VariableTypes for Variables {
    fn data_type(&self, name: &str) -> Result<DataType, VariableError> {
        self.value(name).map(|typed| typed.data_type)
    }
}

fn vectors() -> Option<Vec<Json>> {
    let root = std::env::var_os("SCALEOUT_SHARED").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared"),
        PathBuf::from,
    );
    let text = std::fs::read_to_string(root.join("spec/expression-vectors.json")).ok()?;
    serde_json::from_str(&text).ok()
}

/// The type of a value that the vectors give; facets follow from the value.
fn data_type(name: &str) -> DataType {
    match name {
        "DT_BOOL" => DataType::Bool,
        "DT_I2" => DataType::I2,
        "DT_I4" => DataType::I4,
        "DT_R4" => DataType::R4,
        "DT_R8" => DataType::R8,
        "DT_CY" => DataType::Cy,
        "DT_STR" => DataType::Str {
            length: 50,
            code_page: 1252,
        },
        "DT_WSTR" => DataType::Wstr { length: 50 },
        "DT_DBDATE" => DataType::DbDate,
        "DT_DBTIMESTAMP" => DataType::DbTimestamp,
        other => panic!("the vectors use {other}"),
    }
}

fn typed(json: &Json) -> TypedValue {
    let data_type = data_type(json["type"].as_str().unwrap());
    let value = match &json["value"] {
        Json::Null => Value::Null,
        Json::String(text) => parse_text(text, data_type, 1033).unwrap().value,
        other => {
            parse_text(&other.to_string(), data_type, 1033)
                .unwrap()
                .value
        }
    };
    TypedValue { data_type, value }
}

/// A value as the vectors write it, beside the name of its type.
fn encoded(value: &Value, data_type: DataType) -> (String, Json) {
    let name = data_type.name().to_owned();
    let json = match value {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::from(*value),
        Value::I1(value) => Json::from(*value),
        Value::I2(value) => Json::from(*value),
        Value::I4(value) => Json::from(*value),
        Value::I8(value) => Json::from(*value),
        Value::Ui1(value) => Json::from(*value),
        Value::Ui2(value) => Json::from(*value),
        Value::Ui4(value) => Json::from(*value),
        Value::Ui8(value) => Json::from(*value),
        Value::R4(value) => Json::from(f64::from(*value)),
        Value::R8(value) => Json::from(*value),
        Value::Cy(value) => Json::from(decimal(i128::from(*value), 4)),
        Value::Decimal(value) => match data_type {
            DataType::Decimal { scale } | DataType::Numeric { scale, .. } => {
                Json::from(decimal(*value, scale))
            }
            _ => panic!("a decimal of type {name}"),
        },
        Value::Timestamp(_) if data_type == DataType::DbTimestamp => {
            let milliseconds = DataType::DbTimestamp2 { scale: 3 };
            Json::from(to_text(value, milliseconds, 1033).unwrap())
        }
        _ => Json::from(to_text(value, data_type, 1033).unwrap()),
    };
    (name, json)
}

fn decimal(unscaled: i128, scale: u8) -> String {
    let scale = usize::from(scale);
    let sign = if unscaled < 0 { "-" } else { "" };
    let digits = format!("{:0>width$}", unscaled.unsigned_abs(), width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    let point = if scale > 0 { "." } else { "" };
    format!("{sign}{whole}{point}{fraction}")
}

fn same(expected: &Json, found: &Json, name: &str) -> bool {
    match (name, expected.as_f64(), found.as_f64()) {
        ("DT_R8", Some(expected), Some(found)) => {
            (expected - found).abs() <= 1e-12 * expected.abs().max(1.0)
        }
        ("DT_R4", Some(expected), Some(found)) => expected as f32 == found as f32,
        _ => expected == found,
    }
}

type Outcome = Result<[(String, Json); 2], (String, &'static str)>;

/// The value by both evaluators, or the message and SSIS's symbol of the error.
fn outcome(vector: &Json) -> Outcome {
    let variables = Variables(
        vector["variables"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, json)| (name.clone(), typed(json)))
            .collect(),
    );
    let given: Vec<&Json> = vector["columns"].as_array().into_iter().flatten().collect();
    let values: Vec<TypedValue> = given.iter().map(|json| typed(json)).collect();
    let columns: Vec<ColumnRef> = given
        .iter()
        .zip(&values)
        .map(|(json, typed)| ColumnRef {
            lineage_id: json["lineage_id"].to_string(),
            name: json["name"].as_str().unwrap().to_owned(),
            component: json["component"].as_str().unwrap_or("Source").to_owned(),
            data_type: typed.data_type,
        })
        .collect();
    let scope = Scope {
        variables: Some(&variables),
        columns: &columns,
        locale_id: 1033,
    };
    let text = vector["expression"].as_str().unwrap();
    let compiled =
        compile(text, &scope).map_err(|error| (error.to_string(), error.ssis_symbol()))?;
    let cx = Evaluation::at("2026-03-04T05:06:07Z".parse::<Timestamp>().unwrap())
        .with_variables(&variables);
    let row: Vec<Value> = values.iter().map(|typed| typed.value.clone()).collect();
    let scalar = compiled
        .evaluate_row(&row, &cx)
        .map_err(|error| (error.to_string(), error.ssis_symbol()));
    match (scalar, in_batch(&compiled, &values, &cx)) {
        (Ok(scalar), Ok(batch)) => Ok([
            encoded(&scalar, compiled.data_type()),
            encoded(&batch, compiled.data_type()),
        ]),
        (Err(scalar), Err(batch)) if scalar.0 == batch => Err(scalar),
        (scalar, batch) => panic!("{text}: alone {scalar:?}, in a batch {batch:?}"),
    }
}

fn in_batch(
    compiled: &Compiled,
    values: &[TypedValue],
    cx: &Evaluation<'_>,
) -> Result<Value, String> {
    // A column of its own gives the batch its one row when the expression reads none.
    let mut fields = vec![Field::new("row", arrow_type(DataType::Bool), true)];
    let mut arrays = vec![array_of(&[Value::Null], DataType::Bool).unwrap()];
    for typed in values {
        fields.push(Field::new("", arrow_type(typed.data_type), true));
        arrays.push(array_of(std::slice::from_ref(&typed.value), typed.data_type).unwrap());
    }
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap();
    let map: Vec<usize> = (1..=values.len()).collect();
    let outcome = compiled
        .evaluate_batch(&batch, &map, cx)
        .map_err(|error| error.to_string())?;
    match outcome.errors.first() {
        Some(row) => Err(row.error.to_string()),
        None => Ok(value_at(&outcome.array, 0, compiled.data_type())),
    }
}

/// What is wrong with an outcome, if anything.
fn judge(vector: &Json) -> Option<String> {
    let expected = &vector["expected"];
    let found = outcome(vector);
    let right = match (&found, expected["type"].as_str()) {
        (Ok(found), Some(name)) => found
            .iter()
            .all(|(of, value)| of == name && same(&expected["value"], value, name)),
        (Err((_, symbol)), None) => {
            let code = expected["code"].as_str();
            if code.is_some_and(|code| code != *symbol) {
                println!("{}: {symbol}, best match {code:?}", vector["expression"]);
            }
            true
        }
        _ => false,
    };
    (!right).then(|| format!("{}: {found:?}, not {expected}", vector["expression"]))
}

#[test]
fn every_shared_vector_gives_what_it_says() {
    let Some(vectors) = vectors() else {
        println!("skipped: no expression-vectors.json beside the repository");
        return;
    };
    let wrong: Vec<String> = vectors.iter().filter_map(judge).collect();
    println!("{} vectors", vectors.len());
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
