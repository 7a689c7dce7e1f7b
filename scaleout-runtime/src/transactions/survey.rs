//! Which databases the tasks of a transaction use, as the package tells without running.

use std::sync::Arc;

use scaleout_core::package::pipeline::Component;
use scaleout_core::package::{ConnectionManager, ExecutableKind, TransactionOption};

use super::transaction::second_database;
use crate::connections::target::{Target, target};
use crate::control_flow::node::Node;
use crate::run::{Runtime, is_retained};
use crate::services::Connections;
use crate::validation::Problem;

/// `DTS_E_TXNSPECINVALID`
const RETAINED: &str = "0xC001A003";
/// It would take a distributed transaction.
const DISTRIBUTED: &str = "SO4042";
/// Components that read a database beside their rows.
const LOOKUP: &str = "Microsoft.Lookup";

/// A database that something inside a transaction uses.
pub(super) struct Used {
    manager: Arc<ConnectionManager>,
    pub(super) target: Target,
    pub(super) writes: bool,
}

/// What is wrong with the transactions of a package.
#[must_use]
pub fn problems(runtime: &Arc<Runtime>) -> Vec<Problem> {
    let mut problems = Vec::new();
    walk(runtime, &runtime.plan.root, false, &mut problems);
    problems
}

fn walk(runtime: &Arc<Runtime>, node: &Node, inside: bool, problems: &mut Vec<Problem>) {
    if node.executable.disabled {
        return;
    }
    let begins = !inside && node.executable.transaction_option == TransactionOption::Required;
    if begins {
        problems.extend(of_container(runtime, node));
    }
    let inside = match node.executable.transaction_option {
        TransactionOption::NotSupported => false,
        TransactionOption::Supported => inside,
        TransactionOption::Required => true,
    };
    for child in &node.children {
        walk(runtime, child, inside, problems);
    }
}

fn of_container(runtime: &Arc<Runtime>, node: &Node) -> Vec<Problem> {
    let (path, name) = (&node.frame.package_path, &node.frame.name);
    let used = databases(runtime, node);
    let mut problems = Vec::new();
    for one in used.iter().filter(|one| is_retained(&one.manager)) {
        let text = format!(
            "`{name}` requires a transaction, and connection manager `{}` has RetainSameConnection: \
             a transaction cannot be given to a connection that is retained; set \
             RetainSameConnection to False, or TransactionOption to Supported",
            one.manager.name
        );
        problems.push(Problem::error(RETAINED, path, "transaction", text));
    }
    let mut written = used.iter().filter(|one| one.writes);
    if let Some(first) = written.next()
        && let Some(second) = written.find(|one| one.target != first.target)
    {
        let text = second_database(name, &first.manager.name, &second.manager.name);
        problems.push(Problem::error(DISTRIBUTED, path, "transaction", text));
    }
    problems
}

/// The database that is written inside a container, if there is one only.
pub(super) fn home(runtime: &Arc<Runtime>, node: &Node) -> Option<Target> {
    let used = databases(runtime, node);
    let mut written = used.into_iter().filter(|one| one.writes);
    written.next().map(|one| one.target)
}

/// Databases of the tasks that take part in the transaction of a container, each once.
fn databases(runtime: &Arc<Runtime>, node: &Node) -> Vec<Used> {
    let mut used = Vec::new();
    collect(runtime, node, true, &mut used);
    used
}

fn collect(runtime: &Arc<Runtime>, node: &Node, is_owner: bool, used: &mut Vec<Used>) {
    let option = node.executable.transaction_option;
    let stays_out = !is_owner && option == TransactionOption::NotSupported;
    if node.executable.disabled || stays_out {
        return;
    }
    match &node.executable.kind {
        ExecutableKind::Task(task) => {
            let attributes = task.data.attributes.iter();
            let connections = attributes.filter(|(name, _)| name.ends_with("Connection"));
            for (_, reference) in connections {
                add(runtime, reference, true, used);
            }
        }
        ExecutableKind::DataFlow(pipeline) => {
            for component in &pipeline.components {
                for connection in &component.connections {
                    add(runtime, &connection.manager_id, writes(component), used);
                }
            }
        }
        _ => {}
    }
    for child in &node.children {
        collect(runtime, child, false, used);
    }
}

/// Sources have no inputs; a Lookup reads; everything else with a connection may write.
fn writes(component: &Component) -> bool {
    !component.inputs.is_empty() && component.component_type != LOOKUP
}

fn add(runtime: &Arc<Runtime>, reference: &str, writes: bool, used: &mut Vec<Used>) {
    // What is unknown or no database has no part in a transaction; others say what is wrong.
    let Ok(manager) = runtime.connections.resolve(reference) else {
        return;
    };
    let Ok(target) = target(&manager, &runtime.settings) else {
        return;
    };
    match used.iter_mut().find(|one| one.manager.id == manager.id) {
        Some(known) => known.writes |= writes,
        None => used.push(Used {
            manager,
            target,
            writes,
        }),
    }
}
