//! How the components of a pipeline hang together: ids resolved, order found.
//!
//! Pure: nothing is built here. What is wrong with the layout comes back as
//! [`Problem`]s with the codes of SSIS.

use std::collections::HashMap;

use scaleout_core::package::pipeline::{Component, Pipeline};

use super::codes;
use crate::validation::Problem;

/// An input or output: component and position within it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Port {
    /// Index in [`Pipeline::components`].
    pub component: usize,
    /// Index in the component's inputs or outputs.
    pub index: usize,
}

/// A path between two ports that exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// Index in [`Pipeline::paths`].
    pub path: usize,
    /// Output where it starts.
    pub from: Port,
    /// Input where it ends.
    pub to: Port,
}

/// Components and the paths between them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Graph {
    /// All paths.
    pub edges: Vec<Edge>,
    /// Components, upstream first; among equals in file order.
    pub order: Vec<usize>,
    /// For each component and input: the edge that ends there.
    pub incoming: Vec<Vec<Option<usize>>>,
    /// For each component and output: the edge that starts there.
    pub outgoing: Vec<Vec<Option<usize>>>,
}

impl Graph {
    /// Resolves the paths of a pipeline. With problems, the graph holds what could be resolved.
    #[must_use]
    pub fn of(pipeline: &Pipeline, task_path: &str) -> (Self, Vec<Problem>) {
        let components = &pipeline.components;
        let mut graph = Self {
            incoming: unattached(components, |component| component.inputs.len()),
            outgoing: unattached(components, |component| component.outputs.len()),
            ..Self::default()
        };
        let mut problems = graph.attach_paths(pipeline, task_path);
        problems.extend(graph.missing_inputs(pipeline, task_path));
        problems.extend(graph.find_order(pipeline, task_path));
        (graph, problems)
    }

    /// Edges that end at a component.
    pub fn edges_into(&self, component: usize) -> impl Iterator<Item = usize> + '_ {
        self.incoming[component].iter().flatten().copied()
    }

    /// Edges that start at a component.
    pub fn edges_out_of(&self, component: usize) -> impl Iterator<Item = usize> + '_ {
        self.outgoing[component].iter().flatten().copied()
    }

    fn attach_paths(&mut self, pipeline: &Pipeline, task_path: &str) -> Vec<Problem> {
        let outputs = ports(pipeline, |component| {
            component.outputs.iter().map(|output| &output.id).collect()
        });
        let inputs = ports(pipeline, |component| {
            component.inputs.iter().map(|input| &input.id).collect()
        });
        let mut problems = Vec::new();
        for (index, path) in pipeline.paths.iter().enumerate() {
            let (start, end) = (path.start.as_str(), path.end.as_str());
            let ends = (outputs.get(start).copied(), inputs.get(end).copied());
            let (Some(from), Some(to)) = ends else {
                let lost = if ends.0.is_none() { start } else { end };
                let text = format!(
                    "path `{}` is attached to `{lost}`, which does not exist",
                    path.name
                );
                problems.push(layout_problem(task_path, text));
                continue;
            };
            if let Some(text) = self.add(
                Edge {
                    path: index,
                    from,
                    to,
                },
                pipeline,
            ) {
                problems.push(layout_problem(task_path, text));
            }
        }
        problems
    }

    /// Adds an edge, or says why it cannot be added.
    fn add(&mut self, edge: Edge, pipeline: &Pipeline) -> Option<String> {
        let number = self.edges.len();
        let start = &mut self.outgoing[edge.from.component][edge.from.index];
        let end = &mut self.incoming[edge.to.component][edge.to.index];
        if start.is_some() || end.is_some() {
            let (side, component) = if start.is_some() {
                ("output", edge.from.component)
            } else {
                ("input", edge.to.component)
            };
            let path = &pipeline.paths[edge.path].name;
            let component = &pipeline.components[component].name;
            return Some(format!(
                "path `{path}` is attached to an {side} of component `{component}` that has a path already"
            ));
        }
        *start = Some(number);
        *end = Some(number);
        self.edges.push(edge);
        None
    }

    /// A component with inputs needs a path on one of them; which of several is for its kind to say.
    fn missing_inputs(&self, pipeline: &Pipeline, task_path: &str) -> Vec<Problem> {
        let components = pipeline.components.iter().enumerate();
        components
            .filter(|(index, component)| {
                !component.inputs.is_empty() && self.edges_into(*index).next().is_none()
            })
            .map(|(_, component)| {
                Problem::error(
                    codes::VALIDATION_STATUS_FAILED,
                    &component_path(task_path, component),
                    &component.component_type,
                    format!(
                        "component `{}` did not validate: none of its inputs has a path; attach one or remove the component",
                        component.name
                    ),
                )
            })
            .collect()
    }

    /// Fills [`Graph::order`]; components that are left over are in a cycle or behind one.
    fn find_order(&mut self, pipeline: &Pipeline, task_path: &str) -> Option<Problem> {
        let count = pipeline.components.len();
        let mut waiting: Vec<usize> = (0..count)
            .map(|index| self.edges_into(index).count())
            .collect();
        let mut placed = vec![false; count];
        while let Some(next) = (0..count).find(|index| !placed[*index] && waiting[*index] == 0) {
            placed[next] = true;
            self.order.push(next);
            for edge in self.edges_out_of(next).collect::<Vec<_>>() {
                waiting[self.edges[edge].to.component] -= 1;
            }
        }
        let stuck: Vec<&str> = (0..count)
            .filter(|index| !placed[*index])
            .map(|index| pipeline.components[index].name.as_str())
            .collect();
        if stuck.is_empty() {
            return None;
        }
        let text = format!(
            "the paths between these components form a cycle: `{}`",
            stuck.join("`, `")
        );
        Some(layout_problem(task_path, text))
    }
}

