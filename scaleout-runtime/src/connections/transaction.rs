//! How a transaction begins and ends.

/// A step of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransactionStep {
    /// It begins.
    Begin,
    /// It ends, and what it did stays.
    Commit,
    /// It ends, and what it did is undone.
    Rollback,
}

impl TransactionStep {
    /// Whether a transaction is open after the step.
    pub(super) fn leaves_open(self) -> bool {
        self == Self::Begin
    }
}

/// The statements of a database for the steps.
#[derive(Clone, Copy, Debug)]
pub(super) struct TransactionStatements {
    pub(super) begin: &'static str,
    /// `None` for a savepoint that only the transaction around it ends.
    pub(super) commit: Option<&'static str>,
    pub(super) rollback: &'static str,
}

impl TransactionStatements {
    /// The statement of a step, if it takes one.
    pub(super) fn of(&self, step: TransactionStep) -> Option<&'static str> {
        match step {
            TransactionStep::Begin => Some(self.begin),
            TransactionStep::Commit => self.commit,
            TransactionStep::Rollback => Some(self.rollback),
        }
    }
}
