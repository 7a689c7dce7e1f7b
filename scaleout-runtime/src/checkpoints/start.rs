//! The beginning of a run with checkpoints: the file of an earlier run, or none.

use std::sync::{Arc, Mutex};

use scaleout_core::package::{ExecutableKind, Literal, VariableType};

use super::file::{self, FileProblem, SavedVariable};
use super::restart::still_done;
use super::settings::{Settings, Usage};
use super::state::{Saved, State, why};
use crate::control_flow::node::Node;
use crate::events::{Events, Message, Severity};
use crate::paths;
use crate::run::{Reporter, Runtime};
use crate::variables::typed;

/// `DTS_I_SAVECHECKPOINTSTOFILE`
const SAVING: u32 = 0x4001_6045;
/// `DTS_I_RESTARTFROMCHECKPOINTFILE`
const RESTARTED: u32 = 0x4001_6046;
/// `DTS_E_CHECKPOINTMISMATCH`
const OTHER_PACKAGE: u32 = 0xC001_6049;
/// `DTS_E_CHECKPOINTFILELOCKED`
const LOCKED: u32 = 0xC001_604B;
/// `DTS_E_OPENCHECKPOINTFILE`
const CANNOT_OPEN: u32 = 0xC001_604C;

/// Begins: takes up the file of an earlier run where the package asks for it.
///
/// # Errors
/// What keeps the package from running: no file where there must be one, or another package's.
pub fn start(
    runtime: &Arc<Runtime>,
    settings: &Settings,
    reporter: &Reporter,
) -> Result<(), Message> {
    if !settings.is_used() {
        return Ok(());
    }
    let shown = &settings.file_name;
    let cannot = |why: String| {
        let text = format!("checkpoint file `{shown}` could not be opened: {why}");
        Message::new(CANNOT_OPEN, text)
    };
    let path = paths::resolve(shown, &runtime.settings);
    let path = path.map_err(|error| cannot(error.explained()))?;
    let root = &runtime.plan.root;
    let mut state = State {
        path,
        package_id: root.executable.id.clone(),
        saves: settings.saves,
        before: Default::default(),
        now: Mutex::default(),
    };
    let reads = match settings.usage {
        Usage::Never => false,
        Usage::IfExists => state.path.exists(),
        Usage::Always => true,
    };
    if reads {
        let (contents, held) = file::read(&state.path).map_err(|problem| match problem {
            FileProblem::Locked => locked(shown),
            other => cannot(why(&other)),
        })?;
        if !contents.package_id.eq_ignore_ascii_case(&state.package_id) {
            let text = format!(
                "checkpoint file `{shown}` belongs to another package: it is of {}, and this one \
                 is {}; name another file, or remove it",
                contents.package_id, state.package_id
            );
            return Err(Message::new(OTHER_PACKAGE, text));
        }
        for variable in &contents.variables {
            restore(root, variable);
        }
        state.before = still_done(root, contents.containers);
        state.now = Mutex::new(Saved {
            records: state.before.values().cloned().collect(),
            held: Some(held),
        });
        let text = format!("the package was restarted from checkpoint file `{shown}`");
        reporter.raise(Severity::Information, Message::new(RESTARTED, text));
    } else if settings.saves && file::is_held(&state.path) {
        return Err(locked(shown));
    }
    if settings.saves {
        let text = format!("checkpoints will be saved to `{shown}` while this package runs");
        reporter.raise(Severity::Information, Message::new(SAVING, text));
    }
    runtime.checkpoints.begin(state);
    Ok(())
}

fn locked(shown: &str) -> Message {
    let text = format!(
        "checkpoint file `{shown}` is locked by another process: a run of this package is active; \
         wait for it, or give each its own file"
    );
    Message::new(LOCKED, text)
}

/// Gives a variable its value back, if it is still there. What does not fit any more is left.
fn restore(node: &Node, saved: &SavedVariable) {
    let is_whole = matches!(
        node.executable.kind,
        ExecutableKind::Package | ExecutableKind::Sequence
    );
    if !is_whole {
        return;
    }
    if node.executable.id.eq_ignore_ascii_case(&saved.container) {
        let literal = Literal {
            data_type: VariableType::from_vartype(saved.data_type).unwrap_or(VariableType::String),
            text: saved.text.clone(),
        };
        let mut cells = node.scope.own_variables();
        let found = cells.find(|cell| cell.namespace == saved.namespace && cell.name == saved.name);
        if let (Some(cell), Ok(value)) = (found, typed::literal(&literal)) {
            // A variable that has become of another type keeps its design value.
            let _ = cell.store(value);
        }
    }
    for child in &node.children {
        restore(child, saved);
    }
}
