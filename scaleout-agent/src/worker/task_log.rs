//! Task logs: what a package said, on the worker's own disk, for when the catalog says too little.
//!
//! Each attempt has a folder `EXECUTION-ATTEMPT` below `TasksRootFolder`, in it a file, or one for
//! each `TaskLogSegment`. A line is a JSON object.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use scaleout_core::protocol::event::{Event, EventBody};
use scaleout_core::protocol::worker::{AttemptKey, AttemptOutcome};
use scaleout_core::settings::{TimeSpan, WorkerSettings};
use serde_json::{Value, json};
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use super::state::Shared;
use crate::files::private_folder;

/// Task logs are removed after so long.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Most attempts whose logs are kept.
const MOST_KEPT: usize = 10_000;
/// How often old ones are looked for.
const SWEEP_EVERY: Duration = Duration::from_secs(600);

/// The kinds of lines, as the bits of `TaskLogLevel`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    Verbose = 1,
    Information = 2,
    Warning = 4,
    Error = 8,
    Progress = 16,
    CriticalError = 32,
    Audit = 64,
}

impl Level {
    fn name(self) -> &'static str {
        match self {
            Self::Verbose => "VERBOSE",
            Self::Information => "INFO",
            Self::Warning => "WARN",
            Self::Error => "ERROR",
            Self::Progress => "PROGRESS",
            Self::CriticalError => "CRITICAL",
            Self::Audit => "AUDIT",
        }
    }

    /// Whether `TaskLogLevel` asks for it.
    fn is_in(self, levels: u32) -> bool {
        levels & (self as u32) != 0
    }

    /// Of an event; `None` for what is no line of a log.
    fn of(body: &EventBody) -> Option<Self> {
        Some(match body {
            EventBody::Message(message) => match message.message_type {
                120 | 130 => Self::Error,
                110 => Self::Warning,
                70 => Self::Information,
                10 | 20 | 30 | 40 | 50 | 60 => Self::Progress,
                _ => Self::Verbose,
            },
            EventBody::ExecutableEnded(_) => Self::Verbose,
            _ => return None,
        })
    }
}

/// Where task logs are.
pub(super) fn root(data: &Path, settings: &WorkerSettings) -> PathBuf {
    if settings.tasks_root_folder.is_empty() {
        data.join("ScaleOut/Tasks")
    } else {
        PathBuf::from(&settings.tasks_root_folder)
    }
}

/// Name of the file that a line of this time belongs to.
fn file_name(time: Timestamp, segment: TimeSpan) -> String {
    let seconds = i64::try_from(segment.as_duration().as_secs()).unwrap_or(i64::MAX);
    if seconds == 0 {
        return "task.log".to_owned();
    }
    let start = time.as_second().div_euclid(seconds) * seconds;
    let start = Timestamp::from_second(start).unwrap_or(time);
    format!("task-{}.log", start.strftime("%Y%m%dT%H%M%SZ"))
}

/// The log of one attempt.
#[derive(Debug)]
pub(super) struct TaskLog {
    folder: PathBuf,
    shared: Arc<Shared>,
    open: Mutex<Option<(String, File)>>,
    failed: std::sync::atomic::AtomicBool,
}

impl TaskLog {
    /// For an attempt; nothing is written before there is something to say.
    pub fn new(shared: &Arc<Shared>, key: AttemptKey) -> Self {
        let root = root(&shared.folder, &shared.settings());
        Self {
            folder: root.join(format!("{}-{}", key.execution_id, key.attempt)),
            shared: Arc::clone(shared),
            open: Mutex::new(None),
            failed: false.into(),
        }
    }

