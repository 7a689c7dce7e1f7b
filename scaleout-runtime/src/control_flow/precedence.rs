//! Precedence constraints: what each asks for, and whether it is met.

use scaleout_core::package::{ConstraintValue, EvalOp};

use super::outcome::Outcome;

/// A precedence constraint between two siblings, by position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// The sibling that ends.
    pub from: usize,
    /// The sibling that waits.
    pub to: usize,
    /// Which result it asks for.
    pub value: ConstraintValue,
    /// How result and expression combine.
    pub eval_op: EvalOp,
    /// AND with the others that say so; otherwise sufficient alone.
    pub logical_and: bool,
}

/// Whether a constraint is met: `expression` is its value where `eval_op` asks for one.
#[must_use]
pub fn is_met(edge: &Edge, outcome: Outcome, expression: bool) -> bool {
    let constraint = match edge.value {
        ConstraintValue::Success => outcome == Outcome::Success,
        ConstraintValue::Failure => outcome == Outcome::Failure,
        ConstraintValue::Completion => outcome != Outcome::Canceled,
        ConstraintValue::Canceled => outcome == Outcome::Canceled,
    };
    match edge.eval_op {
        EvalOp::Constraint => constraint,
        EvalOp::Expression => expression,
        EvalOp::ExpressionAndConstraint => constraint && expression,
        EvalOp::ExpressionOrConstraint => constraint || expression,
    }
}

/// Whether the expression of a constraint decides anything after this result.
#[must_use]
pub fn needs_expression(edge: &Edge, outcome: Outcome) -> bool {
    is_met(edge, outcome, true) != is_met(edge, outcome, false)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Success, and nothing else, lets the next one start.
    pub(in crate::control_flow) fn edge(from: usize, to: usize) -> Edge {
        Edge {
            from,
            to,
            value: ConstraintValue::Success,
            eval_op: EvalOp::Constraint,
            logical_and: true,
        }
    }

    #[test]
    fn each_eval_op_combines_result_and_expression_its_own_way() {
        let met = |eval_op, outcome, expression| {
            let mut one = edge(0, 1);
            one.eval_op = eval_op;
            is_met(&one, outcome, expression)
        };

        assert!(met(EvalOp::Expression, Outcome::Failure, true));
        assert!(!met(EvalOp::Expression, Outcome::Success, false));
        assert!(met(EvalOp::Constraint, Outcome::Success, false));
        assert!(!met(
            EvalOp::ExpressionAndConstraint,
            Outcome::Failure,
            true
        ));
        assert!(!met(
            EvalOp::ExpressionAndConstraint,
            Outcome::Success,
            false
        ));
        assert!(met(EvalOp::ExpressionOrConstraint, Outcome::Failure, true));
        assert!(met(EvalOp::ExpressionOrConstraint, Outcome::Success, false));
    }

    #[test]
    fn completion_is_met_by_every_end_but_a_stop() {
        let mut any = edge(0, 1);
        any.value = ConstraintValue::Completion;

        assert!(is_met(&any, Outcome::Failure, false));
        assert!(is_met(&any, Outcome::Completion, false));
        assert!(!is_met(&any, Outcome::Canceled, false));
    }

    #[test]
    fn an_expression_is_only_needed_where_it_decides() {
        let mut both = edge(0, 1);
        both.eval_op = EvalOp::ExpressionAndConstraint;
        assert!(!needs_expression(&both, Outcome::Failure));
        assert!(needs_expression(&both, Outcome::Success));
        both.eval_op = EvalOp::Constraint;
        assert!(!needs_expression(&both, Outcome::Success));
    }
}
