//! From the constraints of a container to a [`Graph`], and whether that graph can run.

use std::collections::HashMap;

use scaleout_core::package::Executable;

use super::schedule::{Edge, Graph};

/// Why the constraints of a container make no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GraphError {
    /// An end of a constraint is not a child of the container.
    #[error(
        "precedence constraint `{constraint}` refers to `{end}`, which is not in this container"
    )]
    UnknownEnd {
        /// Name of the constraint.
        constraint: String,
        /// Reference as written.
        end: String,
    },
    /// Executables wait for each other.
    #[error("precedence constraints form a circle: {circle}")]
    Circle {
        /// Names, `a -> b -> a`.
        circle: String,
    },
}

/// The graph of a container's children.
///
/// # Errors
/// [`GraphError`] when a constraint leads nowhere or constraints form a circle.
pub fn graph_of(container: &Executable) -> Result<Graph, GraphError> {
    let children = container.executables.iter().enumerate();
    let positions: HashMap<&str, usize> = children
        .map(|(index, child)| (child.ref_id.as_str(), index))
        .collect();
    let mut edges = Vec::with_capacity(container.precedence_constraints.len());
    for constraint in &container.precedence_constraints {
        let find = |end: &str| {
            let unknown = || GraphError::UnknownEnd {
                constraint: constraint.name.clone(),
                end: end.to_owned(),
            };
            positions.get(end).copied().ok_or_else(unknown)
        };
        edges.push(Edge {
            from: find(&constraint.from)?,
            to: find(&constraint.to)?,
            value: constraint.value,
            eval_op: constraint.eval_op,
            logical_and: constraint.logical_and,
        });
    }
    let graph = Graph {
        siblings: container.executables.len(),
        edges,
    };
    match circle(&graph) {
        None => Ok(graph),
        Some(circle) => Err(GraphError::Circle {
            circle: names(container, &circle),
        }),
    }
}

fn names(container: &Executable, circle: &[usize]) -> String {
    let first = circle.first().copied();
    let closed = circle.iter().copied().chain(first);
    let names: Vec<&str> = closed
        .map(|index| container.executables[index].name.as_str())
        .collect();
    names.join(" -> ")
}

/// The siblings of one circle in order, if there is one.
fn circle(graph: &Graph) -> Option<Vec<usize>> {
    let mut waiting: Vec<usize> = (0..graph.siblings).collect();
    loop {
        let before = waiting.len();
        let blocked = waiting.clone();
        waiting.retain(|index| {
            let mut incoming = graph.edges.iter().filter(|edge| edge.to == *index);
            incoming.any(|edge| blocked.contains(&edge.from))
        });
        if waiting.len() == before {
            break;
        }
    }
    // Whoever is left has a predecessor that is left: walking back must meet itself.
    let mut walk = vec![*waiting.first()?];
    loop {
        let at = *walk.last()?;
        let mut incoming = graph.edges.iter().filter(|edge| edge.to == at);
        let back = incoming.find(|edge| waiting.contains(&edge.from))?.from;
        if let Some(start) = walk.iter().position(|seen| *seen == back) {
            let mut found = walk.split_off(start);
            found.reverse();
            return Some(found);
        }
        walk.push(back);
    }
}