    /// What the package said.
    pub fn event(&self, event: &Event) {
        let Some(level) = Level::of(&event.body) else {
            return;
        };
        self.put(event.time, level, || match &event.body {
            EventBody::Message(message) => json!({
                "event": message.event_name,
                "message": message.message,
                "source": message.source_name,
                "path": message.execution_path,
                "code": message.message_code,
            }),
            EventBody::ExecutableEnded(ended) => json!({
                "event": "ExecutableEnded",
                "message": format!("{} has ended", ended.executable_name),
                "source": ended.executable_name,
                "path": ended.execution_path,
                "result": ended.execution_result,
            }),
            _ => Value::Null,
        });
    }

    /// That the worker has begun or ended the task.
    pub fn audit(&self, message: &str) {
        let now = self.shared.clock.now();
        self.put(now, Level::Audit, || json!({ "message": message }));
    }

    /// How it ended.
    pub fn ended(&self, outcome: &AttemptOutcome) {
        match outcome {
            AttemptOutcome::EndedUnexpectedly { reason } => {
                let now = self.shared.clock.now();
                self.put(now, Level::CriticalError, || json!({ "message": reason }));
            }
            other => {
                let result = crate::master::result_of(other);
                self.audit(&format!("the task has ended: {result}"));
            }
        }
    }

    fn put(&self, time: Timestamp, level: Level, line: impl FnOnce() -> Value) {
        let settings = self.shared.settings();
        if !settings.task_log_enabled || !level.is_in(settings.task_log_level) {
            return;
        }
        let mut line = line();
        line["timestamp"] = time.to_string().into();
        line["level"] = level.name().into();
        let written = self.write(&file_name(time, settings.task_log_segment), &line);
        let failed = &self.failed;
        if let Err(error) = written
            && !failed.swap(true, std::sync::atomic::Ordering::Relaxed)
        {
            // A package does not fail because nobody can write down what it says.
            tracing::warn!("failed to write to {}: {error}", self.folder.display());
        }
    }

    fn write(&self, name: &str, line: &Value) -> io::Result<()> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let is_other = open.as_ref().is_none_or(|(current, _)| current != name);
        if is_other {
            private_folder(&self.folder)?;
            let file = OpenOptions::new()
                .create(true)
                .append(true)
                .mode(0o600)
                .open(self.folder.join(name))?;
            *open = Some((name.to_owned(), file));
        }
        let mut text = line.to_string();
        text.push('\n');
        match open.as_mut() {
            Some((_, file)) => file.write_all(text.as_bytes()),
            None => Ok(()),
        }
    }
}

/// The folder names that are of attempts, with their keys. Anything else in the folder is not ours.
fn key_of(name: &str) -> Option<AttemptKey> {
    let (execution, attempt) = name.split_once('-')?;
    Some(AttemptKey {
        execution_id: execution.parse().ok()?,
        attempt: attempt.parse().ok()?,
    })
}

fn attempts_in(root: &Path) -> Vec<(AttemptKey, PathBuf)> {
    let entries = fs::read_dir(root).into_iter().flatten();
    let found = entries.filter_map(|entry| {
        let entry = entry.ok()?;
        Some((key_of(entry.file_name().to_str()?)?, entry.path()))
    });
    found.collect()
}

/// The files of an execution, in the order of attempts and times.
pub(super) fn files_of(root: &Path, execution_id: i64) -> Vec<PathBuf> {
    let mut attempts = attempts_in(root);
    attempts.retain(|(key, _)| key.execution_id == execution_id);
    attempts.sort();
    let mut files = Vec::new();
    for (_, folder) in attempts {
        let entries = fs::read_dir(&folder).into_iter().flatten();
        let mut inside: Vec<PathBuf> = entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .collect();
        inside.sort();
        files.append(&mut inside);
    }
    files
}

