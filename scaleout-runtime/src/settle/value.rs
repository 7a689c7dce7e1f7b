//! A value on its way into a property: text, or the typed result of an expression.

use super::error::PropertyError;
use crate::value::{TypedValue, Value};
use crate::variables::typed;

/// A value for a property. Properties keep text, as files do.
#[derive(Clone)]
pub struct PropertyValue(String);

impl PropertyValue {
    /// A value given as text: an override, a parameter.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The result of a property expression.
    ///
    /// # Errors
    /// It has no text form, or is null.
    pub fn from_typed(property: &str, value: &TypedValue) -> Result<Self, PropertyError> {
        let refuse = |reason: &str| PropertyError::not_accepted(property, reason);
        match &value.value {
            Value::Null => Err(refuse("it is null")),
            Value::Object(_) => Err(refuse("it is an object")),
            Value::Bool(flag) => Ok(Self(if *flag { "True" } else { "False" }.to_owned())),
            Value::Str(text) => Ok(Self(text.to_string())),
            _ => typed::shown(value)
                .map(Self)
                .ok_or_else(|| refuse("it has no text form")),
        }
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }

    /// As a Boolean: `True`, `False`, or a number.
    ///
    /// # Errors
    /// It is neither.
    pub fn boolean(&self, property: &str) -> Result<bool, PropertyError> {
        let text = self.0.trim();
        if text.eq_ignore_ascii_case("true") {
            return Ok(true);
        }
        if text.eq_ignore_ascii_case("false") {
            return Ok(false);
        }
        let number = text.parse::<i64>().map(|number| number != 0);
        number.map_err(|_| PropertyError::not_accepted(property, "it is not True or False"))
    }

    /// As a whole number.
    ///
    /// # Errors
    /// It is none, or too large for the property.
    pub fn integer<N: TryFrom<i64>>(&self, property: &str) -> Result<N, PropertyError> {
        let number = self.0.trim().parse::<i64>().ok();
        number
            .and_then(|number| N::try_from(number).ok())
            .ok_or_else(|| {
                PropertyError::not_accepted(property, "it is not a whole number of its range")
            })
    }
}
