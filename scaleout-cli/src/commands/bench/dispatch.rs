//! `soctl bench dispatch`: packages that do nothing, as many as go.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use clap::Args;
use jiff::Timestamp;
use scaleout_core::client::{Client, ClientError, NewExecution};
use scaleout_core::package::bare;
use scaleout_core::registry::ViewQuery;
use serde::Serialize;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::error::{CliError, CommandError, file_error};
use crate::interrupt::interrupted;
use crate::local::{LocalOptions, LocalSite};
use crate::output::{Cell, Outcome, Report, Talk};

/// Folder of the package.
const FOLDER: &str = "bench";
/// Project and package.
const PROJECT: &str = "noop";
/// Before anything is measured: the executors start, and caches fill.
const WARM_UP: u32 = 100;
/// How long everything together may take to end.
const PATIENCE: Duration = Duration::from_secs(600);

/// Measure how many packages that do nothing are run per second, and how soon one starts
///
/// Starts a master and workers on loopback (mutual TLS, one executor process for each slot, catalog in
/// a temporary folder or in an empty database), and measures: executions created, started and run,
/// with all of them acknowledged durably; the time from start_execution to the first message of the
/// package while nothing else runs; and the same while so many are started each second, whether
/// earlier ones have ended or not.
///
/// Examples:
///   soctl bench dispatch
///   soctl bench dispatch --executions 20000 --callers 64 --output json
///   soctl bench dispatch --catalog postgres://me@db.example/empty
///   soctl bench dispatch --masters 2 --catalog postgres://me@db.example/empty
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct DispatchArgs {
    /// Executions of the measurement of throughput
    #[arg(long, value_name = "COUNT", default_value_t = 5000, value_parser = clap::value_parser!(u32).range(1..))]
    executions: u32,
    /// Masters; more than one need `--catalog` on PostgreSQL
    #[arg(long, value_name = "COUNT", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=8))]
    masters: u32,
    /// Workers
    #[arg(long, value_name = "COUNT", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=64))]
    workers: u32,
    /// Slots of each worker (`MaxTaskCount`)
    #[arg(long, value_name = "COUNT", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=64))]
    slots: u32,
    /// Callers that create and start at once
    #[arg(long, value_name = "COUNT", default_value_t = 32, value_parser = clap::value_parser!(u32).range(1..=512))]
    callers: u32,
    /// Executions of the measurement of latency
    #[arg(long, value_name = "COUNT", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..))]
    probes: u32,
    /// Starts per second of the measurement of latency under load
    #[arg(long, value_name = "COUNT", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
    rate: u32,
    /// Where the catalog is: an empty `postgres://USER@HOST:PORT/DATABASE`, or a temporary file
    #[arg(long, value_name = "LOCATION")]
    catalog: Option<String>,
}

/// Milliseconds at the middle, and what one in a hundred exceeds.
#[derive(Clone, Copy, Debug, Serialize)]
struct Percentiles {
    p50: f64,
    p95: f64,
    p99: f64,
}

/// What was measured, and exactly what `--output json` prints.
#[derive(Debug, Serialize)]
struct Dispatched {
    executions: u32,
    succeeded: u32,
    seconds: f64,
    executions_per_second: f64,
    latency_ms: Percentiles,
    latency_under_load_ms: Percentiles,
    starts_per_second_under_load: u32,
    commits_per_execution: f64,
    changes_per_execution: f64,
    masters: u32,
    workers: u32,
    slots: u32,
    callers: u32,
    catalog: &'static str,
    durability: &'static str,
    processors: usize,
}

/// Runs it on a site of its own; Ctrl-C cleans up too.
///
/// # Errors
/// A service cannot start, or an execution is refused.
pub async fn run(args: DispatchArgs, talk: &Talk) -> Result<Outcome, CliError> {
    let scratch = tempfile::Builder::new()
        .prefix("soctl-bench-")
        .tempdir()
        .map_err(file_error("create a folder in", std::env::temp_dir()))?;
    let measured = tokio::select! {
        measured = on_a_site(&args, scratch.path(), talk) => measured,
        () = interrupted() => Err(CommandError::Interrupted.into()),
    };
    let folder = scratch.path().to_owned();
    scratch.close().map_err(file_error("remove", folder))?;
    measured.map(|measured| rendered(&measured))
}

async fn on_a_site(
    args: &DispatchArgs,
    scratch: &Path,
    talk: &Talk,
) -> Result<Dispatched, CliError> {
    let options = LocalOptions {
        data: scratch.join("site"),
        port: Some(0),
        catalog: args.catalog.clone(),
        masters: args.masters,
        workers: args.workers,
        slots: Some(args.slots),
    };
    let site = LocalSite::start(options, talk).await?;
    let measured = measure(args, &site, talk).await;
    site.shutdown().await;
    measured
}

