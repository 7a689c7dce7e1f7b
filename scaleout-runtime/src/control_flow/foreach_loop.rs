//! Foreach Loop: enumerate, assign the mapped values, run the body, one after another.

use std::sync::Arc;

use scaleout_core::package::ForeachLoop;

use super::enumerators::{self, Element};
use super::for_loop;
use super::frame::Place;
use super::node::Node;
use super::outcome::Outcome;
use crate::events::{Message, Severity};
use crate::run::Runtime;
use crate::services::{Mapped, Services};

/// `DTS_E_GETENUMERATOR`
const GET_ENUMERATOR: u32 = 0xC001_4023;
/// `DTS_E_FOREACHVARIABLEMAPPING`
const VARIABLE_MAPPING: u32 = 0xC001_C012;

pub(super) fn run(
    runtime: &Arc<Runtime>,
    node: &Node,
    own: &ForeachLoop,
    place: &Place,
) -> Outcome {
    let services = runtime.services(node, place);
    let error = |code: u32, text: String| {
        services
            .events
            .raise(Severity::Error, Message::new(code, text));
        Outcome::Failure
    };
    let elements = match enumerators::enumerate(own, &services) {
        Ok(elements) => elements,
        Err(reason) => {
            let text = format!("the enumerator of `{}` failed: {reason}", node.frame.name);
            return error(GET_ENUMERATOR, text);
        }
    };
    for (number, element) in (1..).zip(elements) {
        if services.cancel.is_canceled() {
            return Outcome::Canceled;
        }
        if let Err(reason) = assign(own, &element, &services) {
            return error(VARIABLE_MAPPING, reason);
        }
        if let Some(outcome) = for_loop::iteration(runtime, node, place, number) {
            return outcome;
        }
    }
    Outcome::Success
}

fn assign(own: &ForeachLoop, element: &Element, services: &Services) -> Result<(), String> {
    for (number, (variable, index)) in own.variable_mappings.iter().enumerate() {
        let cannot = |reason: String| {
            let number = number + 1;
            format!("variable mapping number {number} cannot be applied to `{variable}`: {reason}")
        };
        let value = element.get(*index).ok_or_else(|| {
            let columns = element.len();
            cannot(format!(
                "the element has {columns} columns, and index {index} was asked for"
            ))
        })?;
        let set = services.variables.set_mapped(variable, value.clone());
        if set.map_err(|error| cannot(error.to_string()))? == Mapped::ReplacedExpression {
            let text = format!(
                "variable `{variable}` has an expression, and this loop maps it: from here on it \
                 holds what the enumerator gives; take the expression away, or map another variable"
            );
            services
                .events
                .raise(Severity::Warning, Message::new(0, text));
        }
    }
    Ok(())
}
