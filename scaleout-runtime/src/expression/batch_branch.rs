//! Parts that are evaluated for some rows only: `?:`, `&&` and `||`.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray};
use arrow::compute::interleave;

use super::batch::BatchRun;
use super::cells::{Cells, Selection, taken};
use super::evaluation_error::EvaluationError;
use super::operators::MISLABELED;
use super::plan::{Node, Step};
use super::syntax::Binary;
use crate::convert::array_of;
use crate::value::Value;

impl BatchRun<'_> {
    /// The right side is evaluated only for the rows that the left one does not decide.
    pub(super) fn logical(
        &mut self,
        left: Cells,
        step: &Step,
        selection: &Selection,
    ) -> Result<Cells, EvaluationError> {
        let decides = step.operation.operator == Binary::Or;
        if let Cells::Constant(Value::Bool(value)) = left
            && value == decides
        {
            return Ok(left);
        }
        if !step.right.fallible {
            let right = self.cells(&step.right, selection)?;
            return self.binary(&left, &right, step, selection);
        }
        let Cells::Array(array) = &left else {
            let right = self.cells(&step.right, selection)?;
            return self.binary(&left, &right, step, selection);
        };
        let flags = self.booleans(array, &step.right)?;
        let open = |row: usize| flags.is_null(row) || flags.value(row) != decides;
        let (inner, chosen) = selection.only(open);
        if inner.rows == 0 {
            return Ok(left);
        }
        let right = self.cells(&step.right, &inner)?;
        let some = taken(array, &chosen).map_err(|fault| self.fault(&step.right, fault))?;
        let decided = self.binary(&Cells::Array(some), &right, step, &inner)?;
        let kept = |row: usize| !open(row);
        self.merge(
            &step.right,
            (&left, &kept, false),
            (&decided, &open, true),
            selection,
        )
    }

    pub(super) fn conditional(
        &mut self,
        node: &Node,
        condition: Cells,
        yes: &Node,
        no: &Node,
        selection: &Selection,
    ) -> Result<Cells, EvaluationError> {
        let array = match condition {
            Cells::Constant(Value::Bool(true)) => return self.cells(yes, selection),
            Cells::Constant(Value::Bool(false)) => return self.cells(no, selection),
            Cells::Constant(_) => return Ok(Cells::Constant(Value::Null)),
            Cells::Array(array) => array,
        };
        let flags = self.booleans(&array, node)?.clone();
        let is = |row: usize, wanted: bool| flags.is_valid(row) && flags.value(row) == wanted;
        let mut branch = |branch: &Node, wanted: bool| {
            if !branch.fallible {
                // Cheaper for all rows than picking some.
                return self.cells(branch, selection).map(|cells| (cells, false));
            }
            let (inner, _) = selection.only(|row| is(row, wanted));
            if inner.rows == 0 {
                return Ok((Cells::Constant(Value::Null), false));
            }
            self.cells(branch, &inner).map(|cells| (cells, true))
        };
        let (left, left_is_packed) = branch(yes, true)?;
        let (right, right_is_packed) = branch(no, false)?;
        let (on, off) = (|row: usize| is(row, true), |row: usize| is(row, false));
        self.merge(
            node,
            (&left, &on, left_is_packed),
            (&right, &off, right_is_packed),
            selection,
        )
    }

    /// One column out of two: for each row the one whose test holds, null for neither. A
    /// packed one has values for its own rows only.
    fn merge(
        &self,
        node: &Node,
        left: (&Cells, &dyn Fn(usize) -> bool, bool),
        right: (&Cells, &dyn Fn(usize) -> bool, bool),
        selection: &Selection,
    ) -> Result<Cells, EvaluationError> {
        let data_type = node.data_type;
        let wrap = |fault| self.fault(node, fault);
        let null = array_of(&[Value::Null], data_type).map_err(|_| wrap(MISLABELED))?;
        let source = |cells: &Cells| match cells {
            Cells::Array(array) => Ok(Arc::clone(array)),
            Cells::Constant(value) => {
                array_of(std::slice::from_ref(value), data_type).map_err(|_| wrap(MISLABELED))
            }
        };
        let arrays = [source(left.0)?, source(right.0)?, null];
        let sides = [left, right];
        let mut used = [0_usize; 2];
        let places: Vec<(usize, usize)> = (0..selection.rows)
            .map(|row| {
                let Some(side) = sides.iter().position(|(_, test, _)| test(row)) else {
                    return (2, 0);
                };
                let (cells, _, packed) = sides[side];
                used[side] += 1;
                match cells {
                    Cells::Constant(_) => (side, 0),
                    Cells::Array(_) if packed => (side, used[side] - 1),
                    Cells::Array(_) => (side, row),
                }
            })
            .collect();
        let views: Vec<&dyn Array> = arrays.iter().map(AsRef::as_ref).collect();
        interleave(&views, &places)
            .map(Cells::Array)
            .map_err(|_| wrap(MISLABELED))
    }

    fn booleans<'b>(
        &self,
        array: &'b ArrayRef,
        node: &Node,
    ) -> Result<&'b BooleanArray, EvaluationError> {
        let flags = array.as_any().downcast_ref::<BooleanArray>();
        flags.ok_or_else(|| self.fault(node, MISLABELED))
    }
}
