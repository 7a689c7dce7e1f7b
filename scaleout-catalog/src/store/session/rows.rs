//! Rows that a session writes: many with few statements, at once or together with those of others before
//! the commit.

use std::collections::HashMap;

use super::super::error::StoreError;
use super::super::later::{Arrays, Late, Update};
use super::super::postgres::{self, together};
use super::super::value::{Args, Row, SqlValue};
use super::{Ahead, Dialect, Raw, Session};

/// Rows of one `INSERT` into a file: well below the limit on parameters. Fewer go in powers of two,
/// so that few distinct statements are to be prepared.
const ROWS_PER_INSERT: usize = 64;

/// Rows of one `INSERT` on a server, where columns go as arrays.
const ROWS_PER_ARRAY: usize = 1024;

/// Rows of a statement that joins what it has inserted with them, and of each table of a statement for
/// several.
const ROWS_PER_PART: usize = 128;

impl Session {
    /// Adds a row together with others of this transaction, at the latest before the commit; at once
    /// for a change that is alone. `target` is `table (column, …)`. Nothing that follows in the
    /// change may read it.
    ///
    /// # Errors
    /// A text has a character that the database cannot keep: the others are not to fail with it.
    pub async fn insert_later(
        &mut self,
        target: &'static str,
        row: Args,
    ) -> Result<(), StoreError> {
        if self.memo.is_none() {
            return self.insert_many(target, "", vec![row]).await;
        }
        if self.dialect() == Dialect::Postgres && row.iter().any(has_nul) {
            return Err(StoreError::Nul {
                statement: format!("INSERT INTO {}", target.split(' ').next().unwrap_or(target)),
            });
        }
        self.later.add(Late::Insert(target), row);
        Ok(())
    }

    /// As [`Self::insert_later`], by a statement of a server that takes arrays.
    pub async fn put_later(&mut self, statement: Arrays, row: Args) -> Result<(), StoreError> {
        if self.memo.is_none() {
            return self.put_many(statement, vec![row]).await;
        }
        self.later.add(Late::Put(statement), row);
        Ok(())
    }

    /// Changes one row, together with those of others of this transaction, where that takes fewer
    /// statements; says whether there was such a row. Where it is left for the commit, the change must
    /// hold a lock on the row; it is an error of the commit, then, if it is not found.
    pub async fn update_later(&mut self, update: Update, row: Args) -> Result<bool, StoreError> {
        if self.memo.is_none() || self.dialect() == Dialect::Sqlite || row.iter().any(has_nul) {
            return Ok(self.execute(update.one, row).await? == 1);
        }
        self.later.add(Late::Update(update), row);
        Ok(true)
    }

    /// Keeps what was read of executions that are locked for changes whose turn comes.
    pub(in crate::store) fn keep_ahead(&mut self, rows: HashMap<Ahead, Vec<Row>>) {
        self.ahead.extend(rows);
        self.note_locks();
    }

    /// What was read ahead: whoever has it may change it.
    pub(in crate::store) fn take_ahead(&mut self, of: Ahead) -> Option<Vec<Row>> {
        self.ahead.remove(&of)
    }

    /// Before a change that has written nothing yet reads the row with this key: writes what others
    /// have left for it, so that it is not taken back with this change.
    pub async fn catch_up(&mut self, key: i64) -> Result<(), StoreError> {
        if !self.later.updates(&key.into()) {
            return Ok(());
        }
        self.write_all().await?;
        self.others = 0;
        self.touched = false;
        self.renew_savepoint().await
    }

    /// Writes the rows that this change has left for later. Those of others stay: were this change refused, they
    /// would be taken back with it.
    pub async fn write_now(&mut self) -> Result<(), StoreError> {
        self.write_from(self.others).await
    }

    /// Writes all rows that wait for the commit.
    pub(in crate::store) async fn write_all(&mut self) -> Result<(), StoreError> {
        self.write_from(0).await
    }

    async fn write_from(&mut self, length: usize) -> Result<(), StoreError> {
        let parts = self.later.take_from(length);
        let is_small = |(_, rows): &(Late, Vec<Args>)| rows.len() <= ROWS_PER_PART;
        if self.dialect() == Dialect::Postgres && 1 < parts.len() && parts.iter().all(is_small) {
            return self.write_together(parts).await;
        }
        for (late, rows) in parts {
            match late {
                Late::Insert(target) => self.insert_many(target, "", rows).await?,
                Late::Put(statement) => self.put_many(statement, rows).await?,
                Late::Update(update) => self.update_many(update, rows).await?,
            }
        }
        Ok(())
    }

    /// With one way to the server for all tables.
    async fn write_together(&mut self, parts: Vec<(Late, Vec<Args>)>) -> Result<(), StoreError> {
        let wanted: Vec<(Late, u64)> = parts
            .iter()
            .map(|(late, rows)| (*late, rows.len() as u64))
            .collect();
        self.touch().await?;
        let Raw::Postgres(connection) = self.raw() else {
            unreachable!("only a server takes statements together");
        };
        let done = together::write(connection, parts).await;
        let written = done.map_err(|source| {
            let names: Vec<&str> = wanted.iter().map(|(late, _)| late.table()).collect();
            self.failed(&format!("rows of {}", names.join(", ")), source)
        })?;
        for ((late, wanted), written) in wanted.into_iter().zip(written) {
            all_changed(late.name(), written, wanted)?;
        }
        Ok(())
    }

