//! `soctl bench workers`: workers that do nothing, as many as are wanted, and what they cost a master.

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use clap::Args;
use jiff::Timestamp;
use scaleout_core::certificates::{CertificateRequest, create_self_signed};
use scaleout_core::client::{
    Client, ClientError, ClientOptions, Identity, MasterTrust, Secret, Transport,
};
use scaleout_core::protocol::PROTOCOL_VERSION;
use scaleout_core::protocol::worker::{
    Heartbeat, HeartbeatReply, LeaseReply, LeaseRequest, Register, Registered,
};
use scaleout_core::registry::Arguments;
use scaleout_core::settings::WorkerSettings;
use serde::Serialize;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::task::JoinSet;
use tokio::time::{Instant, interval_at, sleep, sleep_until};
use uuid::Uuid;

use super::dispatch::{deploy, start_for};
use crate::error::{CliError, CommandError, file_error};
use crate::interrupt::interrupted;
use crate::output::{Cell, Outcome, Report, Talk};

/// Workers that join at once.
const TOGETHER: usize = 64;
/// How long any answer may take; the master holds a request for work for half of it.
const LIMIT: Duration = Duration::from_secs(60);
/// How long the master may hold a request for work.
const WAIT: Duration = Duration::from_secs(30);
/// Ticks of the kernel's clock in a second.
const TICKS: f64 = 100.0;

/// Measure what idle workers cost a master
///
/// Starts a master as a process of its own, with a catalog in a temporary folder, and lets so many workers
/// register, each with its own certificate and connection. Each asks for work and says that it is alive as a
/// real one does; there is none for it. Measured are the processor time and the memory of the master.
/// Each worker needs two open files here and two in the master: `ulimit -n` says how many there may be.
///
/// Examples:
///   soctl bench workers --workers 1000
///   soctl bench workers --workers 10000 --pending 100000 --output json
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct WorkersArgs {
    /// Workers
    #[arg(long, value_name = "COUNT", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    workers: u32,
    /// How long to measure
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=3600))]
    seconds: u32,
    /// Executions that wait meanwhile, all of them for a worker that is disabled
    #[arg(long, value_name = "COUNT", default_value_t = 0)]
    pending: u32,
}

/// What was measured, and exactly what `--output json` prints.
#[derive(Debug, Serialize)]
struct Measured {
    workers: u32,
    pending: u32,
    seconds: f64,
    heartbeats: u64,
    requests_for_work: u64,
    granted: u64,
    master_processors: f64,
    master_memory_mb: u64,
    master_peak_memory_mb: u64,
    processors: usize,
}

/// Runs it; Ctrl-C cleans up too.
///
/// # Errors
/// The master cannot start, or a worker is refused.
pub async fn run(args: WorkersArgs, talk: &Talk) -> Result<Outcome, CliError> {
    let scratch = tempfile::Builder::new()
        .prefix("soctl-bench-")
        .tempdir()
        .map_err(file_error("create a folder in", std::env::temp_dir()))?;
    let measured = tokio::select! {
        measured = measure(&args, scratch.path(), talk) => measured,
        () = interrupted() => Err(CommandError::Interrupted.into()),
    };
    let folder = scratch.path().to_owned();
    scratch.close().map_err(file_error("remove", folder))?;
    measured.map(|measured| rendered(&measured))
}

/// A master in a process of its own, killed when this is dropped.
struct MasterProcess {
    child: Child,
    endpoint: String,
    trust: MasterTrust,
    client: Client,
}

async fn measure(args: &WorkersArgs, scratch: &Path, talk: &Talk) -> Result<Measured, CliError> {
    let mut master = start_master(scratch).await?;
    let client = master.client.clone();
    client.call("enable_scaleout", Arguments::new()).await?;
    talk.say(&format!("{} workers join", args.workers));
    let workers = join(&master, args.workers).await?;
    if 0 < args.pending {
        talk.say(&format!("{} executions begin to wait", args.pending));
        // The first worker is left disabled: what waits for it stays.
        deploy(&client).await?;
        start_for(
            &client,
            workers.first().map(|worker| worker.id),
            args.pending,
        )
        .await?;
    }
    let counts = Arc::new(Counts::default());
    let mut idle = JoinSet::new();
    let every = WorkerSettings::default()
        .agent_heartbeat_interval
        .as_duration();
    let begin = Instant::now();
    for (number, worker) in (0..).zip(workers) {
        // Real ones do not all beat at once.
        let first = begin + every * number / args.workers.max(1);
        let worker = Arc::new(worker);
        idle.spawn(say_alive(
            Arc::clone(&worker),
            first,
            every,
            Arc::clone(&counts),
        ));
        let first = begin + WAIT * number / args.workers.max(1);
        idle.spawn(ask_for_work(worker, first, Arc::clone(&counts)));
    }
    // Where there is time for it, every one has its place in the round before anything is counted.
    let seconds = Duration::from_secs(args.seconds.into());
    sleep_until(begin + WAIT.min(seconds)).await;
    talk.say(&format!("{} seconds", args.seconds));
    let before = usage(&master.child)?;
    let (beats, asks) = counts.both();
    let begun = Instant::now();
    sleep(seconds).await;
    let seconds = begun.elapsed().as_secs_f64();
    let after = usage(&master.child)?;
    let (beats_after, asks_after) = counts.both();
    if let Some(error) = counts.failure() {
        return Err(error.into());
    }
    idle.shutdown().await;
    // Its end is not what is measured.
    let _ = master.child.kill().await;
    Ok(Measured {
        workers: args.workers,
        pending: args.pending,
        seconds: (seconds * 100.0).round() / 100.0,
        heartbeats: beats_after - beats,
        requests_for_work: asks_after - asks,
        granted: counts.granted.load(Ordering::Relaxed),
        master_processors: ((after.seconds - before.seconds) / seconds * 1000.0).round() / 1000.0,
        master_memory_mb: after.memory_mb,
        master_peak_memory_mb: after.peak_mb,
        processors: std::thread::available_parallelism().map_or(1, usize::from),
    })
}

