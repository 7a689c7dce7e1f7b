//! What flows over each path according to the file, before anything is built.

use scaleout_core::package::pipeline::{Component, Output, Pipeline};

use super::graph::Graph;
use super::schema::Schema;

/// The schema of every output of every component, as far as the layout could be resolved.
#[must_use]
pub fn output_schemas(pipeline: &Pipeline, graph: &Graph) -> Vec<Vec<Schema>> {
    let components = &pipeline.components;
    let mut schemas: Vec<Vec<Schema>> = vec![Vec::new(); components.len()];
    for &index in &graph.order {
        let inputs = input_schemas(graph, &schemas, index);
        let outputs = components[index].outputs.iter();
        schemas[index] = outputs
            .map(|output| output_schema(&components[index], output, &inputs))
            .collect();
    }
    schemas
}

/// The schema that arrives at each input of a component, given those of all outputs upstream.
#[must_use]
pub fn input_schemas(
    graph: &Graph,
    outputs: &[Vec<Schema>],
    component: usize,
) -> Vec<Option<Schema>> {
    let inputs = graph.incoming[component].iter();
    inputs
        .map(|edge| {
            let from = graph.edges[(*edge)?].from;
            outputs[from.component].get(from.index).cloned()
        })
        .collect()
}

/// The schema of one output: its own columns, behind those of the input it is synchronous with.
#[must_use]
pub fn output_schema(component: &Component, output: &Output, inputs: &[Option<Schema>]) -> Schema {
    match synchronous_input(component, output) {
        Some(input) => inputs
            .get(input)
            .and_then(Option::as_ref)
            .cloned()
            .unwrap_or_default()
            .extended_by(&output.columns),
        None => Schema::of_output_columns(&output.columns),
    }
}

/// The input that an output is synchronous with.
#[must_use]
pub fn synchronous_input(component: &Component, output: &Output) -> Option<usize> {
    let id = &output.synchronous_input_id;
    component
        .inputs
        .iter()
        .position(|input| !id.is_empty() && input.id == *id)
}
