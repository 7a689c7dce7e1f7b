//! Everything at once: masters, workers, executors and the database are killed and stopped at random,
//! cables are pulled and disks are filled, while thousands of short packages run. Afterwards counts, logs and what the packages did are
//! compared with what must be.
//!
//! `CHAOS_SEED`, `CHAOS_EXECUTIONS` and `CHAOS_BLOWS` make other and longer histories; the seed is
//! printed. The same seed makes the same blows, not the same history: processes are real.

mod blows;
mod check;
mod kill_points;
mod people;
mod site;

use std::time::{Duration, Instant};

use blows::Chance;
use people::People;
use site::Site;

/// No history lasts longer: what has not ended then never will.
const PATIENCE: Duration = Duration::from_secs(3600);
/// So many looks without an ending: whatever is broken is mended, or the next blow falls.
const LOOKS: u32 = 40;
/// The same where what is cut off is to be missed before: leases end meanwhile.
const LONG_LOOKS: u32 = 1000;

struct Plan {
    seed: u64,
    executions: usize,
    blows: usize,
}

impl Plan {
    fn new(executions: usize, blows: usize) -> Self {
        let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
        let plan = Self {
            seed: number("CHAOS_SEED").unwrap_or(2026),
            executions: number("CHAOS_EXECUTIONS").map_or(executions, |count| count as usize),
            blows: number("CHAOS_BLOWS").map_or(blows, |count| count as usize),
        };
        println!(
            "CHAOS_SEED={} CHAOS_EXECUTIONS={} CHAOS_BLOWS={}",
            plan.seed, plan.executions, plan.blows
        );
        plan
    }
}

#[test]
fn nothing_is_lost_or_doubled_on_a_file() {
    let plan = Plan::new(2000, 24);
    survive(Site::on_a_file(), &plan, LOOKS);
}

#[test]
fn nothing_is_lost_or_doubled_with_two_masters_on_a_server() {
    let Some(site) = Site::on_a_server_or_skip() else {
        return;
    };
    survive(site, &Plan::new(2000, 24), LOOKS);
}

#[test]
fn nothing_is_lost_or_doubled_when_cables_are_pulled_and_disks_are_full() {
    // A thread of its own: it moves to the master's host, and so does what it starts.
    let moved = std::thread::spawn(|| {
        if let Some(site) = Site::on_hosts_or_skip() {
            survive(site, &Plan::new(500, 8), LONG_LOOKS);
        }
    });
    moved.join().unwrap();
}

fn survive(mut site: Site, plan: &Plan, patience: u32) {
    let people = People::new(&site);
    let quiet = people.run_one_in_peace();
    let calm = check::Log::of(&people, 0).messages_of(quiet);
    let work = people.start(plan.executions);

    let mut chance = Chance::new(plan.seed);
    let begun = Instant::now();
    let mut struck = 0;
    let mut next_at = 0;
    let mut looks = 0;
    loop {
        looks += 1;
        let ran = site.notes().lines().count();
        let done = work.is_finished() && people.has_open() == Some(false);
        if struck == plan.blows && done {
            break;
        }
        if next_at <= ran || patience <= looks {
            site.heal();
            looks = 0;
            if struck < plan.blows {
                site.strike(&mut chance);
                struck += 1;
                next_at = plan.executions * struck / plan.blows;
            } else {
                next_at = usize::MAX;
            }
        }
        assert!(
            begun.elapsed() < PATIENCE,
            "seed {}: executions are open after an hour",
            plan.seed
        );
    }
    let ordered = work.ordered();
    site.heal();
    check::all(&site, &people, &ordered, calm, plan.seed);
}
