//! Opening the log providers that a package uses, and what keeps them from being opened.

use std::path::PathBuf;
use std::sync::Arc;

use scaleout_core::package::{ConnectionManager, LogProvider};

use super::database::Database;
use super::event_log::EventLog;
use super::kind::{Kind, kind};
use super::logs::{LogFailure, Opened, Writer};
use super::text_file::TextFile;
use super::xml_file::XmlFile;
use crate::cancel::CancelToken;
use crate::connections;
use crate::control_flow::node::Node;
use crate::paths;
use crate::refusal::not_run_here;
use crate::run::Runtime;
use crate::services::Connections;
use crate::validation::Problem;

/// `LoggingMode` of an executable that logs by its own options.
const ENABLED: u8 = 1;
/// A log provider that does not exist here.
const REFUSED: &str = "SO4041";
/// `DTS_E_LOGPROVIDERVALIDATIONFAILED`
const DOES_NOT_VALIDATE: &str = "0xC002410A";

/// What is wrong with the log providers that executables of a package select.
#[must_use]
pub fn problems(runtime: &Arc<Runtime>) -> Vec<Problem> {
    let path = "\\Package";
    let mut problems = Vec::new();
    for provider in selected(runtime) {
        let name = &provider.name;
        let found = kind(&provider.creation_name);
        if matches!(found, None | Some(Kind::Profiler)) {
            let what = match found {
                Some(_) => "writes traces of SQL Server Profiler".to_owned(),
                None => format!("is a `{}`", provider.creation_name),
            };
            let text = not_run_here(
                &format!("log provider `{name}` {what}"),
                "select a provider for a text file, an XML file, SQL Server or the event log \
                 instead, or none: the catalog keeps a log of every execution",
            );
            problems.push(Problem::error(REFUSED, path, "log provider", text));
            continue;
        }
        let needs_manager = found != Some(Kind::EventLog);
        if needs_manager && let Err(reason) = manager(provider, runtime) {
            let text = format!(
                "log provider `{name}` did not validate, so the package cannot run: {reason}"
            );
            problems.push(Problem::error(
                DOES_NOT_VALIDATE,
                path,
                "log provider",
                text,
            ));
        }
    }
    problems
}

/// Opens the log providers that executables select; gives those that could not be opened.
#[must_use]
pub fn open(runtime: &Arc<Runtime>) -> Vec<LogFailure> {
    let mut opened = Vec::new();
    let mut failures = Vec::new();
    for provider in selected(runtime) {
        match writer(provider, runtime) {
            Ok(writer) => opened.push(Opened {
                id: provider.id.clone(),
                name: provider.name.clone(),
                writer,
            }),
            Err(reason) => failures.push(LogFailure {
                provider: provider.name.clone(),
                reason,
            }),
        }
    }
    failures.extend(runtime.logs.start(opened));
    failures
}

/// Providers that something enabled selects.
fn selected(runtime: &Runtime) -> impl Iterator<Item = &LogProvider> {
    let mut ids = Vec::new();
    let handlers = runtime.plan.handlers.values().flatten();
    let roots = std::iter::once(&runtime.plan.root).chain(handlers.map(|handler| &handler.node));
    for root in roots {
        collect(root, &mut ids);
    }
    let is_selected = move |provider: &&LogProvider| {
        let mut all = ids.iter();
        all.any(|id| id.eq_ignore_ascii_case(&provider.id))
    };
    runtime.log_providers.iter().filter(is_selected)
}

fn collect(node: &Node, ids: &mut Vec<String>) {
    if node.executable.disabled {
        return;
    }
    let logging = node.frame.logging.as_ref();
    if let Some(options) = logging.filter(|options| options.mode == ENABLED) {
        ids.extend(options.providers.iter().cloned());
    }
    for child in &node.children {
        collect(child, ids);
    }
}

fn manager(provider: &LogProvider, runtime: &Runtime) -> Result<Arc<ConnectionManager>, String> {
    if provider.config_string.trim().is_empty() {
        return Err("it names no connection manager".to_owned());
    }
    let found = runtime.connections.resolve(&provider.config_string);
    found.map_err(|error| error.explained())
}

fn writer(provider: &LogProvider, runtime: &Runtime) -> Result<Box<dyn Writer>, String> {
    let file = || -> Result<PathBuf, String> {
        let manager = manager(provider, runtime)?;
        let path = manager.connection_string();
        paths::resolve(path, &runtime.settings).map_err(|error| error.explained())
    };
    let at = |path: &PathBuf, error: std::io::Error| format!("`{}`: {error}", path.display());
    Ok(match kind(&provider.creation_name) {
        Some(Kind::Text) => {
            let path = file()?;
            Box::new(TextFile::open(&path).map_err(|error| at(&path, error))?)
        }
        Some(Kind::Xml) => {
            let path = file()?;
            Box::new(XmlFile::open(&path).map_err(|error| at(&path, error))?)
        }
        Some(Kind::Database) => {
            let manager = manager(provider, runtime)?;
            // A stop of the package is logged too: its own token would keep the log from it.
            let opened = connections::open(&manager, &runtime.settings, &CancelToken::new());
            let opened = opened.and_then(Database::open);
            Box::new(opened.map_err(|error| error.explained())?)
        }
        Some(Kind::EventLog) => {
            let socket = &runtime.host.syslog;
            Box::new(EventLog::open(socket).map_err(|error| at(socket, error))?)
        }
        Some(Kind::Profiler) | None => return Err("it has no engine here".to_owned()),
    })
}
