//! A bulk load: its transactions, one per commit size, and what is committed of it.
//!
//! How rows get into the table is the database's business (`LoadDriver`).

use std::ops::Range;

use arrow::record_batch::RecordBatch;

use super::cell::{CellProblem, CellReader};
use super::transaction::{TransactionStatements, TransactionStep};
use super::{BulkInsert, ConnectionError, TableName};
use crate::cancel::CancelToken;
use crate::value::DataType;

/// What a database does for a bulk load.
pub(super) trait LoadDriver {
    /// Runs one of the statements that begin and end transactions.
    fn run(&mut self, sql: &str) -> Result<(), ConnectionError>;

    /// Readers of the columns of a batch, in the order in which [`Self::send`] wants them.
    fn readers<'b>(&self, batch: &'b RecordBatch) -> Result<Vec<CellReader<'b>>, ConnectionError>;

    /// Puts some rows of the batch into the table.
    fn send(
        &mut self,
        readers: &[CellReader<'_>],
        rows: Range<usize>,
    ) -> Result<(), ConnectionError>;
}

/// A bulk load under way. What is not committed when it is dropped is rolled back.
pub(super) struct Load<D: LoadDriver> {
    driver: D,
    statements: TransactionStatements,
    /// Rows per transaction; 0 means all rows in one.
    commit_size: u64,
    transaction: Transaction,
    committed: u64,
    cancel: CancelToken,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Transaction {
    None,
    Open {
        /// Rows that wait for the commit.
        pending: u64,
    },
}

impl<D: LoadDriver> Load<D> {
    /// A load of no rows yet, and no transaction.
    ///
    /// `statements` are those of a savepoint where the transaction is somebody else's: they
    /// commit.
    pub(super) fn new(
        driver: D,
        statements: TransactionStatements,
        commit_size: u64,
        cancel: CancelToken,
    ) -> Self {
        Self {
            driver,
            statements,
            commit_size,
            transaction: Transaction::None,
            committed: 0,
            cancel,
        }
    }

    fn write_rows(&mut self, batch: &RecordBatch) -> Result<(), ConnectionError> {
        let readers = self.driver.readers(batch)?;
        let mut next = 0;
        while next < batch.num_rows() {
            self.cancel.check()?;
            let pending = self.begun()?;
            let rows = next..next + piece(self.commit_size, pending, batch.num_rows() - next);
            self.driver.send(&readers, rows.clone())?;
            next = rows.end;
            let pending = pending + rows.len() as u64;
            self.transaction = Transaction::Open { pending };
            if self.commit_size != 0 && self.commit_size <= pending {
                self.commit()?;
            }
        }
        Ok(())
    }

    /// Begins a transaction unless one is open; gives the rows that wait in it.
    fn begun(&mut self) -> Result<u64, ConnectionError> {
        if let Transaction::Open { pending } = self.transaction {
            return Ok(pending);
        }
        self.step(TransactionStep::Begin)?;
        self.transaction = Transaction::Open { pending: 0 };
        Ok(0)
    }

    fn commit(&mut self) -> Result<(), ConnectionError> {
        if let Transaction::Open { pending } = self.transaction {
            self.step(TransactionStep::Commit)?;
            self.transaction = Transaction::None;
            self.committed += pending;
        }
        Ok(())
    }

    fn rollback(&mut self) {
        if self.transaction != Transaction::None {
            // A connection that is lost, and some errors, have rolled back already: then this
            // fails, and there is nothing to undo.
            let _ = self.step(TransactionStep::Rollback);
            self.transaction = Transaction::None;
        }
    }

    fn step(&mut self, step: TransactionStep) -> Result<(), ConnectionError> {
        match self.statements.of(step) {
            Some(sql) => self.driver.run(sql),
            None => Ok(()),
        }
    }
}

impl<D: LoadDriver> BulkInsert for Load<D> {
    fn write(&mut self, batch: &RecordBatch) -> Result<(), ConnectionError> {
        let written = self.write_rows(batch);
        if written.is_err() {
            self.rollback();
        }
        written
    }

    fn finish(mut self: Box<Self>) -> Result<u64, ConnectionError> {
        let finished = self.commit();
        if finished.is_err() {
            self.rollback();
        }
        finished.map(|()| self.committed)
    }

