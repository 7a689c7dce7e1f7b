//! Why a master could not start.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use scaleout_catalog::CatalogError;
use scaleout_core::certificates::CertificateError;
use scaleout_core::error::{Blame, Explain};

/// Why a master could not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MasterError {
    /// Somebody else has the port.
    #[error("port {} of {} is in use by another program", .address.port(), .address.ip())]
    PortInUse {
        /// Address asked for.
        address: SocketAddr,
    },
    /// The address cannot be listened on.
    #[error("failed to listen on {address}")]
    Listen {
        /// Address asked for.
        address: SocketAddr,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The master's own certificate is out of its time or too weak.
    #[error("the master's own certificate cannot be used")]
    Certificate(#[from] CertificateError),
    /// Certificate and key do not belong together.
    #[error("the master's certificate and key cannot be used for TLS: {reason}")]
    Key {
        /// What rustls said.
        reason: String,
    },
    /// A file or folder of the master.
    #[error("failed to write `{}`", .path.display())]
    Data {
        /// Which.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The catalog does not open in the time that `SqlConnectionTimeoutInSecs` allows.
    #[error("the catalog did not open within {seconds} s")]
    CatalogTimeout {
        /// The limit.
        seconds: u64,
    },
    /// The catalog.
    #[error("failed to open the catalog")]
    Catalog(#[from] CatalogError),
}

impl Explain for MasterError {
    fn code(&self) -> &str {
        match self {
            Self::PortInUse { .. } => "SO1210",
            Self::Listen { .. } => "SO1211",
            Self::Certificate(error) => error.code(),
            Self::Key { .. } => "SO1212",
            Self::Data { .. } => "SO1213",
            Self::CatalogTimeout { .. } => "SO1214",
            Self::Catalog(error) => error.code(),
        }
    }

    fn blame(&self) -> Blame {
        match self {
            Self::PortInUse { .. } => Blame::Conflict,
            Self::Listen { .. } | Self::Certificate(_) | Self::Key { .. } => Blame::Caller,
            Self::Data { .. } => Blame::Server,
            Self::CatalogTimeout { .. } => Blame::Unreachable,
            Self::Catalog(error) => error.blame(),
        }
    }

    fn hint(&self) -> String {
        let hint = match self {
            Self::PortInUse { address } => {
                return format!(
                    "`ss -ltnp 'sport = :{0}'` shows who has it, perhaps a master that still runs; \
                     choose another with `--port` or the setting `PortNumber`",
                    address.port()
                );
            }
            Self::Listen { .. } => {
                "listen on an address of this machine; ports below 1024 need a privilege"
            }
            Self::Certificate(error) => return error.hint(),
            Self::Key { .. } => {
                "move both files out of the data folder: the next start makes a new pair"
            }
            Self::Data { .. } => "check that the folder belongs to the account of the master",
            Self::CatalogTimeout { .. } => {
                "another process may hold the database; `SqlConnectionTimeoutInSecs` is the limit"
            }
            Self::Catalog(error) => return error.hint(),
        };
        hint.to_owned()
    }
}
