//! The queue in a simulator: the real lease machine, scheduler, caps and rules of reports, with a
//! catalog, workers, network and clocks that fail as a seed says. One thread for each history.
//!
//! `SIMULATED_HISTORIES=1000000 cargo test --release -p scaleout-agent --test simulation histories`
//! plays more of them; `SIMULATED_SEED=42` plays one and tells every step; `SIMULATED_WORKERS=100000`
//! makes the crowd of one history larger. See docs/reliability.md.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on stops where it is"
)]

mod catalog;
mod chance;
mod crowd;
mod master;
mod messages;
mod rows;
mod script;
mod watch;
mod worker;
mod world;

use std::sync::atomic::{AtomicU64, Ordering};

use catalog::PlantedBug;
use watch::Violation;
use world::{Tale, play, play_with_many};

/// How many workers the crowd of every run has; they take a second of a release build.
const A_CROWD: u64 = 10_000;
/// How many histories every run plays.
const IN_CI: u64 = 20_000;

/// The first of so many seeds that breaks a promise, and the sum of all tales.
fn search(histories: u64, bug: Option<PlantedBug>) -> (Option<(u64, Violation)>, Tale) {
    let threads = std::thread::available_parallelism().map_or(1, |count| count.get() as u64);
    let first_bad = AtomicU64::new(u64::MAX);
    let tales: Vec<Tale> = std::thread::scope(|scope| {
        let part = |offset: u64| {
            let first_bad = &first_bad;
            scope.spawn(move || {
                let mut sum = Tale::default();
                let mut seed = offset;
                while seed < histories && seed < first_bad.load(Ordering::Relaxed) {
                    match play(seed, bug, false) {
                        Ok(tale) => add(&mut sum, tale),
                        Err(_) => {
                            first_bad.fetch_min(seed, Ordering::Relaxed);
                        }
                    }
                    seed += threads;
                }
                sum
            })
        };
        let parts: Vec<_> = (0..threads).map(part).collect();
        parts.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let mut sum = Tale::default();
    tales.into_iter().for_each(|tale| add(&mut sum, tale));
    let seed = first_bad.into_inner();
    let found = (seed != u64::MAX).then(|| (seed, play(seed, bug, false).unwrap_err()));
    (found, sum)
}

fn add(sum: &mut Tale, tale: Tale) {
    sum.events += tale.events;
    sum.lost += tale.lost;
    sum.handed_back += tale.handed_back;
    sum.retried += tale.retried;
    sum.canceled += tale.canceled;
}

fn from_environment(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn all_histories_keep_the_promises() {
    if let Some(seed) = from_environment("SIMULATED_SEED") {
        let played = play(seed, None, true);
        assert!(played.is_ok(), "seed {seed}: {}", played.unwrap_err());
        return;
    }
    let histories = from_environment("SIMULATED_HISTORIES").unwrap_or(IN_CI);
    let (found, sum) = search(histories, None);
    if let Some((seed, violation)) = found {
        panic!("{violation}; SIMULATED_SEED={seed} replays it");
    }
    eprintln!("{histories} histories: {sum:?}");
    // They are no walk in the park: each kind of trouble is there.
    for kind in [sum.lost, sum.handed_back, sum.retried, sum.canceled] {
        assert!(histories / 100 < kind, "{sum:?}");
    }
}

/// Most of them idle: they ask for work, say that they are alive, and are in nobody's way.
#[test]
fn a_crowd_of_workers_keeps_the_promises() {
    let workers = from_environment("SIMULATED_WORKERS").unwrap_or(A_CROWD);
    let played = play_with_many(1, workers);
    let tale = played.unwrap_or_else(|violation| panic!("{workers} workers: {violation}"));
    eprintln!("{workers} workers: {tale:?}");
    // Each has asked and been heard of several times.
    assert!(workers * 10 < tale.events, "{tale:?}");
}

#[test]
fn a_seed_plays_the_same_history_again() {
    for seed in 0..50 {
        assert_eq!(play(seed, None, false), play(seed, None, false), "{seed}");
    }
}

#[test]
fn without_the_fencing_check_a_history_fails() {
    is_found(PlantedBug::NoFencing, &["acted for"]);
}

#[test]
fn an_acknowledgement_before_the_commit_makes_a_history_fail() {
    // A lease that was told and then forgotten is granted again: that is found as well.
    let reasons = ["acknowledged and not there", "runs twice at once"];
    is_found(PlantedBug::EarlyAcknowledgement, &reasons);
}

#[test]
fn slots_that_are_counted_make_a_history_fail() {
    is_found(PlantedBug::CountedSlots, &["slots of worker", "never ends"]);
}

#[test]
fn a_loop_that_looks_at_new_requests_only_makes_a_history_fail() {
    is_found(PlantedBug::DeafLoop, &["left out"]);
}

/// A planted bug is found within what every run plays, for the reason that it breaks; and it is
/// found again from its seed.
fn is_found(bug: PlantedBug, reasons: &[&str]) {
    let (found, _) = search(IN_CI, Some(bug));
    let (seed, violation) = found.expect("the bug is found");
    eprintln!("{bug:?}: seed {seed}: {violation}");
    let is_one = |reason: &&str| violation.0.contains(*reason);
    assert!(reasons.iter().any(is_one), "seed {seed}: {violation}");
    assert_eq!(play(seed, Some(bug), false), Err(violation), "{seed}");
}
