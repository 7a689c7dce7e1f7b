//! Everything that one run of one package shares.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use scaleout_core::package::project::Project;
use scaleout_core::protocol::executor::RuntimeSettings;
use scaleout_core::protocol::task::TaskDescription;

use super::connection_set::ConnectionSet;
use super::host::Host;
use super::reporter::Reporter;
use crate::control_flow::frame::{Frame, Place};
use crate::control_flow::node::{Node, Plan};
use crate::control_flow::slots::Slots;
use crate::services::Services;
use crate::validation::Problem;

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
    /// Places for running tasks.
    pub slots: Slots,
    /// The Execute Package task that runs this package, if one does.
    pub caller: Option<Caller>,
    /// Only one thread at a time runs event handlers.
    pub handlers: Mutex<()>,
    /// What the package has and this runtime leaves out.
    pub notes: Vec<Problem>,
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
    /// `MaxConcurrentExecutables`.
    pub max_concurrent: i32,
    /// See [`Runtime::caller`].
    pub caller: Option<Caller>,
    /// See [`Runtime::notes`].
    pub notes: Vec<Problem>,
}

impl Runtime {
    /// A run that has not begun.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self {
            slots: Slots::new(parts.max_concurrent, parts.host.processors),
            host: parts.host,
            task: parts.task,
            settings: parts.settings,
            project: parts.project,
            package_name: parts.package_name,
            plan: parts.plan,
            connections: parts.connections,
            caller: parts.caller,
            notes: parts.notes,
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
            Some(caller) => caller.place.child("Package"),
        }
    }

    /// What the executable of a node may use while it is at a place.
    #[must_use]
    pub fn services(self: &Arc<Self>, node: &Node, place: &Place) -> Services {
        let events = Reporter::new(self, &node.frame, place);
        Services {
            variables: Arc::clone(&node.scope) as _,
            connections: Arc::clone(&self.connections) as _,
            events: Arc::new(events),
            cancel: self.host.cancel.clone(),
            settings: Arc::clone(&self.settings),
            clock: Arc::clone(&self.host.clock),
            locale_id: node.locale_id,
        }
    }
}
