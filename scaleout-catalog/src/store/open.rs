//! Opens the database: one connection to write, a few to read.

use std::path::Path;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use jiff::Timestamp;

use super::company::{Company, WRITERS};
use super::error::StoreError;
use super::link::Link;
use super::migrate::migrate;
use super::neighbours::Neighbours;
use super::server::{Reads, Server};
use super::server_pool::ServerPool;
use super::session::Session;
use super::sqlite::{Place, Pool, Sqlite};
use super::writer::{Bells, WriteCounters, Writer};
use crate::error::CatalogError;
use crate::location::{CatalogLocation, PostgresLocation};

/// Connections that read at the same time.
const READERS: u32 = 4;

/// An open database.
#[derive(Debug)]
pub struct Store {
    writer: Writer,
    readers: Readers,
    /// Where other masters may be at work, too.
    server: Option<(Server, Neighbours)>,
}

/// Connections that see what is committed and change nothing: for whole pages, and for a few rows, where
/// nobody waits for a page.
#[derive(Debug)]
enum Readers {
    Sqlite {
        pages: Arc<Pool>,
        few: Arc<Pool>,
    },
    Postgres {
        pages: Arc<ServerPool>,
        few: Arc<ServerPool>,
    },
}

impl Store {
    /// Opens a database and brings its schema up to date.
    pub async fn open(
        location: &CatalogLocation,
        bells: Bells,
        now: Timestamp,
    ) -> Result<Self, CatalogError> {
        match location {
            CatalogLocation::Sqlite(path) => Ok(Self::open_sqlite(path, bells, now).await?),
            CatalogLocation::Postgres(location) => Self::open_postgres(location, bells, now).await,
        }
    }

    /// Opens a SQLite file, creating it where it is missing.
    async fn open_sqlite(path: &Path, bells: Bells, now: Timestamp) -> Result<Self, StoreError> {
        create_privately(path)?;
        let mut session = Session::sqlite(Sqlite::writer(path)?);
        migrate(&mut session, now).await?;
        Ok(Self {
            writer: Writer::start(vec![Link::sqlite(session)], &bells, None),
            readers: Readers::Sqlite {
                pages: Pool::new(path, READERS, Place::Elsewhere),
                few: Pool::new(path, READERS, Place::Here),
            },
            server: None,
        })
    }

    /// Opens a database of a server, which must be there; its schemas are made.
    async fn open_postgres(
        location: &PostgresLocation,
        bells: Bells,
        now: Timestamp,
    ) -> Result<Self, CatalogError> {
        let server = Server::new(location)?;
        let mut session = server.connect_to_write().await?;
        server.migrate(&mut session, now).await?;
        let beside = (1..WRITERS)
            .map(|number| Link::unconnected(server.clone(), Company::of_connection(number)));
        let links = std::iter::once(Link::postgres(session, server.clone()))
            .chain(beside)
            .collect();
        let neighbours = Neighbours::start(server.talkers(), bells.clone());
        Ok(Self {
            writer: Writer::start(links, &bells, Some(neighbours.told())),
            readers: Readers::Postgres {
                pages: ServerPool::new(server.clone(), Reads::Pages, READERS),
                few: ServerPool::new(server.clone(), Reads::Few, READERS),
            },
            server: Some((server, neighbours)),
        })
    }

    /// Runs a change that nothing else goes on beside; it is durable when this returns.
    pub async fn write<T, F>(&self, work: F) -> Result<T, CatalogError>
    where
        T: Send + 'static,
        F: for<'s> FnOnce(&'s mut Session) -> BoxFuture<'s, Result<T, CatalogError>>
            + Send
            + 'static,
    {
        self.writer.write(Company::Alone, work).await
    }

    /// Runs a change in the company of others; it is durable when this returns.
    pub async fn write_in<T, F>(&self, company: Company, work: F) -> Result<T, CatalogError>
    where
        T: Send + 'static,
        F: for<'s> FnOnce(&'s mut Session) -> BoxFuture<'s, Result<T, CatalogError>>
            + Send
            + 'static,
    {
        self.writer.write(company, work).await
    }

    /// As [`Self::write_in`], but refuses what would wait too long for its commit.
    pub async fn write_soon<T, F>(&self, company: Company, work: F) -> Result<T, CatalogError>
    where
        T: Send + 'static,
        F: for<'s> FnOnce(&'s mut Session) -> BoxFuture<'s, Result<T, CatalogError>>
            + Send
            + 'static,
    {
        self.writer.write_soon(company, work).await
    }

    /// Whether other masters may write, too.
    pub fn is_shared(&self) -> bool {
        self.server.is_some()
    }

    /// Does a chore unless another master is at it; `None` then.
    pub async fn chore<T>(
        &self,
        number: i32,
        work: impl Future<Output = T>,
    ) -> Result<Option<T>, StoreError> {
        match &self.server {
            None => Ok(Some(work.await)),
            Some((server, _)) => server.chore(number, work).await,
        }
    }

    /// A session that sees what is committed and changes nothing.
    pub async fn reader(&self) -> Result<Session, StoreError> {
        match &self.readers {
            Readers::Sqlite { pages, .. } => Ok(Session::sqlite(pages.take().await?)),
            // Boxed: connecting has a large future, which would be part of everything that reads.
            Readers::Postgres { pages, .. } => Ok(Session::reading(Box::pin(pages.take()).await?)),
        }
    }

    /// A session for queries that find a row or a few by an index.
    pub async fn reader_of_few(&self) -> Result<Session, StoreError> {
        match &self.readers {
            Readers::Sqlite { few, .. } => Ok(Session::sqlite(few.take().await?)),
            Readers::Postgres { few, .. } => Ok(Session::reading(Box::pin(few.take()).await?)),
        }
    }

    /// Finishes what is queued and closes all connections.
    pub async fn close(&self) {
        match &self.readers {
            Readers::Sqlite { pages, few } => {
                pages.close().await;
                few.close().await;
            }
            Readers::Postgres { pages, few } => {
                pages.close().await;
                few.close().await;
            }
        }
        self.writer.close().await;
        if let Some((_, neighbours)) = &self.server {
            neighbours.close().await;
        }
    }

    /// Commits and changes so far.
    pub fn counters(&self) -> &WriteCounters {
        self.writer.counters()
    }
}

/// The file holds tokens' hashes and logs: nobody else's business.
fn create_privately(path: &Path) -> Result<(), StoreError> {
    use std::os::unix::fs::OpenOptionsExt as _;

    let cannot_prepare = |source| StoreError::File {
        path: path.to_owned(),
        source,
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(cannot_prepare)?;
    }
    let created = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    match created {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
            Err(cannot_prepare(error))
        }
        _ => Ok(()),
    }
}
