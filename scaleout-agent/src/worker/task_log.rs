//! Task logs: what a package said, on the worker's own disk, for when the catalog says too little.
//!
//! Each attempt has a file `EXECUTION-ATTEMPT.log` in `TasksRootFolder`, or one for each
//! `TaskLogSegment`, `EXECUTION-ATTEMPT-TIME.log`. A line is a JSON object.

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
/// Most files that are kept.
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

/// Start of the segment that a time belongs to; `None` for segments without an end.
fn segment_of(time: Timestamp, segment: TimeSpan) -> Option<Timestamp> {
    let seconds = i64::try_from(segment.as_duration().as_secs()).unwrap_or(i64::MAX);
    let start = time.as_second().checked_div_euclid(seconds)? * seconds;
    Some(Timestamp::from_second(start).unwrap_or(time))
}

/// Name of the file of an attempt for a segment.
fn file_name(key: AttemptKey, segment: Option<Timestamp>) -> String {
    let AttemptKey {
        execution_id,
        attempt,
    } = key;
    match segment {
        None => format!("{execution_id}-{attempt}.log"),
        Some(start) => {
            let start = start.strftime("%Y%m%dT%H%M%SZ");
            format!("{execution_id}-{attempt}-{start}.log")
        }
    }
}

/// The log of one attempt.
#[derive(Debug)]
pub(super) struct TaskLog {
    key: AttemptKey,
    shared: Arc<Shared>,
    open: Mutex<Option<(Option<Timestamp>, File)>>,
    failed: std::sync::atomic::AtomicBool,
}

impl TaskLog {
    /// For an attempt; nothing is written before there is something to say.
    pub fn new(shared: &Arc<Shared>, key: AttemptKey) -> Self {
        Self {
            key,
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
        let written = self.write(&settings, time, &line);
        let failed = &self.failed;
        if let Err(error) = written
            && !failed.swap(true, std::sync::atomic::Ordering::Relaxed)
        {
            // A package does not fail because nobody can write down what it says.
            let root = root(&self.shared.folder, &settings);
            tracing::warn!("failed to write a task log in {}: {error}", root.display());
        }
    }

    fn write(&self, settings: &WorkerSettings, time: Timestamp, line: &Value) -> io::Result<()> {
        let segment = segment_of(time, settings.task_log_segment);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let is_other = open.as_ref().is_none_or(|(current, _)| *current != segment);
        if is_other {
            let root = root(&self.shared.folder, settings);
            let path = root.join(file_name(self.key, segment));
            let made = create(&path);
            let file = match made {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    private_folder(&root)?;
                    create(&path)?
                }
                made => made?,
            };
            *open = Some((segment, file));
        }
        let mut text = line.to_string();
        text.push('\n');
        match open.as_mut() {
            Some((_, file)) => file.write_all(text.as_bytes()),
            None => Ok(()),
        }
    }
}

fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).append(true).mode(0o600).open(path)
}

/// The attempt that a file is of. Anything else in the folder is not ours.
fn key_of(name: &str) -> Option<AttemptKey> {
    let mut parts = name.strip_suffix(".log")?.split('-');
    let (execution, attempt, segment) = (parts.next()?, parts.next()?, parts.next());
    let is_ours = parts.next().is_none() && segment.is_none_or(is_segment);
    is_ours.then_some(())?;
    Some(AttemptKey {
        execution_id: execution.parse().ok()?,
        attempt: attempt.parse().ok()?,
    })
}

fn is_segment(text: &str) -> bool {
    text.len() == "20260304T050607Z".len() && text.ends_with('Z')
}

fn files_in(root: &Path) -> Vec<(AttemptKey, PathBuf)> {
    let entries = fs::read_dir(root).into_iter().flatten();
    let found = entries.filter_map(|entry| {
        let entry = entry.ok()?;
        Some((key_of(entry.file_name().to_str()?)?, entry.path()))
    });
    found.collect()
}

/// The files of an execution, in the order of attempts and times.
pub(super) fn files_of(root: &Path, execution_id: i64) -> Vec<PathBuf> {
    let mut files = files_in(root);
    files.retain(|(key, _)| key.execution_id == execution_id);
    files.sort();
    files.into_iter().map(|(_, path)| path).collect()
}

/// Removes what is too old or too much, again and again.
pub(super) async fn sweep(shared: Arc<Shared>) {
    loop {
        let root = root(&shared.folder, &shared.settings());
        let now = shared.clock.now();
        let running = shared.attempts.running().into_iter();
        let running: BTreeSet<AttemptKey> = running.map(|(key, _)| key).collect();
        let swept = spawn_blocking(move || {
            for file in to_remove(ages(&root, &running, now)) {
                // What cannot be removed now is tried again.
                let _ = fs::remove_file(file);
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
    let files = files_in(root).into_iter();
    let files = files.filter(|(key, _)| !running.contains(key));
    let aged = files.filter_map(|(_, file)| {
        let modified = fs::metadata(&file).ok()?.modified().ok()?;
        let modified = Timestamp::try_from(modified).ok()?;
        Some((now.duration_since(modified), file))
    });
    aged.collect()
}

/// Which files go: those that are too old, and the oldest of those that are too many.
fn to_remove(mut aged: Vec<(SignedDuration, PathBuf)>) -> Vec<PathBuf> {
    aged.sort();
    let old = aged.partition_point(|(age, _)| *age <= KEPT_FOR);
    let gone = aged.split_off(old.min(MOST_KEPT));
    gone.into_iter().map(|(_, file)| file).collect()
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
        let key = key_of("12-3.log").unwrap();
        let name = |text: &str, seconds| {
            let name = file_name(key, segment_of(at(text), TimeSpan::from_secs(seconds)));
            assert_eq!(key_of(&name), Some(key));
            name
        };
        assert_eq!(name("2026-03-04T05:06:07Z", 0), "12-3.log");
        assert_eq!(
            name("2026-03-04T05:06:07Z", 3600),
            "12-3-20260304T050000Z.log"
        );
        assert_eq!(
            name("2026-03-04T05:59:59Z", 3600),
            "12-3-20260304T050000Z.log"
        );
        assert_eq!(
            name("2026-03-04T06:00:00Z", 3600),
            "12-3-20260304T060000Z.log"
        );
    }

    #[test]
    fn old_logs_go_and_so_do_the_oldest_of_too_many() {
        let day = |days: i64| SignedDuration::from_hours(24 * days);
        let file = |number: usize| PathBuf::from(number.to_string());
        let aged = vec![(day(31), file(1)), (day(1), file(2)), (day(30), file(3))];
        assert_eq!(to_remove(aged), [file(1)]);
        let many = (0..MOST_KEPT + 2)
            .map(|number| (SignedDuration::from_secs(number as i64), file(number)));
        let gone = to_remove(many.collect());
        assert_eq!(gone, [file(MOST_KEPT), file(MOST_KEPT + 1)]);
    }

    #[test]
    fn only_files_of_attempts_are_ours() {
        assert_eq!(
            key_of("12-3.log"),
            Some(AttemptKey {
                execution_id: 12,
                attempt: 3
            })
        );
        for foreign in ["12", "12.log", "a-1.log", "12-3", "12-3-4.log", "backup"] {
            assert_eq!(key_of(foreign), None, "{foreign}");
        }
    }
}
