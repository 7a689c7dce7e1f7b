//! The worker service: pulls executions, runs each in an executor process, ships what it says.

mod attempt;
mod attempts;
mod backoff;
mod buffers;
mod children;
mod command;
mod credentials;
mod error;
mod executor;
mod fence;
mod hand_back;
mod heartbeats;
mod job_calls;
mod link;
mod logs;
mod machine;
mod metrics;
mod monitoring;
mod options;
mod pool;
mod project_cache;
mod recovery;
mod registration;
mod renewal;
mod shipper;
#[cfg(test)]
#[path = "../../../tests/support/small_disk.rs"]
mod small_disk;
mod spool;
mod spool_folder;
mod spool_lines;
mod spool_reader;
mod spool_tail;
mod start;
mod state;
mod task_log;
mod work;

pub use error::WorkerError;
pub use monitoring::{MONITORING_ENDPOINTS, MonitoringAccess, MonitoringEndpoint};
pub use options::{Keeper, WorkerOptions};
pub use spool::is_spool;
pub use spool_folder::spool_path;
pub use start::{RunningWorker, Worker};
