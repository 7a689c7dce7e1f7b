//! What a full disk does not take: events of one attempt in memory, until the disk has room again or
//! the master has them.
//!
//! Memory is bounded, so the least important events give way first, and it is counted what was left
//! out. An event has its number by its place, so that what is left out leaves no gap; what is on its
//! way to the master keeps its place.

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;
use scaleout_core::protocol::event::{Event, EventBody, EventMessage};

/// The code of the warning that says what was left out.
const CODE: &str = "SO1309";
/// About the most that waits, beside as much that is on its way to the master.
const MOST_BYTES: usize = 1 << 20;

/// How important an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// Diagnostics, and what is counted again later.
    Detail,
    /// Information and progress.
    Information,
    /// Warnings, and the ends of executables.
    Warning,
    /// Errors, and what someone has asked for and waits for.
    Error,
}

impl Rank {
    const COUNT: usize = 4;

    fn of(body: &EventBody) -> Self {
        match body {
            EventBody::Message(message) => match message.message_type {
                120 | 130 => Self::Error,
                110 => Self::Warning,
                140 => Self::Detail,
                _ => Self::Information,
            },
            EventBody::ExecutableEnded(_) => Self::Warning,
            EventBody::Output(_) => Self::Information,
            EventBody::Dumped(_) | EventBody::Validated(_) => Self::Error,
            _ => Self::Detail,
        }
    }
}

/// One event that waits. Its number is its place.
#[derive(Debug)]
struct Waiting {
    event: Event,
    bytes: usize,
    rank: Rank,
}

/// The events behind those in the file.
#[derive(Debug)]
pub(super) struct Tail {
    /// Number of the event before the first one here: in the file, or the master's already.
    before: u64,
    events: VecDeque<Waiting>,
    /// So many of them are on their way to the master.
    fixed: usize,
    /// Bytes of the others, by rank.
    bytes: [usize; Rank::COUNT],
    left_out: LeftOut,
    /// So many were left out since the attempt began.
    total: u64,
}

/// What was left out and not told yet.
#[derive(Debug, Default)]
struct LeftOut {
    kinds: BTreeMap<String, u64>,
    last: Timestamp,
    package_name: String,
}

impl Tail {
    /// Nothing yet, behind an event with that number; so many were left out before.
    pub fn new(before: u64, total: u64) -> Self {
        Self {
            before,
            events: VecDeque::new(),
            fixed: 0,
            bytes: [0; Rank::COUNT],
            left_out: LeftOut::default(),
            total,
        }
    }

    /// Number of the last event here, or before.
    pub fn last_sequence(&self) -> u64 {
        self.before + self.events.len() as u64
    }

    /// Number of the event before the first one here.
    pub fn before(&self) -> u64 {
        self.before
    }

    /// How many were left out since the attempt began.
    pub fn left_out(&self) -> u64 {
        self.total
    }

    /// The next event has gone past: into the file.
    pub fn pass(&mut self) {
        self.before += 1;
    }

    /// Adds an event of that many bytes, in the place of less important ones where room is short.
    pub fn push(&mut self, event: Event, bytes: usize) {
        let rank = Rank::of(&event.body);
        let used: usize = self.bytes.iter().sum();
        let less: usize = self.bytes[..rank as usize].iter().sum();
        if MOST_BYTES < used - less + bytes {
            self.leave_out(&event);
            return;
        }
        while MOST_BYTES < self.bytes.iter().sum::<usize>() + bytes {
            self.leave_out_the_least();
        }
        self.add(event, bytes, rank);
    }

    fn add(&mut self, event: Event, bytes: usize, rank: Rank) {
        self.bytes[rank as usize] += bytes;
        self.events.push_back(Waiting { event, bytes, rank });
    }

    /// The latest of the least important: the beginning of a story is worth more than its middle.
    fn leave_out_the_least(&mut self) {
        let free = self.events.iter().enumerate().skip(self.fixed).rev();
        let least = free.min_by_key(|(_, waiting)| waiting.rank);
        let Some((at, _)) = least else { return };
        if let Some(gone) = self.events.remove(at) {
            self.bytes[gone.rank as usize] -= gone.bytes;
            self.leave_out(&gone.event);
        }
    }

