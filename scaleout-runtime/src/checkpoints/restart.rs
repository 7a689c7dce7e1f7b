//! Which recorded executables need not run again.

use std::collections::HashMap;

use super::file::Record;
use crate::control_flow::node::Node;

/// Keeps the records of executables that stay done: what follows something that runs again, over
/// a constraint that was met, runs again too.
pub(super) fn still_done(root: &Node, records: Vec<Record>) -> HashMap<String, Record> {
    let by_id = records
        .into_iter()
        .map(|record| (record.id.clone(), record));
    let mut done: HashMap<String, Record> = by_id.collect();
    prune(root, &mut done);
    done
}

fn prune(node: &Node, done: &mut HashMap<String, Record>) {
    if let Ok(graph) = &node.graph {
        // Each round may uncover the next one in a chain.
        loop {
            let stale = node.children.iter().enumerate().find(|(index, child)| {
                let Some(record) = done.get(&child.executable.id) else {
                    return false;
                };
                let incoming = graph.edges.iter().filter(|edge| edge.to == *index);
                incoming.enumerate().any(|(at, edge)| {
                    let letter = record.precedence_map.as_bytes().get(at);
                    let counted = letter.is_none_or(|letter| *letter == b'Y');
                    let before = &node.children[edge.from].executable;
                    counted && !before.disabled && !done.contains_key(&before.id)
                })
            });
            let Some((_, child)) = stale else { break };
            done.remove(&child.executable.id);
        }
    }
    for child in &node.children {
        prune(child, done);
    }
}
