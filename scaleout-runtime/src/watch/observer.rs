//! What is known from outside of the package that runs in this process.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use jiff::Timestamp;
use scaleout_core::protocol::event::{DumpNote, Event, EventBody};
use scaleout_core::protocol::executor::RunPackage;
use scaleout_core::protocol::task::TaskDescription;
use serde::Serialize;
use uuid::Uuid;

use super::counters::Counters;
use super::dump;
use crate::control_flow::frame::{Frame, Place};
use crate::events::EventSink;
use crate::run::Runtime;

/// Events that a dump shows.
const RECENT: usize = 200;

/// Knows what runs, what it said last, and how much it moved; writes dumps of it.
#[derive(Default)]
pub struct Observer {
    counters: Arc<Counters>,
    state: Mutex<State>,
    /// One dump at a time; what dumps were written for.
    dumped: Mutex<BTreeSet<Cause>>,
}

#[derive(Default)]
struct State {
    run: Option<Arc<Run>>,
    packages: Vec<Weak<Runtime>>,
    running: BTreeMap<u64, Running>,
    next: u64,
    recent: VecDeque<Event>,
}

/// The run that is observed.
pub(super) struct Run {
    /// What was asked for.
    pub(super) task: TaskDescription,
    /// Where dumps go.
    pub(super) folder: Option<PathBuf>,
    /// Where a dump is told; knows what must not be in it.
    pub(super) sink: Arc<dyn EventSink>,
}

/// An executable that runs.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Running {
    package_name: String,
    name: String,
    id: String,
    package_path: String,
    execution_path: String,
    since: Timestamp,
}

/// Why a dump is written by itself: once for each, or a package that fails in a loop fills the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Cause {
    AnyError,
    Code(u32),
}

/// An executable is running until this is dropped.
pub struct Entered<'o> {
    observer: &'o Observer,
    number: u64,
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        self.observer.state().running.remove(&self.number);
    }
}

impl Observer {
    /// The counters of the run.
    #[must_use]
    pub fn counters(&self) -> &Arc<Counters> {
        &self.counters
    }

    /// A run begins: from now on it can be dumped.
    pub(crate) fn begin(&self, request: &RunPackage, sink: &Arc<dyn EventSink>) {
        self.state().run = Some(Arc::new(Run {
            task: request.task.clone(),
            folder: request.settings.error_dumps_folder.clone(),
            sink: Arc::clone(sink),
        }));
    }

    /// A package, the outermost or a child, is about to run.
    pub fn package(&self, runtime: &Arc<Runtime>) {
        let mut state = self.state();
        state.packages.retain(|package| package.strong_count() > 0);
        state.packages.push(Arc::downgrade(runtime));
    }

    /// An executable starts.
    #[must_use]
    pub fn enter(
        &self,
        package_name: &str,
        frame: &Frame,
        place: &Place,
        since: Timestamp,
    ) -> Entered<'_> {
        let mut state = self.state();
        state.next += 1;
        let number = state.next;
        let running = Running {
            package_name: package_name.to_owned(),
            name: frame.name.clone(),
            id: frame.id.clone(),
            package_path: frame.package_path.clone(),
            execution_path: place.execution_path.clone(),
            since,
        };
        state.running.insert(number, running);
        drop(state);
        Entered {
            observer: self,
            number,
        }
    }

    /// An event left the process.
    pub fn heard(&self, event: &Event) {
        let mut state = self.state();
        if state.recent.len() == RECENT {
            state.recent.pop_front();
        }
        state.recent.push_back(event.clone());
    }

    /// A message with a code was raised: writes a dump where the execution asks for one, the first
    /// time that there is a reason.
    pub fn alarm(&self, task: &TaskDescription, is_error: bool, code: u32, text: &str) {
        let coded = task.dump_on_codes.contains(&code);
        let cause = match (coded, is_error && task.dump_on_error) {
            (true, _) => Cause::Code(code),
            (false, true) => Cause::AnyError,
            (false, false) => return,
        };
        let first = self
            .dumped
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(cause);
        if first {
            let stack = std::backtrace::Backtrace::force_capture().to_string();
            let reason = format!("0x{code:08X}: {text}");
            self.dump(Uuid::new_v4(), &reason, Some(&stack));
        }
    }

    /// Writes a dump and says where it is, or why it could not be written.
    pub fn dump(&self, dump_id: Uuid, reason: &str, stack: Option<&str>) {
        let Some(picture) = self.picture(dump_id, reason, stack) else {
            // Nothing runs: whoever asked was too late.
            return;
        };
        let run = Arc::clone(&picture.run);
        let note = match dump::write(&picture) {
            Ok(path) => DumpNote {
                dump_id,
                path: path.display().to_string(),
                error: None,
            },
            Err(error) => DumpNote {
                dump_id,
                path: String::new(),
                error: Some(error.to_string()),
            },
        };
        run.sink.emit(EventBody::Dumped(note));
    }

    fn picture<'p>(
        &self,
        dump_id: Uuid,
        reason: &'p str,
        stack: Option<&'p str>,
    ) -> Option<dump::Picture<'p>> {
        let state = self.state();
        Some(dump::Picture {
            dump_id,
            reason,
            stack,
            run: state.run.clone()?,
            packages: state.packages.iter().filter_map(Weak::upgrade).collect(),
            running: state.running.values().cloned().collect(),
            recent: state.recent.iter().cloned().collect(),
            counters: self.counters.all(),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Each change is one step, so a panic in between leaves it whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
