//! What one thread does: run its tree to the end, and say how it ended.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crossbeam_channel::{Receiver, select};

use super::build::Work;
use super::node::{Item, Node, broke_down};
use super::report;
use crate::cancel::Canceled;
use crate::data_flow::component::ComponentError;

/// How a thread ended.
pub struct Ended {
    /// Its tree.
    pub root: Node,
    /// Whether every row went through.
    pub complete: bool,
}

/// Runs a tree. Whatever goes wrong has been raised when this returns, and all other
/// threads have been told to stop.
pub fn run(work: Work) -> Ended {
    let Work { mut root, inbox } = work;
    let result = catch_unwind(AssertUnwindSafe(|| match &inbox {
        None => root.prime_output(),
        Some(inbox) => take_all(&mut root, inbox),
    }));
    let result = result.unwrap_or_else(|panic| Err(broke_down(panic.as_ref())));
    let complete = result.is_ok();
    if let Err(error) = result {
        explain(&root, error);
    }
    Ended { root, complete }
}

fn take_all(root: &mut Node, inbox: &Receiver<Item>) -> Result<(), ComponentError> {
    let shared = root.shared.clone();
    while 0 < root.open_inputs {
        let item = select! {
            recv(inbox) -> item => item.map_err(|_| Canceled)?,
            recv(shared.stopped) -> _ => return Err(ComponentError::Canceled(Canceled)),
        };
        shared.cancel.check()?;
        match item {
            Item::Batch(input, batch) => {
                let bytes = batch.get_array_memory_size();
                let processed = root.process(input, batch);
                shared.counters.buffer_freed(bytes);
                processed?;
            }
            Item::End(input) => root.end(input)?,
        }
    }
    Ok(())
}

fn explain(root: &Node, error: ComponentError) {
    let (shared, thread) = (&root.shared, &root.thread);
    let events = shared.events.as_ref();
    let told_to_stop = shared.cancel.is_canceled();
    if let Some(code) = report::component_error(events, &root.name, error) {
        thread.failed_with(code);
    }
    match thread.failure() {
        Some(code) => report::thread_failed(events, &thread.name, code),
        None if told_to_stop => report::thread_canceled(events, &thread.name),
        // A component gave up although nobody asked it to: its rows are not complete.
        None => report::thread_failed(events, &thread.name, 0),
    }
    if thread.failure().is_some() || !told_to_stop {
        shared.fail();
    }
}
