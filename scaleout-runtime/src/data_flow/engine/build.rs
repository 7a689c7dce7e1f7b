//! Builds the components of a plan and links them into one tree per thread.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender, bounded};
use scaleout_core::package::pipeline::Pipeline;

use super::log_entries::Labels;
use super::node::{Item, Node, Sink, broke_down};
use super::report;
use super::shared::{Shared, ThreadState};
use super::validate::{FindKind, with_context};
use crate::data_flow::codes;
use crate::data_flow::component::{Built, ComponentError};
use crate::data_flow::memory::MemoryPool;
use crate::data_flow::plan::Plan;
use crate::data_flow::schema::Schema;
use crate::data_flow::static_schema::input_schemas;
use crate::services::Services;

/// Batches that wait in one queue when there is memory enough.
const QUEUE_LENGTH: u64 = 4;

/// What one thread has to do.
pub struct Work {
    /// The tree to run.
    pub root: Node,
    /// Where its batches come from; `None` for a source.
    pub inbox: Option<Receiver<Item>>,
}

/// A data flow to be built.
pub struct Blueprint<'b> {
    /// What the file says.
    pub pipeline: &'b Pipeline,
    /// How it runs.
    pub plan: &'b Plan,
    /// Path of the task, for messages.
    pub task_path: &'b str,
    /// What components may use.
    pub services: &'b Services,
    /// What the threads share.
    pub shared: &'b Arc<Shared>,
    /// The budget of this run.
    pub memory: &'b Arc<MemoryPool>,
}

/// Builds every component, upstream first; the nodes come back unlinked, in component order.
///
/// An error has been raised.
pub fn build(blueprint: &Blueprint<'_>, find: FindKind<'_>) -> Result<Vec<Node>, ComponentError> {
    let plan = blueprint.plan;
    let threads = thread_states(blueprint);
    let mut outputs: Vec<Vec<Schema>> = vec![Vec::new(); blueprint.pipeline.components.len()];
    let mut labels = Labels::of(blueprint.pipeline, plan);
    let mut nodes = Vec::new();
    for &index in &plan.order {
        let inputs = input_schemas(&plan.graph, &outputs, index);
        let built = build_one(blueprint, find, index, &inputs)
            .map_err(|error| failed(blueprint, index, error))?;
        outputs[index] = built.outputs;
        let edges = plan.graph.outgoing[index].iter().zip(&outputs[index]);
        for (edge, schema) in edges.filter_map(|(edge, schema)| Some(((*edge)?, schema))) {
            let events = blueprint.services.events.as_ref();
            blueprint.shared.taps.open(edge, schema, events);
        }
        let component = &blueprint.pipeline.components[index];
        let inputs = component.inputs.iter();
        nodes.push(Node {
            index,
            name: component.name.clone(),
            labels: std::mem::take(&mut labels[index]),
            input_names: inputs.map(|input| input.name.clone()).collect(),
            is_destination: built.is_destination,
            open_inputs: plan.graph.edges_into(index).count(),
            component: built.component,
            sinks: Vec::new(),
            rows_sent: 0,
            times: Vec::new(),
            thread: Arc::clone(&threads[plan.thread_of[index]]),
            shared: Arc::clone(blueprint.shared),
        });
    }
    nodes.sort_by_key(|node| node.index);
    Ok(nodes)
}