async fn start_master(scratch: &Path) -> Result<MasterProcess, CliError> {
    let failed = |source: std::io::Error| CommandError::Service {
        what: "starting a master",
        source: Box::new(source),
    };
    let data = scratch.join("master");
    let program = std::env::current_exe().map_err(failed)?;
    let mut child = Command::new(program)
        .args(["master", "run", "--port", "0", "--data"])
        .arg(&data)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(failed)?;
    let ended = || failed(std::io::Error::other("it ended before it was ready"));
    let mut lines = BufReader::new(child.stderr.take().ok_or_else(ended)?).lines();
    let ready = loop {
        let line = lines.next_line().await.map_err(failed)?;
        let line = line.ok_or_else(ended)?;
        if line.starts_with("ready: ") {
            break line;
        }
    };
    // It never waits for a reader.
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    let word = |before: &str| {
        let behind = ready.split_once(before).map_or("", |(_, behind)| behind);
        behind
            .split([',', ')'])
            .next()
            .unwrap_or_default()
            .trim()
            .to_owned()
    };
    let endpoint = word("master at ");
    let trust = MasterTrust::Thumbprint(word("SHA-256 ").parse()?);
    let token = data.join("admin.token");
    let token = std::fs::read_to_string(&token).map_err(file_error("read", token))?;
    let client = Client::new(ClientOptions {
        master: endpoint.clone(),
        trust: trust.clone(),
        token: Some(Secret::new(token.trim())),
    })?;
    Ok(MasterProcess {
        child,
        endpoint,
        trust,
        client,
    })
}

/// A worker that has registered.
struct IdleWorker {
    id: Uuid,
    transport: Transport,
}

/// All workers, enabled but for the first one.
async fn join(master: &MasterProcess, count: u32) -> Result<Vec<IdleWorker>, CliError> {
    let mut workers = Vec::new();
    let mut joining = JoinSet::new();
    for number in 0..count {
        while TOGETHER <= joining.len() {
            if let Some(joined) = joining.join_next().await {
                workers.push(joined.map_err(panicked)??);
            }
        }
        let (client, endpoint) = (master.client.clone(), master.endpoint.clone());
        let trust = master.trust.clone();
        joining.spawn(async move { join_one(&client, &endpoint, &trust, number).await });
    }
    while let Some(joined) = joining.join_next().await {
        workers.push(joined.map_err(panicked)??);
    }
    // The disabled one first.
    workers.sort_by_key(|worker| worker.id);
    Ok(workers)
}

fn panicked(error: tokio::task::JoinError) -> CommandError {
    CommandError::Service {
        what: "a worker of the measurement",
        source: Box::new(error),
    }
}

async fn join_one(
    client: &Client,
    endpoint: &str,
    trust: &MasterTrust,
    number: u32,
) -> Result<IdleWorker, CliError> {
    let issued = create_self_signed(&CertificateRequest {
        names: vec![format!("idle{number}")],
        not_before: Timestamp::now(),
        valid_days: 1,
    })?;
    let pem = issued.certificate.to_pem();
    let trusted = [("certificate".to_owned(), pem.into())];
    client.call("trust_certificate", trusted.into()).await?;
    let identity = Identity {
        certificate: issued.certificate,
        key: issued.key,
    };
    let transport = Transport::new(endpoint.parse()?, trust, Some(&identity), None)?;
    let id = Uuid::from_u128(0x6f1b_7d3e_0000_4000_8000_0000_0000_0000 + u128::from(number));
    let registration = Register {
        worker_agent_id: id,
        protocol_version: PROTOCOL_VERSION,
        program_version: env!("CARGO_PKG_VERSION").to_owned(),
        machine_name: format!("idle{number}"),
        display_name: format!("idle{number}"),
        description: String::new(),
        user_account: "bench".to_owned(),
        max_task_count: 4,
        running: Vec::new(),
        number: 1,
    };
    let path = "/ClusterManagement/v1/register";
    let _registered: Registered = transport.post(path, &registration, LIMIT).await?;
    if 0 < number {
        let whom = [("WorkerAgentId".to_owned(), id.to_string().into())];
        client.call("enable_worker_agent", whom.into()).await?;
    }
    Ok(IdleWorker { id, transport })
}