async fn measure(
    args: &DispatchArgs,
    site: &LocalSite,
    talk: &Talk,
) -> Result<Dispatched, CliError> {
    let client = &site.client;
    deploy(client).await?;
    start_many(&site.clients, args.callers, WARM_UP).await?;
    until_all_ended(client).await?;

    talk.say(&format!("{} executions", args.executions));
    let before = site.commit_counts();
    let begun = Instant::now();
    let ids = start_many(&site.clients, args.callers, args.executions).await?;
    until_all_ended(client).await?;
    let seconds = begun.elapsed().as_secs_f64();
    let after = site.commit_counts();
    let succeeded = succeeded_among(client, &ids).await?;

    talk.say(&format!("{} executions, one after the other", args.probes));
    let idle = one_by_one(client, args.probes).await?;
    talk.say(&format!(
        "{} executions per second for 10 seconds",
        args.rate
    ));
    let loaded = at_a_rate(client, args.rate, args.rate * 10).await?;

    let executions = f64::from(args.executions);
    let per_execution =
        |count: u64| f64::from(u32::try_from(count).unwrap_or(u32::MAX)) / executions;
    let on_server = args
        .catalog
        .as_deref()
        .is_some_and(|at| at.starts_with("postgres"));
    Ok(Dispatched {
        executions: args.executions,
        succeeded,
        seconds: rounded(seconds),
        executions_per_second: rounded(executions / seconds),
        latency_ms: percentiles(idle),
        latency_under_load_ms: percentiles(loaded),
        starts_per_second_under_load: args.rate,
        commits_per_execution: rounded(per_execution(after.commits - before.commits)),
        changes_per_execution: rounded(per_execution(after.changes - before.changes)),
        masters: args.masters,
        workers: args.workers,
        slots: args.slots,
        callers: args.callers,
        catalog: if on_server { "PostgreSQL" } else { "SQLite" },
        durability: if on_server {
            "synchronous_commit=on; fsync as the server has it"
        } else {
            "journal_mode=WAL, synchronous=FULL"
        },
        processors: std::thread::available_parallelism().map_or(1, usize::from),
    })
}

/// Deploys the package that does nothing.
pub(super) async fn deploy(client: &Client) -> Result<(), CliError> {
    const PACKAGE: &str = r#"<DTS:Executable xmlns:DTS="www.microsoft.com/SqlServer/Dts" DTS:refId="Package"
        DTS:CreationName="Microsoft.Package" DTS:ExecutableType="Microsoft.Package" DTS:ObjectName="noop">
        <DTS:Property DTS:Name="PackageFormatVersion">8</DTS:Property></DTS:Executable>"#;
    let built = bare::build(PACKAGE.as_bytes(), "noop.dtsx", PROJECT)?;
    client.ensure_folder(FOLDER).await?;
    client.deploy_project(FOLDER, PROJECT, &built.ispac).await?;
    Ok(())
}

fn noop() -> NewExecution {
    NewExecution::new(FOLDER, PROJECT, "noop.dtsx")
}

async fn create(client: &Client) -> Result<i64, ClientError> {
    client.create_execution(&noop()).await
}

/// Creates and starts so many, from several callers at once, who share the masters out among
/// themselves; gives their ids.
async fn start_many(clients: &[Client], callers: u32, count: u32) -> Result<Vec<i64>, CliError> {
    start_copies(clients, callers, count, noop()).await
}

async fn start_copies(
    clients: &[Client],
    callers: u32,
    count: u32,
    new: NewExecution,
) -> Result<Vec<i64>, CliError> {
    let left = Arc::new(AtomicU32::new(count));
    let mut tasks = JoinSet::new();
    for client in clients.iter().cycle().take(callers as usize) {
        let (client, left) = (client.clone(), Arc::clone(&left));
        let new = new.clone();
        tasks.spawn(async move {
            let mut ids = Vec::new();
            let take = |left: u32| left.checked_sub(1);
            while left
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, take)
                .is_ok()
            {
                let id = client.create_execution(&new).await?;
                client.start_execution(id, 0).await?;
                ids.push(id);
            }
            Ok::<_, ClientError>(ids)
        });
    }
    let mut ids = Vec::new();
    for done in tasks.join_all().await {
        ids.extend(done?);
    }
    Ok(ids)
}

/// Creates and starts so many for one worker.
pub(super) async fn start_for(
    client: &Client,
    worker: Option<Uuid>,
    count: u32,
) -> Result<(), CliError> {
    let mut new = noop();
    new.workers = worker.into_iter().collect();
    start_copies(std::slice::from_ref(client), 32, count, new).await?;
    Ok(())
}

