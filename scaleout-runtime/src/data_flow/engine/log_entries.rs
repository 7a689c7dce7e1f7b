//! Entries for logs: what the engine prepares, and what it does with each component.
//!
//! They have the names and the fields of the original, since people read them with queries.

use std::fmt::Write;

use scaleout_core::package::pipeline::Pipeline;

use super::build::{Blueprint, Work};
use super::node::{Node, Sink};
use crate::data_flow::component_numbers::numbers;
use crate::data_flow::plan::Plan;
use crate::data_flow::spill::SpillFolder;
use crate::events::Events;

/// What entries call a component, its inputs, and the paths that end there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labels {
    number: usize,
    component: String,
    inputs: Vec<(String, String)>,
}

impl Labels {
    /// Of each component of a data flow, in file order.
    #[must_use]
    pub fn of(pipeline: &Pipeline, plan: &Plan) -> Vec<Self> {
        let numbers = numbers(pipeline);
        let components = pipeline.components.iter().zip(&numbers).enumerate();
        let labels = components.map(|(index, (component, own))| {
            let inputs = component.inputs.iter().zip(&own.inputs).enumerate();
            let inputs = inputs.map(|(at, (input, number))| {
                let edge = plan.graph.incoming[index].get(at).copied().flatten();
                let from = edge.map(|edge| plan.graph.edges[edge].from);
                let path = from.map_or_else(String::new, |from| {
                    let output = &pipeline.components[from.component].outputs[from.index];
                    label(numbers[from.component].outputs[from.index], &output.name)
                });
                (path, label(*number, &input.name))
            });
            Self {
                number: own.component,
                component: label(own.component, &component.name),
                inputs: inputs.collect(),
            }
        });
        labels.collect()
    }

    /// A source is about to make rows, or has made them all.
    pub fn prime_output(&self, events: &dyn Events, done: bool) {
        let (name, text) = match done {
            false => (
                "OnPipelinePrePrimeOutput",
                "PrimeOutput will be called on a component.",
            ),
            true => (
                "OnPipelinePostPrimeOutput",
                "A component has returned from its PrimeOutput call.",
            ),
        };
        events.custom(name, &format!("{text} : {}", self.component));
    }

    /// Rows go into an input.
    pub fn rows_sent(&self, events: &dyn Events, input: usize, rows: usize) {
        let text = "Rows were provided to a data flow component as input.";
        let empty = (String::new(), String::new());
        let (path, input) = self.inputs.get(input).unwrap_or(&empty);
        let component = &self.component;
        let text = format!("{text} :  : {path} : {component} : {input} : {rows}");
        events.custom("OnPipelineRowsSent", &text);
    }

    /// An input is about to hear of its end, or has heard of it.
    pub fn end_of_rowset(&self, events: &dyn Events, input: usize, done: bool) {
        let (name, text) = match done {
            false => (
                "OnPipelinePreEndOfRowset",
                "A component will be given the end of rowset signal.",
            ),
            true => (
                "OnPipelinePostEndOfRowset",
                "A component was given its end of rowset signal.",
            ),
        };
        let input = self
            .inputs
            .get(input)
            .map_or("", |(_, input)| input.as_str());
        events.custom(name, &format!("{text} : {} : {input}", self.component));
    }
}

fn label(number: usize, name: &str) -> String {
    format!("{number} : {name}")
}

/// How the engine was set up.
pub fn initialized(blueprint: &Blueprint<'_>) {
    let Blueprint {
        pipeline,
        services,
        memory,
        ..
    } = blueprint;
    let say = |text: String| services.events.custom("PipelineInitialization", &text);
    let folder = SpillFolder::of(&services.settings);
    let limit = memory.limit();
    say(format!(
        "Rows beyond {limit} bytes go to temporary files in {}.",
        folder.path().display()
    ));
    say(format!(
        "The default buffer size is {} bytes.",
        Plan::buffer_size(pipeline)
    ));
    let rows = pipeline.default_buffer_max_rows;
    say(format!("Buffers will have {rows} rows by default."));
    for &index in &blueprint.plan.order {
        let component = &pipeline.components[index];
        let fitting = blueprint.plan.batch_rows[index];
        let mut outputs = component.outputs.iter();
        let makes_buffers = outputs.any(|output| output.synchronous_input_id.is_empty());
        if makes_buffers && u32::try_from(fitting).is_ok_and(|fitting| fitting < rows) {
            let text = format!(
                "Rows of \"{}\" are too wide for a buffer of the default size with {rows} of them. \
                 There will be {fitting} rows in its buffers.",
                component.name
            );
            services.events.custom("BufferSizeTuning", &text);
        }
    }
}

/// Which components run behind which, and on which threads.
pub fn planned(events: &dyn Events, work: &[Work]) {
    let (mut trees, mut plan) = (String::new(), String::new());
    for (number, work) in work.iter().enumerate() {
        let _ = writeln!(trees, "Begin Path {number}");
        tree(&work.root, 1, &mut trees);
        let _ = writeln!(trees, "End Path {number}");
        let _ = writeln!(plan, "{} runs path {number}", work.root.thread.name);
        hand_overs(&work.root, &mut plan);
    }
    events.custom("PipelineExecutionTrees", trees.trim_end());
    events.custom("PipelineExecutionPlan", plan.trim_end());
}

fn tree(node: &Node, depth: usize, text: &mut String) {
    let _ = writeln!(text, "{}component \"{}\"", "   ".repeat(depth), node.name);
    for sink in &node.sinks {
        if let Sink::Local { node, .. } = sink {
            tree(node, depth + 1, text);
        }
    }
}

fn hand_overs(node: &Node, text: &mut String) {
    for sink in &node.sinks {
        match sink {
            Sink::Dropped => {}
            Sink::Local { node, .. } => hand_overs(node, text),
            Sink::Queue { .. } => {
                let _ = writeln!(
                    text,
                    "   component \"{}\" hands buffers to another path",
                    node.name
                );
            }
        }
    }
}

/// How long each component took in each phase.
pub fn times(events: &dyn Events, nodes: &[Node]) {
    for node in nodes {
        for spent in &node.times {
            let text = format!(
                "The component \"{}\" ({}) spent {} milliseconds in {}.",
                node.name,
                node.labels.number,
                spent.active.as_millis(),
                spent.phase
            );
            events.custom("PipelineComponentTime", &text);
        }
    }
}
