//! What is wrong with the rows of a batch, and what the rules make of it.

use std::collections::BTreeMap;

use scaleout_core::package::pipeline::{Disposition, Input, InputColumn, Output, OutputColumn};

use crate::data_flow::component::BuildContext;

/// What happens to rows with a fault in one place: a column, an input, an output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The place in messages, such as `output column "Total"`.
    pub place: String,
    /// Name of the column that messages carry; `None` where the whole row is meant.
    pub column: Option<String>,
    /// What `ErrorColumn` says: the run-time lineage number, 0 where the whole row is meant.
    pub error_column: i32,
    /// What happens on an error.
    pub on_error: Disposition,
    /// What happens on a truncation.
    pub on_truncation: Disposition,
}

impl Rule {
    /// The rule on an output column.
    #[must_use]
    pub fn of_output_column(column: &OutputColumn, cx: &BuildContext<'_>) -> Self {
        Self {
            place: format!("output column \"{}\"", column.name),
            column: Some(column.name.clone()),
            error_column: (cx.lineage_number)(&column.lineage_id),
            on_error: column.error_row_disposition,
            on_truncation: column.truncation_row_disposition,
        }
    }

    /// The rule on an input column that is changed in place.
    #[must_use]
    pub fn of_input_column(column: &InputColumn, cx: &BuildContext<'_>) -> Self {
        Self {
            place: format!("input column \"{}\"", column.name),
            column: Some(column.name.clone()),
            error_column: (cx.lineage_number)(&column.lineage_id),
            on_error: column.error_row_disposition,
            on_truncation: column.truncation_row_disposition,
        }
    }

    /// The rule on an input, which is about whole rows: one disposition for errors and truncations.
    #[must_use]
    pub fn of_input(input: &Input) -> Self {
        Self {
            place: format!("input \"{}\"", input.name),
            column: None,
            error_column: 0,
            on_error: input.error_row_disposition,
            on_truncation: input.error_row_disposition,
        }
    }

    /// The rule on an output, which is about whole rows.
    #[must_use]
    pub fn of_output(output: &Output) -> Self {
        Self {
            place: format!("output \"{}\"", output.name),
            column: None,
            error_column: 0,
            on_error: output.error_row_disposition,
            on_truncation: output.truncation_row_disposition,
        }
    }
}

/// What is wrong with a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The value could not be made.
    Error,
    /// Part of the value was lost.
    Truncation,
}

/// The faults of one batch.
pub struct BatchFaults {
    pub(super) rows: usize,
    pub(super) first_row: u64,
    pub(super) verdicts: BTreeMap<usize, Verdict>,
}

pub(super) enum Verdict {
    Fail(Box<Failure>),
    Redirect { code: u32, column: i32 },
}

pub(super) struct Failure {
    pub(super) kind: FaultKind,
    pub(super) code: u32,
    pub(super) detail: String,
    pub(super) place: String,
    pub(super) column: Option<String>,
}

impl BatchFaults {
    /// None yet, in a batch that begins with that row of the component.
    pub(super) fn new(rows: usize, first_row: u64) -> Self {
        Self {
            rows,
            first_row,
            verdicts: BTreeMap::new(),
        }
    }

    /// Whether a row fails or is redirected.
    #[must_use]
    pub fn is_judged(&self, row: usize) -> bool {
        self.verdicts.contains_key(&row)
    }

    /// Whether a row fails the component.
    #[must_use]
    pub fn is_fatal(&self, row: usize) -> bool {
        matches!(self.verdicts.get(&row), Some(Verdict::Fail(_)))
    }

    /// Judges a fault of a row (from 0 within the batch). An ignored one leaves no trace: the
    /// caller's value, NULL or cut, stands. `detail` is only asked when the row is fatal.
    pub fn add(
        &mut self,
        rule: &Rule,
        row: usize,
        kind: FaultKind,
        code: u32,
        detail: impl FnOnce() -> String,
    ) {
        if self.verdicts.contains_key(&row) {
            return;
        }
        let disposition = match kind {
            FaultKind::Error => rule.on_error,
            FaultKind::Truncation => rule.on_truncation,
        };
        let verdict = match disposition {
            Disposition::IgnoreFailure => return,
            Disposition::RedirectRow => Verdict::Redirect {
                code,
                column: rule.error_column,
            },
            Disposition::FailComponent | Disposition::NotUsed => Verdict::Fail(Box::new(Failure {
                kind,
                code,
                detail: detail(),
                place: rule.place.clone(),
                column: rule.column.clone(),
            })),
        };
        self.verdicts.insert(row, verdict);
    }

    /// Whether a fault of this row has been judged already: it goes nowhere else.
    #[must_use]
    pub fn is_decided(&self, row: usize) -> bool {
        self.verdicts.contains_key(&row)
    }
}
