//! The keys of both files, in the order of the published tables; ours follow.

use super::key::{Applies, KeyKind, SettingKey};
use super::time_span::TimeSpan;

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

const fn key(
    name: &'static str,
    kind: KeyKind,
    default: &'static str,
    unit: &'static str,
    meaning: &'static str,
) -> SettingKey {
    SettingKey {
        name,
        kind,
        default,
        unit,
        meaning,
        applies: Applies::OnReload,
    }
}

/// A key whose value is used once, when the service starts.
const fn at_start(key: SettingKey) -> SettingKey {
    SettingKey {
        applies: Applies::OnRestart,
        ..key
    }
}

const fn integer(least: i64, most: i64) -> KeyKind {
    KeyKind::Integer { least, most }
}

const fn span(least: u64, most: u64) -> KeyKind {
    KeyKind::TimeSpan {
        least: TimeSpan::from_secs(least),
        most: TimeSpan::from_secs(most),
    }
}

const TEXT: KeyKind = KeyKind::Text { most: 256 };

/// Keys of `MasterSettings.config`.
pub const MASTER: &[SettingKey] = &[
    at_start(key(
        "PortNumber",
        integer(1, 65_535),
        "8391",
        "",
        "TCP port on which workers and clients reach the master",
    )),
    key(
        "SSLCertThumbprint",
        KeyKind::Thumbprint,
        "\"\"",
        "",
        "certificate of the master, by thumbprint",
    ),
    at_start(key(
        "SqlServerName",
        KeyKind::Text { most: 4000 },
        "\"\"",
        "",
        "catalog, such as sqlite:PATH or postgres://USER@HOST:PORT/DATABASE; empty means a file in the data folder",
    )),
    key(
        "CleanupCompletedJobsIntervalInMs",
        integer(1000, 2_147_483_647),
        "43200000",
        "ms",
        "how often finished executions past their retention are removed",
    ),
    key(
        "DealWithExpiredTasksIntervalInMs",
        integer(100, 2_147_483_647),
        "300000",
        "ms",
        "longest time between two looks for expired leases; deadlines are looked at when they fall",
    ),
    key(
        "MasterHeartbeatIntervalInMs",
        integer(100, 3_600_000),
        "30000",
        "ms",
        "how often the master writes LAST_ONLINE_TIME",
    ),
    at_start(key(
        "SqlConnectionTimeoutInSecs",
        integer(1, 3600),
        "15",
        "s",
        "how long opening the catalog may take",
    )),
    key(
        "JobMailServer",
        TEXT,
        "\"\"",
        "",
        "mail server that takes notifications of jobs, HOST or HOST:PORT; empty means that no mail is sent",
    ),
    key(
        "JobMailSender",
        TEXT,
        "\"\"",
        "",
        "address that notifications of jobs come from",
    ),
];

