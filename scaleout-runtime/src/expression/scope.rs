//! What an expression may see: variables and columns.

use std::sync::Arc;

use crate::services::{VariableError, Variables};
use crate::value::{DataType, TypedValue};

/// An input column that an expression may read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnRef {
    /// Lineage id as the file writes it: a number, or a refId path.
    pub lineage_id: String,
    /// Name.
    pub name: String,
    /// Name of the component that made it, for `[Component].[Column]`.
    pub component: String,
    /// Type.
    pub data_type: DataType,
}

/// What an expression may see while it is compiled.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    /// Variables and parameters; `None` where there are none.
    pub variables: Option<&'a dyn VariableTypes>,
    /// Input columns; empty outside a data flow.
    pub columns: &'a [ColumnRef],
    /// LCID that decides how constants are read and written.
    pub locale_id: u32,
}

/// Types of variables, asked while an expression is compiled.
pub trait VariableTypes {
    /// The type of a variable; `name` as the expression writes it, without `@` and brackets.
    ///
    /// # Errors
    /// The variable is unknown or ambiguous.
    fn data_type(&self, name: &str) -> Result<DataType, VariableError>;
}

/// Values of variables, asked while an expression is evaluated.
pub trait VariableValues {
    /// The value of a variable; `name` as the expression writes it, without `@` and brackets.
    ///
    /// # Errors
    /// The variable is gone, or its own expression fails.
    fn value(&self, name: &str) -> Result<TypedValue, VariableError>;
}

impl VariableTypes for &dyn Variables {
    fn data_type(&self, name: &str) -> Result<DataType, VariableError> {
        self.get(name).map(|typed| typed.data_type)
    }
}

impl VariableValues for &dyn Variables {
    fn value(&self, name: &str) -> Result<TypedValue, VariableError> {
        self.get(name)
    }
}

impl VariableTypes for Arc<dyn Variables> {
    fn data_type(&self, name: &str) -> Result<DataType, VariableError> {
        self.get(name).map(|typed| typed.data_type)
    }
}

impl VariableValues for Arc<dyn Variables> {
    fn value(&self, name: &str) -> Result<TypedValue, VariableError> {
        self.get(name)
    }
}