/// Removes what is too old or too much, again and again.
pub(super) async fn sweep(shared: Arc<Shared>) {
    loop {
        let root = root(&shared.folder, &shared.settings());
        let now = shared.clock.now();
        let running = shared.attempts.running().into_iter();
        let running: BTreeSet<AttemptKey> = running.map(|(key, _)| key).collect();
        let swept = spawn_blocking(move || {
            for folder in to_remove(ages(&root, &running, now)) {
                // What cannot be removed now is tried again.
                let _ = fs::remove_dir_all(folder);
            }
        });
        // A panic there would be a bug, and no reason to stop a worker.
        let _ = swept.await;
        sleep(SWEEP_EVERY).await;
    }
}

fn ages(
    root: &Path,
    running: &BTreeSet<AttemptKey>,
    now: Timestamp,
) -> Vec<(SignedDuration, PathBuf)> {
    let attempts = attempts_in(root).into_iter();
    let attempts = attempts.filter(|(key, _)| !running.contains(key));
    let aged = attempts.filter_map(|(_, folder)| {
        let modified = fs::metadata(&folder).ok()?.modified().ok()?;
        let modified = Timestamp::try_from(modified).ok()?;
        Some((now.duration_since(modified), folder))
    });
    aged.collect()
}

/// Which folders go: those that are too old, and the oldest of those that are too many.
fn to_remove(mut aged: Vec<(SignedDuration, PathBuf)>) -> Vec<PathBuf> {
    aged.sort();
    let old = aged.partition_point(|(age, _)| *age <= KEPT_FOR);
    let gone = aged.split_off(old.min(MOST_KEPT));
    gone.into_iter().map(|(_, folder)| folder).collect()
}

#[cfg(test)]
mod tests {
    use scaleout_core::protocol::event::EventMessage;

    use super::*;

    fn level_of(message_type: i16) -> Level {
        let message = EventMessage {
            message_type,
            ..EventMessage::default()
        };
        Level::of(&EventBody::Message(message)).unwrap()
    }

    #[test]
    fn the_default_level_leaves_out_what_is_verbose_only() {
        let written = |message_type| level_of(message_type).is_in(126);
        for message_type in [120, 130, 110, 70, 60, 30] {
            assert!(written(message_type), "{message_type}");
        }
        assert!(!written(140), "diagnostics are verbose");
        assert!(level_of(140).is_in(127));
        assert!(!level_of(70).is_in(8), "errors alone");
        assert!(Level::Audit.is_in(64));
    }

    #[test]
    fn a_segment_has_a_file_of_its_own() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let name = |text: &str, seconds| file_name(at(text), TimeSpan::from_secs(seconds));
        assert_eq!(name("2026-03-04T05:06:07Z", 0), "task.log");
        assert_eq!(
            name("2026-03-04T05:06:07Z", 3600),
            "task-20260304T050000Z.log"
        );
        assert_eq!(
            name("2026-03-04T05:59:59Z", 3600),
            "task-20260304T050000Z.log"
        );
        assert_eq!(
            name("2026-03-04T06:00:00Z", 3600),
            "task-20260304T060000Z.log"
        );
    }

    #[test]
    fn old_logs_go_and_so_do_the_oldest_of_too_many() {
        let day = |days: i64| SignedDuration::from_hours(24 * days);
        let folder = |number: usize| PathBuf::from(number.to_string());
        let aged = vec![
            (day(31), folder(1)),
            (day(1), folder(2)),
            (day(30), folder(3)),
        ];
        assert_eq!(to_remove(aged), [folder(1)]);
        let many = (0..MOST_KEPT + 2)
            .map(|number| (SignedDuration::from_secs(number as i64), folder(number)));
        let gone = to_remove(many.collect());
        assert_eq!(gone, [folder(MOST_KEPT), folder(MOST_KEPT + 1)]);
    }

    #[test]
    fn only_folders_of_attempts_are_ours() {
        assert_eq!(
            key_of("12-3"),
            Some(AttemptKey {
                execution_id: 12,
                attempt: 3
            })
        );
        for foreign in ["12", "a-1", "12-3-4", "backup"] {
            assert_eq!(key_of(foreign), None, "{foreign}");
        }
    }
}