    fn leave_out(&mut self, event: &Event) {
        self.total += 1;
        self.left_out.count(event);
    }

    /// The next events after that number, for the master. Those that were taken before come again as
    /// they were; others only when the master has those.
    pub fn take(&mut self, after: u64, most: usize, most_bytes: usize) -> Vec<Event> {
        let skip = after.checked_sub(self.before);
        let Some(skip) = skip.and_then(|skip| usize::try_from(skip).ok()) else {
            return Vec::new();
        };
        let end = if skip < self.fixed {
            self.fixed
        } else {
            self.events.len()
        };
        let mut taken = Vec::new();
        let mut bytes = 0;
        for at in skip..end {
            if most <= taken.len() || most_bytes <= bytes {
                break;
            }
            bytes += self.events[at].bytes;
            taken.push(self.numbered(at));
        }
        for waiting in self
            .events
            .range(self.fixed..)
            .take((skip + taken.len()).saturating_sub(self.fixed))
        {
            self.bytes[waiting.rank as usize] -= waiting.bytes;
        }
        self.fixed = self.fixed.max(skip + taken.len());
        taken
    }

    fn numbered(&self, at: usize) -> Event {
        Event {
            sequence: self.before + 1 + at as u64,
            ..self.events[at].event.clone()
        }
    }

    /// The master has everything up to that number.
    pub fn acknowledge(&mut self, through: u64) {
        while self.before < through && !self.events.is_empty() {
            self.pop();
        }
    }

    /// The first event, for the file.
    pub fn first(&self) -> Option<Event> {
        (!self.events.is_empty()).then(|| self.numbered(0))
    }

    /// The first event is no longer needed here.
    pub fn pop(&mut self) {
        if let Some(gone) = self.events.pop_front() {
            self.before += 1;
            if self.fixed == 0 {
                self.bytes[gone.rank as usize] -= gone.bytes;
            } else {
                self.fixed -= 1;
            }
        }
    }

    /// Adds the warning that says what was left out, if something was and nobody has said so.
    pub fn say_what_was_left_out(&mut self, reason: &str) -> bool {
        let left_out = std::mem::take(&mut self.left_out);
        if left_out.kinds.is_empty() {
            return false;
        }
        let warning = left_out.into_warning(reason);
        // Beyond the bound, once for each time that the disk is full.
        self.add(warning, 0, Rank::Error);
        true
    }
}

impl LeftOut {
    fn count(&mut self, event: &Event) {
        let kind = match &event.body {
            EventBody::Message(message) => message.event_name.as_str(),
            EventBody::ExecutableEnded(_) => "executable statistics",
            EventBody::DataStatistics(_) => "data statistics",
            EventBody::ComponentPhase(_) => "component phases",
            EventBody::Output(_) => "outputs",
            EventBody::Dumped(_) => "dumps",
            EventBody::Validated(_) => "results of validation",
            _ => "others",
        };
        *self.kinds.entry(kind.to_owned()).or_default() += 1;
        self.last = event.time;
        if let EventBody::Message(message) = &event.body {
            self.package_name.clone_from(&message.package_name);
        }
    }

