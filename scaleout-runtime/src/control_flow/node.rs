//! The run-time tree of a package: executables with their scopes and frames.

use std::collections::HashMap;
use std::sync::Arc;

use scaleout_core::package::{EventHandler, Executable, ExecutableKind};

use super::frame::Frame;
use super::graph::{GraphError, graph_of};
use super::schedule::Graph;
use crate::services::VariableError;
use crate::variables::{Cell, Scope, system};

/// An executable ready to be run, any number of times.
pub struct Node {
    /// The executable, without its children and event handlers.
    pub executable: Executable,
    /// Who it is in messages.
    pub frame: Arc<Frame>,
    /// Its variables.
    pub scope: Arc<Scope>,
    /// LCID that applies here.
    pub locale_id: u32,
    /// Children, in file order.
    pub children: Vec<Node>,
    /// What the children wait for.
    pub graph: Result<Graph, GraphError>,
}

/// A package as a tree, with all its event handlers.
pub struct Plan {
    /// The package.
    pub root: Node,
    /// Event handlers by the package path of the executable they belong to.
    pub handlers: HashMap<String, Vec<Handler>>,
}

/// An event handler.
pub struct Handler {
    /// `OnError`, ….
    pub event_name: String,
    /// Its body.
    pub node: Node,
}

impl Plan {
    /// The tree of a package whose values are settled. `scope` is the package's own.
    ///
    /// # Errors
    /// A variable whose design value does not fit its type.
    pub fn new(root: Executable, scope: Arc<Scope>, locale_id: u32) -> Result<Self, VariableError> {
        let mut handlers = HashMap::new();
        let root = branch(root, scope, None, locale_id, &mut handlers)?;
        Ok(Self { root, handlers })
    }

    /// The handler that belongs to an executable for an event, if it has anything to do.
    #[must_use]
    pub fn handler(&self, package_path: &str, event_name: &str) -> Option<&Handler> {
        let handlers = self.handlers.get(package_path)?;
        handlers
            .iter()
            .find(|handler| handler.event_name == event_name)
    }
}

type Handlers = HashMap<String, Vec<Handler>>;

fn branch(
    mut executable: Executable,
    scope: Arc<Scope>,
    outer: Option<&Arc<Frame>>,
    locale_id: u32,
    handlers: &mut Handlers,
) -> Result<Node, VariableError> {
    let graph = graph_of(&executable);
    let frame = Arc::new(Frame::new(&executable, outer.cloned()));
    let own_handlers = std::mem::take(&mut executable.event_handlers);
    let mut children = Vec::with_capacity(executable.executables.len());
    for child in std::mem::take(&mut executable.executables) {
        children.push(inner(
            child,
            Vec::new(),
            &scope,
            &frame,
            locale_id,
            handlers,
        )?);
    }
    let runs_handlers = !executable.disable_event_handlers;
    for handler in own_handlers.into_iter().filter(|_| runs_handlers) {
        add_handler(handler, &scope, &frame, locale_id, handlers)?;
    }
    Ok(Node {
        executable,
        frame,
        scope,
        locale_id,
        children,
        graph,
    })
}

fn inner(
    executable: Executable,
    mut cells: Vec<Cell>,
    outer_scope: &Arc<Scope>,
    outer: &Arc<Frame>,
    outer_locale: u32,
    handlers: &mut Handlers,
) -> Result<Node, VariableError> {
    let own_locale = u32::try_from(executable.locale_id).ok();
    let locale_id = own_locale.filter(|id| *id != 0).unwrap_or(outer_locale);
    let is_task = matches!(
        executable.kind,
        ExecutableKind::Task(_) | ExecutableKind::DataFlow(_)
    );
    for variable in &executable.variables {
        cells.push(Cell::declared(variable)?);
    }
    let declared = |name: &str, cells: &[Cell]| {
        let mut same = cells.iter();
        same.any(|cell| cell.namespace == "System" && cell.name == name)
    };
    for cell in system::of_executable(&executable, is_task, locale_id) {
        if !declared(&cell.name, &cells) {
            cells.push(cell);
        }
    }
    let scope = Arc::new(Scope::inside(outer_scope, cells));
    branch(executable, scope, Some(outer), locale_id, handlers)
}

fn add_handler(
    handler: EventHandler,
    scope: &Arc<Scope>,
    frame: &Arc<Frame>,
    locale_id: u32,
    handlers: &mut Handlers,
) -> Result<(), VariableError> {
    // Empty handlers are common and do nothing.
    if handler.body.executables.is_empty() || handler.body.disabled {
        return Ok(());
    }
    let mut cells = system::of_event_handler();
    let mut declared = handler.body.variables.iter();
    if !declared.any(|one| one.namespace == "System" && one.name == "Propagate") {
        cells.push(system::propagate());
    }
    let node = inner(handler.body, cells, scope, frame, locale_id, handlers)?;
    let of_frame = handlers.entry(frame.package_path.clone()).or_default();
    of_frame.push(Handler {
        event_name: handler.event_name,
        node,
    });
    Ok(())
}
