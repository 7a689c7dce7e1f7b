//! What a function is, and how it is called with values.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use super::super::environment::Environment;
use super::super::evaluation_error::Fault;
use super::super::mistake::Mistake;
use super::super::operators::MISLABELED;
use super::super::plan::Node;
use super::super::types;
use super::super::words::Words;
use crate::convert::{digits_of, double_of};
use crate::value::{DataType, Value};

/// One function, or one overload of it.
pub(in super::super) struct Function {
    /// In capitals.
    pub name: &'static str,
    /// What it takes.
    pub parameters: &'static [Parameter],
    /// The type of its value.
    pub result: fn(&[Node]) -> Result<DataType, Mistake>,
    /// What it does.
    pub body: Body,
    /// Its value is not the same each time.
    pub volatile: bool,
    /// It refuses string literals cast to the newer date types.
    pub refuses_date_literals: bool,
    /// Its second argument becomes the type of its first.
    pub converts_second: bool,
}

/// What an argument may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Parameter {
    /// `DT_WSTR`; `DT_STR` is read as one.
    Text,
    /// A large object.
    Blob,
    /// Any number.
    Numeric,
    /// Any integer.
    Integer,
    /// Any date or time.
    Temporal,
    /// A string literal that names a part of a date.
    DatePart,
    /// Anything.
    Any,
    /// Anything but a large object.
    NotBlob,
}

impl Parameter {
    pub(in super::super) fn accepts(self, data_type: DataType) -> bool {
        match self {
            Self::Text | Self::DatePart => types::is_string(data_type),
            Self::Blob => types::is_blob(data_type),
            Self::Numeric => types::is_numeric(data_type),
            Self::Integer => types::is_integer(data_type),
            Self::Temporal => types::is_temporal(data_type),
            Self::Any => true,
            Self::NotBlob => !types::is_blob(data_type),
        }
    }
}

/// What a function does, by the shape of its arguments. A null argument gives null before
/// any of these is asked, but for [`Body::Any`].
#[derive(Clone, Copy)]
pub(in super::super) enum Body {
    /// Text to text.
    Text(for<'a> fn(&'a str) -> Cow<'a, str>),
    /// Text and a number to text.
    TextCount(for<'a> fn(&'a str, i64) -> Result<Cow<'a, str>, Fault>),
    /// Text and two numbers to text.
    TextRange(for<'a> fn(&'a str, i64, i64) -> Result<Cow<'a, str>, Fault>),
    /// Three texts to text.
    Text3(for<'a> fn(&'a str, &str, &str) -> Result<Cow<'a, str>, Fault>),
    /// A text, one to look for in it, and a number to a number.
    Find(fn(&str, &str, i64) -> Result<i64, Fault>),
    /// Text to a number, or to null.
    Measure(fn(&str) -> Option<i64>),
    /// A double to a double.
    Float(fn(f64) -> Result<f64, Fault>),
    /// Any arguments; null is never among them.
    Strict(fn(&Call<'_>) -> Result<Value, Fault>),
    /// Any arguments, null too.
    Any(fn(&Call<'_>) -> Result<Value, Fault>),
}

impl Body {
    /// Its first argument and its value are texts.
    pub(in super::super) fn makes_text_of_text(&self) -> bool {
        match self {
            Self::Text(_) | Self::TextCount(_) | Self::TextRange(_) | Self::Text3(_) => true,
            Self::Find(_) | Self::Measure(_) | Self::Float(_) | Self::Strict(_) | Self::Any(_) => {
                false
            }
        }
    }
}

/// One call.
pub(in super::super) struct Call<'a> {
    pub function: &'static str,
    pub arguments: &'a [Value],
    pub types: &'a [DataType],
    pub result: DataType,
    pub environment: &'a Environment,
}

/// Calls a function with one row's values.
pub(in super::super) fn apply(
    function: &'static Function,
    arguments: &[Value],
    types: &[DataType],
    result: DataType,
    environment: &Environment,
) -> Result<Value, Fault> {
    let call = Call {
        function: function.name,
        arguments,
        types,
        result,
        environment,
    };
    if let Body::Any(body) = function.body {
        return body(&call);
    }
    if arguments.iter().any(|value| matches!(value, Value::Null)) {
        return Ok(Value::Null);
    }
    match function.body {
        Body::Text(_) | Body::TextCount(_) | Body::TextRange(_) | Body::Text3(_) => {
            let (Some(Value::Str(text)), Some((_, others))) =
                (arguments.first(), arguments.split_first())
            else {
                return Err(MISLABELED);
            };
            let others = Others {
                values: others,
                types: types.get(1..).unwrap_or_default(),
            };
            apply_to_words(function, Words::shared(Arc::clone(text)), &others)
                .map(Words::into_value)
        }
        Body::Find(body) => call.integer(body(call.text(0)?, call.text(1)?, call.count(2)?)?),
        Body::Measure(body) => match body(call.text(0)?) {
            Some(measure) => call.integer(measure),
            None => Ok(Value::Null),
        },
        Body::Float(body) => body(call.double(0)?).map(Value::R8),
        Body::Strict(body) | Body::Any(body) => body(&call),
    }
}

/// The arguments behind the first one; none is null.
pub(in super::super) struct Others<'a> {
    pub values: &'a [Value],
    pub types: &'a [DataType],
}

impl Others<'_> {
    fn text(&self, index: usize) -> Result<&str, Fault> {
        match self.values.get(index) {
            Some(Value::Str(text)) => Ok(text),
            _ => Err(MISLABELED),
        }
    }

    fn count(&self, index: usize) -> Result<i64, Fault> {
        match (self.values.get(index), self.types.get(index)) {
            (Some(value), Some(data_type)) => count(value, *data_type),
            _ => Err(MISLABELED),
        }
    }
}

/// Calls a function that makes text of text, see [`Body::makes_text_of_text`].
pub(in super::super) fn apply_to_words<'a>(
    function: &'static Function,
    text: Words<'a>,
    others: &Others<'_>,
) -> Result<Words<'a>, Fault> {
    match function.body {
        Body::Text(body) => text.through(|text| Ok(body(text))),
        Body::TextCount(body) => {
            let count = others.count(0)?;
            text.through(|text| body(text, count))
        }
        Body::TextRange(body) => {
            let (first, second) = (others.count(0)?, others.count(1)?);
            text.through(|text| body(text, first, second))
        }
        Body::Text3(body) => {
            let (second, third) = (others.text(0)?, others.text(1)?);
            text.through(|text| body(text, second, third))
        }
        Body::Find(_) | Body::Measure(_) | Body::Float(_) | Body::Strict(_) | Body::Any(_) => {
            Err(MISLABELED)
        }
    }
}

