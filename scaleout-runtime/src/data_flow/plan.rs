//! From a pipeline to a plan: what runs, in which order, on which thread, in what portions.
//!
//! Pure. An *execution tree* starts at a component that makes new buffers (a source, or
//! one with asynchronous outputs) and takes in everything synchronous behind it. A
//! tree runs on one thread; where threads are left over, a source and a destination are
//! taken off their tree and the further branches of a Multicast get their own.

use std::collections::HashSet;

use scaleout_core::package::pipeline::{Component, Pipeline};

use super::codes;
use super::graph::{Graph, component_path};
use super::lineage::{self, LineageNumbers};
use super::sort_order::{SortOrder, input_orders};
use super::static_schema::{output_schemas, synchronous_input};
use crate::validation::Problem;

/// The largest `DefaultBufferSize`, and so what automatic adjustment may grow a buffer to.
const LARGEST_BUFFER: u64 = i32::MAX as u64;

/// How a data flow will run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The layout; edges to removed components are detached.
    pub graph: Graph,
    /// Components that run, upstream first.
    pub order: Vec<usize>,
    /// For each component, the thread it runs on (without meaning for removed ones).
    pub thread_of: Vec<usize>,
    /// Number of threads.
    pub threads: usize,
    /// For each edge: are batches handed over to another thread?
    pub queued: Vec<bool>,
    /// For each component, rows in one batch that it makes or gets.
    pub batch_rows: Vec<usize>,
    /// Lineage ids that some component reads.
    pub used: HashSet<String>,
    /// Columns that nobody reads have their values all the same: the data flow does not run optimised,
    /// or somebody looks at its paths.
    pub keeps_unused: bool,
    /// For each component and input: the order in which rows arrive.
    pub orders: Vec<Vec<Option<SortOrder>>>,
    /// Integers of lineage ids.
    pub numbers: LineageNumbers,
}

impl Plan {
    /// Plans a pipeline. Warnings among the problems do not stop it; with an error the plan
    /// must not be run.
    #[must_use]
    pub fn of(pipeline: &Pipeline, task_path: &str) -> (Self, Vec<Problem>) {
        let (mut graph, mut problems) = Graph::of(pipeline, task_path);
        let kept = kept_components(pipeline, &graph);
        problems.extend(removal_warnings(pipeline, &kept, task_path));
        detach_removed(&mut graph, &kept);
        let order: Vec<usize> = graph
            .order
            .iter()
            .copied()
            .filter(|index| kept[*index])
            .collect();
        let running = order.iter().map(|index| &pipeline.components[*index]);
        let used: HashSet<String> = running.flat_map(lineage::used_by).collect();
        problems.extend(unused_columns(pipeline, &graph, &order, &used, task_path));
        let mut plan = Self {
            order,
            used,
            keeps_unused: !pipeline.run_in_optimized_mode,
            numbers: LineageNumbers::of(pipeline),
            orders: (0..pipeline.components.len())
                .map(|index| input_orders(pipeline, &graph, index))
                .collect(),
            thread_of: vec![0; pipeline.components.len()],
            threads: 0,
            queued: vec![false; graph.edges.len()],
            batch_rows: vec![1; pipeline.components.len()],
            graph,
        };
        plan.assign_threads(pipeline);
        plan.size_batches(pipeline);
        (plan, problems)
    }

    /// Whether a column needs its values.
    #[must_use]
    pub fn is_used(&self, lineage_id: &str) -> bool {
        self.keeps_unused || self.used.contains(lineage_id)
    }

    /// For each output of a component: does a path start there?
    #[must_use]
    pub fn attached(&self, component: usize) -> Vec<bool> {
        let outgoing = self.graph.outgoing[component].iter();
        outgoing.map(Option::is_some).collect()
    }

    /// Bytes that a batch is allowed to take.
    #[must_use]
    pub fn buffer_size(pipeline: &Pipeline) -> u64 {
        if pipeline.auto_adjust_buffer_size {
            LARGEST_BUFFER
        } else {
            pipeline.default_buffer_size.max(1)
        }
    }

    fn assign_threads(&mut self, pipeline: &Pipeline) {
        let starts = |plan: &Self, index: usize| {
            starts_tree(&pipeline.components[index], &plan.graph, index)
        };
        let needed = self
            .order
            .iter()
            .filter(|index| starts(self, **index))
            .count();
        let limit = usize::try_from(pipeline.engine_threads).unwrap_or(usize::MAX);
        let mut spare = limit.saturating_sub(needed);
        for index in self.order.clone() {
            let edges: Vec<usize> = self.graph.edges_into(index).collect();
            let own = starts(self, index);
            let moved = !own && 0 < spare && self.worth_a_thread(pipeline, edges[0]);
            spare -= usize::from(moved);
            if own || moved {
                edges.iter().for_each(|edge| self.queued[*edge] = true);
                self.thread_of[index] = self.threads;
                self.threads += 1;
            } else {
                self.thread_of[index] = self.thread_of[self.graph.edges[edges[0]].from.component];
            }
        }
    }

    /// Reading, transforming and writing overlap, and so do the branches behind a Multicast.
    fn worth_a_thread(&self, pipeline: &Pipeline, edge: usize) -> bool {
        let from = self.graph.edges[edge].from;
        let component = &pipeline.components[from.component];
        let to = &pipeline.components[self.graph.edges[edge].to.component];
        if component.inputs.is_empty() || is_destination(to) {
            return true;
        }
        let first = self.graph.edges_out_of(from.component).next();
        component.outputs[from.index].exclusion_group == 0 && first != Some(edge)
    }

