//! From the constraints of a container to a [`Graph`], and whether that graph can run.

use std::collections::HashMap;

use scaleout_core::package::Executable;

use super::precedence::Edge;
use super::schedule::Graph;

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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use scaleout_core::package::{ConstraintValue, EvalOp};

    use super::*;

    fn graph(siblings: usize, ends: &[(usize, usize)]) -> Graph {
        let edges = ends.iter().map(|&(from, to)| Edge {
            from,
            to,
            value: ConstraintValue::Success,
            eval_op: EvalOp::Constraint,
            logical_and: true,
        });
        Graph {
            siblings,
            edges: edges.collect(),
        }
    }

    #[test]
    fn a_circle_behind_a_harmless_start_is_found() {
        let found = circle(&graph(5, &[(0, 1), (1, 2), (2, 3), (3, 1), (3, 4)])).unwrap();
        let mut sorted = found.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, [1, 2, 3]);
    }

    #[test]
    fn an_executable_that_waits_for_itself_is_a_circle() {
        assert_eq!(circle(&graph(1, &[(0, 0)])), Some(vec![0]));
    }

    proptest! {
        #[test]
        fn a_found_circle_is_one_and_forward_edges_have_none(
            ends in proptest::collection::vec((0_usize..6, 0_usize..6), 0..12)
        ) {
            let any = graph(6, &ends);
            if let Some(found) = circle(&any) {
                for (at, from) in found.iter().enumerate() {
                    let to = found[(at + 1) % found.len()];
                    prop_assert!(ends.contains(&(*from, to)), "{found:?}");
                }
            } else {
                // Without a circle some order runs everything.
                let mut left: Vec<usize> = (0..6).collect();
                while let Some(free) = left.iter().position(|index| {
                    !ends.iter().any(|(from, to)| to == index && left.contains(from))
                }) {
                    left.remove(free);
                }
                prop_assert!(left.is_empty());
            }
        }
    }
}