/// Keys of `WorkerSettings.config`.
pub const WORKER: &[SettingKey] = &[
    key(
        "DisplayName",
        TEXT,
        "\"\"",
        "",
        "name shown for the worker; empty means the machine's name",
    ),
    key(
        "Description",
        TEXT,
        "\"\"",
        "",
        "description shown for the worker",
    ),
    at_start(key(
        "MasterEndpoint",
        KeyKind::Endpoint,
        "\"\"",
        "",
        "address of the master",
    )),
    key(
        "MasterHttpsCertThumbprint",
        KeyKind::Thumbprint,
        "\"\"",
        "",
        "certificate that the master must show",
    ),
    key(
        "WorkerHttpsCertThumbprint",
        KeyKind::Thumbprint,
        "\"\"",
        "",
        "certificate that the worker shows",
    ),
    at_start(key(
        "StoreLocation",
        KeyKind::Choice(&["LocalMachine", "CurrentUser"]),
        "\"LocalMachine\"",
        "",
        "which store location holds the worker's certificate",
    )),
    at_start(key(
        "StoreName",
        KeyKind::Choice(&["My", "Root"]),
        "\"My\"",
        "",
        "which store holds the worker's certificate",
    )),
    key(
        "AgentHeartbeatInterval",
        span(1, HOUR),
        "\"00:01:00\"",
        "",
        "how often the worker says that it is alive",
    ),
    key(
        "TaskHeartbeatInterval",
        span(1, HOUR),
        "\"00:00:10\"",
        "",
        "how often the worker reports its tasks and renews their leases",
    ),
    key(
        "HeartbeatErrorTollerance",
        span(1, 7 * DAY),
        "\"00:10:00\"",
        "",
        "how long after the last good task heartbeat an error reply ends the task",
    ),
    key(
        "TaskRequestMaxCPU",
        KeyKind::Number {
            least: 1.0,
            most: 100.0,
        },
        "70.0",
        "percent",
        "processor load above which no task is asked for",
    ),
    key(
        "TaskRequestMinMemory",
        KeyKind::Number {
            least: 0.0,
            most: 1_073_741_824.0,
        },
        "100.0",
        "MB",
        "free memory below which no task is asked for",
    ),
    key(
        "MaxTaskCount",
        integer(1, 10_000),
        "10",
        "",
        "most tasks at once",
    ),
    key(
        "LeaseInternval",
        span(3, DAY),
        "\"00:00:25\"",
        "",
        "how long a task stays with a worker that no longer reports it",
    ),
    key(
        "TasksRootFolder",
        KeyKind::Folder,
        "\"\"",
        "",
        "folder of the task logs, a file EXECUTION-ATTEMPT.log for each; empty means `ScaleOut/Tasks` in the data folder",
    ),
    key(
        "TaskLogLevel",
        integer(0, 127),
        "126",
        "",
        "sum of 1 Verbose, 2 Information, 4 Warning, 8 Error, 16 Progress, 32 CriticalError, 64 Audit",
    ),
    key(
        "TaskLogSegment",
        span(0, 365 * DAY),
        "\"00:00:00\"",
        "",
        "time covered by one task log file; zero means one file",
    ),
    key(
        "TaskLogEnabled",
        KeyKind::Boolean,
        "true",
        "",
        "whether task logs are written",
    ),
    at_start(key(
        "ExecutionLogCacheFolder",
        KeyKind::Folder,
        "\"\"",
        "",
        "where messages wait on disk until the master has them",
    )),
    key(
        "ExecutionLogMaxBufferLogCount",
        integer(1, 1_000_000),
        "10000",
        "",
        "most messages sent in one batch",
    ),
    key(
        "ExecutionLogMaxInMemoryBufferCount",
        integer(1, 10_000),
        "10",
        "",
        "most batches of messages in memory at once, of all packages; the others wait on disk",
    ),
    key(
        "ExecutionLogRetryCount",
        integer(0, 1_000_000),
        "3",
        "",
        "how often sending a batch is retried before it leaves memory to others; it is sent again from disk",
    ),
    key(
        "ExecutionLogRetryTimeout",
        span(0, 3650 * DAY),
        "\"7.00:00:00\"",
        "",
        "how long unsent messages are kept",
    ),
    at_start(key(
        "AgentId",
        KeyKind::Guid,
        "null",
        "",
        "identity of the worker, WorkerAgentId in the catalog",
    )),
    key(
        "PathMappings",
        KeyKind::Texts,
        "{}",
        "",
        "prefix of a path in a package to a folder of this machine",
    ),
    key(
        "ConnectionMap",
        KeyKind::Texts,
        "{}",
        "",
        "server or provider in a connection string to what is used instead",
    ),
    key(
        "WorkingFolder",
        KeyKind::Folder,
        "\"\"",
        "",
        "folder that relative paths of packages start from",
    ),
    key(
        "DataFlowMemoryBudget",
        integer(0, i64::MAX),
        "0",
        "bytes",
        "memory that one data flow may hold; 0 means a quarter of the machine",
    ),
    at_start(key(
        "MonitoringPort",
        integer(0, 65_535),
        "0",
        "",
        "TCP port on which the worker answers `/health`, `/ready` and `/metrics`; 0 means none",
    )),
];