    fn size_batches(&mut self, pipeline: &Pipeline) {
        let widths = self.tree_widths(pipeline);
        let most = u64::from(pipeline.default_buffer_max_rows.max(1));
        for &index in &self.order {
            let fitting = Self::buffer_size(pipeline) / widths[index].max(1);
            let rows = fitting.clamp(1, most);
            self.batch_rows[index] = usize::try_from(rows).unwrap_or(usize::MAX);
        }
    }

    /// The width of the buffers of the tree that starts at, or runs through, each component.
    fn tree_widths(&self, pipeline: &Pipeline) -> Vec<u64> {
        let schemas = output_schemas(pipeline, &self.graph);
        let own = |index: usize| {
            let outputs = schemas[index].iter();
            let widths = outputs.map(|schema| {
                let columns = schema.columns.iter();
                let used = columns.filter(|column| self.used.contains(&column.lineage_id));
                used.map(|column| super::columns::width(column.data_type))
                    .sum()
            });
            widths.max().unwrap_or(0)
        };
        let mut widths: Vec<u64> = (0..pipeline.components.len()).map(own).collect();
        let is_start = |index: usize| starts_tree(&pipeline.components[index], &self.graph, index);
        for &index in self.order.iter().rev().filter(|index| !is_start(**index)) {
            for edge in self.graph.edges_into(index) {
                let above = self.graph.edges[edge].from.component;
                widths[above] = widths[above].max(widths[index]);
            }
        }
        for &index in self.order.iter().filter(|index| !is_start(**index)) {
            for edge in self.graph.edges_into(index) {
                widths[index] = widths[self.graph.edges[edge].from.component];
            }
        }
        widths
    }
}

/// Sources, and components that read several inputs or make new rows.
fn starts_tree(component: &Component, graph: &Graph, index: usize) -> bool {
    let inputs = graph.edges_into(index).count();
    let data_outputs = component
        .outputs
        .iter()
        .filter(|output| !output.is_error_output);
    inputs != 1
        || data_outputs
            .into_iter()
            .any(|output| synchronous_input(component, output).is_none())
}

/// All of them, unless the data flow runs optimised: then those from which something reaches
/// the outside.
fn kept_components(pipeline: &Pipeline, graph: &Graph) -> Vec<bool> {
    let mut kept = vec![!pipeline.run_in_optimized_mode; pipeline.components.len()];
    for &index in graph.order.iter().rev() {
        let mut below = graph
            .edges_out_of(index)
            .map(|edge| graph.edges[edge].to.component);
        kept[index] |=
            has_side_effects(&pipeline.components[index]) || below.any(|index| kept[index]);
    }
    kept
}

/// Destinations do; others say so themselves.
fn has_side_effects(component: &Component) -> bool {
    let inputs = &component.inputs;
    is_destination(component) || inputs.iter().any(|input| input.has_side_effects)
}

/// A destination has no output but that for errors.
fn is_destination(component: &Component) -> bool {
    let mut outputs = component.outputs.iter();
    !component.inputs.is_empty() && outputs.all(|output| output.is_error_output)
}

fn detach_removed(graph: &mut Graph, kept: &[bool]) {
    let edges = graph.edges.iter().enumerate();
    let gone = edges.filter(|(_, edge)| !kept[edge.to.component]);
    for (_, edge) in gone {
        graph.incoming[edge.to.component][edge.to.index] = None;
        graph.outgoing[edge.from.component][edge.from.index] = None;
    }
}

fn removal_warnings<'p>(
    pipeline: &'p Pipeline,
    kept: &'p [bool],
    task_path: &'p str,
) -> impl Iterator<Item = Problem> + 'p {
    let components = pipeline.components.iter().zip(kept);
    components.filter(|(_, kept)| !**kept).map(move |(component, _)| {
        let name = &component.name;
        let (code, text) = if component.inputs.is_empty() {
            let text = format!("source `{name}` is not read: none of its data leaves the data flow");
            (codes::SOURCE_REMOVED, text)
        } else {
            let text = format!(
                "component `{name}` is left out: its output is not used and it has no side effects; set HasSideEffects to keep it"
            );
            (codes::COMPONENT_REMOVED, text)
        };
        let path = component_path(task_path, component);
        Problem::warning(code, &path, &component.component_type, text)
    })
}

fn unused_columns(
    pipeline: &Pipeline,
    graph: &Graph,
    order: &[usize],
    used: &HashSet<String>,
    task_path: &str,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    for &index in order {
        let component = &pipeline.components[index];
        let attached = component.outputs.iter().zip(&graph.outgoing[index]);
        for (output, _) in
            attached.filter(|(output, edge)| edge.is_some() && !output.is_error_output)
        {
            let columns = output.columns.iter();
            for column in columns.filter(|column| !used.contains(&column.lineage_id)) {
                let text = format!(
                    "column `{}` of output `{}` of component `{}` is never used; removing it makes the data flow faster",
                    column.name, output.name, component.name
                );
                let path = component_path(task_path, component);
                let kind = &component.component_type;
                problems.push(
                    Problem::warning(codes::UNUSED_COLUMN, &path, kind, text)
                        .about_column(&column.name),
                );
            }
        }
    }
    problems
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
