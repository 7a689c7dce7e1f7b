//! Everything that one run of one package shares.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use scaleout_core::package::LogProvider;
use scaleout_core::package::project::Project;
use scaleout_core::protocol::executor::RuntimeSettings;
use scaleout_core::protocol::task::TaskDescription;

use super::connection_set::ConnectionSet;
use super::host::Host;
use super::reporter::Reporter;
use super::watched::{self, Watched};
use super::with_catalog::WithCatalog;
use crate::checkpoints::Checkpoints;
use crate::control_flow::frame::{Frame, Place};
use crate::control_flow::node::{Node, Plan};
use crate::control_flow::slots::Slots;
use crate::events::Remark;
use crate::log_providers::Logs;
use crate::services::{Connections, Services};
use crate::transactions::Enlisted;

/// One run of one package.
pub struct Runtime {
    /// The world around it.
    pub host: Host,
    /// What was asked for.
    pub task: Arc<TaskDescription>,
    /// Settings of the worker.
    pub settings: Arc<RuntimeSettings>,
    /// The project, for child packages.
    pub project: Arc<Project>,
    /// File name of the package in it.
    pub package_name: String,
    /// The package as a tree.
    pub plan: Plan,
    /// Connection managers of package and project.
    pub connections: Arc<ConnectionSet>,
    /// `MaxConcurrentExecutables`, as the package has it.
    pub max_concurrent: i32,
    /// Places for running tasks.
    pub slots: Slots,
    /// The Execute Package task that runs this package, if one does.
    pub caller: Option<Caller>,
    /// Only one thread at a time runs event handlers.
    pub handlers: Mutex<()>,
    /// What was found while the values of the package were settled.
    pub remarks: Vec<Remark>,
    /// Log providers of the package.
    pub log_providers: Vec<LogProvider>,
    /// Those that are open.
    pub logs: Logs,
    /// What is saved for a restart, and what an earlier run left.
    pub checkpoints: Checkpoints,
    /// A variable that can be written here is to tell when it changes.
    pub watches: bool,
    failed: AtomicBool,
}

/// Who runs a child package.
#[derive(Clone)]
pub struct Caller {
    /// The parent package.
    pub runtime: Arc<Runtime>,
    /// The Execute Package task.
    pub frame: Arc<Frame>,
    /// Where it runs.
    pub place: Place,
}

/// What a [`Runtime`] is made of.
pub struct Parts {
    /// See [`Runtime::host`].
    pub host: Host,
    /// See [`Runtime::task`].
    pub task: Arc<TaskDescription>,
    /// See [`Runtime::settings`].
    pub settings: Arc<RuntimeSettings>,
    /// See [`Runtime::project`].
    pub project: Arc<Project>,
    /// See [`Runtime::package_name`].
    pub package_name: String,
    /// See [`Runtime::plan`].
    pub plan: Plan,
    /// See [`Runtime::connections`].
    pub connections: Arc<ConnectionSet>,
    /// See [`Runtime::max_concurrent`].
    pub max_concurrent: i32,
    /// See [`Runtime::caller`].
    pub caller: Option<Caller>,
    /// See [`Runtime::remarks`].
    pub remarks: Vec<Remark>,
    /// See [`Runtime::log_providers`].
    pub log_providers: Vec<LogProvider>,
}

impl Runtime {
    /// A run that has not begun.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let above = parts.caller.as_ref();
        let watches =
            above.is_some_and(|caller| caller.runtime.watches) || watched::is_watched(&parts.plan);
        Self {
            watches,
            max_concurrent: parts.max_concurrent,
            slots: Slots::new(parts.max_concurrent, parts.host.processors),
            host: parts.host,
            task: parts.task,
            settings: parts.settings,
            project: parts.project,
            package_name: parts.package_name,
            plan: parts.plan,
            connections: parts.connections,
            caller: parts.caller,
            remarks: parts.remarks,
            log_providers: parts.log_providers,
            logs: Logs::default(),
            checkpoints: Checkpoints::default(),
            handlers: Mutex::new(()),
            failed: AtomicBool::new(false),
        }
    }

    /// An executable with `FailPackageOnFailure` failed: nothing new starts.
    pub fn fail_package(&self) {
        self.failed.store(true, Ordering::Release);
    }

    /// Whether the package has failed at once.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Acquire)
    }

    /// The place of the package itself.
    #[must_use]
    pub fn place(&self) -> Place {
        match &self.caller {
            None => Place::default().child("Package"),
            Some(caller) => Place {
                // A child package has checkpoints of its own, also in a loop of its parent.
                is_unit: caller.place.transaction().is_some(),
                ..caller.place.child("Package")
            },
        }
    }

    /// How many packages run this one inside each other.
    #[must_use]
    pub fn depth(&self) -> usize {
        let outer = |caller: &Caller| Arc::clone(&caller.runtime);
        let first = self.caller.as_ref().map(outer);
        std::iter::successors(first, |at| at.caller.as_ref().map(outer)).count()
    }

    /// What the executable of a node may use while it is at a place.
    #[must_use]
    pub fn services(self: &Arc<Self>, node: &Node, place: &Place) -> Services {
        let events = Reporter::new(self, &node.frame, place);
        let set = Arc::clone(&self.connections);
        let connections: Arc<dyn Connections> = match place.transaction() {
            None => set,
            Some(transaction) => Arc::new(Enlisted {
                set,
                transaction: Arc::clone(transaction),
                settings: Arc::clone(&self.settings),
                cancel: self.host.cancel.clone(),
            }),
        };
        let connections = match &self.host.jobs {
            None => connections,
            Some(jobs) => Arc::new(WithCatalog {
                inner: connections,
                jobs: Arc::clone(jobs),
                path: place.execution_path.clone(),
                settings: Arc::clone(&self.settings),
                cancel: self.host.cancel.clone(),
            }),
        };
        Services {
            variables: match self.watches {
                true => Arc::new(Watched::new(self, node, place)),
                false => Arc::clone(&node.scope) as _,
            },
            connections,
            events: Arc::new(events),
            cancel: self.host.cancel.clone(),
            settings: Arc::clone(&self.settings),
            clock: Arc::clone(&self.host.clock),
            locale_id: node.locale_id,
        }
    }
}
