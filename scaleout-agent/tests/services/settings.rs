//! The effect of settings, each at a master and a worker that run.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use scaleout_agent::master::{Master, MasterError, MasterOptions};
use scaleout_core::client::{Secret, Transport};
use scaleout_core::model::OperationStatus;
use scaleout_core::protocol::worker::{LeaseReply, LeaseRequest, Registered};
use scaleout_core::registry::ViewQuery;
use scaleout_core::settings::{MasterSettings, TimeSpan, WorkerSettings};

use super::lab::{
    LEASE, Lab, REGISTER, certificate, gate, lease, open, registration, reload, sample,
    spool_with_an_end, until,
};

/// The page of the master for Prometheus.
async fn page(lab: &Lab) -> String {
    let token = std::fs::read_to_string(lab.path("master").join("admin.token")).unwrap();
    let endpoint = lab.endpoint().parse().unwrap();
    let token = Some(Secret::new(token));
    let transport = Transport::new(endpoint, &lab.master_trust(), None, token).unwrap();
    let limit = Duration::from_secs(60);
    let bytes = transport.get_bytes("/metrics", limit).await.unwrap();
    String::from_utf8(bytes).unwrap()
}

/// How many requests to an endpoint of workers the master has answered well.
async fn requests(lab: &Lab, name: &str) -> f64 {
    let start = format!(
        "scaleout_requests_total{{endpoint=\"/ClusterManagement/v1/{name}\",status=\"200\"}}"
    );
    sample(&page(lab).await, &start).unwrap_or(0.0)
}

/// Waits until the gate of the one worker says this word, or is open.
async fn until_gate(lab: &Lab, word: Option<&str>) {
    until("the worker says why it asks for nothing", async || {
        let all = ViewQuery::default();
        let states = lab.client().view("worker_states", &all).await.ok()?;
        let gate = states.iter().next()?.text("gate").map(str::to_owned);
        match (gate, word) {
            (Some(gate), Some(word)) => gate.contains(word).then_some(()),
            (gate, None) => gate.is_none().then_some(()),
            (None, Some(_)) => None,
        }
    })
    .await;
}

async fn status(lab: &Lab, id: i64) -> OperationStatus {
    lab.client().execution(id).await.unwrap().status
}

/// Keeps a processor busy until it is dropped.
struct Busy(Arc<AtomicBool>);

