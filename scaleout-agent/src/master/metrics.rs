//! What a master counts, and the page that it shows to Prometheus.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use scaleout_catalog::{CommitCounts, OFFLINE_AFTER, SchedulingSnapshot, count_by_reason};
use scaleout_core::certificates::Expiry;
use scaleout_core::metrics::{Histogram, HistogramCounts, Page};
use scaleout_core::protocol::event::PackageResult;
use scaleout_core::protocol::worker::{AttemptKey, AttemptOutcome};
use uuid::Uuid;

/// Results of an attempt, as labels.
const RESULTS: [&str; 4] = ["success", "failure", "canceled", "ended_unexpectedly"];
/// Most attempts whose beginning is remembered.
const MOST_BEGUN: usize = 100_000;

/// What a master counts from its start on.
#[derive(Debug)]
pub(super) struct Metrics {
    requests: Mutex<BTreeMap<(&'static str, u16), u64>>,
    begun: Mutex<BTreeMap<AttemptKey, Instant>>,
    durations: BTreeMap<&'static str, Histogram>,
    granted: AtomicU64,
    expired: AtomicU64,
    handed_back: AtomicU64,
    refused: AtomicU64,
    held_back_ms: AtomicU64,
}

impl Default for Metrics {
    fn default() -> Self {
        let durations = RESULTS.map(|result| (result, Histogram::of_long()));
        Self {
            requests: Mutex::default(),
            begun: Mutex::default(),
            durations: durations.into(),
            granted: AtomicU64::default(),
            expired: AtomicU64::default(),
            handed_back: AtomicU64::default(),
            refused: AtomicU64::default(),
            held_back_ms: AtomicU64::default(),
        }
    }
}

/// The result of an attempt, as a label.
pub(crate) fn result_of(outcome: &AttemptOutcome) -> &'static str {
    match outcome {
        AttemptOutcome::Ran { result } => match result {
            PackageResult::Success => "success",
            PackageResult::Failure => "failure",
            PackageResult::Canceled => "canceled",
        },
        _ => "ended_unexpectedly",
    }
}

impl Metrics {
    /// A request was answered.
    pub fn answered(&self, endpoint: &'static str, status: u16) {
        let requests = self.requests.lock();
        let mut requests = requests.unwrap_or_else(PoisonError::into_inner);
        *requests.entry((endpoint, status)).or_default() += 1;
    }

    /// A lease was granted.
    pub fn granted(&self, key: AttemptKey, at: Instant) {
        self.granted.fetch_add(1, Ordering::Relaxed);
        let mut begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        if MOST_BEGUN <= begun.len() {
            // Those of long ago went to another master to be reported.
            begun.pop_first();
        }
        begun.insert(key, at);
    }

    /// An attempt was reported as over.
    pub fn ended(&self, key: AttemptKey, outcome: &AttemptOutcome, at: Instant) {
        let Some(begun) = self.forget(key) else {
            return;
        };
        if let Some(durations) = self.durations.get(result_of(outcome)) {
            durations.observe(at.saturating_duration_since(begun));
        }
    }

    /// A lease ended without a word of its worker.
    pub fn expired(&self, key: AttemptKey) {
        self.expired.fetch_add(1, Ordering::Relaxed);
        self.forget(key);
    }

    /// A worker gave an attempt back.
    pub fn handed_back(&self, key: AttemptKey) {
        self.handed_back.fetch_add(1, Ordering::Relaxed);
        self.forget(key);
    }

    /// Wrong credentials were refused, after so long.
    pub fn refused(&self, delay: Duration) {
        self.refused.fetch_add(1, Ordering::Relaxed);
        let milliseconds = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
        self.held_back_ms.fetch_add(milliseconds, Ordering::Relaxed);
    }

    fn forget(&self, key: AttemptKey) -> Option<Instant> {
        let mut begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        begun.remove(&key)
    }
}