/// Waits until nothing waits or runs.
async fn until_all_ended(client: &Client) -> Result<(), CliError> {
    let end = Instant::now() + PATIENCE;
    // Pending, running, stopping.
    for status in ["5", "2", "8"] {
        let query = ViewQuery {
            equals: vec![("status".to_owned(), status.to_owned())],
            order_by: Some("execution_id".to_owned()),
            descending: true,
            limit: Some(1),
            ..ViewQuery::default()
        };
        while !client.view("executions", &query).await?.rows.is_empty() {
            if end < Instant::now() {
                return Err(CommandError::Argument {
                    message: "the executions did not end in ten minutes".to_owned(),
                    hint: "try fewer with `--executions`".to_owned(),
                }
                .into());
            }
            // What it costs is not to be measured: a twentieth of a second is little of the whole.
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    Ok(())
}

async fn succeeded_among(client: &Client, ids: &[i64]) -> Result<u32, CliError> {
    let query = ViewQuery {
        equals: vec![("status".to_owned(), "7".to_owned())],
        ..ViewQuery::default()
    };
    let rows = client.view("executions", &query).await?;
    let ended: std::collections::HashSet<i64> = rows
        .iter()
        .filter_map(|row| row.integer("execution_id"))
        .collect();
    let count = ids.iter().filter(|id| ended.contains(id)).count();
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// From the call that starts each to its first message, one execution after the other.
async fn one_by_one(client: &Client, count: u32) -> Result<Vec<f64>, CliError> {
    let mut times = Vec::new();
    for _ in 0..count {
        let id = create(client).await?;
        let called = Timestamp::now();
        client.start_execution(id, 0).await?;
        client.wait(id).await?;
        times.push(until_first_message(client, id, called).await?);
    }
    Ok(times)
}

/// The same with a start whenever it is time for one.
async fn at_a_rate(client: &Client, rate: u32, count: u32) -> Result<Vec<f64>, CliError> {
    let mut ids = Vec::new();
    for _ in 0..count {
        ids.push(create(client).await?);
    }
    let mut tasks = JoinSet::new();
    let begun = tokio::time::Instant::now();
    for (number, id) in (0..count).zip(ids) {
        tokio::time::sleep_until(begun + Duration::from_secs(1) * number / rate).await;
        let (client, called) = (client.clone(), Timestamp::now());
        tasks.spawn(async move {
            client.start_execution(id, 0).await?;
            Ok::<_, ClientError>((id, called))
        });
    }
    let started = tasks.join_all().await;
    until_all_ended(client).await?;
    let mut times = Vec::new();
    for one in started {
        let (id, called) = one?;
        times.push(until_first_message(client, id, called).await?);
    }
    Ok(times)
}

/// Milliseconds from a moment to the first message of an execution.
async fn until_first_message(client: &Client, id: i64, called: Timestamp) -> Result<f64, CliError> {
    let query = ViewQuery {
        equals: vec![("operation_id".to_owned(), id.to_string())],
        order_by: Some("event_message_id".to_owned()),
        limit: Some(1),
        ..ViewQuery::default()
    };
    let rows = client.view("event_messages", &query).await?;
    let first = rows.iter().next().and_then(|row| row.time("message_time"));
    let first = first.ok_or_else(|| CommandError::Argument {
        message: format!("execution {id} has no message"),
        hint: format!("see `soctl executions show {id}`"),
    })?;
    Ok(first.duration_since(called).as_secs_f64() * 1000.0)
}

fn percentiles(mut times: Vec<f64>) -> Percentiles {
    times.sort_unstable_by(f64::total_cmp);
    let at = |percent: usize| {
        let index = (times.len() * percent / 100).min(times.len().saturating_sub(1));
        rounded(times.get(index).copied().unwrap_or_default())
    };
    Percentiles {
        p50: at(50),
        p95: at(95),
        p99: at(99),
    }
}

fn rounded(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}

fn rendered(measured: &Dispatched) -> Outcome {
    let mut report = Report::table(["measure", "value"]);
    let latency = |of: &Percentiles| format!("{} / {} / {} ms", of.p50, of.p95, of.p99);
    for (name, value) in [
        (
            "executions per second",
            measured.executions_per_second.to_string(),
        ),
        (
            "succeeded",
            format!("{} of {}", measured.succeeded, measured.executions),
        ),
        (
            "start to first message, idle (p50 / p95 / p99)",
            latency(&measured.latency_ms),
        ),
        (
            "the same under load",
            latency(&measured.latency_under_load_ms),
        ),
        (
            "commits per execution",
            measured.commits_per_execution.to_string(),
        ),
        (
            "changes per execution",
            measured.changes_per_execution.to_string(),
        ),
    ] {
        report
            .rows
            .push(vec![Cell::Text(name.to_owned()), Cell::Text(value)]);
    }
    report.after.push(format!(
        "{} masters, {} workers of {} slots, {} callers, {} ({}), {} processors",
        measured.masters,
        measured.workers,
        measured.slots,
        measured.callers,
        measured.catalog,
        measured.durability,
        measured.processors
    ));
    Outcome::new(measured, report)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_the_sorted_times() {
        let times = (1..=200).rev().map(f64::from).collect();
        let found = percentiles(times);
        assert_eq!((found.p50, found.p95, found.p99), (101.0, 191.0, 199.0));
        assert_eq!(percentiles(Vec::new()).p99.to_bits(), 0.0_f64.to_bits());
    }
}