    fn into_warning(self, reason: &str) -> Event {
        let total: u64 = self.kinds.values().sum();
        let kinds = self
            .kinds
            .iter()
            .map(|(kind, count)| format!("{count} {kind}"));
        let kinds = kinds.collect::<Vec<_>>().join(", ");
        let message = format!(
            "{CODE}: the log of this package is incomplete: the disk of the worker's spool was full \
             ({reason}), and {total} of its events were left out ({kinds}); make room for the data \
             folder of the worker, or give it another `ExecutionLogCacheFolder`"
        );
        Event {
            // By its place, as all.
            sequence: 0,
            time: self.last,
            body: EventBody::Message(EventMessage {
                event_name: "OnWarning".to_owned(),
                message_type: 110,
                // The executor: no part of the package says it.
                source_type: 20,
                message,
                package_name: self.package_name,
                ..EventMessage::default()
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn event(message_type: i16, text: &str) -> Event {
        Event {
            sequence: 0,
            time: Timestamp::UNIX_EPOCH,
            body: EventBody::Message(EventMessage {
                event_name: format!("On{message_type}"),
                message_type,
                message: text.to_owned(),
                package_name: "p.dtsx".to_owned(),
                ..EventMessage::default()
            }),
        }
    }

    fn text(event: &Event) -> &str {
        match &event.body {
            EventBody::Message(message) => &message.message,
            _ => "",
        }
    }

    fn rest(tail: &mut Tail) -> Vec<Event> {
        let mut events = Vec::new();
        while let Some(event) = tail.first() {
            events.push(event);
            tail.pop();
        }
        events
    }

    const QUARTER: usize = MOST_BYTES / 4;

    #[test]
    fn the_least_important_gives_way_and_numbers_have_no_gap() {
        let mut tail = Tail::new(7, 0);
        let mut push = |kind, name| {
            tail.push(event(kind, name), QUARTER);
            tail.left_out()
        };
        for (kind, name) in [(140, "d"), (70, "i"), (110, "w"), (70, "j")] {
            assert_eq!(push(kind, name), 0);
        }
        assert_eq!(push(140, "nothing is less"), 1);
        assert_eq!(push(120, "instead of `d`"), 2);
        assert_eq!(push(110, "instead of `j`"), 3);
        assert_eq!(push(120, "instead of `i`"), 4);
        assert_eq!(push(110, "no room for a warning"), 5);
        assert!(tail.say_what_was_left_out("no space"));
        assert!(!tail.say_what_was_left_out("no space"), "once");
        let told = rest(&mut tail);
        let sequences: Vec<u64> = told.iter().map(|event| event.sequence).collect();
        assert_eq!(sequences, [8, 9, 10, 11, 12]);
        let texts: Vec<&str> = told.iter().map(text).collect();
        let kept = ["w", "instead of `d`", "instead of `j`", "instead of `i`"];
        assert_eq!(texts[..4], kept);
        let warning = texts[4];
        for part in [
            "SO1309",
            "(no space)",
            "5 of its events",
            "1 On110, 2 On140, 2 On70",
        ] {
            assert!(warning.contains(part), "{part} is not in {warning}");
        }
    }

    #[test]
    fn what_is_on_its_way_keeps_its_number() {
        let mut tail = Tail::new(0, 0);
        for name in ["a", "b", "c", "d"] {
            tail.push(event(70, name), QUARTER);
        }
        let taken = tail.take(0, 2, usize::MAX);
        assert_eq!(taken.len(), 2);
        // There is room for as much again beside it, and errors do not take its place.
        for _ in 0..4 {
            tail.push(event(120, "e"), QUARTER);
        }
        assert_eq!(tail.take(0, 9, usize::MAX), taken, "as before");
        tail.acknowledge(2);
        let texts: Vec<String> = rest(&mut tail)
            .iter()
            .map(|one| text(one).to_owned())
            .collect();
        assert_eq!(texts, ["e", "e", "e", "e"]);
    }

    proptest! {
        /// Whatever comes, goes and is acknowledged: memory is bounded, numbers follow one another,
        /// and a number never means two events.
        #[test]
        fn numbers_are_gapless_and_final(steps in prop::collection::vec((0..4_u8, 0..4_usize, 1..QUARTER), 1..200)) {
            let mut tail = Tail::new(0, 0);
            let mut sent: BTreeMap<u64, Event> = BTreeMap::new();
            let mut durable = 0;
            for (number, (step, kind, bytes)) in steps.into_iter().enumerate() {
                match step {
                    0 | 1 => {
                        tail.push(event([140, 70, 110, 120][kind], &number.to_string()), bytes);
                    }
                    2 => {
                        for event in tail.take(durable, kind + 1, usize::MAX) {
                            let again = sent.insert(event.sequence, event.clone());
                            prop_assert!(again.is_none_or(|again| again == event));
                        }
                    }
                    _ => {
                        durable = sent.keys().last().copied().unwrap_or(0);
                        tail.acknowledge(durable);
                    }
                }
                prop_assert!(tail.bytes.iter().sum::<usize>() <= MOST_BYTES);
            }
            for event in rest(&mut tail) {
                let again = sent.insert(event.sequence, event.clone());
                prop_assert!(again.is_none_or(|again| again == event));
            }
            let last = sent.len() as u64;
            prop_assert!(sent.keys().copied().eq(1..=last));
        }
    }
}
