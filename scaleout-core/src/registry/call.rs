//! A procedure call and a view query as they cross the wire.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::ErrorBody;

/// Arguments by parameter name, with or without `@`, in any case.
///
/// JSON forms: `bigint`, `int`, `smallint` numbers (or digits in a string); `bit` true/false or 0/1;
/// `uniqueidentifier` and `datetimeoffset` strings; `varbinary` base64; `sql_variant` any scalar.
pub type Arguments = BTreeMap<String, Value>;

/// What a procedure gave back.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ProcedureResult {
    /// Return code; 0 is success unless the procedure documents another.
    pub return_value: i64,
    /// Output parameters by name with `@`.
    #[serde(default)]
    pub outputs: BTreeMap<String, Value>,
    /// Result set, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<Rows>,
    /// Further result sets, behind the first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub more_rows: Vec<Rows>,
    /// Why a documented return code other than success was returned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<ErrorBody>,
}

/// A table of values: column names once, then rows in that order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rows {
    /// Column names.
    pub columns: Vec<String>,
    /// Rows.
    pub rows: Vec<Vec<Value>>,
}

/// A query on a view: `GET /catalog/v1/views/<name>?…`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewQuery {
    /// Column must equal the text (after conversion to the column's type).
    #[serde(default)]
    pub equals: Vec<(String, String)>,
    /// Column must be greater than the text: for paging and following.
    #[serde(default)]
    pub greater: Vec<(String, String)>,
    /// Column to order by; with `descending`.
    #[serde(default)]
    pub order_by: Option<String>,
    /// Highest first.
    #[serde(default)]
    pub descending: bool,
    /// Most rows wanted; the server caps it at 10,000.
    #[serde(default)]
    pub limit: Option<u32>,
}