/// Path of a component for problems: the task's, then its name.
#[must_use]
pub fn component_path(task_path: &str, component: &Component) -> String {
    format!("{task_path}\\{}", component.name)
}

fn layout_problem(task_path: &str, text: String) -> Problem {
    Problem::error(
        codes::LAYOUT_VALIDATION_FAILED,
        task_path,
        "Microsoft.Pipeline",
        text,
    )
}

fn unattached(components: &[Component], ports: fn(&Component) -> usize) -> Vec<Vec<Option<usize>>> {
    let components = components.iter();
    components
        .map(|component| vec![None; ports(component)])
        .collect()
}

fn ports<'p>(
    pipeline: &'p Pipeline,
    ids: impl Fn(&'p Component) -> Vec<&'p String>,
) -> HashMap<&'p str, Port> {
    let mut found = HashMap::new();
    for (component, it) in pipeline.components.iter().enumerate() {
        for (index, id) in ids(it).into_iter().enumerate() {
            found.insert(id.as_str(), Port { component, index });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::testing::pipelines::{chain, component, output, path, pipeline, with_input};
    use super::*;

    fn codes_of(problems: &[Problem]) -> Vec<&str> {
        problems
            .iter()
            .map(|problem| problem.code.as_str())
            .collect()
    }

    #[test]
    fn upstream_comes_first_whatever_the_file_order() {
        let mut reversed = chain(&["source", "middle", "sink"]);
        reversed.components.reverse();
        let (graph, problems) = Graph::of(&reversed, "\\P\\D");
        assert_eq!(problems, []);
        assert_eq!(graph.order, [2, 1, 0]);
    }

    #[test]
    fn a_path_to_nowhere_is_a_layout_problem_that_names_the_id() {
        let mut broken = chain(&["source", "sink"]);
        broken.paths[0].start = "gone".to_owned();
        let (_, problems) = Graph::of(&broken, "\\P\\D");
        assert_eq!(codes_of(&problems), ["0xC004700D", "0xC004706B"]);
        assert!(problems[0].message.contains("`gone`"), "{problems:?}");
        assert_eq!(problems[1].path, "\\P\\D\\sink");
    }

    #[test]
    fn two_paths_on_one_output_are_a_problem() {
        let mut forked = chain(&["source", "a", "b"]);
        forked.paths[1].start = forked.paths[0].start.clone();
        let (_, problems) = Graph::of(&forked, "\\P\\D");
        assert!(
            problems[0].message.contains("output of component `source`"),
            "{problems:?}"
        );
    }

    #[test]
    fn a_cycle_is_found_and_named() {
        let ring = pipeline(
            vec![
                with_input(component("a", vec![output("a", "a.in")])),
                with_input(component("b", vec![output("b", "b.in")])),
            ],
            vec![path("a.out", "b.in"), path("b.out", "a.in")],
        );
        let (_, problems) = Graph::of(&ring, "\\P\\D");
        assert_eq!(codes_of(&problems), ["0xC004700D"]);
        assert!(problems[0].message.contains("`a`, `b`"), "{problems:?}");
    }
}
