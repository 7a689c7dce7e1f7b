//! 10,000 evaluations of one expression of the control flow, as a For loop or a property has it.
//!
//! `cargo bench -p scaleout-runtime --bench expression`

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use scaleout_runtime::expression::{Evaluation, Scope, VariableTypes, VariableValues, compile};
use scaleout_runtime::services::VariableError;
use scaleout_runtime::value::{DataType, TypedValue, Value};

const EXPRESSION: &str = r#"REPLACE(UPPER(TRIM(@[User::S])),"A","B")+(DT_WSTR,10)@[User::I]"#;
const EVALUATIONS: u32 = 10_000;
const ROUNDS: usize = 15;

/// `User::S` and `User::I`.
struct Two;

impl Two {
    fn find(name: &str) -> Option<TypedValue> {
        match name {
            "User::S" => Some(TypedValue {
                data_type: DataType::Wstr { length: 0 },
                value: Value::Str(Arc::from("  a banana and a can of tea  ")),
            }),
            "User::I" => Some(TypedValue {
                data_type: DataType::I4,
                value: Value::I4(4711),
            }),
            _ => None,
        }
    }
}

impl VariableTypes for Two {
    fn data_type(&self, name: &str) -> Result<DataType, VariableError> {
        VariableValues::value(self, name).map(|value| value.data_type)
    }
}

impl VariableValues for Two {
    fn value(&self, name: &str) -> Result<TypedValue, VariableError> {
        Self::find(name).ok_or_else(|| VariableError::Unknown {
            name: name.to_owned(),
        })
    }
}

fn main() {
    let scope = Scope {
        variables: Some(&Two),
        columns: &[],
        locale_id: 1033,
    };
    let compiled = compile(EXPRESSION, &scope).expect("the expression is right");
    let cx = Evaluation::at(Timestamp::UNIX_EPOCH).with_variables(&Two);
    let mut rounds: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            for _ in 0..EVALUATIONS {
                let value = compiled.evaluate(&cx).expect("it has a value");
                assert!(matches!(std::hint::black_box(value), Value::Str(_)));
            }
            start.elapsed()
        })
        .collect();
    rounds.sort_unstable();
    println!(
        "{EVALUATIONS} evaluations: median {:?}, fastest {:?}, slowest {:?} of {ROUNDS} rounds",
        rounds[ROUNDS / 2],
        rounds[0],
        rounds[ROUNDS - 1]
    );
}
