//! Runs a data flow task from validation to cleanup.

use std::sync::Arc;

use scaleout_core::package::pipeline::Pipeline;
use scaleout_core::protocol::event::ComponentPhase;

use super::build::{self, Blueprint};
use super::node::Node;
use super::shared::Shared;
use super::supervise::{self, Executed};
use super::tap::Taps;
use super::validate::{FindKind, plan_and_check};
use super::{log_entries, report};
use crate::data_flow::codes::{self, phase};
use crate::data_flow::column_map;
use crate::data_flow::component::ComponentError;
use crate::data_flow::component_numbers::NumberedEvents;
use crate::data_flow::kinds;
use crate::data_flow::memory::MemoryPool;
use crate::events::Severity;
use crate::services::Services;
use crate::tasks::TaskFailure;

/// What a data flow that succeeded has done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DataFlowOutcome {
    /// One entry per destination, in component order.
    pub destinations: Vec<DestinationRows>,
}

impl DataFlowOutcome {
    /// Rows of all destinations: what a report counts as rows of the package.
    #[must_use]
    pub fn total_rows(&self) -> u64 {
        self.destinations.iter().map(|it| it.rows).sum()
    }
}

/// Rows that one destination wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DestinationRows {
    /// Name of the component.
    pub component: String,
    /// Rows that arrived there and were not redirected.
    pub rows: u64,
}

/// Runs a data flow. Everything that goes wrong is raised as events.
///
/// # Errors
/// [`TaskFailure`] when a component failed or the execution was stopped.
pub fn run(
    pipeline: &Pipeline,
    task_path: &str,
    services: &Services,
) -> Result<DataFlowOutcome, TaskFailure> {
    let services = &Services {
        events: Arc::new(NumberedEvents::of(pipeline, &services.events)),
        ..services.clone()
    };
    run_with(pipeline, task_path, services, &kinds::kind)
}

/// Runs a data flow of any kinds of component.
///
/// # Errors
/// As [`run`].
pub fn run_with(
    pipeline: &Pipeline,
    task_path: &str,
    services: &Services,
    find: FindKind<'_>,
) -> Result<DataFlowOutcome, TaskFailure> {
    // Components stop when the execution does and when another one fails.
    let services = &Services {
        cancel: services.cancel.child(),
        ..services.clone()
    };
    let events = services.events.as_ref();
    report::phase(events, phase::VALIDATE, "Validation");
    let (mut plan, problems) = plan_and_check(pipeline, task_path, services, true, find);
    if report::problems(events, problems, task_path) {
        let text = "One or more components did not validate.";
        report::pipeline(events, Severity::Error, codes::VALIDATION_FAILED, text);
        return Err(TaskFailure::Failed);
    }
    let map = column_map::xml(pipeline, task_path, &plan.numbers);
    events.custom("DiagnosticEx", &map);
    services.cancel.check()?;
    let watch = events.data_flow_watch();
    plan.keeps_unused |= !watch.taps.is_empty();
    let taps = Taps::of(watch.taps, pipeline, &plan.graph, events);
    let memory = MemoryPool::of(&services.settings);
    watch.counters.add_pool(&memory);
    let shared = Arc::new(Shared::new(
        Arc::clone(&services.events),
        Arc::clone(&services.clock),
        services.cancel.clone(),
        plan.graph.edges.len(),
        (taps, watch.counters),
    ));
    let blueprint = Blueprint {
        pipeline,
        plan: &plan,
        task_path,
        services,
        shared: &shared,
        memory: &memory,
    };
    let result = run_phases(&blueprint, find);
    shared.taps.finish(events);
    report::phase(events, phase::CLEANUP, "Cleanup");
    // A stop makes components fail in their own ways; a failure stops the others.
    result.map_err(|_| match shared.has_failed() {
        true => TaskFailure::Failed,
        false => TaskFailure::Canceled,
    })
}

fn run_phases(
    blueprint: &Blueprint<'_>,
    find: FindKind<'_>,
) -> Result<DataFlowOutcome, ComponentError> {
    let events = blueprint.services.events.as_ref();
    report::phase(events, phase::PREPARE, "Prepare for Execute");
    log_entries::initialized(blueprint);
    let mut nodes = build::build(blueprint, find)?;
    report::phase(events, phase::PRE_EXECUTE, "Pre-Execute");
    let ready = each(blueprint, &mut nodes, Node::pre_execute);
    if ready.is_err() {
        report_times(blueprint, &nodes);
        return ready.map(|()| DataFlowOutcome::default());
    }
    report::phase(events, phase::EXECUTE, "Execute");
    let destinations = destinations(&nodes);
    let work = build::link(blueprint, nodes);
    log_entries::planned(events, &work);
    let Executed {
        mut nodes,
        complete,
    } = supervise::execute(blueprint, work, &destinations);
    let finished = if complete {
        report::phase(events, phase::POST_EXECUTE, "Post Execute");
        each(blueprint, &mut nodes, Node::post_execute)
    } else {
        Err(ComponentError::Downstream)
    };
    report_times(blueprint, &nodes);
    log_entries::times(events, &nodes);
    finished?;
    Ok(report_rows(blueprint, &nodes))
}

fn each(
    blueprint: &Blueprint<'_>,
    nodes: &mut [Node],
    call: fn(&mut Node) -> Result<(), ComponentError>,
) -> Result<(), ComponentError> {
    for node in nodes {
        blueprint.services.cancel.check()?;
        call(node)?;
    }
    Ok(())
}

fn destinations(nodes: &[Node]) -> Vec<usize> {
    let destinations = nodes.iter().filter(|node| node.is_destination);
    destinations.map(|node| node.index).collect()
}

fn report_rows(blueprint: &Blueprint<'_>, nodes: &[Node]) -> DataFlowOutcome {
    let mut outcome = DataFlowOutcome::default();
    for node in nodes.iter().filter(|node| node.is_destination) {
        let edges = blueprint.plan.graph.edges_into(node.index);
        let arrived: u64 = edges.map(|edge| blueprint.shared.rows_over(edge)).sum();
        let rows = arrived.saturating_sub(node.rows_sent);
        report::rows_written(blueprint.services.events.as_ref(), &node.name, rows);
        outcome.destinations.push(DestinationRows {
            component: node.name.clone(),
            rows,
        });
    }
    outcome
}

fn report_times(blueprint: &Blueprint<'_>, nodes: &[Node]) {
    for node in nodes {
        for spent in &node.times {
            let active = u64::try_from(spent.active.as_micros()).unwrap_or(0);
            blueprint.services.events.component_phase(ComponentPhase {
                package_name: String::new(),
                task_name: String::new(),
                subcomponent_name: node.name.clone(),
                phase: spent.phase.to_owned(),
                start_time: spent.first,
                end_time: spent.last,
                execution_path: String::new(),
                active_us: active,
            });
        }
    }
}
