//! What a statement gives to variables, kept until its connection is free again.
//!
//! A variable that changes may raise an event, whose handler may use the same connection: inside a
//! transaction all tasks do.

use std::sync::{Mutex, PoisonError};

use crate::services::{VariableError, Variables};
use crate::value::TypedValue;

/// Takes the values for the variables behind it.
pub(super) struct Assigned<'v> {
    variables: &'v dyn Variables,
    values: Mutex<Vec<(String, TypedValue)>>,
}

impl<'v> Assigned<'v> {
    pub(super) fn to(variables: &'v dyn Variables) -> Self {
        let values = Mutex::default();
        Self { variables, values }
    }

    /// Hands all values over, in the order in which they came. An error comes with the variable.
    pub(super) fn hand_over(self) -> Result<(), (String, VariableError)> {
        let values = self.values.into_inner();
        for (name, value) in values.unwrap_or_else(PoisonError::into_inner) {
            let set = self.variables.set(&name, value);
            set.map_err(|error| (name, error))?;
        }
        Ok(())
    }
}

impl Variables for Assigned<'_> {
    fn get(&self, name: &str) -> Result<TypedValue, VariableError> {
        self.variables.get(name)
    }

    fn set(&self, name: &str, value: TypedValue) -> Result<(), VariableError> {
        let mut values = self.values.lock().unwrap_or_else(PoisonError::into_inner);
        values.push((name.to_owned(), value));
        Ok(())
    }
}
