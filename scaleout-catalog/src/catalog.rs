//! The one door to a catalog.

use std::path::Path;
use std::sync::{Arc, Mutex};

use scaleout_core::error::{Blame, Explain as _};
use scaleout_core::metrics::HistogramCounts;
use scaleout_core::model::{Caller, Clock};
use scaleout_core::registry::{
    self, Arguments, BoundArguments, Procedure, ProcedureResult, Rows, ViewQuery,
};
use tokio::sync::{Semaphore, watch};

use crate::access;
use crate::audit;
use crate::error::CatalogError;
use crate::key_rotation::open_keeper;
use crate::location::CatalogLocation;
use crate::master::job_calls::PackageCall;
use crate::procedures::{self, Call};
use crate::secrets::key_path;
use crate::shared::Shared;
use crate::store::audit::AuditEntry;
use crate::store::writer::Bells;
use crate::store::{Store, projects, properties, view_query};
use crate::together::Together;

/// Passwords that are hashed at once: each takes 19 MiB and a whole core.
const HASHES_AT_ONCE: usize = 2;

/// An open catalog; clones share it.
#[derive(Clone, Debug)]
pub struct Catalog {
    pub(crate) shared: Arc<Shared>,
}

/// How well group commit works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommitCounts {
    /// Durable commits since the catalog was opened.
    pub commits: u64,
    /// Changes that were in them.
    pub changes: u64,
}

