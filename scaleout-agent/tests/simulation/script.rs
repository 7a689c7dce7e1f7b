//! What happens in a history: who starts what when, and what goes wrong. All of it from one seed.

use scaleout_catalog::{AllowedWorkers, Caps, KeyCap};
use scaleout_core::lease::{ExecutionState, Rerun};
use scaleout_core::protocol::event::PackageResult;
use scaleout_core::protocol::worker::AttemptOutcome;

use super::catalog::id_of;
use super::chance::Chance;
use super::messages::{Time, WorkerIndex};
use super::rows::{Execution, Rows, WorkerRow};
use super::worker::Fate;

/// Faults end here; from then on everything works.
pub const HEALED: Time = 150_000;

/// Something that people do or that goes wrong.
#[derive(Clone, Debug)]
pub enum Happening {
    Start(i64),
    Stop(i64),
    MasterDies {
        down: Time,
    },
    MasterStarts,
    WorkerDies {
        worker: WorkerIndex,
        down: Time,
    },
    WorkerStarts(WorkerIndex),
    /// Nothing gets through, either way.
    CutOff {
        worker: WorkerIndex,
        until: Time,
    },
    /// The master's clock is set forward.
    ClockJumps {
        ahead: Time,
    },
    Drain {
        worker: WorkerIndex,
        within: Time,
    },
    Resume(WorkerIndex),
    Enable(WorkerIndex, bool),
}

/// The beginning of a history.
pub struct Script {
    pub rows: Rows,
    pub happenings: Vec<(Time, Happening)>,
    /// No package fails by itself.
    pub all_succeed: bool,
    /// Clocks run on, so that two attempts of one execution never run at once.
    pub clocks_are_right: bool,
}

/// Draws one with few workers.
pub fn draw(chance: &mut Chance) -> Script {
    let all_succeed = chance.percent(50);
    let workers = chance.between(1, 4);
    draw_rest(chance, all_succeed, workers)
}

/// Draws one with so many workers.
pub fn draw_with_workers(chance: &mut Chance, workers: u64) -> Script {
    let all_succeed = chance.percent(50);
    draw_rest(chance, all_succeed, workers)
}

fn draw_rest(chance: &mut Chance, all_succeed: bool, workers: u64) -> Script {
    let rows = Rows {
        workers: (0..workers).map(|_| worker(chance)).collect(),
        executions: Default::default(),
    };
    let workers = rows.workers.len();
    let mut script = Script {
        rows,
        happenings: Vec::new(),
        all_succeed,
        clocks_are_right: true,
    };
    for id in 1..=i64::try_from(chance.between(2, 8)).unwrap() {
        let execution = execution(chance, workers);
        script.rows.executions.insert(id, execution);
        let at = chance.between(0, 60_000);
        script.happenings.push((at, Happening::Start(id)));
        if chance.percent(15) {
            let after = at + chance.between(1, 60_000);
            script.happenings.push((after, Happening::Stop(id)));
        }
    }
    for _ in 0..chance.between(0, 7) {
        fault(chance, workers, &mut script);
    }
    for worker in 0..workers {
        let (enable, resume) = (Happening::Enable(worker, true), Happening::Resume(worker));
        script
            .happenings
            .extend([(HEALED, enable), (HEALED, resume)]);
    }
    script
}

fn worker(chance: &mut Chance) -> WorkerRow {
    WorkerRow {
        registered: false,
        enabled: true,
        drain: None,
        // All have what executions ask for, or some could never run.
        tags: chance.pick(&["etl", "etl, big"]),
        most: u32::try_from(chance.between(1, 4)).unwrap(),
        seen: 0,
        registration: 0,
        counted: 0,
    }
}

fn execution(chance: &mut Chance, workers: usize) -> Execution {
    let rerun = if chance.percent(15) {
        Rerun::Never
    } else {
        Rerun::AfterFailures(u32::try_from(chance.between(0, 3)).unwrap())
    };
    let limit = |chance: &mut Chance| u32::try_from(chance.between(1, 3)).unwrap();
    let caps = Caps {
        package_limit: chance.percent(30).then(|| limit(chance)),
        key: chance.percent(30).then(|| KeyCap {
            key: "dwh".to_owned(),
            limit: limit(chance),
        }),
    };
    let named = usize::try_from(chance.between(0, workers as u64)).unwrap();
    Execution {
        state: ExecutionState::Created,
        rerun,
        priority: chance.pick(&[-10, 0, 0, 0, 10]),
        folder: chance.pick(&["f", "g"]),
        package: chance.pick(&["a", "b"]),
        caps,
        tags: chance.pick(&["", "", "etl"]),
        allowed: if chance.percent(20) {
            AllowedWorkers::Only(vec![id_of(named)])
        } else {
            AllowedWorkers::Any
        },
        pending_since: 0,
        last_worker: None,
        attempts: Default::default(),
    }
}

fn fault(chance: &mut Chance, workers: usize, script: &mut Script) {
    let at = chance.between(0, HEALED - 1);
    let worker = usize::try_from(chance.between(0, workers as u64)).unwrap();
    let lasts = chance.between(100, 70_000);
    let until = (at + lasts).min(HEALED);
    let happening = match chance.between(0, 100) {
        0..=29 => Happening::MasterDies { down: until - at },
        30..=59 => Happening::WorkerDies {
            worker,
            down: until - at,
        },
        60..=84 => Happening::CutOff { worker, until },
        85..=89 => {
            script.clocks_are_right = false;
            Happening::ClockJumps { ahead: lasts }
        }
        90..=96 => Happening::Drain {
            worker,
            within: lasts,
        },
        _ => Happening::Enable(worker, false),
    };
    script.happenings.push((at, happening));
}

/// What the package of an attempt will do.
pub fn fate(chance: &mut Chance, all_succeed: bool) -> Fate {
    let takes = if chance.percent(70) {
        chance.between(50, 5_000)
    } else {
        chance.between(5_000, 60_000)
    };
    let ran = |result| AttemptOutcome::Ran { result };
    let outcome = match chance.between(0, 100) {
        _ if all_succeed => ran(PackageResult::Success),
        0..=69 => ran(PackageResult::Success),
        70..=89 => ran(PackageResult::Failure),
        _ => AttemptOutcome::EndedUnexpectedly {
            reason: "its executor died".to_owned(),
        },
    };
    Fate { takes, outcome }
}
