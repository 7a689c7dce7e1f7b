//! What a worker counts, and the page that it shows to Prometheus.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use scaleout_core::certificates::Expiry;
use scaleout_core::metrics::{Histogram, Page};
use scaleout_core::protocol::worker::AttemptOutcome;

use super::machine::Load;
use crate::master::result_of;

/// What a worker counts from its start on.
#[derive(Debug)]
pub(super) struct Metrics {
    durations: Mutex<BTreeMap<&'static str, Histogram>>,
    call_errors: Mutex<BTreeMap<(String, String), u64>>,
    calls: Histogram,
    messages: AtomicU64,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            durations: Mutex::default(),
            call_errors: Mutex::default(),
            calls: Histogram::of_short(),
            messages: AtomicU64::default(),
        }
    }
}

impl Metrics {
    /// A package has ended here after so long.
    pub fn ended(&self, outcome: &AttemptOutcome, took: Duration) {
        let durations = self.durations.lock();
        durations
            .unwrap_or_else(PoisonError::into_inner)
            .entry(result_of(outcome))
            .or_insert_with(Histogram::of_long)
            .observe(took);
    }

    /// The master has answered.
    pub fn answered(&self, took: Duration) {
        self.calls.observe(took);
    }

    /// A call to the master has failed.
    pub fn call_failed(&self, call: &str, code: &str) {
        let errors = self.call_errors.lock();
        let mut errors = errors.unwrap_or_else(PoisonError::into_inner);
        *errors
            .entry((call.to_owned(), code.to_owned()))
            .or_default() += 1;
    }

    /// The master has so many more messages.
    pub fn shipped(&self, messages: usize) {
        let messages = u64::try_from(messages).unwrap_or(u64::MAX);
        self.messages.fetch_add(messages, Ordering::Relaxed);
    }
}

/// How a worker is at the moment.
#[derive(Clone, Debug)]
pub(super) struct Findings {
    pub now: Timestamp,
    pub registered: bool,
    pub slots: u32,
    pub running: usize,
    pub waiting_for_children: usize,
    pub held: usize,
    pub load: Option<Load>,
    pub held_back: bool,
    pub last_contact: Timestamp,
    pub certificate_end: Timestamp,
    /// Batches of messages in memory.
    pub buffers: usize,
    /// Files of logs that the master does not have yet, and their bytes.
    pub spool: (u64, u64),
}

impl Metrics {
    /// The page.
    pub fn page(&self, found: &Findings) -> String {
        let mut page = Page::of_program(env!("CARGO_PKG_VERSION"));
        slots(&mut page, found);
        health(&mut page, found);
        let name = "scaleout_task_duration_seconds";
        page.histograms(name, "From the lease to the end of the package.");
        let durations = self.durations.lock();
        for (result, counted) in durations.unwrap_or_else(PoisonError::into_inner).iter() {
            page.counts(name, &[("result", result)], &counted.counts());
        }
        page.counter(
            "scaleout_log_messages_shipped_total",
            "Messages of packages that the master has.",
            self.messages.load(Ordering::Relaxed),
        );
        let name = "scaleout_master_call_seconds";
        page.histograms(
            name,
            "Calls to the master that were answered, but for those that wait for work.",
        );
        page.counts(name, &[], &self.calls.counts());
        let name = "scaleout_master_call_errors_total";
        page.counters(name, "Calls to the master that failed, by error code.");
        let errors = self.call_errors.lock();
        for ((call, code), count) in errors.unwrap_or_else(PoisonError::into_inner).iter() {
            page.sample(name, &[("call", call), ("code", code)], count);
        }
        page.into_text()
    }
}

fn slots(page: &mut Page, found: &Findings) {
    page.gauge("scaleout_slots", "MaxTaskCount.", found.slots);
    page.gauge("scaleout_slots_used", "Packages that run.", found.running);
    page.gauge(
        "scaleout_tasks_waiting_for_children",
        "Packages among them that wait for child packages and leave their slot to those.",
        found.waiting_for_children,
    );
    page.gauge(
        "scaleout_leases",
        "Tasks that this worker holds: those that run, and those whose end the master has not \
         recorded yet.",
        found.held,
    );
    page.gauge(
        "scaleout_held_back",
        "1 when it asks for nothing because of TaskRequestMaxCPU or TaskRequestMinMemory.",
        u8::from(found.held_back),
    );
    if let Some(load) = found.load {
        page.gauge(
            "scaleout_cpu_percent",
            "Busy share of the machine's processors.",
            load.cpu_percent,
        );
        page.gauge(
            "scaleout_free_memory_megabytes",
            "Free memory of the machine.",
            load.free_memory_mb,
        );
    }
}

fn health(page: &mut Page, found: &Findings) {
    page.gauge(
        "scaleout_registered",
        "1 when the master knows this worker.",
        u8::from(found.registered),
    );
    let silent = found.now.duration_since(found.last_contact).as_secs();
    page.gauge(
        "scaleout_master_silence_seconds",
        "How long ago the master was last heard of in a task heartbeat.",
        silent.max(0),
    );
    page.gauge(
        "scaleout_certificate_days_left",
        "Days until the certificate of this worker ends. It renews itself at two thirds of its life.",
        Expiry::at(found.certificate_end, found.now).days_left(),
    );
    let (files, bytes) = found.spool;
    page.gauge(
        "scaleout_spool_files",
        "Logs of packages that the master does not have whole yet.",
        files,
    );
    page.gauge("scaleout_spool_bytes", "Their size.", bytes);
    page.gauge(
        "scaleout_log_buffers",
        "Batches of more than a few messages in memory, of ExecutionLogMaxInMemoryBufferCount.",
        found.buffers,
    );
}