/// An integer; one that is too large for the purpose is the largest there is.
fn count(value: &Value, data_type: DataType) -> Result<i64, Fault> {
    let (digits, _) = digits_of(value, data_type).ok_or(MISLABELED)?;
    Ok(i64::try_from(digits).unwrap_or(if digits < 0 { i64::MIN } else { i64::MAX }))
}

impl Call<'_> {
    pub(super) fn text(&self, index: usize) -> Result<&str, Fault> {
        match self.arguments.get(index) {
            Some(Value::Str(text)) => Ok(text),
            _ => Err(MISLABELED),
        }
    }

    /// An integer argument; one that is too large for the purpose is the largest there is.
    pub(in super::super) fn count(&self, index: usize) -> Result<i64, Fault> {
        match (self.arguments.get(index), self.types.get(index)) {
            (Some(value), Some(data_type)) => count(value, *data_type),
            _ => Err(MISLABELED),
        }
    }

    pub(super) fn digits(&self, index: usize) -> Result<(i128, u8), Fault> {
        match (self.arguments.get(index), self.types.get(index)) {
            (Some(value), Some(data_type)) => digits_of(value, *data_type).ok_or(MISLABELED),
            _ => Err(MISLABELED),
        }
    }

    pub(super) fn double(&self, index: usize) -> Result<f64, Fault> {
        match (self.arguments.get(index), self.types.get(index)) {
            (Some(value), Some(data_type)) => double_of(value, *data_type).ok_or(MISLABELED),
            _ => Err(MISLABELED),
        }
    }

    pub(super) fn argument(&self, index: usize) -> Result<&Value, Fault> {
        self.arguments.get(index).ok_or(MISLABELED)
    }

    /// A number as a value of the result's type.
    pub(super) fn integer(&self, value: i64) -> Result<Value, Fault> {
        let overflow = self.overflow();
        match self.result {
            DataType::I4 => i32::try_from(value).map(Value::I4).map_err(|_| overflow),
            DataType::Ui2 => u16::try_from(value).map(Value::Ui2).map_err(|_| overflow),
            _ => Err(MISLABELED),
        }
    }

    pub(super) fn overflow(&self) -> Fault {
        Fault::FunctionOverflow {
            function: self.function,
            data_type: self.result,
        }
    }
}

impl Function {
    /// Can it fail for some values of the right type?
    pub(in super::super) fn can_fail(&self) -> bool {
        !matches!(self.body, Body::Text(_)) && !matches!(self.name, "ISNULL" | "REPLACENULL")
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name)
    }
}