    async fn update_many(&mut self, update: Update, rows: Vec<Args>) -> Result<(), StoreError> {
        let wanted = rows.len() as u64;
        let mut changed = 0;
        if 1 < wanted && self.dialect() == Dialect::Postgres {
            changed += self.run_arrays(update.many, rows).await?;
        } else {
            for row in rows {
                changed += self.execute(update.one, row).await?;
            }
        }
        all_changed(update.one, changed, wanted)
    }

    async fn put_many(&mut self, statement: Arrays, rows: Vec<Args>) -> Result<(), StoreError> {
        let mut rows = rows.into_iter();
        while rows.len() > 0 {
            let chunk: Vec<Args> = rows.by_ref().take(ROWS_PER_PART).collect();
            let wanted = chunk.len() as u64;
            let written = self.run_arrays(statement, chunk).await?;
            all_changed(statement.last, written, wanted)?;
        }
        Ok(())
    }

    /// Runs a statement of a server whose arguments are arrays; says how many rows it wrote.
    async fn run_arrays(&mut self, statement: Arrays, rows: Vec<Args>) -> Result<u64, StoreError> {
        self.touch().await?;
        let Raw::Postgres(connection) = self.raw() else {
            unreachable!("nobody leaves such a statement for a file");
        };
        let done = postgres::update(connection, statement.text(), rows).await;
        done.map_err(|source| self.failed(statement.last, source))
    }

    /// Runs a statement of a server whose arguments are arrays; gives what it returns.
    pub(in crate::store) async fn returned_of_arrays(
        &mut self,
        statement: &'static str,
        rows: Vec<Args>,
    ) -> Result<Vec<Row>, StoreError> {
        self.touch().await?;
        let Raw::Postgres(connection) = self.raw() else {
            unreachable!("nobody has such a statement for a file");
        };
        let returned = postgres::update_returning(connection, statement, rows).await;
        returned.map_err(|source| self.failed(statement, source))
    }

    /// Inserts many rows with few statements. `target` is `table (column, …)`, `conflict` what
    /// follows the values, possibly nothing.
    pub async fn insert_many(
        &mut self,
        target: &str,
        conflict: &str,
        rows: Vec<Args>,
    ) -> Result<(), StoreError> {
        let mut rows = rows.into_iter();
        while rows.len() > 0 {
            let size = match self.dialect() {
                Dialect::Sqlite => chunk_of(rows.len()),
                Dialect::Postgres => rows.len().min(ROWS_PER_ARRAY),
            };
            let chunk: Vec<Args> = rows.by_ref().take(size).collect();
            self.touch().await?;
            match self.raw() {
                Raw::Postgres(connection) if 1 < chunk.len() => {
                    let done = postgres::insert(connection, target, conflict, chunk).await;
                    done.map_err(|source| self.failed(&format!("INSERT INTO {target}"), source))?;
                }
                _ => {
                    let sql = insert_text(self.dialect(), target, conflict, &chunk);
                    self.execute(sql, chunk.into_iter().flatten().collect())
                        .await?;
                }
            }
        }
        Ok(())
    }
}

fn all_changed(statement: &'static str, changed: u64, wanted: u64) -> Result<(), StoreError> {
    if changed == wanted {
        return Ok(());
    }
    Err(StoreError::Gone {
        statement,
        missing: wanted.saturating_sub(changed),
    })
}

/// How many of so many rows go into the next statement.
fn chunk_of(rows: usize) -> usize {
    let power = rows.checked_ilog2().map_or(0, |power| 1 << power);
    ROWS_PER_INSERT.min(power)
}

fn has_nul(value: &SqlValue) -> bool {
    matches!(value, SqlValue::Text(text) if text.contains('\0'))
}

/// `INSERT INTO target VALUES ($1, $2), ($3, $4) conflict`, and with places that have no number for
/// SQLite, where finding a place by its number takes longer the more there are.
fn insert_text(dialect: Dialect, target: &str, conflict: &str, rows: &[Args]) -> String {
    let mut text = format!("INSERT INTO {target} VALUES ");
    let mut number = 0;
    for (at, row) in rows.iter().enumerate() {
        text.push_str(if at == 0 { "(" } else { ", (" });
        for place in 0..row.len() {
            number += 1;
            if 0 < place {
                text.push_str(", ");
            }
            match dialect {
                Dialect::Sqlite => text.push('?'),
                Dialect::Postgres => text.push_str(&format!("${number}")),
            }
        }
        text.push(')');
    }
    text.push(' ');
    text.push_str(conflict);
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::args;

    #[test]
    fn rows_go_in_powers_of_two() {
        let mut left: usize = 64 + 21;
        let mut chunks = Vec::new();
        while left > 0 {
            chunks.push(chunk_of(left));
            left -= chunk_of(left);
        }
        assert_eq!(chunks, [64, 16, 4, 1]);
    }

    #[test]
    fn many_rows_are_numbered_through() {
        let rows = vec![args![1_i64, "a"], args![2_i64, "b"]];
        let text = |dialect| insert_text(dialect, "t (x, y)", "ON CONFLICT DO NOTHING", &rows);
        assert_eq!(
            text(Dialect::Postgres),
            "INSERT INTO t (x, y) VALUES ($1, $2), ($3, $4) ON CONFLICT DO NOTHING"
        );
        assert_eq!(
            text(Dialect::Sqlite),
            "INSERT INTO t (x, y) VALUES (?, ?), (?, ?) ON CONFLICT DO NOTHING"
        );
    }
}
