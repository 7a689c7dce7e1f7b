//! What looks at one run of one data flow: data taps and counters.

use std::path::PathBuf;
use std::sync::Arc;

use scaleout_core::protocol::executor::RuntimeSettings;
use scaleout_core::protocol::task::{DataTap, TappedTask, TaskDescription};

use super::counters::Counters;
use crate::control_flow::frame::{Frame, Place};

/// What looks at one run of one data flow.
#[derive(Clone, Debug, Default)]
pub struct DataFlowWatch {
    /// Counters of the execution.
    pub counters: Arc<Counters>,
    /// The taps of this task.
    pub taps: Vec<Tap>,
}

/// A data tap of one run of one data flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tap {
    /// Identification string of the path.
    pub path_id: String,
    /// The file; `None` where this process has no folder for them.
    pub file: Option<PathBuf>,
    /// Most rows to keep.
    pub max_rows: u64,
}

impl DataFlowWatch {
    /// What looks at a task while it is at a place.
    #[must_use]
    pub fn of(
        task: &TaskDescription,
        settings: &RuntimeSettings,
        counters: &Arc<Counters>,
        frame: &Frame,
        place: &Place,
    ) -> Self {
        let own = task.data_taps.iter().filter(|tap| is_of(tap, frame));
        let folder = settings.data_dumps_folder.as_ref();
        let folder = folder.map(|folder| folder.join(task.execution_id.to_string()));
        let prefix = prefix(&place.execution_path);
        let tap = |tap: &DataTap| Tap {
            path_id: tap.path_id.clone(),
            file: folder
                .as_ref()
                .map(|folder| folder.join(format!("{prefix}{}", tap.file_name))),
            max_rows: tap.max_rows.unwrap_or(u64::MAX),
        };
        Self {
            counters: Arc::clone(counters),
            taps: own.map(tap).collect(),
        }
    }
}

fn is_of(tap: &DataTap, frame: &Frame) -> bool {
    match &tap.task {
        TappedTask::PackagePath(path) => *path == frame.package_path,
        TappedTask::Guid(guid) => {
            let own = frame.id.trim_start_matches('{').trim_end_matches('}');
            own.eq_ignore_ascii_case(&guid.to_string())
        }
    }
}

/// The iterations of the loops around a place, outermost first: `2_1_` for
/// `\Package\Outer[2]\Inner[1]\Load`; nothing outside of loops.
fn prefix(execution_path: &str) -> String {
    let mut prefix = String::new();
    for part in execution_path.split('\\') {
        let inside = part
            .rsplit_once('[')
            .and_then(|(_, rest)| rest.strip_suffix(']'));
        if let Some(number) = inside.filter(|text| is_number(text)) {
            prefix.push_str(number);
            prefix.push('_');
        }
    }
    prefix
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_numbered_by_the_iterations_around_the_task() {
        assert_eq!(prefix(r"\Package\Load"), "");
        assert_eq!(prefix(r"\Package\Loop[12]\Load"), "12_");
        assert_eq!(prefix(r"\Package\Outer[2]\Inner[1]\Load"), "2_1_");
        assert_eq!(prefix(r"\Package.EventHandlers[OnError]\Load"), "");
    }
}
