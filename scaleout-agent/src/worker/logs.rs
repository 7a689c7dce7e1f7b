//! Logs that people want to read: the master asks for them in answers that it gives anyway, so that
//! a worker needs no port for it.

use std::collections::BTreeMap;
use std::sync::Arc;

use scaleout_core::error::with_sources;
use scaleout_core::protocol::logs::{LogAnswer, LogPage, LogSource, LogWanted};
use scaleout_core::settings::{WorkerSettings, keys};
use serde_json::json;
use tokio::task::spawn_blocking;
use uuid::Uuid;

use super::state::Shared;
use super::task_log;
use crate::log_files::{self, LogPlace};

/// Answers in the background.
pub(super) fn answer(shared: &Arc<Shared>, wanted: Vec<LogWanted>) {
    for wanted in wanted {
        let shared = Arc::clone(shared);
        tokio::spawn(async move {
            let request = wanted.request;
            let (place, settings) = (shared.log.clone(), shared.settings());
            let root = task_log::root(&shared.folder, &settings);
            if wanted.source == LogSource::Settings {
                send(&shared, request, Ok(settings_page(&settings))).await;
                return;
            }
            let held = holds(&shared, &wanted);
            let reading = spawn_blocking(move || read(place.as_ref(), &root, held, &wanted));
            let read = match reading.await {
                Ok(read) => read,
                Err(error) => Err(error.to_string()),
            };
            send(&shared, request, read).await;
        });
    }
}

async fn send(shared: &Shared, request: Uuid, read: Result<LogPage, String>) {
    let (page, problem) = match read {
        Ok(page) => (Some(page), None),
        Err(problem) => (None, Some(problem)),
    };
    let answer = LogAnswer {
        request,
        page,
        problem,
    };
    if let Err(error) = shared.link.service_log(&answer).await {
        tracing::warn!("failed to send a part of a log: {}", with_sources(&error));
    }
}

/// The settings in force. What stands for connections may hold passwords, and stays here.
fn settings_page(settings: &WorkerSettings) -> LogPage {
    let lines = keys::WORKER.iter().filter_map(|key| {
        let value = match key.name {
            "ConnectionMap" => {
                let names = settings.connection_map.keys();
                json!(names.map(|name| (name, "***")).collect::<BTreeMap<_, _>>())
            }
            name => serde_json::to_value(settings).ok()?[name].clone(),
        };
        Some(json!({ "key": key.name, "value": value }).to_string())
    });
    LogPage {
        lines: lines.collect(),
        ..LogPage::default()
    }
}

/// Whether it is about a task that is here, of which there may be nothing to read yet.
fn holds(shared: &Shared, wanted: &LogWanted) -> bool {
    let LogSource::Execution(id) = wanted.source else {
        return false;
    };
    let mut held = shared.attempts.running().into_iter();
    held.any(|(key, _)| key.execution_id == id)
}

fn read(
    place: Option<&LogPlace>,
    tasks: &std::path::Path,
    is_held: bool,
    wanted: &LogWanted,
) -> Result<LogPage, String> {
    let read = match wanted.source {
        LogSource::Service => match place {
            Some(place) => place.read(&wanted.query),
            None => return Err("this worker writes no log file".to_owned()),
        },
        LogSource::Settings => return Err("that is no log".to_owned()),
        LogSource::Execution(id) => {
            let files = task_log::files_of(tasks, id);
            if files.is_empty() && !is_held {
                return Err(format!(
                    "there is no task log of execution {id} in {}: `TaskLogEnabled` was false, or it \
                     is older than 30 days",
                    tasks.display()
                ));
            }
            log_files::read(&files, &wanted.query)
        }
    };
    read.map_err(|error| format!("the log cannot be read: {error}"))
}
