//! The context of a message: what is around its source, at the time of the message.

use std::sync::Arc;

use scaleout_core::package::{Executable, ExecutableKind};
use scaleout_core::protocol::event::ContextEntry;

use super::variables;
use crate::control_flow::frame::Frame;
use crate::control_flow::node::{Node, Plan};
use crate::run::Runtime;

/// `context_type` of a variable.
const VARIABLE: i16 = 70;
/// `context_type` of a connection manager.
const CONNECTION_MANAGER: i16 = 80;

/// From the source of a message outward: each executable with its properties and variables, and for
/// the package its connection managers. Variables whose `IncludeInDebugDump` is False, system
/// variables and secrets are left out.
#[must_use]
pub fn of(runtime: &Runtime, frame: &Arc<Frame>) -> Vec<ContextEntry> {
    let mut entries = Vec::new();
    let mut at = Some(frame);
    let mut depth = 0;
    while let Some(frame) = at {
        depth += 1;
        if let Some(node) = find(&runtime.plan, &frame.package_path) {
            of_node(node, depth, &mut entries);
            if matches!(node.executable.kind, ExecutableKind::Package) {
                of_connections(runtime, depth, &mut entries);
            }
        }
        at = frame.outer.as_ref();
    }
    entries
}

/// The node at a path in a package, event handlers included.
#[must_use]
pub fn find<'p>(plan: &'p Plan, package_path: &str) -> Option<&'p Node> {
    let handlers = plan.handlers.values().flatten();
    let roots = std::iter::once(&plan.root).chain(handlers.map(|handler| &handler.node));
    roots.into_iter().find_map(|root| below(root, package_path))
}

fn below<'p>(node: &'p Node, package_path: &str) -> Option<&'p Node> {
    if node.frame.package_path == package_path {
        return Some(node);
    }
    let mut children = node.children.iter();
    children.find_map(|child| below(child, package_path))
}

fn of_node(node: &Node, depth: u32, entries: &mut Vec<ContextEntry>) {
    let own = |property_name: &str, property_value: String| ContextEntry {
        depth,
        package_path: node.frame.package_path.clone(),
        context_type: type_of(&node.executable),
        source_name: node.frame.name.clone(),
        source_id: node.frame.id.clone(),
        property_name: property_name.to_owned(),
        property_value,
    };
    let executable = &node.executable;
    entries.extend([
        own("DelayValidation", word(executable.delay_validation)),
        own(
            "FailPackageOnFailure",
            word(executable.fail_package_on_failure),
        ),
        own(
            "MaximumErrorCount",
            executable.maximum_error_count.to_string(),
        ),
    ]);
    for cell in node.scope.cells().filter(|cell| cell.namespace != "System") {
        let Some((property, value)) = variables::shown(cell) else {
            continue;
        };
        entries.push(ContextEntry {
            context_type: VARIABLE,
            source_name: cell.full_name(),
            source_id: cell.id.clone(),
            ..own(property, value)
        });
    }
}

fn of_connections(runtime: &Runtime, depth: u32, entries: &mut Vec<ContextEntry>) {
    for manager in runtime.connections.resolved() {
        entries.push(ContextEntry {
            depth,
            package_path: format!("\\{}", manager.ref_id),
            context_type: CONNECTION_MANAGER,
            source_name: manager.name.clone(),
            source_id: manager.id.clone(),
            property_name: "ConnectionString".to_owned(),
            property_value: variables::connection_string(&manager),
        });
    }
}

fn type_of(executable: &Executable) -> i16 {
    match executable.kind {
        ExecutableKind::Task(_) | ExecutableKind::DataFlow(_) => 10,
        ExecutableKind::Sequence => 30,
        ExecutableKind::ForLoop(_) => 40,
        ExecutableKind::ForeachLoop(_) => 50,
        ExecutableKind::Package => 60,
    }
}

fn word(truth: bool) -> String {
    if truth { "True" } else { "False" }.to_owned()
}