impl Catalog {
    /// Opens a catalog, creating or upgrading its database. The key of one on a server is in
    /// `data_folder`, that of a SQLite file beside it.
    ///
    /// # Errors
    /// The database cannot be opened or has another master, or its key file is missing, not private
    /// or not its own.
    pub async fn open(
        location: &CatalogLocation,
        data_folder: &Path,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, CatalogError> {
        let bells = Bells {
            scheduler: watch::Sender::new(0),
            endings: watch::Sender::new(0),
            stops: watch::Sender::new(0),
            elsewhere: watch::Sender::new(0),
        };
        let store = Store::open(location, bells.clone(), clock.now()).await?;
        let keeper = open_keeper(&store, &key_path(location, data_folder)).await?;
        Ok(Self {
            shared: Arc::new(Shared {
                store,
                keeper,
                clock,
                bells,
                failures: Mutex::default(),
                hashing: Semaphore::new(HASHES_AT_ONCE),
                bearers: Together::default(),
                standings: Together::default(),
            }),
        })
    }

    /// Finishes what is queued and closes the database. Other clones get errors from then on.
    pub async fn close(self) {
        self.shared.store.close().await;
    }

    /// Calls a procedure.
    ///
    /// # Errors
    /// The procedure is unknown, its arguments do not fit, the caller may not, or the catalog refuses.
    pub async fn call(
        &self,
        caller: &Caller,
        procedure: &str,
        arguments: &Arguments,
    ) -> Result<ProcedureResult, CatalogError> {
        self.call_from(None, caller, procedure, arguments).await
    }

    /// The same, where a package may be what calls.
    pub(crate) async fn call_from(
        &self,
        package: Option<PackageCall>,
        caller: &Caller,
        procedure: &str,
        arguments: &Arguments,
    ) -> Result<ProcedureResult, CatalogError> {
        let absent = || CatalogError::Absent {
            kind: "procedure",
            name: procedure.to_owned(),
        };
        let declaration = registry::procedure(procedure).ok_or_else(absent)?;
        let handler = procedures::handler(declaration.name).ok_or_else(absent)?;
        let arguments = registry::bind(declaration, arguments);
        if let Err(refused) = access::check_call(caller, declaration) {
            self.refused(caller, declaration, arguments.ok(), &refused)
                .await?;
            return Err(refused);
        }
        let arguments = arguments?;
        let now = self.shared.clock.now();
        let call = Call {
            shared: &self.shared,
            caller,
            now,
            procedure: declaration,
            package,
            audit: Mutex::new(audit::entry_of(caller, declaration, &arguments, now)),
        };
        let result = handler(&call, &arguments).await;
        self.write_down(&call, &result).await?;
        result
    }

    /// Writes down a call that its caller may not make at all.
    async fn refused(
        &self,
        caller: &Caller,
        procedure: &'static Procedure,
        arguments: Option<BoundArguments>,
        refusal: &CatalogError,
    ) -> Result<(), CatalogError> {
        let (arguments, now) = (arguments.unwrap_or_default(), self.shared.clock.now());
        let Some(entry) = audit::entry_of(caller, procedure, &arguments, now) else {
            return Ok(());
        };
        let outcome = refusal.code().to_owned();
        self.shared
            .write_audit(AuditEntry { outcome, ..entry })
            .await
    }

    /// Writes down what the call itself has not: changes of many writes, and refusals.
    async fn write_down(
        &self,
        call: &Call<'_>,
        result: &Result<ProcedureResult, CatalogError>,
    ) -> Result<(), CatalogError> {
        let refusal = match result {
            Ok(done) => done.refusal.as_ref().map(|body| body.code.clone()),
            Err(error) if error.blame() == Blame::Forbidden => Some(error.code().to_owned()),
            // What was wrong or missing has changed nothing.
            Err(_) => return Ok(()),
        };
        let Some(mut entry) = call.unwritten() else {
            return Ok(());
        };
        if let Some(code) = refusal {
            entry.outcome = code;
        }
        self.shared.write_audit(entry).await
    }

    /// Reads a view.
    ///
    /// # Errors
    /// The view or a column is unknown, a filter does not fit its column, or the database fails.
    pub async fn view(
        &self,
        caller: &Caller,
        view: &str,
        query: &ViewQuery,
    ) -> Result<Rows, CatalogError> {
        let view = registry::view(view).ok_or_else(|| CatalogError::Absent {
            kind: "view",
            name: view.to_owned(),
        })?;
        let filter = access::row_filter(caller, view);
        let mut session = self.shared.store.reader().await?;
        view_query::read(&mut session, view, query, &filter).await
    }

    /// The `.ispac` with that SHA-256, lower-case hex.
    ///
    /// # Errors
    /// The database fails.
    pub async fn project_file(&self, hash: &str) -> Result<Option<Vec<u8>>, CatalogError> {
        let mut session = self.shared.store.reader().await?;
        Ok(projects::file(&mut session, hash).await?)
    }

    /// Sets rows of `catalog.master_properties`; what `update_master_address` and
    /// `update_logdb_info` have set stays, since only people know how others get here.
    ///
    /// # Errors
    /// The database fails.
    pub async fn set_master_properties(
        &self,
        properties: &[(&str, String)],
    ) -> Result<(), CatalogError> {
        let properties: Vec<(String, String)> = properties
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect();
        self.shared
            .store
            .write(move |session| {
                Box::pin(async move {
                    for (name, found) in &properties {
                        let chosen = properties::chosen(session, name).await?;
                        let value = chosen.as_ref().unwrap_or(found);
                        properties::set_master(session, name, value).await?;
                    }
                    Ok(())
                })
            })
            .await
    }

    /// Moves when an execution becomes pending or its slot free, a worker is enabled or a stop is
    /// asked for.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.shared.bells.scheduler.subscribe()
    }

    /// Moves when an execution ends.
    #[must_use]
    pub fn endings(&self) -> watch::Receiver<u64> {
        self.shared.bells.endings.subscribe()
    }

    /// Moves when something that runs is to be stopped.
    #[must_use]
    pub fn stops(&self) -> watch::Receiver<u64> {
        self.shared.bells.stops.subscribe()
    }

    /// Moves when another master has changed something.
    #[must_use]
    pub fn elsewhere(&self) -> watch::Receiver<u64> {
        self.shared.bells.elsewhere.subscribe()
    }

    /// Commits and changes since the catalog was opened.
    #[must_use]
    pub fn commit_counts(&self) -> CommitCounts {
        let counters = self.shared.store.counters();
        CommitCounts {
            commits: counters.commits(),
            changes: counters.changes(),
        }
    }

    /// How long the catalog's transactions took, from their beginning until they were durable.
    #[must_use]
    pub fn commit_durations(&self) -> HistogramCounts {
        self.shared.store.counters().durations()
    }
}
