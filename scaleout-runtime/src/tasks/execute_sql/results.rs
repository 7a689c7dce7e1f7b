//! Rows to variables.

use std::sync::Arc;

use arrow::record_batch::RecordBatch;

use super::settings::{ParameterBinding, ResultBinding, ResultType};
use super::style::Style;
use crate::connections::{BatchReader, Connection, ConnectionError};
use crate::convert::value_at;
use crate::data_flow::schema::Schema;
use crate::services::Variables;
use crate::value::{DataType, ObjectValue, TypedValue, Value};
use crate::variables::{DataSet, DataTable, RowSet, typed};

/// `DTS_E_SQLTASK_INVALIDNUMOFRESULTBINDINGS`
const WRONG_NUMBER: u32 = 0xC002_91E2;
/// `DTS_E_SQLTASK_RESULTBINDTYPEFORROWSETXML`
const NAME_IS_NOT_ZERO: u32 = 0xC002_91E3;

/// Rows that a full result set takes at a time.
const BATCH_ROWS: usize = 1000;

/// Rows that are asked for at a time.
pub(super) fn batch_rows(result_type: ResultType) -> usize {
    match result_type {
        ResultType::None | ResultType::SingleRow => 1,
        ResultType::Rowset | ResultType::Xml => BATCH_ROWS,
    }
}

/// A full result set and a document go to one variable each, as result `0`.
///
/// # Errors
/// The code of the original, and what is wrong.
pub(super) fn check_bindings(
    result_type: ResultType,
    bindings: &[ResultBinding],
) -> Result<(), (u32, String)> {
    let name = match result_type {
        ResultType::None | ResultType::SingleRow => return Ok(()),
        ResultType::Rowset => "full result set",
        ResultType::Xml => "XML result",
    };
    match bindings {
        [binding] if binding.name.trim() == "0" => Ok(()),
        [binding] => {
            let written = &binding.name;
            let text = format!("a {name} is the result `0`, but result `{written}` is mapped");
            Err((NAME_IS_NOT_ZERO, text))
        }
        _ => {
            let count = bindings.len();
            let text = format!("a {name} goes to one variable, but {count} results are mapped");
            Err((WRONG_NUMBER, text))
        }
    }
}

/// Why a statement did not come to its end.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The statement, or what it gave.
    Query(String),
    /// A variable got no value.
    Variable {
        /// Its name.
        name: String,
        /// Why.
        reason: String,
    },
}

impl From<String> for Trouble {
    fn from(reason: String) -> Self {
        Self::Query(reason)
    }
}

/// Takes the rows to the variables that the bindings name.
pub(super) fn assign(
    reader: &mut dyn BatchReader,
    (result_type, style): (ResultType, Style),
    bindings: &[ResultBinding],
    variables: &dyn Variables,
) -> Result<(), Trouble> {
    match result_type {
        ResultType::None => {}
        ResultType::SingleRow => single_row(reader, style, bindings, variables)?,
        ResultType::Rowset => row_set(reader, bindings, variables)?,
        ResultType::Xml => xml(reader, style, bindings, variables)?,
    }
    Ok(())
}

/// Takes the one row that holds what came out of a call, column by column.
pub(super) fn assign_outputs(
    reader: &mut dyn BatchReader,
    bindings: &[&ParameterBinding],
    variables: &dyn Variables,
) -> Result<(), String> {
    let schema = reader.schema().clone();
    let batch = reader.next_batch().map_err(|error| error.explained())?;
    let batch = batch.ok_or("the call gave no output parameters")?;
    if schema.columns.len() != bindings.len() {
        return Err(format!(
            "the call gave {} output parameters, and the task has {}",
            schema.columns.len(),
            bindings.len()
        ));
    }
    for (at, binding) in bindings.iter().enumerate() {
        let value = value(&batch, 0, at, schema.columns[at].data_type);
        let set = variables.set(&binding.variable, value);
        set.map_err(|error| format!("parameter `{}`: {error}", binding.name))?;
    }
    Ok(())
}

/// The document comes in pieces, one a row. OLE DB puts a root around it.
fn xml(
    reader: &mut dyn BatchReader,
    style: Style,
    bindings: &[ResultBinding],
    variables: &dyn Variables,
) -> Result<(), String> {
    let schema = reader.schema().clone();
    let (Some(column), 1) = (schema.columns.first(), schema.columns.len()) else {
        return Err(format!(
            "an XML document comes in one column, but the statement gave {}",
            schema.columns.len()
        ));
    };
    let mut document = String::new();
    while let Some(batch) = reader.next_batch().map_err(|error| error.explained())? {
        for row in 0..batch.num_rows() {
            let piece = value(&batch, row, 0, column.data_type);
            document.push_str(&typed::shown(&piece).unwrap_or_default());
        }
    }
    if style == Style::OleDb {
        document = format!("<ROOT>{document}</ROOT>");
    }
    match bindings.first() {
        Some(binding) => set(variables, binding, typed::text(&document)),
        None => Ok(()),
    }
}

