//! What must be after a history, whatever has happened in it.

use std::collections::{BTreeMap, HashMap};

use scaleout_core::registry::Rows;

use super::people::{Ordered, People};
use super::site::Site;

const ENDED_UNEXPECTEDLY: i64 = 6;
const SUCCEEDED: i64 = 7;

/// The messages of all executions.
pub struct Log {
    messages: HashMap<i64, usize>,
}

impl Log {
    /// All messages behind one.
    pub fn of(people: &People, after: i64) -> Self {
        let mut messages = HashMap::new();
        let pages = people.all("event_messages", "event_message_id", after);
        for row in pages.iter().flat_map(Rows::iter) {
            let id = row.integer("operation_id").unwrap();
            *messages.entry(id).or_default() += 1;
        }
        Self { messages }
    }

    pub fn messages_of(&self, id: i64) -> usize {
        self.messages.get(&id).copied().unwrap_or(0)
    }
}

/// How an execution ended.
struct Report {
    end: i64,
    /// All that were granted, also those that were lost or handed back.
    attempts: i64,
    log_is_complete: Option<bool>,
}

/// Compares everything. `calm` is how many messages an execution has that nothing happened to.
pub fn all(site: &Site, people: &People, ordered: &[Ordered], calm: usize, seed: u64) {
    let mut faults = Vec::new();
    let mut notes: HashMap<i64, usize> = HashMap::new();
    for line in site.notes().lines() {
        *notes.entry(line.parse().unwrap()).or_default() += 1;
    }
    let log = Log::of(people, 0);
    let mut reports = HashMap::new();
    let pages = people.all("execution_report", "execution_id", 0);
    for row in pages.iter().flat_map(Rows::iter) {
        let number = |column: &str| row.integer(column).unwrap();
        let report = Report {
            end: number("status"),
            attempts: number("executed_count") + number("lost_count") + number("handed_back_count"),
            log_is_complete: row.bit("log_complete"),
        };
        reports.insert(number("execution_id"), report);
    }
    let mut ends: BTreeMap<(bool, i64), usize> = BTreeMap::new();
    let mut more_than_once = 0;
    for Ordered { id, at_most_once } in ordered {
        let Some(report) = reports.get(id) else {
            faults.push(format!("execution {id} was acknowledged and is not there"));
            continue;
        };
        let end = report.end;
        let tried = usize::try_from(report.attempts).unwrap();
        let runs = notes.get(id).copied().unwrap_or(0);
        let messages = log.messages_of(*id);
        *ends.entry((*at_most_once, end)).or_default() += 1;
        more_than_once += usize::from(1 < tried);
        let expected = match at_most_once {
            true => [SUCCEEDED, ENDED_UNEXPECTEDLY].contains(&end),
            false => end == SUCCEEDED,
        };
        if !expected {
            faults.push(format!(
                "execution {id} ended as {end} (at most once: {at_most_once})"
            ));
        }
        if end == SUCCEEDED && runs == 0 {
            faults.push(format!("execution {id} succeeded and never ran"));
        }
        if *at_most_once && 1 < runs {
            faults.push(format!(
                "execution {id} must not run twice and ran {runs} times"
            ));
        }
        if tried < runs {
            faults.push(format!(
                "execution {id} ran {runs} times in {tried} attempts"
            ));
        }
        if end == SUCCEEDED && tried == 1 && messages != calm {
            faults.push(format!(
                "execution {id} has {messages} messages, not {calm}"
            ));
        }
        if end == SUCCEEDED && report.log_is_complete != Some(true) {
            faults.push(format!("the log of execution {id} is not complete"));
        }
        if end == SUCCEEDED && messages < calm {
            faults.push(format!(
                "execution {id} lacks messages: {messages} of {calm}"
            ));
        }
    }
    println!(
        "ends by (at most once, status): {ends:?}; {more_than_once} of {} had more than one attempt",
        ordered.len()
    );
    assert!(
        faults.is_empty(),
        "CHAOS_SEED={seed}: {} faults:\n{}",
        faults.len(),
        faults[..faults.len().min(40)].join("\n")
    );
}
