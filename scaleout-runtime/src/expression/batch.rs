//! Evaluation of all rows of a batch, part by part.
//!
//! The same element functions as for one row, applied to whole columns. A branch is evaluated
//! only for the rows that take it, so that a row fails here exactly when it fails alone.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, UInt32Array};
use arrow::record_batch::RecordBatch;

use super::cells::{CellReader, Cells, Selection, taken};
use super::compiled::{BatchOutcome, RowError};
use super::environment::Environment;
use super::evaluation_error::{EvaluationError, Fault};
use super::functions;
use super::kernels;
use super::operators::{MISLABELED, apply_binary, apply_unary};
use super::plan::{Node, NodeKind, Step};
use super::scalar::{VariableSlot, convert_value, read_variable};
use super::scope::VariableValues;
use super::syntax::Binary;
use crate::convert::{ColumnBuilder, array_of, arrow_type};
use crate::value::{DataType, Value};

/// What a batch is evaluated with.
pub(super) struct Inputs<'a> {
    pub text: &'a Arc<str>,
    pub slots: &'a [VariableSlot],
    pub column_types: &'a [DataType],
    pub batch: &'a RecordBatch,
    pub column_map: &'a [usize],
    pub variables: Option<&'a dyn VariableValues>,
    pub environment: &'a Environment,
}

/// Evaluates the root for every row.
pub(super) fn evaluate_batch(
    root: &Node,
    inputs: &Inputs<'_>,
) -> Result<BatchOutcome, EvaluationError> {
    let mut run = BatchRun {
        inputs,
        errors: BTreeMap::new(),
        truncations: BTreeMap::new(),
    };
    let rows = inputs.batch.num_rows();
    let cells = run.cells(root, &Selection::all(rows))?;
    let array = cells
        .into_array(rows, root.data_type)
        .map_err(|fault| run.fault(root, fault))?;
    let array = without(&array, &run.errors, root.data_type).map_err(|f| run.fault(root, f))?;
    run.truncations
        .retain(|row, _| !run.errors.contains_key(row));
    let listed = |found: BTreeMap<usize, EvaluationError>| {
        found
            .into_iter()
            .map(|(row, error)| RowError { row, error })
            .collect()
    };
    Ok(BatchOutcome {
        array,
        errors: listed(run.errors),
        truncations: listed(run.truncations),
    })
}

/// The array with nulls where rows failed.
fn without(
    array: &ArrayRef,
    errors: &BTreeMap<usize, EvaluationError>,
    data_type: DataType,
) -> Result<ArrayRef, Fault> {
    if errors.is_empty() {
        return Ok(Arc::clone(array));
    }
    let kept: UInt32Array = (0..array.len())
        .map(|row| {
            let position = u32::try_from(row).ok()?;
            (!errors.contains_key(&row)).then_some(position)
        })
        .collect();
    if array.is_empty() {
        return array_of(&[], data_type).map_err(|_| MISLABELED);
    }
    taken(array, &kept)
}

pub(super) struct BatchRun<'a> {
    inputs: &'a Inputs<'a>,
    errors: BTreeMap<usize, EvaluationError>,
    truncations: BTreeMap<usize, EvaluationError>,
}