fn single_row(
    reader: &mut dyn BatchReader,
    style: Style,
    bindings: &[ResultBinding],
    variables: &dyn Variables,
) -> Result<(), Trouble> {
    let schema = reader.schema().clone();
    let batch = reader.next_batch().map_err(|error| error.explained())?;
    let Some(batch) = batch else {
        let reason = "a single row is expected, but the statement gave none".to_owned();
        return Err(match bindings.first() {
            Some(binding) => Trouble::Variable {
                name: binding.variable.clone(),
                reason,
            },
            None => Trouble::Query(reason),
        });
    };
    for binding in bindings {
        let at = column(&schema, &binding.name, style).ok_or_else(|| {
            let names = schema.columns.iter().map(|column| column.name.as_str());
            format!(
                "result `{}` is no column of the result set; its columns are: {}",
                binding.name,
                names.collect::<Vec<_>>().join(", ")
            )
        })?;
        let value = value(&batch, 0, at, schema.columns[at].data_type);
        set(variables, binding, value)?;
    }
    Ok(())
}

fn row_set(
    reader: &mut dyn BatchReader,
    bindings: &[ResultBinding],
    variables: &dyn Variables,
) -> Result<(), String> {
    let found = all_rows(reader).map_err(|error| error.explained())?;
    set_object(Arc::new(found), bindings, variables)
}

/// Runs a batch, and keeps all its result sets as one data set.
pub(super) fn data_set(
    connection: &mut dyn Connection,
    sql: &str,
    parameters: &[TypedValue],
) -> Result<DataSet, ConnectionError> {
    let mut found = DataSet::default();
    let mut take = |reader: &mut dyn BatchReader| {
        let table = all_rows(reader)?;
        found.tables.push(DataTable(Arc::new(table)));
        Ok(())
    };
    connection.query_each(sql, parameters, BATCH_ROWS, &mut take)?;
    match found.tables.is_empty() {
        true => Err(ConnectionError::in_statement(sql, "it gives no rows")),
        false => Ok(found),
    }
}

/// Gives a data set to the variable that takes the full result set.
pub(super) fn assign_data_set(
    found: DataSet,
    bindings: &[ResultBinding],
    variables: &dyn Variables,
) -> Result<(), String> {
    set_object(Arc::new(found), bindings, variables)
}

fn all_rows(reader: &mut dyn BatchReader) -> Result<RowSet, ConnectionError> {
    let schema = reader.schema().clone();
    let columns = schema.columns.iter();
    let mut found = RowSet {
        columns: columns.map(|column| column.name.clone()).collect(),
        rows: Vec::new(),
    };
    while let Some(batch) = reader.next_batch()? {
        for row in 0..batch.num_rows() {
            let columns = schema.columns.iter().enumerate();
            let values = columns.map(|(at, column)| value(&batch, row, at, column.data_type));
            found.rows.push(values.collect());
        }
    }
    Ok(found)
}

fn set_object(
    object: Arc<dyn ObjectValue>,
    bindings: &[ResultBinding],
    variables: &dyn Variables,
) -> Result<(), String> {
    let Some(binding) = bindings.first() else {
        return Ok(());
    };
    let value = TypedValue {
        data_type: DataType::Ntext,
        value: Value::Object(object),
    };
    set(variables, binding, value)
}

/// By name, in any case; else by number.
fn column(schema: &Schema, name: &str, style: Style) -> Option<usize> {
    let lower = name.to_lowercase();
    let mut columns = schema.columns.iter();
    let named = columns.position(|column| column.name.to_lowercase() == lower);
    let count = schema.columns.len();
    let number = || {
        name.trim()
            .parse::<usize>()
            .ok()?
            .checked_sub(style.first_column())
    };
    named.or_else(|| number().filter(|at| *at < count))
}

fn value(batch: &RecordBatch, row: usize, at: usize, data_type: DataType) -> TypedValue {
    TypedValue {
        data_type,
        value: value_at(batch.column(at).as_ref(), row, data_type),
    }
}

fn set(
    variables: &dyn Variables,
    binding: &ResultBinding,
    value: TypedValue,
) -> Result<(), String> {
    variables
        .set(&binding.variable, value)
        .map_err(|error| format!("result `{}`: {error}", binding.name))
}
