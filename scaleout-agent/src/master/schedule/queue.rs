//! The order in which executions get their turn.
//!
//! 1. Those of the highest priority go first, but waiting counts: each minute is worth one point,
//!    so that nothing waits for ever behind what is more important.
//! 2. Within a priority, the folder goes first that holds the fewest leases, and within a folder
//!    the caller: whoever starts a thousand at once does not hold up the one of somebody else.
//! 3. Within a caller, in the order of the snapshot: whatever has waited longest, and of children of
//!    one package those first that take longest.

use std::collections::{BTreeMap, HashMap, VecDeque};

use jiff::Timestamp;
use scaleout_catalog::{PendingExecution, SchedulingSnapshot};

/// How long something waits to make up for one point of priority, seconds.
const AGEING: i64 = 60;

/// Whose turn it is, again and again.
pub(super) struct Queue<'s> {
    taken: Timestamp,
    lines: BTreeMap<LineKey<'s>, VecDeque<&'s PendingExecution>>,
    /// Leases by folder, and by folder and caller.
    folders: HashMap<&'s str, u64>,
    callers: HashMap<(&'s str, &'s str), u64>,
}

/// Priority, folder and caller of a line.
type LineKey<'s> = (i32, &'s str, &'s str);

impl<'s> Queue<'s> {
    /// Everything that waits in a snapshot, and the shares of what runs.
    pub fn new(snapshot: &'s SchedulingSnapshot) -> Self {
        let mut queue = Self {
            taken: snapshot.taken,
            lines: BTreeMap::new(),
            folders: HashMap::new(),
            callers: HashMap::new(),
        };
        for execution in &snapshot.pending {
            let line = queue.lines.entry(key(execution)).or_default();
            line.push_back(execution);
        }
        for held in &snapshot.held {
            queue.add_share(&held.folder_name, &held.caller_name);
        }
        queue
    }

    /// The next one; it leaves the queue, whatever comes of it.
    pub fn next(&mut self) -> Option<&'s PendingExecution> {
        let priority = self.next_priority()?;
        let heads = self.lines.iter().filter(|(key, _)| key.0 == priority);
        let first = heads
            .filter_map(|(key, line)| Some((*key, *line.front()?)))
            .min_by_key(|(key, head)| self.turn(*key, head))
            .map(|(key, _)| key)?;
        let line = self.lines.get_mut(&first)?;
        let next = line.pop_front();
        if line.is_empty() {
            self.lines.remove(&first);
        }
        next
    }

    /// It was granted: its folder and caller have one more.
    pub fn granted(&mut self, execution: &'s PendingExecution) {
        self.add_share(&execution.folder_name, &execution.caller_name);
    }

    fn add_share(&mut self, folder: &'s str, caller: &'s str) {
        *self.folders.entry(folder).or_default() += 1;
        *self.callers.entry((folder, caller)).or_default() += 1;
    }

    /// The priority whose longest waiting execution has the most points.
    fn next_priority(&self) -> Option<i32> {
        let mut oldest: BTreeMap<i32, Timestamp> = BTreeMap::new();
        for ((priority, _, _), line) in &self.lines {
            let Some(head) = line.front() else { continue };
            let since = oldest.entry(*priority).or_insert(head.pending_since);
            *since = (*since).min(head.pending_since);
        }
        let points = |priority: i32, since: Timestamp| {
            let waited = self.taken.duration_since(since).as_secs().max(0);
            i64::from(priority) * AGEING + waited
        };
        oldest
            .into_iter()
            .max_by_key(|(priority, since)| (points(*priority, *since), *priority))
            .map(|(priority, _)| priority)
    }

    /// Lower ones go first.
    fn turn(
        &self,
        (_, folder, caller): LineKey<'s>,
        head: &PendingExecution,
    ) -> (u64, u64, Timestamp, i64) {
        (
            self.folders.get(folder).copied().unwrap_or(0),
            self.callers.get(&(folder, caller)).copied().unwrap_or(0),
            head.pending_since,
            head.execution_id,
        )
    }
}

fn key(execution: &PendingExecution) -> LineKey<'_> {
    (
        execution.priority,
        &execution.folder_name,
        &execution.caller_name,
    )
}
