//! What a master is started with.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use scaleout_catalog::CatalogLocation;
use scaleout_core::certificates::{Certificate, PrivateKey, TrustStore};
use scaleout_core::model::Clock;
use scaleout_core::settings::MasterSettings;

use super::identities::PreviousIdentity;
use crate::log_files::LogPlace;

/// What a master bears of connections that say nothing, or too little.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// Most connections at once.
    pub connections: usize,
    /// Most handshakes under way; one more ends the one that is under way for the longest time.
    pub handshakes: usize,
    /// How long a handshake may take.
    pub handshake: Duration,
    /// How long the head of a request may take, and how long a connection may idle.
    pub head: Duration,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self {
            connections: 30_000,
            handshakes: 2_000,
            handshake: Duration::from_secs(10),
            head: Duration::from_secs(30),
        }
    }
}

/// Everything a master needs; it reads no settings file itself.
#[derive(Clone, Debug)]
pub struct MasterOptions {
    /// Settings. `PortNumber` has its effect through `listen`, which the caller derives from it.
    pub settings: MasterSettings,
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Database of the catalog.
    pub catalog: CatalogLocation,
    /// Folder of the master's own files: `admin.token`, and `catalog.key` of a catalog on a server.
    pub data_dir: PathBuf,
    /// Certificate shown to everyone.
    pub certificate: Certificate,
    /// Its key.
    pub key: PrivateKey,
    /// Earlier certificates that are still good.
    pub previous: Vec<PreviousIdentity>,
    /// Certificates of workers.
    pub trust: TrustStore,
    /// `MASTER_ADDRESS`; by default `https://<host>:<port>`, where the host is `localhost` on
    /// loopback and the first name of the certificate elsewhere. What `update_master_address` has
    /// set goes before both.
    pub advertised: Option<String>,
    /// Bounds of its connections.
    pub limits: ConnectionLimits,
    /// Where its service log is, if it writes one.
    pub log: Option<LogPlace>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}
