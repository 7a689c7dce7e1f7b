//! The one door to a catalog.

use std::sync::Arc;

use jiff::Timestamp;
use scaleout_core::model::{Caller, Clock, Role};
use scaleout_core::protocol::task::TaskDescription;
use scaleout_core::protocol::worker::{
    AttemptKey, Complete, CompleteReply, Heartbeat, LogBatch, LogReply, Register, TaskHeartbeat,
    TaskHeartbeatReply,
};
use scaleout_core::registry::{Arguments, ProcedureResult, Rows, ViewQuery};
use tokio::sync::watch;
use uuid::Uuid;

use crate::error::CatalogError;
use crate::location::CatalogLocation;
use crate::scheduling::{SchedulingSnapshot, WorkerStanding};

/// An open catalog; clones share it.
#[derive(Clone, Debug)]
pub struct Catalog {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    changes: watch::Sender<u64>,
}

fn absent<T>(name: &str) -> Result<T, CatalogError> {
    Err(CatalogError::Absent {
        name: name.to_owned(),
    })
}

impl Catalog {
    /// Opens a catalog, creating or upgrading its database.
    pub async fn open(
        _location: &CatalogLocation,
        _clock: Arc<dyn Clock>,
    ) -> Result<Self, CatalogError> {
        Ok(Self {
            inner: Arc::new(Inner {
                changes: watch::Sender::new(0),
            }),
        })
    }

    /// Finishes what is queued and closes the database.
    pub async fn close(self) {}

    /// Calls a procedure.
    pub async fn call(
        &self,
        _caller: &Caller,
        procedure: &str,
        _arguments: &Arguments,
    ) -> Result<ProcedureResult, CatalogError> {
        absent(procedure)
    }

    /// Reads a view.
    pub async fn view(
        &self,
        _caller: &Caller,
        view: &str,
        _query: &ViewQuery,
    ) -> Result<Rows, CatalogError> {
        absent(view)
    }

    /// Makes a token for a person or script; it is shown once and kept only as a hash.
    pub async fn create_token(&self, _name: &str, _role: Role) -> Result<String, CatalogError> {
        absent("tokens")
    }

    /// Whose token this is; `None` when nobody's.
    pub async fn authenticate(&self, _token: &str) -> Result<Option<Caller>, CatalogError> {
        absent("tokens")
    }

    /// Records a worker. Its id belongs to this certificate ever after: another one is refused.
    pub async fn register_worker(
        &self,
        _registration: &Register,
        _thumbprint: &str,
    ) -> Result<WorkerStanding, CatalogError> {
        absent("workers")
    }

    /// Which worker a certificate belongs to.
    pub async fn worker_by_thumbprint(
        &self,
        _thumbprint: &str,
    ) -> Result<Option<Uuid>, CatalogError> {
        absent("workers")
    }

    /// Records that a worker is alive.
    pub async fn record_heartbeat(
        &self,
        _worker: Uuid,
        _heartbeat: &Heartbeat,
    ) -> Result<WorkerStanding, CatalogError> {
        absent("workers")
    }

    /// What the scheduler needs to plan.
    pub async fn scheduling_snapshot(&self) -> Result<SchedulingSnapshot, CatalogError> {
        absent("scheduling")
    }

    /// Leases a pending execution to a worker; `None` when someone else was faster, the execution
    /// no longer waits, or the worker may not have it.
    pub async fn grant_lease(
        &self,
        _execution_id: i64,
        _worker: Uuid,
        _until: Timestamp,
    ) -> Result<Option<TaskDescription>, CatalogError> {
        absent("leases")
    }

    /// Renews the leases that are still this worker's and names those to stop or to drop.
    pub async fn renew_leases(
        &self,
        _worker: Uuid,
        _heartbeat: &TaskHeartbeat,
        _until: Timestamp,
    ) -> Result<TaskHeartbeatReply, CatalogError> {
        absent("leases")
    }

    /// Stores events once, however often they are sent; answers when they are durable.
    pub async fn append_events(
        &self,
        _worker: Uuid,
        _batch: &LogBatch,
    ) -> Result<LogReply, CatalogError> {
        absent("events")
    }

    /// Ends an attempt.
    pub async fn complete(
        &self,
        _worker: Uuid,
        _complete: &Complete,
    ) -> Result<CompleteReply, CatalogError> {
        absent("leases")
    }

    /// Takes back every lease whose end has passed and says which.
    pub async fn expire_leases(&self) -> Result<Vec<AttemptKey>, CatalogError> {
        absent("leases")
    }

    /// When the next lease ends.
    pub async fn next_deadline(&self) -> Result<Option<Timestamp>, CatalogError> {
        absent("leases")
    }

    /// The `.ispac` with that SHA-256, lower-case hex.
    pub async fn project_file(&self, _hash: &str) -> Result<Option<Vec<u8>>, CatalogError> {
        absent("project files")
    }

    /// Sets rows of `catalog.master_properties`.
    pub async fn set_master_properties(
        &self,
        _properties: &[(&str, String)],
    ) -> Result<(), CatalogError> {
        absent("master properties")
    }

    /// Moves when an execution becomes pending, a worker is enabled or a stop is asked for.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.inner.changes.subscribe()
    }
}