/// What is looked up for a page.
#[derive(Debug)]
pub(super) struct Findings {
    /// Queue, leases and workers.
    pub snapshot: SchedulingSnapshot,
    /// The certificate that each worker shows, with its end.
    pub worker_certificates: Vec<(Uuid, Timestamp)>,
    /// End of the master's own.
    pub master_certificate: Option<Timestamp>,
    /// Commits of the catalog.
    pub commits: CommitCounts,
    /// How long they took.
    pub commit_durations: HistogramCounts,
    /// How long looking all of this up took.
    pub reading: Duration,
}

impl Metrics {
    /// The page.
    pub fn page(&self, found: &Findings) -> String {
        let mut page = Page::of_program(env!("CARGO_PKG_VERSION"));
        queue(&mut page, &found.snapshot);
        workers(&mut page, found);
        self.attempts(&mut page);
        self.requests(&mut page);
        catalog(&mut page, found);
        page.into_text()
    }

    fn attempts(&self, page: &mut Page) {
        let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        page.counter(
            "scaleout_leases_granted_total",
            "Leases granted by this master.",
            load(&self.granted),
        );
        page.counter(
            "scaleout_leases_expired_total",
            "Leases that ended because their worker did not renew them.",
            load(&self.expired),
        );
        page.counter(
            "scaleout_leases_handed_back_total",
            "Leases that workers gave back, such as when they were drained.",
            load(&self.handed_back),
        );
        let name = "scaleout_execution_duration_seconds";
        page.histograms(
            name,
            "From the lease to the reported end, of attempts granted by this master.",
        );
        for (result, durations) in &self.durations {
            page.counts(name, &[("result", result)], &durations.counts());
        }
    }

    fn requests(&self, page: &mut Page) {
        page.counter(
            "scaleout_refused_credentials_total",
            "Wrong passwords, tokens and requests to join.",
            self.refused.load(Ordering::Relaxed),
        );
        let held_back = Duration::from_millis(self.held_back_ms.load(Ordering::Relaxed));
        page.counter(
            "scaleout_refused_credentials_delay_seconds_total",
            "How long their answers were held back.",
            held_back.as_secs_f64(),
        );
        let name = "scaleout_requests_total";
        page.counters(
            name,
            "Requests answered; a status from 400 on is an error, from 500 on the master's.",
        );
        let requests = self.requests.lock();
        let requests = requests.unwrap_or_else(PoisonError::into_inner);
        for ((endpoint, status), count) in requests.iter() {
            let status = status.to_string();
            page.sample(name, &[("endpoint", endpoint), ("status", &status)], count);
        }
    }
}

fn queue(page: &mut Page, snapshot: &SchedulingSnapshot) {
    let name = "scaleout_queue_executions";
    page.gauges(
        name,
        "Executions that wait for a worker, by the reason that `soctl executions explain` gives; \
         where very many wait, those at the heads of the queues.",
    );
    for (reason, count) in count_by_reason(snapshot) {
        page.sample(name, &[("reason", reason)], count);
    }
    let longest = snapshot.pending.iter().map(|one| one.pending_since).min();
    let waited = longest.map_or(SignedDuration::ZERO, |since| {
        snapshot.taken.duration_since(since)
    });
    page.gauge(
        "scaleout_queue_oldest_seconds",
        "How long the execution that waits longest has waited.",
        waited.as_secs().max(0),
    );
    page.gauge(
        "scaleout_leases",
        "Executions that workers hold.",
        snapshot.held.len(),
    );
}

