//! A component with what hangs behind it: the part of a tree that one thread runs.
//!
//! A node owns the nodes that it calls directly, so a thread owns exactly one. Every
//! call into a component goes through [`Node::enter`], which keeps the time, catches
//! panics, and raises errors where they arise.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use arrow::record_batch::RecordBatch;
use crossbeam_channel::{Sender, select};
use jiff::{SignedDuration, Timestamp};

use super::log_entries::Labels;
use super::report;
use super::shared::{Shared, ThreadState};
use crate::cancel::Canceled;
use crate::data_flow::codes;
use crate::data_flow::component::{ComponentError, Outputs, RunningComponent};

/// What goes to another thread.
pub enum Item {
    /// Rows for an input.
    Batch(usize, RecordBatch),
    /// An input has no more rows.
    End(usize),
}

/// Where an output leads.
pub enum Sink {
    /// Nowhere.
    Dropped,
    /// To a node of the same thread.
    Local {
        /// The edge.
        edge: usize,
        /// Input of the node.
        input: usize,
        /// The node.
        node: Box<Node>,
    },
    /// To another thread.
    Queue {
        /// The edge.
        edge: usize,
        /// Input of the node at the other end.
        input: usize,
        /// The other thread's queue.
        queue: Sender<Item>,
    },
}

/// A phase whose time is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Before the first row.
    PreExecute,
    /// A source makes rows.
    PrimeOutput,
    /// A component takes rows of an input.
    ProcessInput(usize),
    /// After the last row.
    PostExecute,
}

impl Phase {
    /// The name that reports use.
    pub fn name(self) -> &'static str {
        match self {
            Self::PreExecute => "PreExecute",
            Self::PrimeOutput => "PrimeOutput",
            Self::ProcessInput(_) => "ProcessInput",
            Self::PostExecute => "PostExecute",
        }
    }
}

/// Time spent in a phase.
#[derive(Clone, Copy, Debug)]
pub struct Spent {
    /// Which; all inputs of a component count together.
    pub phase: &'static str,
    /// First entry.
    pub first: Timestamp,
    /// Last exit.
    pub last: Timestamp,
    /// Time in the component itself, without what it calls.
    pub active: SignedDuration,
}

/// A component and its outputs.
pub struct Node {
    /// Index in the pipeline.
    pub index: usize,
    /// Name, for messages.
    pub name: String,
    /// What entries for logs call it.
    pub labels: Labels,
    /// Names of its inputs, for messages.
    pub input_names: Vec<String>,
    /// Whether its rows count as rows of the package.
    pub is_destination: bool,
    /// Inputs that have not ended.
    pub open_inputs: usize,
    /// What runs.
    pub component: Box<dyn RunningComponent>,
    /// Where each output leads.
    pub sinks: Vec<Sink>,
    /// Rows that it sent, over all outputs and whether or not a path was attached.
    pub rows_sent: u64,
    /// Times of its phases.
    pub times: Vec<Spent>,
    /// The thread that runs it.
    pub thread: Arc<ThreadState>,
    /// The run.
    pub shared: Arc<Shared>,
}

impl Node {
    /// Before the first row.
    pub fn pre_execute(&mut self) -> Result<(), ComponentError> {
        self.enter(Phase::PreExecute, |component, _| component.pre_execute())
    }

    /// After the last row.
    pub fn post_execute(&mut self) -> Result<(), ComponentError> {
        self.enter(Phase::PostExecute, |component, _| component.post_execute())
    }

    /// Runs a source to its end.
    pub fn prime_output(&mut self) -> Result<(), ComponentError> {
        self.labels.prime_output(self.shared.events.as_ref(), false);
        self.enter(Phase::PrimeOutput, |component, out| {
            component.prime_output(out)
        })?;
        self.labels.prime_output(self.shared.events.as_ref(), true);
        self.end_outputs()
    }

    /// Hands a batch to the component.
    pub fn process(&mut self, input: usize, batch: RecordBatch) -> Result<(), ComponentError> {
        if self.is_destination {
            self.shared.counters.written(batch.num_rows() as u64);
        }
        let events = self.shared.events.as_ref();
        self.labels.rows_sent(events, input, batch.num_rows());
        self.enter(Phase::ProcessInput(input), |component, out| {
            component.process_input(input, batch, out)
        })
    }

    /// Ends an input, and with the last one the outputs.
    pub fn end(&mut self, input: usize) -> Result<(), ComponentError> {
        let events = Arc::clone(&self.shared.events);
        self.labels.end_of_rowset(events.as_ref(), input, false);
        self.enter(Phase::ProcessInput(input), |component, out| {
            component.end_of_input(input, out)
        })?;
        self.labels.end_of_rowset(events.as_ref(), input, true);
        self.open_inputs = self.open_inputs.saturating_sub(1);
        if self.open_inputs == 0 {
            self.end_outputs()?;
        }
        Ok(())
    }

