//! The rows of a Merge Join on their way.

use std::cmp::Ordering;
use std::sync::Arc;

use arrow::record_batch::RecordBatch;

use super::settings::{JoinType, Settings};
use crate::data_flow::component::{BuildContext, ComponentError, Outputs, RunningComponent};
use crate::data_flow::transforms::sorted::{Gather, Row, Side};

/// A Merge Join while it runs.
pub struct Running {
    join_type: JoinType,
    nulls_are_equal: bool,
    left: Side,
    right: Side,
    group: Option<Group>,
    gather: Gather,
}

/// The right rows of the key at which the left side is.
struct Group {
    rows: Vec<Row>,
    is_complete: bool,
}

/// Whether the join can go on with the rows that are here.
enum Step {
    Done,
    NeedsRows,
}

impl Running {
    /// Without rows.
    ///
    /// # Errors
    /// None with types that columns have.
    pub fn new(settings: Settings, cx: &BuildContext<'_>) -> Result<Self, ComponentError> {
        let [left, right] = settings.sides;
        Ok(Self {
            join_type: settings.join_type,
            nulls_are_equal: settings.nulls_are_equal,
            left: Side::new(left, cx)?,
            right: Side::new(right, cx)?,
            group: None,
            gather: Gather::new(
                settings.output,
                settings.schema,
                settings.columns,
                cx.batch_rows,
            ),
        })
    }

    fn join(&mut self, out: &mut dyn Outputs) -> Result<(), ComponentError> {
        loop {
            let step = match &self.group {
                None => self.compare(out)?,
                Some(group) if !group.is_complete => self.collect()?,
                Some(_) => self.pair(out)?,
            };
            if let Step::NeedsRows = step {
                return Ok(());
            }
        }
    }

    /// Looks at the next row of both sides.
    fn compare(&mut self, out: &mut dyn Outputs) -> Result<Step, ComponentError> {
        let (left, right) = (self.left.current()?, self.right.current()?);
        match (left, right) {
            (Some(left), Some(right)) => match left.key().cmp(right.key()) {
                Ordering::Less => self.left_alone(&left, out),
                Ordering::Greater => self.right_alone(&right, out),
                Ordering::Equal if !self.nulls_are_equal && left.has_null() => {
                    self.left_alone(&left, out)
                }
                Ordering::Equal => {
                    self.group = Some(Group {
                        rows: vec![right],
                        is_complete: false,
                    });
                    self.right.advance();
                    Ok(Step::Done)
                }
            },
            (Some(left), None) if self.right.has_ended() => self.left_alone(&left, out),
            (None, Some(right)) if self.left.has_ended() => self.right_alone(&right, out),
            _ => Ok(Step::NeedsRows),
        }
    }

    /// Takes the right rows of one key together.
    fn collect(&mut self) -> Result<Step, ComponentError> {
        let Some(group) = &mut self.group else {
            return Ok(Step::Done);
        };
        match self.right.current()? {
            Some(row) if row.key() == group.rows[0].key() => {
                let is_first_part = Arc::ptr_eq(&row.part, &group.rows[0].part);
                self.right.set_may_exceed(is_first_part);
                group.rows.push(row);
                self.right.advance();
            }
            None if !self.right.has_ended() => return Ok(Step::NeedsRows),
            _ => group.is_complete = true,
        }
        Ok(Step::Done)
    }

    /// Puts a left row beside every right row of its key.
    fn pair(&mut self, out: &mut dyn Outputs) -> Result<Step, ComponentError> {
        let Some(group) = &self.group else {
            return Ok(Step::Done);
        };
        match self.left.current()? {
            Some(left) if left.key() == group.rows[0].key() => {
                for right in &group.rows {
                    self.gather.push(Some(&left), Some(right), out)?;
                }
                self.left.advance();
            }
            None if !self.left.has_ended() => return Ok(Step::NeedsRows),
            _ => {
                self.group = None;
                self.right.set_may_exceed(true);
            }
        }
        Ok(Step::Done)
    }

    fn left_alone(&mut self, row: &Row, out: &mut dyn Outputs) -> Result<Step, ComponentError> {
        if self.join_type != JoinType::Inner {
            self.gather.push(Some(row), None, out)?;
        }
        self.left.advance();
        Ok(Step::Done)
    }

    fn right_alone(&mut self, row: &Row, out: &mut dyn Outputs) -> Result<Step, ComponentError> {
        if self.join_type == JoinType::FullOuter {
            self.gather.push(None, Some(row), out)?;
        }
        self.right.advance();
        Ok(Step::Done)
    }
}

impl RunningComponent for Running {
    fn process_input(
        &mut self,
        input: usize,
        batch: RecordBatch,
        out: &mut dyn Outputs,
    ) -> Result<(), ComponentError> {
        match input {
            0 => self.left.push(&batch)?,
            _ => self.right.push(&batch)?,
        }
        self.join(out)
    }

    fn end_of_input(&mut self, input: usize, out: &mut dyn Outputs) -> Result<(), ComponentError> {
        match input {
            0 => self.left.end(),
            _ => self.right.end(),
        }
        self.join(out)?;
        if self.left.has_ended() && self.right.has_ended() {
            self.gather.flush(out)?;
        }
        Ok(())
    }
}
