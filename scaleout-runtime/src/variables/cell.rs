//! One variable or parameter while a package runs.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use scaleout_core::package::{Variable, VariableType};

use super::typed;
use crate::services::{Mapped, VariableError};
use crate::value::{DataType, TypedValue, Value};

/// Namespace of package parameters.
pub const PACKAGE_PARAMETERS: &str = "$Package";
/// Namespace of project parameters.
pub const PROJECT_PARAMETERS: &str = "$Project";

/// A variable or parameter with its value.
#[derive(Debug)]
pub struct Cell {
    /// Namespace, such as `User`, `System`, `$Project`.
    pub namespace: String,
    /// Name.
    pub name: String,
    /// Braced GUID of a declared variable: OLE DB sources name their parameters by it.
    pub id: String,
    /// Description.
    pub description: String,
    data_type: VariableType,
    read_only: bool,
    /// `RaiseChangedEvent`
    raises_changed: bool,
    expression: Option<String>,
    /// Its value may be written into dumps and contexts.
    shown: bool,
    /// A Foreach loop maps it: what the enumerator gave stands instead of the expression.
    mapped: AtomicBool,
    value: Mutex<TypedValue>,
}

impl Cell {
    /// A variable as a package declares it.
    ///
    /// # Errors
    /// [`VariableError::NotConvertible`] when its design value does not fit its type.
    pub fn declared(variable: &Variable) -> Result<Self, VariableError> {
        let name = format!("{}::{}", variable.namespace, variable.name);
        let value = typed::literal(&variable.value)
            .map_err(|reason| VariableError::NotConvertible { name, reason })?;
        let expression = variable
            .evaluate_as_expression
            .then(|| variable.expression.clone());
        Ok(Self {
            namespace: variable.namespace.clone(),
            name: variable.name.clone(),
            id: variable.id.clone(),
            description: variable.description.clone(),
            data_type: variable.value.data_type,
            read_only: variable.read_only,
            raises_changed: variable.raise_changed_event,
            expression,
            shown: variable.include_in_dumps,
            mapped: AtomicBool::new(false),
            value: Mutex::new(value),
        })
    }

    /// A value that packages may read only: a parameter or a system variable.
    #[must_use]
    pub fn fixed(namespace: &str, name: &str, data_type: VariableType, value: TypedValue) -> Self {
        Self {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            id: String::new(),
            description: String::new(),
            data_type,
            read_only: true,
            raises_changed: false,
            expression: None,
            shown: true,
            mapped: AtomicBool::new(false),
            value: Mutex::new(value),
        }
    }

    /// The same value, which packages may write too.
    #[must_use]
    pub fn writable(self) -> Self {
        Self {
            read_only: false,
            ..self
        }
    }

    /// The same, and its value is a secret.
    #[must_use]
    pub fn hidden(self) -> Self {
        Self {
            shown: false,
            ..self
        }
    }

    /// Whether a change of its value is an event.
    #[must_use]
    pub fn raises_changed(&self) -> bool {
        self.raises_changed
    }

    /// Whether its value may be written into dumps and contexts.
    #[must_use]
    pub fn is_shown(&self) -> bool {
        self.shown
    }

    /// `Namespace::Name`.
    #[must_use]
    pub fn full_name(&self) -> String {
        format!("{}::{}", self.namespace, self.name)
    }

    /// The expression that gives the value, if it is an expression variable and no Foreach loop
    /// has replaced it.
    #[must_use]
    pub fn expression(&self) -> Option<&str> {
        let mapped = self.mapped.load(Ordering::Acquire);
        self.expression.as_deref().filter(|_| !mapped)
    }

    /// Stores what an enumerator gives; from here on it stands instead of an expression.
    ///
    /// # Errors
    /// [`VariableError`] as [`Cell::assign`].
    pub fn assign_mapped(&self, value: TypedValue) -> Result<Mapped, VariableError> {
        self.assign(value)?;
        let first = !self.mapped.swap(true, Ordering::AcqRel);
        match self.expression {
            Some(_) if first => Ok(Mapped::ReplacedExpression),
            Some(_) | None => Ok(Mapped::Plain),
        }
    }

    /// The exact type of its values, where the declaration alone decides it: how many digits
    /// a decimal has depends on the value.
    #[must_use]
    pub fn declared_type(&self) -> Option<DataType> {
        match self.data_type {
            VariableType::Decimal | VariableType::Object | VariableType::Empty => None,
            known => Some(typed::type_of(known)),
        }
    }

    /// The type that it is declared with.
    #[must_use]
    pub fn variable_type(&self) -> VariableType {
        self.data_type
    }

    /// Whether packages may only read it.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.read_only
    }

    /// The stored value, whatever the expression says.
    #[must_use]
    pub fn stored(&self) -> TypedValue {
        let value = self.value.lock().unwrap_or_else(PoisonError::into_inner);
        value.clone()
    }

    /// Stores a value as a package would: converted, and only where that is allowed.
    ///
    /// # Errors
    /// [`VariableError`] when it is read-only or the value does not fit.
    pub fn assign(&self, value: TypedValue) -> Result<(), VariableError> {
        if self.read_only {
            let name = self.full_name();
            return Err(VariableError::ReadOnly { name });
        }
        self.store(value)
    }

    /// Stores a value as the runtime does, also into what packages may only read.
    ///
    /// # Errors
    /// [`VariableError::NotConvertible`] when the value does not fit.
    pub fn store(&self, value: TypedValue) -> Result<(), VariableError> {
        let fitted = self.fit(value)?;
        *self.value.lock().unwrap_or_else(PoisonError::into_inner) = fitted;
        Ok(())
    }

    /// The value in the variable's own type.
    ///
    /// # Errors
    /// [`VariableError::NotConvertible`] when it does not convert, or is no value at all.
    pub fn fit(&self, value: TypedValue) -> Result<TypedValue, VariableError> {
        let refuse = |reason: String| VariableError::NotConvertible {
            name: self.full_name(),
            reason,
        };
        match (self.data_type, &value.value) {
            (VariableType::Object, _) => Ok(value),
            (_, Value::Null) => Err(refuse("a variable cannot be null".to_owned())),
            (_, Value::Object(_)) => Err(refuse("the value is an object".to_owned())),
            (data_type, _) => typed::convert(value, typed::type_of(data_type)).map_err(refuse),
        }
    }

    /// What a null result of an expression becomes here: the empty value of the type.
    #[must_use]
    pub fn or_empty(&self, value: TypedValue) -> TypedValue {
        match (&value.value, self.data_type) {
            (Value::Null, VariableType::Object) => value,
            (Value::Null, data_type) => typed::empty(data_type),
            _ => value,
        }
    }
}