/// What the workers have done.
#[derive(Default)]
struct Counts {
    heartbeats: AtomicU64,
    asked: AtomicU64,
    granted: AtomicU64,
    failure: std::sync::Mutex<Option<ClientError>>,
}

impl Counts {
    fn both(&self) -> (u64, u64) {
        let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
        (of(&self.heartbeats), of(&self.asked))
    }

    fn fail(&self, error: ClientError) {
        let mut failure = self
            .failure
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        failure.get_or_insert(error);
    }

    fn failure(&self) -> Option<ClientError> {
        let mut failure = self
            .failure
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        failure.take()
    }
}

async fn say_alive(worker: Arc<IdleWorker>, first: Instant, every: Duration, counts: Arc<Counts>) {
    let heartbeat = Heartbeat {
        cpu_percent: 1.0,
        free_memory_mb: 1000,
        running_tasks: 0,
        gate: None,
    };
    let mut beats = interval_at(first, every);
    loop {
        beats.tick().await;
        let path = "/ClusterManagement/v1/heartbeat";
        let said: Result<HeartbeatReply, _> = worker.transport.post(path, &heartbeat, LIMIT).await;
        match said {
            Ok(_) => drop(counts.heartbeats.fetch_add(1, Ordering::Relaxed)),
            Err(error) => return counts.fail(error),
        }
    }
}

async fn ask_for_work(worker: Arc<IdleWorker>, first: Instant, counts: Arc<Counts>) {
    let request = LeaseRequest {
        slots: 4,
        child_slots: 0,
        wait_ms: u64::try_from(WAIT.as_millis()).unwrap_or(u64::MAX),
        lease_ms: 30_000,
    };
    sleep_until(first).await;
    loop {
        let path = "/ClusterManagement/v1/lease";
        let asked: Result<LeaseReply, _> = worker.transport.post(path, &request, LIMIT).await;
        match asked {
            Ok(reply) => {
                counts.asked.fetch_add(1, Ordering::Relaxed);
                let granted = u64::try_from(reply.tasks.len()).unwrap_or(u64::MAX);
                counts.granted.fetch_add(granted, Ordering::Relaxed);
            }
            Err(error) => return counts.fail(error),
        }
    }
}

/// What a process has used.
#[derive(Clone, Copy)]
struct Usage {
    seconds: f64,
    memory_mb: u64,
    peak_mb: u64,
}

fn usage(child: &Child) -> Result<Usage, CliError> {
    let folder = format!("/proc/{}", child.id().unwrap_or_default());
    let read = |name: &str| {
        let file = format!("{folder}/{name}");
        std::fs::read_to_string(&file).map_err(file_error("read", file))
    };
    let (stat, status) = (read("stat")?, read("status")?);
    Ok(Usage {
        seconds: ticks(&stat) / TICKS,
        memory_mb: megabytes(&status, "VmRSS:"),
        peak_mb: megabytes(&status, "VmHWM:"),
    })
}

/// Processor time in `/proc/PID/stat`, of the process itself.
fn ticks(stat: &str) -> f64 {
    // `pid (name) state …`; a name may hold blanks and brackets. User and system time are the 14th and
    // 15th field.
    let behind = stat.rsplit_once(')').map_or("", |(_, behind)| behind);
    let fields = behind.split_whitespace().skip(11).take(2);
    fields.filter_map(|field| field.parse::<f64>().ok()).sum()
}

fn megabytes(status: &str, name: &str) -> u64 {
    let line = status.lines().find(|line| line.starts_with(name));
    let number = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    number.unwrap_or_default() / 1024
}

fn rendered(measured: &Measured) -> Outcome {
    let mut report = Report::table(["measure", "value"]);
    for (name, value) in [
        (
            "processors that the master used",
            measured.master_processors.to_string(),
        ),
        ("its memory", format!("{} MB", measured.master_memory_mb)),
        (
            "its memory at most",
            format!("{} MB", measured.master_peak_memory_mb),
        ),
        ("heartbeats", measured.heartbeats.to_string()),
        ("requests for work", measured.requests_for_work.to_string()),
    ] {
        let row = vec![Cell::Text(name.to_owned()), Cell::Text(value)];
        report.rows.push(row);
    }
    report.after.push(format!(
        "{} workers, {} executions that wait, {} s, {} processors",
        measured.workers, measured.pending, measured.seconds, measured.processors
    ));
    Outcome::new(measured, report)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usage_is_read_as_the_kernel_writes_it() {
        let stat = "42 (so (c)tl) S 1 2 3 4 5 6 7 8 9 10 250 50 7 8 20 0";
        assert_eq!(ticks(stat).to_bits(), 300.0_f64.to_bits());
        let status = "Name:\tsoctl\nVmHWM:\t  204800 kB\nVmRSS:\t  102400 kB\n";
        assert_eq!(megabytes(status, "VmRSS:"), 100);
        assert_eq!(megabytes(status, "VmHWM:"), 200);
    }
}