fn workers(page: &mut Page, found: &Findings) {
    let snapshot = &found.snapshot;
    let all: Vec<(String, &scaleout_catalog::WorkerSnapshot)> = snapshot
        .workers
        .iter()
        .map(|worker| (worker.worker.to_string(), worker))
        .collect();
    let mut each =
        |name: &str,
         help: &str,
         value: &dyn Fn(&scaleout_catalog::WorkerSnapshot) -> Option<f64>| {
            page.gauges(name, help);
            for (id, worker) in &all {
                if let Some(value) = value(worker) {
                    let labels = [
                        ("worker", id.as_str()),
                        ("name", worker.display_name.as_str()),
                    ];
                    page.sample(name, &labels, value);
                }
            }
        };
    let one_if = |is: bool| Some(f64::from(u8::from(is)));
    each(
        "scaleout_worker_slots",
        "MaxTaskCount of a worker.",
        &|one| Some(one.max_task_count.into()),
    );
    each(
        "scaleout_worker_leases",
        "Executions that a worker holds.",
        &|one| Some(one.live_leases.into()),
    );
    each(
        "scaleout_worker_online",
        "1 for a worker that was heard of recently.",
        &|one| one_if(snapshot.taken.duration_since(one.last_seen) <= OFFLINE_AFTER),
    );
    each(
        "scaleout_worker_enabled",
        "1 for a worker that an administrator has enabled.",
        &|one| one_if(one.enabled),
    );
    each(
        "scaleout_worker_draining",
        "1 for a worker that is drained.",
        &|one| one_if(one.drain.is_some()),
    );
    each(
        "scaleout_worker_held_back",
        "1 for a worker that asks for nothing because of TaskRequestMaxCPU or TaskRequestMinMemory.",
        &|one| one_if(one.gate.is_some()),
    );
    each(
        "scaleout_worker_cpu_percent",
        "Busy share of a worker's processors at its last heartbeat.",
        &|one| one.cpu_percent,
    );
    certificates(page, found);
}

fn certificates(page: &mut Page, found: &Findings) {
    let name = "scaleout_certificate_days_left";
    page.gauges(
        name,
        "Days until a certificate ends; less than nothing once it has. Warned of from 30 on.",
    );
    let now = found.snapshot.taken;
    let days = |end: Timestamp| Expiry::at(end, now).days_left();
    if let Some(end) = found.master_certificate {
        page.sample(name, &[("of", "master"), ("name", "")], days(end));
    }
    for (worker, end) in &found.worker_certificates {
        let mut all = found.snapshot.workers.iter();
        let known = all.find(|one| one.worker == *worker);
        let shown = known.map_or("", |one| one.display_name.as_str());
        let id = worker.to_string();
        let labels = [("of", "worker"), ("name", shown), ("worker", id.as_str())];
        page.sample(name, &labels, days(*end));
    }
}

fn catalog(page: &mut Page, found: &Findings) {
    page.counter(
        "scaleout_catalog_commits_total",
        "Durable commits of the catalog.",
        found.commits.commits,
    );
    page.counter(
        "scaleout_catalog_changes_total",
        "Changes that were in those commits.",
        found.commits.changes,
    );
    let name = "scaleout_catalog_commit_seconds";
    page.histograms(
        name,
        "From the beginning of a transaction of the catalog until it was durable.",
    );
    page.counts(name, &[], &found.commit_durations);
    page.gauge(
        "scaleout_catalog_read_seconds",
        "How long the catalog took to answer the questions for this page.",
        found.reading.as_secs_f64(),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(execution_id: i64) -> AttemptKey {
        AttemptKey {
            execution_id,
            attempt: 1,
        }
    }

    #[test]
    fn an_attempt_is_timed_from_its_lease_to_its_end_and_counted_once() {
        let metrics = Metrics::default();
        let begun = Instant::now();
        let failed = AttemptOutcome::Ran {
            result: PackageResult::Failure,
        };
        for id in 1..=4 {
            metrics.granted(key(id), begun);
        }
        metrics.ended(key(1), &failed, begun + Duration::from_secs(2));
        // Reported again, or to a master that did not grant it.
        metrics.ended(key(1), &failed, begun + Duration::from_secs(9));
        metrics.expired(key(2));
        metrics.handed_back(key(3));
        let counts = metrics.durations["failure"].counts();
        assert_eq!((counts.count, counts.sum), (1, 2.0));
        assert_eq!(metrics.begun.lock().unwrap().len(), 1);
        assert_eq!(metrics.expired.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn what_never_ends_here_does_not_pile_up() {
        let metrics = Metrics::default();
        for id in 0..100_010 {
            metrics.granted(key(id), Instant::now());
        }
        assert_eq!(metrics.begun.lock().unwrap().len(), MOST_BEGUN);
    }
}
