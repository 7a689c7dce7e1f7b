//! The connection managers of one run: found by any reference, evaluated at each use.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use scaleout_core::package::ConnectionManager;
use scaleout_core::protocol::executor::RuntimeSettings;

use crate::cancel::CancelToken;
use crate::connections::{self, ConnectionError};
use crate::data_flow::cache::CacheSlot;
use crate::services::{ConnectionLease, Connections};
use crate::settle::expressions;
use crate::variables::Scope;

/// Connection managers of the package and of its project.
pub struct ConnectionSet {
    managers: Vec<Arc<ConnectionManager>>,
    scope: Arc<Scope>,
    settings: Arc<RuntimeSettings>,
    cancel: CancelToken,
    /// Open connections of managers with `RetainSameConnection`, by id.
    retained: Mutex<HashMap<String, ConnectionLease>>,
    /// Rows of the Cache connection managers of the package.
    caches: Caches,
    /// Those of the project, which packages that run each other share.
    project_caches: Arc<Caches>,
}

/// Rows of Cache connection managers, by id.
type Caches = Mutex<HashMap<String, Arc<CacheSlot>>>;

impl ConnectionSet {
    /// A set without open connections. Those of the package come before those of the project.
    #[must_use]
    pub fn new(
        managers: Vec<ConnectionManager>,
        scope: Arc<Scope>,
        settings: Arc<RuntimeSettings>,
        cancel: CancelToken,
    ) -> Self {
        Self {
            managers: managers.into_iter().map(Arc::new).collect(),
            scope,
            settings,
            cancel,
            retained: Mutex::default(),
            caches: Caches::default(),
            project_caches: Arc::default(),
        }
    }

    /// The same, with the caches of the project that `parent` has.
    #[must_use]
    pub fn sharing_caches(mut self, parent: Option<&Self>) -> Self {
        if let Some(parent) = parent {
            self.project_caches = Arc::clone(&parent.project_caches);
        }
        self
    }

    /// All managers, with their property expressions where those can be evaluated now.
    #[must_use]
    pub fn resolved(&self) -> Vec<Arc<ConnectionManager>> {
        let context = self.scope.context();
        let managers = self.managers.iter();
        managers
            .map(|manager| {
                expressions::apply_to_connection(manager, &*self.scope, context)
                    .unwrap_or_else(|_| Arc::clone(manager))
            })
            .collect()
    }

    /// By id first, then by reference, then by name: ids survive renames.
    fn find(&self, reference: &str) -> Option<&Arc<ConnectionManager>> {
        let wanted = reference.trim();
        let id = wanted
            .split_once("}:")
            .map_or(wanted, |(id, _)| &wanted[..=id.len()]);
        let by = |same: &dyn Fn(&ConnectionManager) -> bool| {
            self.managers.iter().find(|manager| same(manager))
        };
        if wanted.is_empty() {
            return None;
        }
        by(&|manager| !manager.id.is_empty() && manager.id.eq_ignore_ascii_case(id))
            .or_else(|| by(&|manager| manager.ref_id == wanted))
            .or_else(|| by(&|manager| manager.name == wanted))
            .or_else(|| by(&|manager| name_in(wanted) == Some(manager.name.as_str())))
    }
}

/// `X` of `Project.ConnectionManagers[X]`.
fn name_in(reference: &str) -> Option<&str> {
    let (_, rest) = reference.split_once(".ConnectionManagers[")?;
    rest.strip_suffix(']')
}

impl Connections for ConnectionSet {
    fn resolve(&self, reference: &str) -> Result<Arc<ConnectionManager>, ConnectionError> {
        let found = self
            .find(reference)
            .ok_or_else(|| ConnectionError::Unknown {
                reference: reference.to_owned(),
            })?;
        let context = self.scope.context();
        let applied = expressions::apply_to_connection(found, &*self.scope, context);
        applied.map_err(|problems| {
            let texts: Vec<String> = problems.into_iter().map(|problem| problem.text).collect();
            ConnectionError::Invalid {
                name: found.name.clone(),
                reason: texts.join("; "),
            }
        })
    }

    fn open(&self, reference: &str) -> Result<ConnectionLease, ConnectionError> {
        let manager = self.resolve(reference)?;
        let open = || {
            let connection = connections::open(&manager, &self.settings, &self.cancel)?;
            Ok(Arc::new(Mutex::new(connection)))
        };
        if !is_retained(&manager) {
            return open();
        }
        // Held while opening: two tasks that start together share one connection.
        let mut retained = self.retained.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lease) = retained.get(&manager.id) {
            return Ok(Arc::clone(lease));
        }
        let lease = open()?;
        retained.insert(manager.id.clone(), Arc::clone(&lease));
        Ok(lease)
    }

    fn cache(&self, reference: &str) -> Result<Arc<CacheSlot>, ConnectionError> {
        let manager = self
            .find(reference)
            .ok_or_else(|| ConnectionError::Unknown {
                reference: reference.to_owned(),
            })?;
        let caches = match manager.ref_id.starts_with("Project.") {
            true => &*self.project_caches,
            false => &self.caches,
        };
        let mut caches = caches.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Arc::clone(caches.entry(manager.id.clone()).or_default()))
    }
}

/// `RetainSameConnection`
pub(crate) fn is_retained(manager: &ConnectionManager) -> bool {
    let retain = manager.properties.get("Retain");
    retain.is_some_and(|text| matches!(text.trim(), "True" | "true" | "-1" | "1"))
}
