//! The rows of a query.

use arrow::record_batch::RecordBatch;
use rusqlite::types::{Type, Value, ValueRef};
use rusqlite::{Row, Statement};

use super::database::LastSign;
use super::values::cell_of;
use crate::cancel::CancelToken;
use crate::connections::batch_builder::BatchBuilder;
use crate::connections::cell::CellProblem;
use crate::connections::declared_type::declared_type;
use crate::connections::{BatchReader, ConnectionError};
use crate::data_flow::schema::{Column, Schema};
use crate::value::DataType;

/// Reads a prepared statement, whose parameters are bound, to its end.
pub(super) struct SqliteReader<'c> {
    cursor: Cursor<'c>,
    builder: BatchBuilder,
    /// Rows that were read to find out types.
    ahead: Vec<Vec<Value>>,
    batch_rows: usize,
    cancel: CancelToken,
    last_sign: LastSign,
}

impl<'c> SqliteReader<'c> {
    /// Starts. Columns without a declared type, which expressions are, take the type of the
    /// values in the first batch.
    pub(super) fn start(
        statement: Statement<'c>,
        sql: &str,
        batch_rows: usize,
        (cancel, last_sign): (CancelToken, LastSign),
    ) -> Result<Self, ConnectionError> {
        let batch_rows = batch_rows.max(1);
        let declared = declared_columns(&statement);
        let mut cursor = Cursor {
            statement,
            sql: sql.to_owned(),
            ended: false,
        };
        let mut ahead = Vec::new();
        if declared.iter().any(|(_, data_type)| data_type.is_none()) {
            cursor.advance(batch_rows, |row| {
                let values = (0..declared.len()).map(|at| row.get(at));
                ahead.push(values.collect::<Result<_, _>>()?);
                Ok(())
            })?;
        }
        let schema = schema_of(declared, &ahead);
        Ok(Self {
            cursor,
            builder: BatchBuilder::new(schema),
            ahead,
            batch_rows,
            cancel,
            last_sign,
        })
    }
}

impl BatchReader for SqliteReader<'_> {
    fn schema(&self) -> &Schema {
        self.builder.schema()
    }

    fn next_batch(&mut self) -> Result<Option<RecordBatch>, ConnectionError> {
        self.cancel.check()?;
        self.last_sign.renew();
        let mut rows = 0;
        let mut misfit = None;
        let builder = &mut self.builder;
        let width = builder.schema().columns.len();
        if self.ahead.is_empty() {
            self.cursor.advance(self.batch_rows, |row| {
                for at in 0..width {
                    let cell = cell_of(row.get_ref(at)?);
                    note(&mut misfit, at, builder.push(at, cell));
                }
                rows += 1;
                Ok(())
            })?;
        } else {
            for row in std::mem::take(&mut self.ahead) {
                for (at, value) in row.iter().enumerate() {
                    let cell = cell_of(ValueRef::from(value));
                    note(&mut misfit, at, builder.push(at, cell));
                }
                rows += 1;
            }
        }
        if let Some(misfit) = misfit {
            let place = (None, misfit.column);
            let sql = &self.cursor.sql;
            return Err(self.builder.misfit(sql, place, misfit.problem));
        }
        self.builder.finish(&self.cursor.sql, rows)
    }
}

/// A value that does not fit its column.
struct Misfit {
    column: usize,
    problem: CellProblem,
}

fn note(misfit: &mut Option<Misfit>, column: usize, pushed: Result<(), CellProblem>) {
    if let Err(problem) = pushed {
        misfit.get_or_insert(Misfit { column, problem });
    }
}

/// A statement that is being stepped through.
struct Cursor<'c> {
    statement: Statement<'c>,
    sql: String,
    ended: bool,
}

impl Cursor<'_> {
    /// Gives up to `count` further rows to `take`.
    fn advance(
        &mut self,
        count: usize,
        mut take: impl FnMut(&Row<'_>) -> rusqlite::Result<()>,
    ) -> Result<(), ConnectionError> {
        if self.ended {
            return Ok(());
        }
        let mut rows = self.statement.raw_query();
        let mut step = || -> rusqlite::Result<bool> {
            for _ in 0..count {
                match rows.next()? {
                    Some(row) => take(row)?,
                    None => return Ok(true),
                }
            }
            Ok(false)
        };
        let stepped = step();
        // Dropping `rows` would start the statement anew: the next call goes on where this ends.
        std::mem::forget(rows);
        self.ended = stepped.map_err(|source| ConnectionError::in_statement(&self.sql, source))?;
        Ok(())
    }
}

fn declared_columns(statement: &Statement<'_>) -> Vec<(String, Option<DataType>)> {
    let columns = statement.columns();
    let declared = columns.iter().map(|column| {
        let data_type = column.decl_type().and_then(declared_type);
        (column.name().to_owned(), data_type)
    });
    declared.collect()
}

fn schema_of(declared: Vec<(String, Option<DataType>)>, ahead: &[Vec<Value>]) -> Schema {
    let columns = declared
        .into_iter()
        .enumerate()
        .map(|(at, (name, data_type))| {
            let seen = || type_of_values(ahead.iter().map(|row| row[at].data_type()));
            Column {
                lineage_id: String::new(),
                name,
                data_type: data_type.unwrap_or_else(seen),
            }
        });
    Schema::new(columns)
}

/// The narrowest type that holds all values.
fn type_of_values(types: impl Iterator<Item = Type>) -> DataType {
    let (mut integers, mut reals, mut texts, mut blobs) = (false, false, false, false);
    for found in types {
        match found {
            Type::Null => {}
            Type::Integer => integers = true,
            Type::Real => reals = true,
            Type::Text => texts = true,
            Type::Blob => blobs = true,
        }
    }
    match (texts, blobs, reals, integers) {
        (false, true, false, false) => DataType::Image,
        (false, false, true, _) => DataType::R8,
        (false, false, false, true) => DataType::I8,
        _ => DataType::Ntext,
    }
}