/// Links the nodes along the edges of the plan.
pub fn link(blueprint: &Blueprint<'_>, nodes: Vec<Node>) -> Vec<Work> {
    let plan = blueprint.plan;
    let length = queue_length(blueprint);
    let mut queues: Vec<(Sender<Item>, Receiver<Item>)> =
        (0..plan.threads).map(|_| bounded(length)).collect();
    let mut loose: HashMap<usize, Node> =
        nodes.into_iter().map(|node| (node.index, node)).collect();
    let mut work = Vec::new();
    // Downstream first, so that a node is complete before it is put into the one above.
    for &index in plan.order.iter().rev() {
        let Some(mut node) = loose.remove(&index) else {
            continue;
        };
        let outgoing = plan.graph.outgoing[index].iter();
        node.sinks = outgoing
            .map(|edge| sink(plan, *edge, &queues, &mut loose))
            .collect();
        let thread = plan.thread_of[index];
        let mut edges = plan.graph.edges_into(index).peekable();
        if edges.peek().is_none() {
            work.push(Work {
                root: node,
                inbox: None,
            });
        } else if edges.all(|edge| plan.queued[edge]) {
            let inbox = Some(queues[thread].1.clone());
            work.push(Work { root: node, inbox });
        } else {
            loose.insert(index, node);
        }
    }
    queues.clear();
    work
}

fn sink(
    plan: &Plan,
    edge: Option<usize>,
    queues: &[(Sender<Item>, Receiver<Item>)],
    loose: &mut HashMap<usize, Node>,
) -> Sink {
    let Some(edge) = edge else {
        return Sink::Dropped;
    };
    let to = plan.graph.edges[edge].to;
    let input = to.index;
    if plan.queued[edge] {
        let queue = queues[plan.thread_of[to.component]].0.clone();
        return Sink::Queue { edge, input, queue };
    }
    match loose.remove(&to.component) {
        Some(node) => Sink::Local {
            edge,
            input,
            node: Box::new(node),
        },
        None => Sink::Dropped,
    }
}

fn build_one(
    blueprint: &Blueprint<'_>,
    find: FindKind<'_>,
    index: usize,
    inputs: &[Option<Schema>],
) -> Result<Built, ComponentError> {
    let Blueprint {
        plan,
        task_path,
        services,
        memory,
        ..
    } = blueprint;
    let component = &blueprint.pipeline.components[index];
    let Some(kind) = find(&component.component_type) else {
        let text = format!("no component type `{}`", component.component_type);
        return Err(ComponentError::failed(
            codes::INDIVIDUAL_VALIDATION_FAILED,
            text,
        ));
    };
    let attached = plan.attached(index);
    with_context(
        plan,
        services,
        memory,
        task_path,
        (index, inputs, &attached),
        |cx| {
            catch_unwind(AssertUnwindSafe(|| kind.build(component, cx)))
                .unwrap_or_else(|panic| Err(broke_down(panic.as_ref())))
        },
    )
}

fn failed(blueprint: &Blueprint<'_>, index: usize, error: ComponentError) -> ComponentError {
    let name = &blueprint.pipeline.components[index].name;
    let events = blueprint.services.events.as_ref();
    let Some(code) = report::component_error(events, name, error) else {
        return ComponentError::Downstream;
    };
    report::build_failed(events, name, code);
    blueprint.shared.fail();
    ComponentError::Downstream
}

fn thread_states(blueprint: &Blueprint<'_>) -> Vec<Arc<ThreadState>> {
    let plan = blueprint.plan;
    let mut names = vec![String::new(); plan.threads];
    let (mut sources, mut others) = (0, 0);
    for &index in &plan.order {
        let name = &mut names[plan.thread_of[index]];
        if !name.is_empty() {
            continue;
        }
        let is_source = plan.graph.edges_into(index).next().is_none();
        let (kind, number) = if is_source {
            ("SourceThread", &mut sources)
        } else {
            ("WorkThread", &mut others)
        };
        *name = format!("{kind}{number}");
        *number += 1;
    }
    let states = names.into_iter().map(ThreadState::new);
    states.map(Arc::new).collect()
}

/// As many batches as the memory budget has room for, at least one.
fn queue_length(blueprint: &Blueprint<'_>) -> usize {
    let budget = blueprint.memory.limit();
    let threads = blueprint.plan.threads.max(1) as u64;
    let one_each = threads.saturating_mul(Plan::buffer_size(blueprint.pipeline));
    let room = budget / one_each;
    usize::try_from(room.clamp(1, QUEUE_LENGTH)).unwrap_or(1)
}
