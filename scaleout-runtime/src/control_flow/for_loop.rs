//! For Loop: Init once, then the body and Assign for as long as Eval is true.

use std::sync::Arc;

use scaleout_core::package::ForLoop;

use super::container;
use super::frame::Place;
use super::node::Node;
use super::outcome::Outcome;
use crate::events::{Events, Message, Severity};
use crate::run::{Reporter, Runtime};
use crate::variables::expressions::{self, ExpressionFailure};

/// `DTS_E_FORLOOPINITEXPRESSIONINVALID`
const INIT_INVALID: u32 = 0xC001_7009;
/// `DTS_E_FORLOOPEVALEXPRESSIONINVALID`
const EVAL_INVALID: u32 = 0xC001_7005;
/// `DTS_E_FORLOOPASSIGNEXPRESSIONINVALID`
const ASSIGN_INVALID: u32 = 0xC001_7008;

pub(super) fn run(runtime: &Arc<Runtime>, node: &Node, own: &ForLoop, place: &Place) -> Outcome {
    match iterate(runtime, node, own, place) {
        Ok(outcome) => outcome,
        Err((code, failure)) => {
            let reporter = Reporter::new(runtime, &node.frame, place);
            reporter.raise(Severity::Error, Message::new(code, failure.message));
            Outcome::Failure
        }
    }
}

fn iterate(
    runtime: &Arc<Runtime>,
    node: &Node,
    own: &ForLoop,
    place: &Place,
) -> Result<Outcome, (u32, ExpressionFailure)> {
    let scope = &*node.scope;
    let variables = runtime.services(node, place).variables;
    let assign = |expression: &str, code: u32| match expression.trim().is_empty() {
        true => Ok(()),
        false => expressions::assign(expression, &*variables, scope.context())
            .map(|_| ())
            .map_err(|failure| (code, failure)),
    };
    assign(&own.init, INIT_INVALID)?;
    let mut number = 0;
    loop {
        let goes_on = expressions::boolean(&own.eval, scope, scope.context());
        if !goes_on.map_err(|failure| (EVAL_INVALID, failure))? {
            return Ok(Outcome::Success);
        }
        number += 1;
        if let Some(outcome) = iteration(runtime, node, place, number) {
            return Ok(outcome);
        }
        assign(&own.assign, ASSIGN_INVALID)?;
    }
}

/// Runs the body once; gives the loop's result when there is to be no further iteration.
pub(super) fn iteration(
    runtime: &Arc<Runtime>,
    node: &Node,
    place: &Place,
    number: u64,
) -> Option<Outcome> {
    let outcome = container::run(runtime, node, &place.iteration(number));
    if outcome != Outcome::Success {
        return Some(outcome);
    }
    if runtime.host.cancel.is_canceled() {
        return Some(Outcome::Canceled);
    }
    let limit = node.executable.maximum_error_count;
    let at_limit = limit != 0 && limit <= node.frame.errors();
    // The count makes it a failure; here it only ends the iterations.
    (at_limit || runtime.has_failed()).then_some(Outcome::Success)
}