impl Busy {
    fn start() -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&stop);
        std::thread::spawn(move || {
            while !told.load(Ordering::Relaxed) {
                std::hint::black_box(vec![0_u8; 1 << 16]);
            }
        });
        Self(stop)
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A worker that runs something asks for nothing more once its gate is closed, and for more as soon
/// as the setting lets it.
async fn is_held_back(
    word: &str,
    close: impl FnOnce(&mut WorkerSettings),
    open_up: impl FnOnce(&mut WorkerSettings),
) {
    let mut lab = Lab::new().await;
    let gate = gate(lab.folder.path());
    let (worker, options) = lab.worker_with(1, close).await;
    let first = lab.start("gate", &[], 0).await;
    lab.until_message(first, "before").await;
    // What it has asked for before its load was measured it may still get.
    lab.start("quick", &[], 0).await;
    until_gate(&lab, Some(word)).await;
    let held = lab.start("quick", &[], 0).await;
    until("the master knows why it waits", async || {
        let start = "scaleout_queue_executions{reason=\"WORKER_BUSY\"}";
        sample(&page(&lab).await, start).filter(|count| 1.0 <= *count)
    })
    .await;
    assert_eq!(status(&lab, held).await, OperationStatus::Pending);
    reload(&worker, &options, open_up);
    lab.ended(held).await;
    open(&gate).await;
    lab.ended(first).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn task_request_min_memory_holds_a_busy_worker_back_until_there_is_so_much() {
    is_held_back(
        "TaskRequestMinMemory",
        |settings| settings.task_request_min_memory = 1e9,
        |settings| settings.task_request_min_memory = 0.0,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn task_request_max_cpu_holds_a_busy_worker_back_while_the_machine_is_busier() {
    let _busy = Busy::start();
    is_held_back(
        "TaskRequestMaxCPU",
        |settings| settings.task_request_max_cpu = 1.0,
        |settings| settings.task_request_max_cpu = 100.0,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn max_task_count_is_how_many_run_at_once() {
    let mut lab = Lab::new().await;
    let gate = gate(lab.folder.path());
    let (worker, options) = lab
        .worker_with(1, |settings| settings.max_task_count = 1)
        .await;
    let first = lab.start("gate", &[], 0).await;
    lab.until_message(first, "before").await;
    let second = lab.start("quick", &[], 0).await;
    assert_eq!(sample(&worker.metrics(), "scaleout_slots "), Some(1.0));
    assert_eq!(status(&lab, second).await, OperationStatus::Pending);
    reload(&worker, &options, |settings| settings.max_task_count = 2);
    lab.ended(second).await;
    open(&gate).await;
    lab.ended(first).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn both_heartbeats_come_as_often_as_they_are_set_to() {
    let mut lab = Lab::new().await;
    let gate = gate(lab.folder.path());
    let second = TimeSpan::from_secs(1);
    let (_worker, _) = lab
        .worker_with(1, |settings| {
            settings.agent_heartbeat_interval = second;
            settings.task_heartbeat_interval = second;
        })
        .await;
    let id = lab.start("gate", &[], 0).await;
    lab.until_message(id, "before").await;
    // With the intervals of the other tests, one and none.
    until("several heartbeats have come", async || {
        let (alive, tasks) = (
            requests(&lab, "heartbeat").await,
            requests(&lab, "task_heartbeat").await,
        );
        (3.0 <= alive && 3.0 <= tasks).then_some(())
    })
    .await;
    open(&gate).await;
    lab.ended(id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_tolerance_without_a_master_tasks_are_ended() {
    let mut lab = Lab::new().await;
    let _gate = gate(lab.folder.path());
    let second = TimeSpan::from_secs(1);
    let (worker, _) = lab
        .worker_with(1, |settings| {
            settings.task_heartbeat_interval = second;
            settings.heartbeat_error_tollerance = second;
        })
        .await;
    let id = lab.start("gate", &[], 0).await;
    lab.until_message(id, "before").await;
    assert_eq!(sample(&worker.metrics(), "scaleout_slots_used "), Some(1.0));
    lab.stop_master().await;
    until("the package is ended", async || {
        let used = sample(&worker.metrics(), "scaleout_slots_used ");
        (used == Some(0.0)).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_go_in_batches_of_so_many() {
    let mut lab = Lab::new().await;
    let (_worker, _) = lab
        .worker_with(1, |settings| {
            settings.execution_log_max_buffer_log_count = 1;
        })
        .await;
    let id = lab.start("quick", &[], 0).await;
    lab.ended(id).await;
    // Three messages, of which the last one may go with the end.
    assert!(2.0 <= requests(&lab, "log").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_was_retried_so_often_leaves_memory_and_is_sent_from_disk_later() {
    let mut lab = Lab::new().await;
    let gate = gate(lab.folder.path());
    let (worker, options) = lab
        .worker_with(1, |settings| settings.execution_log_retry_count = 0)
        .await;
    let id = lab.start("chatty", &[], 0).await;
    lab.until_message(id, "before").await;
    lab.stop_master().await;
    open(&gate).await;
    spool_with_an_end(&options, id).await;
    let buffers = async |wanted: f64| {
        until("so many batches are in memory", async || {
            let used = sample(&worker.metrics(), "scaleout_log_buffers ");
            (used == Some(wanted)).then_some(())
        })
        .await;
    };
    // While it is retried, it stays in memory; without retries it goes with the next failure.
    for (retries, used) in [(1_000_000, 1.0), (0, 0.0)] {
        reload(&worker, &options, |settings| {
            settings.execution_log_retry_count = retries;
        });
        buffers(used).await;
    }
    lab.start_master().await.unwrap();
    let execution = lab.ended(id).await;
    assert_eq!(execution.status, OperationStatus::Succeeded);
    assert_eq!(lab.said(id).await.unwrap().len(), 150);
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_that_nobody_takes_are_kept_for_the_retry_timeout_and_no_longer() {
    let mut lab = Lab::new().await;
    let gate = gate(lab.folder.path());
    let cache = lab.path("cache");
    let (worker, options) = lab
        .worker_with(1, |settings| {
            settings.execution_log_cache_folder = cache.display().to_string();
        })
        .await;
    let id = lab.start("gate", &[], 0).await;
    lab.until_message(id, "before").await;
    // `ExecutionLogCacheFolder` is where they wait.
    let spool = cache.join(format!("{id}-1.spool"));
    assert!(spool.is_file());
    lab.stop_master().await;
    open(&gate).await;
    until("the end is on disk", async || {
        let text = std::fs::read_to_string(&spool).ok()?;
        text.contains("finished").then_some(())
    })
    .await;
    reload(&worker, &options, |settings| {
        settings.execution_log_retry_timeout = TimeSpan::from_secs(0);
    });
    until("the messages are given up", async || {
        (!spool.exists()).then_some(())
    })
    .await;
}

/// The lines of all files of the task log of the first attempt, by file name.
fn task_log(root: &Path, id: i64) -> Vec<(String, Vec<serde_json::Value>)> {
    let entries = std::fs::read_dir(root).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let names = names.filter(|name| name.starts_with(&format!("{id}-1")));
    let mut files: Vec<_> = names
        .map(|name| {
            let text = std::fs::read_to_string(root.join(&name)).unwrap();
            let lines = text.lines();
            let lines = lines.map(|line| serde_json::from_str(line).unwrap());
            (name, lines.collect())
        })
        .collect();
    files.sort_by(|a, b| a.0.cmp(&b.0));
    files
}

#[tokio::test(flavor = "multi_thread")]
async fn task_logs_are_written_where_and_as_the_settings_say() {
    let mut lab = Lab::new().await;
    let root = lab.path("tasks");
    let (worker, options) = lab
        .worker_with(1, |settings| {
            settings.tasks_root_folder = root.display().to_string();
        })
        .await;
    let run = async |lab: &Lab| {
        let id = lab.start("quick", &[], 0).await;
        lab.ended(id).await;
        task_log(&root, id)
    };
    // By default: one file, with what is not verbose.
    let files = run(&lab).await;
    assert_eq!(files.len(), 1);
    let (name, lines) = &files[0];
    assert!(name.ends_with("-1.log"), "{name}");
    let levels: Vec<&str> = lines
        .iter()
        .map(|line| line["level"].as_str().unwrap())
        .collect();
    assert_eq!(levels, ["AUDIT", "INFO", "INFO", "INFO", "AUDIT"]);
    assert_eq!(lines[1]["message"], "one");

    reload(&worker, &options, |settings| settings.task_log_level = 64);
    let files = run(&lab).await;
    assert_eq!(files[0].1.len(), 2, "audits alone: {files:?}");

    // The package speaks of 2024, the worker of now: two segments.
    reload(&worker, &options, |settings| {
        settings.task_log_segment = TimeSpan::from_secs(86_400);
    });
    let files = run(&lab).await;
    assert_eq!(files.len(), 2, "{files:?}");
    let (name, lines) = &files[0];
    assert!(name.ends_with("-1-20240131T000000Z.log"), "{name}");
    assert_eq!(lines.len(), 3);

    reload(&worker, &options, |settings| {
        settings.task_log_enabled = false
    });
    assert_eq!(run(&lab).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn housekeeping_comes_as_often_as_it_is_set_to() {
    let mut lab = Lab::new().await;
    lab.stop_master().await;
    let options = MasterOptions {
        settings: MasterSettings {
            cleanup_completed_jobs_interval_in_ms: 1000,
            ..MasterSettings::default()
        },
        ..lab.master_options()
    };
    lab.master = Some(Master::start(options).await.unwrap());
    let cleanups = ViewQuery {
        equals: vec![("operation_type".to_owned(), "2".to_owned())],
        ..ViewQuery::default()
    };
    until("it was done twice", async || {
        let done = lab.client().view("operations", &cleanups).await.ok()?;
        (2 <= done.rows.len()).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_whose_end_nobody_foresaw_is_found_within_the_interval() {
    let mut lab = Lab::new().await;
    lab.stop_master().await;
    let mut options = lab.master_options();
    options.settings.deal_with_expired_tasks_interval_in_ms = 200;
    lab.master = Some(Master::start(options).await.unwrap());
    let mine = certificate(&["w"]);
    lab.trust(&mine);
    let transport = lab.transport(Some(&mine));
    let limit = Duration::from_secs(60);
    let me = registration(1);
    let registered: Result<Registered, _> = transport.post(REGISTER, &me, limit).await;
    registered.unwrap();
    lab.enable(me.worker_agent_id).await;
    let id = lab.start("quick", &[], 0).await;
    let hour = LeaseRequest {
        slots: 1,
        lease_ms: 3_600_000,
        ..lease(30_000)
    };
    let first: LeaseReply = transport.post(LEASE, &hour, limit).await.unwrap();
    assert_eq!(first.tasks[0].task.attempt, 1);
    // The master rests until the lease ends, in an hour; it is told of nothing that comes before.
    let catalog = rusqlite::Connection::open(lab.path("catalog.db")).unwrap();
    let over = "UPDATE operation SET lease_until = '2020-01-01T00:00:00.000000Z'
                WHERE operation_id = ?1 AND lease_until > '2020'";
    assert_eq!(catalog.execute(over, [id]).unwrap(), 1);
    let second: LeaseReply = transport.post(LEASE, &hour, limit).await.unwrap();
    assert_eq!(second.tasks[0].task.attempt, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_catalog_that_does_not_answer_is_given_up_after_the_connection_timeout() {
    let lab = Lab::new().await;
    // Takes connections and says nothing.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let mut options = lab.master_options();
    options.listen.set_port(0);
    options.data_dir = lab.path("other");
    options.catalog = format!("postgres://u@127.0.0.1:{port}/d?sslmode=disable")
        .parse()
        .unwrap();
    options.settings.sql_connection_timeout_in_secs = 1;
    let error = Master::start(options).await.unwrap_err();
    assert!(
        matches!(error, MasterError::CatalogTimeout { seconds: 1 }),
        "{error:?}"
    );
}
