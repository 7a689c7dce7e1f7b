//! The dump of a running package: an archive of what a person needs to see why it hangs or failed.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use scaleout_core::protocol::event::Event;
use scaleout_core::protocol::worker::Counter;
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::observer::{Run, Running};
use super::{process, variables};
use crate::control_flow::node::Node;
use crate::run::Runtime;

const NO_FOLDER: &str = "SO4032";
const NOT_WRITTEN: &str = "SO4033";

/// Why there is no dump.
#[derive(Debug, thiserror::Error)]
pub enum DumpError {
    /// This process was given no folder for them.
    #[error(
        "{NO_FOLDER}: this process has no folder for dumps; a worker makes `ErrorDumps` in its data folder"
    )]
    NoFolder,
    /// The disk does not take it.
    #[error(
        "{NOT_WRITTEN}: dump `{path}` could not be written: {source}; make room there, and ask for a dump again"
    )]
    Write {
        /// The file.
        path: String,
        /// Why.
        source: io::Error,
    },
}

/// A package at one moment.
pub(super) struct Picture<'p> {
    pub(super) dump_id: Uuid,
    pub(super) reason: &'p str,
    pub(super) stack: Option<&'p str>,
    pub(super) run: Arc<Run>,
    pub(super) packages: Vec<Arc<Runtime>>,
    pub(super) running: Vec<Running>,
    pub(super) recent: Vec<Event>,
    pub(super) counters: Vec<Counter>,
}

/// Writes the archive and says where it is.
pub(super) fn write(picture: &Picture<'_>) -> Result<PathBuf, DumpError> {
    let folder = picture.run.folder.as_ref().ok_or(DumpError::NoFolder)?;
    let task = &picture.run.task;
    let name = format!(
        "{}_{}_{}.zip",
        task.execution_id, task.attempt, picture.dump_id
    );
    let path = folder.join(name);
    let failed = |source| DumpError::Write {
        path: path.display().to_string(),
        source,
    };
    write_archive(folder, &path, picture).map_err(failed)?;
    Ok(path)
}

/// Under another name until it is whole: who finds it may read it.
fn write_archive(folder: &Path, path: &Path, picture: &Picture<'_>) -> io::Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    let unfinished = path.with_extension("tmp");
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&unfinished)?;
    let written = write_members(file, picture).and_then(|()| fs::rename(&unfinished, path));
    if written.is_err() {
        // What is left of it is of no use to anybody.
        let _gone = fs::remove_file(&unfinished);
    }
    written
}

fn write_members(file: fs::File, picture: &Picture<'_>) -> io::Result<()> {
    let mut zip = ZipWriter::new(file);
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, text) in members(picture)? {
        zip.start_file(name, options).map_err(io::Error::other)?;
        zip.write_all(picture.run.sink.masked(text).as_bytes())?;
    }
    let file = zip.finish().map_err(io::Error::other)?;
    file.sync_all()
}

fn members(picture: &Picture<'_>) -> io::Result<Vec<(&'static str, String)>> {
    let mut events = String::new();
    for event in &picture.recent {
        events.push_str(&serde_json::to_string(event)?);
        events.push('\n');
    }
    let mut stack = process::threads();
    if let Some(raised) = picture.stack {
        stack = format!("stack of the thread that raised the message:\n{raised}\n{stack}");
    }
    Ok(vec![
        ("dump.json", pretty(&summary(picture))?),
        ("executables.json", pretty(&picture.running)?),
        ("variables.json", pretty(&of_packages(picture))?),
        ("events.jsonl", events),
        ("counters.json", pretty(&picture.counters)?),
        ("threads.txt", stack),
    ])
}

fn pretty(value: &impl Serialize) -> io::Result<String> {
    Ok(serde_json::to_string_pretty(value)?)
}

fn summary(picture: &Picture<'_>) -> Value {
    let task = &picture.run.task;
    json!({
        "dump_id": picture.dump_id,
        "reason": picture.reason,
        "execution_id": task.execution_id,
        "attempt": task.attempt,
        "folder": task.folder_name,
        "project": task.project_name,
        "package": task.package_name,
        "caller": task.caller_name,
        "process_id": std::process::id(),
        "program_version": env!("CARGO_PKG_VERSION"),
    })
}

fn of_packages(picture: &Picture<'_>) -> Vec<Value> {
    picture.packages.iter().map(of).collect()
}

fn of(package: &Arc<Runtime>) -> Value {
    let mut scopes = Vec::new();
    of_scope(&package.plan.root, &mut scopes);
    for handler in package.plan.handlers.values().flatten() {
        of_scope(&handler.node, &mut scopes);
    }
    let connections: Vec<Value> = package
        .connections
        .resolved()
        .iter()
        .map(|manager| {
            json!({
                "name": manager.name,
                "kind": manager.creation_name,
                "connection_string": variables::connection_string(manager),
            })
        })
        .collect();
    json!({
        "package": package.package_name,
        "scopes": scopes,
        "connection_managers": connections,
    })
}

/// Variables that may not be shown are there without their value.
fn of_scope(node: &Node, scopes: &mut Vec<Value>) {
    let variables: Vec<Value> = node
        .scope
        .cells()
        .map(|cell| match variables::shown(cell) {
            Some(("Value", value)) => json!({ "name": cell.full_name(), "value": value }),
            Some((_, expression)) => {
                json!({ "name": cell.full_name(), "expression": expression })
            }
            None => json!({ "name": cell.full_name(), "value_left_out": true }),
        })
        .collect();
    scopes.push(json!({
        "package_path": node.frame.package_path,
        "errors": node.frame.errors(),
        "variables": variables,
    }));
    for child in &node.children {
        of_scope(child, scopes);
    }
}
