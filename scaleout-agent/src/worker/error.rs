//! Why a worker could not start, or could not run a package.

use std::io;
use std::path::PathBuf;

use scaleout_core::certificates::CertificateError;
use scaleout_core::client::ClientError;
use scaleout_core::error::{Blame, Explain};

use crate::master::MasterError;

/// Why a worker could not start, or could not run a package.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WorkerError {
    /// The worker has no identity.
    #[error("the worker has no `AgentId`")]
    NoAgentId,
    /// No executor command.
    #[error("no executor command is given")]
    NoExecutor,
    /// A file or folder of the worker.
    #[error("failed to use `{}`", .path.display())]
    Data {
        /// Which.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The port of `MonitoringPort` cannot be had.
    #[error("failed to listen on port {port}, which `MonitoringPort` says")]
    Listen {
        /// The port.
        port: u16,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Certificate and key do not belong together.
    #[error("the certificate and key of the worker cannot be used for TLS")]
    Key(#[source] Box<MasterError>),
    /// The executor does not start.
    #[error("failed to start the executor `{program}`")]
    ExecutorStart {
        /// Program.
        program: String,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The executor died.
    #[error("the executor process {pid} {how}{last_words}")]
    ExecutorDied {
        /// Its process id.
        pid: u32,
        /// Exit code or signal, in words.
        how: String,
        /// The end of its standard error, or nothing.
        last_words: String,
    },
    /// The executor does not speak the line protocol.
    #[error("the executor process {pid} does not follow the protocol: {reason}")]
    ExecutorProtocol {
        /// Its process id.
        pid: u32,
        /// What was odd.
        reason: String,
    },
    /// A project file is not what its name says.
    #[error("the project file that the master sent does not have the content hash `{hash}`")]
    WrongProject {
        /// SHA-256 asked for.
        hash: String,
    },
    /// The worker's own certificate.
    #[error("the certificate of the worker cannot be used")]
    Certificate(#[from] CertificateError),
    /// The master.
    #[error(transparent)]
    Master(#[from] ClientError),
}

impl Explain for WorkerError {
    fn code(&self) -> &str {
        match self {
            Self::NoAgentId => "SO1301",
            Self::NoExecutor | Self::ExecutorStart { .. } => "SO1304",
            Self::Data { .. } => "SO1303",
            Self::Listen { .. } => "SO1308",
            Self::Key(error) => error.code(),
            Self::ExecutorDied { .. } => "SO1305",
            Self::ExecutorProtocol { .. } => "SO1306",
            Self::WrongProject { .. } => "SO1307",
            Self::Certificate(error) => error.code(),
            Self::Master(error) => error.code(),
        }
    }

    fn blame(&self) -> Blame {
        match self {
            Self::NoAgentId | Self::NoExecutor | Self::Listen { .. } | Self::Key(_) => {
                Blame::Caller
            }
            Self::Data { .. }
            | Self::ExecutorStart { .. }
            | Self::ExecutorDied { .. }
            | Self::ExecutorProtocol { .. }
            | Self::WrongProject { .. } => Blame::Server,
            Self::Certificate(error) => error.blame(),
            Self::Master(error) => error.blame(),
        }
    }

    fn hint(&self) -> String {
        let hint = match self {
            Self::NoAgentId => {
                "put the `AgentId` back that the catalog knows it by; a worker with an empty data folder draws one"
            }
            Self::NoExecutor | Self::ExecutorStart { .. } => {
                "the executor is the program `soctl` itself; check that it can be run"
            }
            Self::Data { .. } => "check owner, mode and free space of the worker's data folder",
            Self::Listen { port, .. } => {
                return format!(
                    "`ss -ltnp 'sport = :{port}'` shows who has it; choose another with `soctl worker \
                     settings set MonitoringPort`, or 0 for none"
                );
            }
            Self::Key(_) => {
                "set `WorkerHttpsCertThumbprint` to nothing and run `soctl worker init`: it makes a new pair"
            }
            Self::ExecutorDied { .. } => {
                "look for what killed it: the system's log names processes ended for lack of memory"
            }
            Self::ExecutorProtocol { .. } => "worker and executor must be of the same version",
            Self::WrongProject { .. } => "deploy the project again",
            Self::Certificate(error) => return error.hint(),
            Self::Master(error) => return error.hint(),
        };
        hint.to_owned()
    }
}