impl BatchRun<'_> {
    /// The values of a node for the selected rows.
    pub(super) fn cells(
        &mut self,
        node: &Node,
        selection: &Selection,
    ) -> Result<Cells, EvaluationError> {
        match &node.kind {
            NodeKind::Constant(value) => Ok(Cells::Constant(value.clone())),
            NodeKind::Column(index) => self.column(*index, node, selection),
            NodeKind::Variable(index) => {
                let inputs = self.inputs;
                let locale_id = inputs.environment.locale_id;
                read_variable(inputs.slots, *index, inputs.variables, locale_id)
                    .map(Cells::Constant)
                    .map_err(|fault| self.fault(node, fault))
            }
            NodeKind::Convert { operand, to } => {
                let cells = self.cells(operand, selection)?;
                self.convert(node, &cells, operand.data_type, *to, selection)
            }
            NodeKind::Unary { operator, operand } => {
                let cells = self.cells(operand, selection)?;
                let operands = [(&cells, operand.data_type)];
                self.each_row(node, node.data_type, &operands, selection, |_, values| {
                    apply_unary(*operator, &values[0], node.data_type)
                })
            }
            NodeKind::Chain { first, steps } => self.chain(first, steps, selection),
            NodeKind::Conditional { condition, yes, no } => {
                let condition = self.cells(condition, selection)?;
                self.conditional(node, condition, yes, no, selection)
            }
            NodeKind::Call {
                function,
                arguments,
                types,
            } => {
                let mut cells = Vec::with_capacity(arguments.len());
                for argument in arguments {
                    cells.push(self.cells(argument, selection)?);
                }
                let mut faults = Vec::new();
                if let Some(array) = kernels::call(
                    function,
                    &cells,
                    types,
                    node.data_type,
                    selection.rows,
                    &mut faults,
                ) {
                    self.record(node, faults, selection);
                    return Ok(Cells::Array(array));
                }
                let operands: Vec<_> = cells.iter().zip(types.iter().copied()).collect();
                let environment = self.inputs.environment;
                self.each_row(node, node.data_type, &operands, selection, |_, values| {
                    functions::apply(function, values, types, node.data_type, environment)
                })
            }
        }
    }

    fn column(
        &self,
        index: usize,
        node: &Node,
        selection: &Selection,
    ) -> Result<Cells, EvaluationError> {
        let inputs = self.inputs;
        let wrong = || self.fault(node, Fault::Context("the batch does not have the column"));
        let position = *inputs.column_map.get(index).ok_or_else(wrong)?;
        let array = inputs.batch.columns().get(position).ok_or_else(wrong)?;
        let declared = inputs.column_types.get(index).ok_or_else(wrong)?;
        if *array.data_type() != arrow_type(*declared) {
            return Err(self.fault(node, MISLABELED));
        }
        match &selection.positions {
            None => Ok(Cells::Array(Arc::clone(array))),
            Some(positions) => taken(array, positions)
                .map(Cells::Array)
                .map_err(|fault| self.fault(node, fault)),
        }
    }

    fn convert(
        &mut self,
        node: &Node,
        cells: &Cells,
        from: DataType,
        to: DataType,
        selection: &Selection,
    ) -> Result<Cells, EvaluationError> {
        let mut faults = Vec::new();
        let locale_id = self.inputs.environment.locale_id;
        if let Cells::Array(array) = cells
            && let Some(array) = kernels::convert(array, from, to, locale_id, &mut faults)
        {
            self.record(node, faults, selection);
            return Ok(Cells::Array(array));
        }
        let environment = self.inputs.environment;
        let mut cut = Vec::new();
        let converted = self.each_row(node, to, &[(cells, from)], selection, |row, values| {
            let (value, truncated) = convert_value(&values[0], from, to, environment)?;
            if truncated {
                cut.push(row);
            }
            Ok(value)
        })?;
        // A constant was converted once, for all rows.
        if matches!(cells, Cells::Constant(_)) && !cut.is_empty() {
            cut = (0..selection.rows).collect();
        }
        for row in cut {
            let error = self.fault(node, Fault::Truncated(to));
            self.truncations
                .entry(selection.position(row))
                .or_insert(error);
        }
        Ok(converted)
    }

    fn chain(
        &mut self,
        first: &Node,
        steps: &[Step],
        selection: &Selection,
    ) -> Result<Cells, EvaluationError> {
        let mut left = self.cells(first, selection)?;
        let mut rest = steps;
        while let Some(step) = rest.first() {
            let joined = rest.iter().take_while(|step| step.concatenates()).count();
            let (now, later) = rest.split_at(joined.max(1));
            rest = later;
            left = match step.operation.operator {
                _ if joined > 0 => self.concatenation(left, now, selection)?,
                Binary::And | Binary::Or => self.logical(left, step, selection)?,
                _ => {
                    let right = self.cells(&step.right, selection)?;
                    self.binary(&left, &right, step, selection)?
                }
            };
        }
        Ok(left)
    }

    /// Several `+` in a row are joined at once.
    fn concatenation(
        &mut self,
        left: Cells,
        steps: &[Step],
        selection: &Selection,
    ) -> Result<Cells, EvaluationError> {
        let mut operands = vec![left];
        for step in steps {
            operands.push(self.cells(&step.right, selection)?);
        }
        if let Some(array) = kernels::concatenate(&operands, selection.rows) {
            return Ok(Cells::Array(array));
        }
        let mut operands = operands.into_iter();
        let mut joined = operands.next().unwrap_or(Cells::Constant(Value::Null));
        for (right, step) in operands.zip(steps) {
            joined = self.binary(&joined, &right, step, selection)?;
        }
        Ok(joined)
    }

    pub(super) fn binary(
        &mut self,
        left: &Cells,
        right: &Cells,
        step: &Step,
        selection: &Selection,
    ) -> Result<Cells, EvaluationError> {
        let operation = &step.operation;
        let locale_id = self.inputs.environment.locale_id;
        let mut faults = Vec::new();
        if let Some(array) = kernels::binary(
            operation,
            left,
            right,
            selection.rows,
            locale_id,
            &mut faults,
        ) {
            self.record_at(&step.span, faults, selection);
            return Ok(Cells::Array(array));
        }
        let operands = [(left, operation.left), (right, operation.right)];
        let placed = Node {
            span: step.span.clone(),
            ..step.right.clone()
        };
        self.each_row(
            &placed,
            operation.result,
            &operands,
            selection,
            |_, values| apply_binary(operation, &values[0], &values[1], locale_id),
        )
    }

    /// Applies an element function row by row, or once when all operands are constant.
    fn each_row(
        &mut self,
        node: &Node,
        result: DataType,
        operands: &[(&Cells, DataType)],
        selection: &Selection,
        mut apply: impl FnMut(usize, &[Value]) -> Result<Value, Fault>,
    ) -> Result<Cells, EvaluationError> {
        let readers: Vec<CellReader<'_>> = operands
            .iter()
            .map(|(cells, data_type)| CellReader::new(cells, *data_type))
            .collect();
        let mut values = vec![Value::Null; readers.len()];
        let mut faults = Vec::new();
        let constant = readers.iter().all(|r| matches!(r, CellReader::Constant(_)));
        if constant {
            for (value, reader) in values.iter_mut().zip(&readers) {
                *value = reader.value(0);
            }
            return Ok(Cells::Constant(match apply(0, &values) {
                Ok(value) => value,
                Err(fault) => {
                    faults.extend((0..selection.rows).map(|row| (row, fault.clone())));
                    self.record(node, faults, selection);
                    Value::Null
                }
            }));
        }
        let mut builder = ColumnBuilder::new(result, selection.rows);
        for row in 0..selection.rows {
            for (value, reader) in values.iter_mut().zip(&readers) {
                *value = reader.value(row);
            }
            let outcome =
                apply(row, &values).and_then(|value| builder.push(&value).map_err(|_| MISLABELED));
            if let Err(fault) = outcome {
                builder.push_null();
                faults.push((row, fault));
            }
        }
        self.record(node, faults, selection);
        Ok(Cells::Array(builder.finish()))
    }

    fn record(&mut self, node: &Node, faults: Vec<(usize, Fault)>, selection: &Selection) {
        self.record_at(&node.span, faults, selection);
    }

    /// The first fault of a row is the one that counts.
    fn record_at(
        &mut self,
        span: &std::ops::Range<u32>,
        faults: Vec<(usize, Fault)>,
        selection: &Selection,
    ) {
        for (row, fault) in faults {
            let text = self.inputs.text;
            self.errors
                .entry(selection.position(row))
                .or_insert_with(|| EvaluationError::new(fault, text, span.clone()));
        }
    }

    pub(super) fn fault(&self, node: &Node, fault: Fault) -> EvaluationError {
        EvaluationError::new(fault, self.inputs.text, node.span.clone())
    }
}
