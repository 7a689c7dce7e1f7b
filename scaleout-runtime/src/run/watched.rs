//! Variables that tell when their value changes (`RaiseChangedEvent`).

use std::sync::Arc;

use super::reporter::Reporter;
use super::runtime::Runtime;
use crate::control_flow::frame::{Frame, Place};
use crate::control_flow::node::{Node, Plan};
use crate::services::{Mapped, VariableError, Variables};
use crate::value::TypedValue;
use crate::variables::{Cell, Scope, typed};

/// The variables of one executable while it is at one place.
pub struct Watched {
    runtime: Arc<Runtime>,
    scope: Arc<Scope>,
    frame: Arc<Frame>,
    place: Place,
}

/// Whether any variable of a package asks for events.
pub fn is_watched(plan: &Plan) -> bool {
    let handlers = plan.handlers.values().flatten();
    has_watched(&plan.root) || handlers.into_iter().any(|one| has_watched(&one.node))
}

fn has_watched(node: &Node) -> bool {
    let mut own = node.executable.variables.iter();
    own.any(|variable| variable.raise_changed_event) || node.children.iter().any(has_watched)
}

impl Watched {
    /// The variables that the executable of a node sees.
    pub fn new(runtime: &Arc<Runtime>, node: &Node, place: &Place) -> Self {
        Self {
            runtime: Arc::clone(runtime),
            scope: Arc::clone(&node.scope),
            frame: Arc::clone(&node.frame),
            place: place.clone(),
        }
    }

    /// Does a write, and tells where the value is another one afterwards.
    fn telling<T>(
        &self,
        name: &str,
        write: impl FnOnce() -> Result<T, VariableError>,
    ) -> Result<T, VariableError> {
        let (hops, cell) = self.scope.find_outward(name)?;
        if !cell.raises_changed() {
            return write();
        }
        let before = typed::shown(&cell.stored());
        let written = write()?;
        let after = typed::shown(&cell.stored());
        // Objects have no text: a new one is another one.
        if before != after || after.is_none() {
            self.tell(hops, cell);
        }
        Ok(written)
    }

    /// Raises the event at the container that declares the variable: scopes and frames go
    /// outward in step.
    fn tell(&self, hops: usize, cell: &Cell) {
        let mut runtime = &self.runtime;
        let mut frame = &self.frame;
        let mut path = self.place.execution_path.as_str();
        for _ in 0..hops {
            (runtime, frame) = match (&frame.outer, &runtime.caller) {
                (Some(outer), _) => (runtime, outer),
                (None, Some(caller)) => (&caller.runtime, &caller.frame),
                (None, None) => break,
            };
            path = path.rsplit_once('\\').map_or(path, |(outer, _)| outer);
        }
        let place = Place {
            execution_path: path.to_owned(),
            ..self.place.clone()
        };
        Reporter::new(runtime, frame, &place).variable_changed(cell);
    }
}

impl Variables for Watched {
    fn get(&self, name: &str) -> Result<TypedValue, VariableError> {
        self.scope.get(name)
    }

    fn set(&self, name: &str, value: TypedValue) -> Result<(), VariableError> {
        self.telling(name, || self.scope.set(name, value))
    }

    fn set_mapped(&self, name: &str, value: TypedValue) -> Result<Mapped, VariableError> {
        self.telling(name, || self.scope.set_mapped(name, value))
    }
}