    fn committed(&self) -> u64 {
        self.committed
    }
}

impl<D: LoadDriver> Drop for Load<D> {
    fn drop(&mut self) {
        self.rollback();
    }
}

/// How many of the rows that are left still fit into a transaction with `pending` rows.
fn piece(commit_size: u64, pending: u64, left: usize) -> usize {
    match commit_size {
        0 => left,
        size => usize::try_from(size - pending).map_or(left, |room| room.min(left)),
    }
}

/// The reader of the column at that position of a batch, which fills `column` of `table`.
pub(super) fn reader_of<'b>(
    batch: &'b RecordBatch,
    (at, data_type): (usize, DataType),
    (table, column): (&TableName, &str),
) -> Result<CellReader<'b>, ConnectionError> {
    let array = batch.columns().get(at);
    let reader = array.and_then(|array| CellReader::new(array.as_ref(), data_type));
    reader.ok_or_else(|| ConnectionError::misfit(table, column, None, CellProblem::Mismatch))
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;
    use std::sync::Arc;

    use arrow::array::Int32Array;
    use arrow::datatypes::Schema;

    use super::*;

    /// Writes down what it is asked, and refuses one thing.
    struct Fake {
        asked: Rc<RefCell<Vec<String>>>,
        refuses: &'static str,
    }

    impl Fake {
        fn asked(&self, what: String) -> Result<(), ConnectionError> {
            let refused = what == self.refuses;
            self.asked.borrow_mut().push(what);
            if refused {
                return Err(ConnectionError::in_statement(self.refuses, "refused"));
            }
            Ok(())
        }
    }

    impl LoadDriver for Fake {
        fn run(&mut self, sql: &str) -> Result<(), ConnectionError> {
            self.asked(sql.to_owned())
        }

        fn readers<'b>(&self, _: &'b RecordBatch) -> Result<Vec<CellReader<'b>>, ConnectionError> {
            Ok(Vec::new())
        }

        fn send(
            &mut self,
            _: &[CellReader<'_>],
            rows: Range<usize>,
        ) -> Result<(), ConnectionError> {
            self.asked(format!("{rows:?}"))
        }
    }

    const STATEMENTS: TransactionStatements = TransactionStatements {
        begin: "begin",
        commit: Some("commit"),
        rollback: "rollback",
    };

    type Asked = Rc<RefCell<Vec<String>>>;

    fn load(commit_size: u64, refuses: &'static str) -> (Box<Load<Fake>>, Asked) {
        let asked = Asked::default();
        let fake = Fake {
            asked: Rc::clone(&asked),
            refuses,
        };
        let load = Load::new(fake, STATEMENTS, commit_size, CancelToken::new());
        (Box::new(load), asked)
    }

    fn rows(count: i32) -> RecordBatch {
        let column = Int32Array::from_iter_values(0..count);
        RecordBatch::try_from_iter([("id", Arc::new(column) as _)]).unwrap()
    }

    #[test]
    fn a_transaction_takes_as_many_rows_as_the_commit_size_also_across_batches() {
        let (mut load, asked) = load(2, "");
        load.write(&rows(3)).unwrap();
        assert_eq!(load.committed(), 2);
        load.write(&rows(2)).unwrap();
        assert_eq!(load.committed(), 4);
        assert_eq!(load.finish().unwrap(), 5);
        assert_eq!(
            *asked.borrow(),
            [
                "begin", "0..2", "commit", "begin", "2..3", "0..1", "commit", "begin", "1..2",
                "commit"
            ]
        );
    }

    #[test]
    fn without_a_commit_size_all_rows_are_one_transaction() {
        let (mut load, asked) = load(0, "");
        load.write(&rows(3)).unwrap();
        load.write(&rows(2)).unwrap();
        assert_eq!(load.committed(), 0);
        assert_eq!(load.finish().unwrap(), 5);
        assert_eq!(*asked.borrow(), ["begin", "0..3", "0..2", "commit"]);
    }

    #[test]
    fn no_rows_are_no_transaction() {
        let (mut load, asked) = load(2, "");
        let none = RecordBatch::new_empty(Arc::new(Schema::empty()));
        load.write(&none).unwrap();
        assert_eq!(load.finish().unwrap(), 0);
        assert!(asked.borrow().is_empty());
    }

    #[test]
    fn rows_that_are_refused_are_rolled_back_and_what_was_committed_stays() {
        let (mut load, asked) = load(2, "2..4");
        assert!(load.write(&rows(5)).is_err());
        assert_eq!(load.committed(), 2);
        assert_eq!(load.finish().unwrap(), 2);
        assert_eq!(
            *asked.borrow(),
            ["begin", "0..2", "commit", "begin", "2..4", "rollback"]
        );
    }

    #[test]
    fn a_commit_that_fails_is_rolled_back_and_counts_nothing() {
        let (mut load, asked) = load(0, "commit");
        load.write(&rows(2)).unwrap();
        assert!(load.finish().is_err());
        assert_eq!(*asked.borrow(), ["begin", "0..2", "commit", "rollback"]);
    }

    #[test]
    fn a_transaction_that_does_not_begin_is_not_rolled_back() {
        let (mut load, asked) = load(0, "begin");
        assert!(load.write(&rows(2)).is_err());
        drop(load);
        assert_eq!(*asked.borrow(), ["begin"]);
    }

    #[test]
    fn a_rollback_that_fails_ends_the_transaction_all_the_same() {
        let (mut load, asked) = load(0, "rollback");
        load.write(&rows(2)).unwrap();
        load.rollback();
        drop(load);
        assert_eq!(*asked.borrow(), ["begin", "0..2", "rollback"]);
    }

    #[test]
    fn what_is_not_finished_is_rolled_back() {
        let (mut load, asked) = load(2, "");
        load.write(&rows(3)).unwrap();
        drop(load);
        assert_eq!(
            *asked.borrow(),
            ["begin", "0..2", "commit", "begin", "2..3", "rollback"]
        );
    }

    #[test]
    fn a_savepoint_that_needs_no_commit_counts_its_rows() {
        let (mut load, asked) = load(0, "");
        load.statements.commit = None;
        load.write(&rows(2)).unwrap();
        assert_eq!(load.finish().unwrap(), 2);
        assert_eq!(*asked.borrow(), ["begin", "0..2"]);
    }

    #[test]
    fn a_stop_ends_the_load_before_the_next_rows() {
        let (mut load, asked) = load(0, "");
        load.write(&rows(2)).unwrap();
        load.cancel.cancel();
        let stopped = load.write(&rows(2));
        assert!(matches!(stopped, Err(ConnectionError::Canceled(_))));
        assert_eq!(*asked.borrow(), ["begin", "0..2", "rollback"]);
    }
}