    /// This node and all that it owns, each on its own; order means nothing.
    pub fn dismantle(mut self, found: &mut Vec<Node>) {
        for sink in std::mem::take(&mut self.sinks) {
            if let Sink::Local { node, .. } = sink {
                node.dismantle(found);
            }
        }
        found.push(self);
    }

    fn end_outputs(&mut self) -> Result<(), ComponentError> {
        for sink in &mut self.sinks {
            match sink {
                Sink::Dropped => {}
                Sink::Local { input, node, .. } => node.end(*input)?,
                Sink::Queue { input, queue, .. } => {
                    enqueue(&self.shared, queue, Item::End(*input))?;
                }
            }
        }
        Ok(())
    }

    /// Calls the component; its own failure is raised here and becomes `Downstream` for callers.
    fn enter(
        &mut self,
        phase: Phase,
        call: impl FnOnce(&mut dyn RunningComponent, &mut dyn Outputs) -> Result<(), ComponentError>,
    ) -> Result<(), ComponentError> {
        let started = self.shared.clock.now();
        let mut wires = Wires {
            sinks: &mut self.sinks,
            shared: &self.shared,
            rows_sent: &mut self.rows_sent,
            is_source: self.input_names.is_empty(),
            away: SignedDuration::ZERO,
        };
        let component = self.component.as_mut();
        // A component that panicked is not entered again: the run stops here.
        let result = catch_unwind(AssertUnwindSafe(|| call(component, &mut wires)));
        let away = wires.away;
        self.keep_time(phase, started, away);
        match result {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(self.failed(phase, error)),
            Err(panic) => Err(self.failed(phase, broke_down(panic.as_ref()))),
        }
    }

    fn keep_time(&mut self, phase: Phase, started: Timestamp, away: SignedDuration) {
        let ended = self.shared.clock.now();
        let active = ended.duration_since(started) - away;
        let phase = phase.name();
        match self.times.iter_mut().find(|spent| spent.phase == phase) {
            Some(spent) => {
                spent.last = ended;
                spent.active += active;
            }
            None => self.times.push(Spent {
                phase,
                first: started,
                last: ended,
                active,
            }),
        }
    }

    fn failed(&self, phase: Phase, error: ComponentError) -> ComponentError {
        if !matches!(error, ComponentError::Failed(_)) {
            return error;
        }
        let events = self.shared.events.as_ref();
        let code = report::component_error(events, &self.name, error).unwrap_or_default();
        match phase {
            Phase::PreExecute => report::pre_execute_failed(events, &self.name, code),
            Phase::PostExecute => report::post_execute_failed(events, &self.name, code),
            Phase::PrimeOutput => report::rows_failed(events, &self.name, None, code),
            Phase::ProcessInput(input) => {
                let input = self.input_names.get(input).map_or("", String::as_str);
                report::rows_failed(events, &self.name, Some(input), code);
            }
        }
        self.thread.failed_with(code);
        self.shared.fail();
        ComponentError::Downstream
    }
}

/// A panic as an error of the component.
pub fn broke_down(panic: &(dyn std::any::Any + Send)) -> ComponentError {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no reason given");
    let text = format!("the component broke down: {text}; this is a defect, please report it");
    ComponentError::failed(codes::COMPONENT_EXCEPTION, text)
}

/// The outputs of a node while it is being called.
struct Wires<'n> {
    sinks: &'n mut [Sink],
    shared: &'n Shared,
    rows_sent: &'n mut u64,
    is_source: bool,
    away: SignedDuration,
}

impl Outputs for Wires<'_> {
    fn send(&mut self, output: usize, batch: RecordBatch) -> Result<(), ComponentError> {
        self.shared.cancel.check()?;
        let rows = batch.num_rows() as u64;
        if rows == 0 {
            return Ok(());
        }
        *self.rows_sent += rows;
        if self.is_source {
            self.shared.counters.read(rows);
        }
        let left = self.shared.clock.now();
        let edge = match self.sinks.get_mut(output) {
            None | Some(Sink::Dropped) => return Ok(()),
            Some(Sink::Local { edge, input, node }) => {
                self.shared.tap(*edge, &batch);
                node.process(*input, batch)?;
                *edge
            }
            Some(Sink::Queue { edge, input, queue }) => {
                self.shared.tap(*edge, &batch);
                let bytes = batch.get_array_memory_size();
                self.shared.counters.buffer_taken(bytes);
                let sent = enqueue(self.shared, queue, Item::Batch(*input, batch));
                if sent.is_err() {
                    self.shared.counters.buffer_freed(bytes);
                }
                sent?;
                *edge
            }
        };
        self.away += self.shared.clock.now().duration_since(left);
        self.shared.rows[edge].fetch_add(rows, Ordering::Relaxed);
        Ok(())
    }
}

/// Waits for room in a queue, or for the end of the run.
fn enqueue(shared: &Shared, queue: &Sender<Item>, item: Item) -> Result<(), ComponentError> {
    select! {
        send(queue, item) -> sent => sent.map_err(|_| ComponentError::Canceled(Canceled)),
        recv(shared.stopped) -> _ => Err(ComponentError::Canceled(Canceled)),
    }
}
