//! Death beside each durable step: a master or worker dies at each kill point in turn while packages
//! run, and is started again. Afterwards everything that was acknowledged is there, as after any
//! history.

use std::os::unix::process::ExitStatusExt as _;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use scaleout_core::kill_points::{KillPoint, VARIABLE};

use super::check;
use super::people::{Ordered, People, Work};
use super::site::Site;
use crate::support::patience::tries;
use crate::support::service::Service;

/// Packages that are started at once, until the process dies.
const TOGETHER: usize = 8;
/// Looks until more packages are started, or what a death needs is done again.
const LOOKS: u32 = 25;
/// The same where leases are to end before, behind the grace of a master that has just started.
const LONG_LOOKS: u32 = 2500;

/// What a process needs to come to a point.
enum Needs {
    /// The work that goes on anyway.
    Work,
    /// What it does at its start.
    Start,
    /// A worker that registers.
    Registration,
    /// A project that the worker does not have.
    NewProject,
    /// A worker that is ended while it runs something.
    End,
    /// A worker that is away until its leases end.
    Absence,
    /// A master that does not answer.
    Silence,
    /// What it found at its start after a death at that point.
    DeathAt(KillPoint),
    /// A catalog that does not exist.
    NewCatalog,
}

fn needs(point: KillPoint) -> Needs {
    use KillPoint as At;
    match point {
        At::CatalogFilled
        | At::CatalogCommitted
        | At::MasterStarted
        | At::MasterLeased
        | At::MasterRenewed
        | At::MasterLogged
        | At::MasterCompleted
        | At::WorkerLeased
        | At::WorkerSpoolMade
        | At::WorkerBegan
        | At::WorkerEventHeard
        | At::WorkerEventSpooled
        | At::WorkerLogSent
        | At::WorkerEndHeard
        | At::WorkerEndSpooled
        | At::WorkerEndReported
        | At::WorkerSpoolFreed => Needs::Work,
        At::CatalogMigrated => Needs::NewCatalog,
        At::MasterRegistered => Needs::Registration,
        At::MasterTookBack | At::WorkerHandedBack => Needs::End,
        At::MasterExpired => Needs::Absence,
        At::WorkerRegistered => Needs::Start,
        At::WorkerProjectCached => Needs::NewProject,
        At::WorkerEndSynced => Needs::Silence,
        At::WorkerEndTakenUp => Needs::DeathAt(At::WorkerEndSpooled),
        At::WorkerRemainsShipped => Needs::DeathAt(At::WorkerEventSpooled),
    }
}

/// The pass at which the process dies: some are behind what a start does anyway.
fn pass(point: KillPoint) -> u32 {
    match point {
        KillPoint::CatalogFilled | KillPoint::CatalogCommitted => 40,
        KillPoint::CatalogMigrated => 5,
        KillPoint::WorkerEventHeard | KillPoint::WorkerEventSpooled => 3,
        KillPoint::MasterStarted | KillPoint::MasterLogged | KillPoint::MasterCompleted => 3,
        _ => 1,
    }
}

fn is_masters(point: KillPoint) -> bool {
    !point.name().starts_with("worker.")
}

struct Trial {
    site: Site,
    people: People,
    work: Vec<Work>,
}

#[test]
fn everything_acknowledged_is_there_after_death_at_each_kill_point() {
    let site = Site::on_a_file();
    let people = People::new(&site);
    let quiet = people.run_one_in_peace();
    let calm = check::Log::of(&people, 0).messages_of(quiet);
    let mut trial = Trial {
        site,
        people,
        work: Vec::new(),
    };
    for point in KillPoint::ALL {
        println!("{}", point.name());
        if matches!(needs(point), Needs::NewCatalog) {
            trial.die_in_migration(point);
        } else {
            trial.die_at(point);
            trial.go_on();
        }
    }
    let Trial { site, people, work } = trial;
    let ordered: Vec<Ordered> = work.into_iter().flat_map(Work::ordered).collect();
    let mut ended = tries().filter(|()| people.has_open() == Some(false));
    assert!(ended.next().is_some(), "executions never end");
    check::all(&site, &people, &ordered, calm, 0);
}

impl Trial {
    fn die_at(&mut self, point: KillPoint) {
        if let Needs::DeathAt(earlier) = needs(point) {
            self.die_at(earlier);
        }
        if matches!(needs(point), Needs::NewProject) {
            self.site.workers[0] = None;
            std::fs::remove_dir_all(self.site.folder("w0/projects")).unwrap();
        }
        if self.arm(point).is_dead() {
            return;
        }
        let mut rest = 0;
        for () in tries() {
            if let Some(status) = self.armed(point).as_mut().and_then(Service::has_ended) {
                *self.armed(point) = None;
                if status.signal() == Some(Signal::SIGABRT as i32) {
                    return;
                }
                // Ended as it was asked to, with nothing to give back: once more.
                assert!(
                    matches!(needs(point), Needs::End),
                    "{}: {status}",
                    point.name()
                );
                if self.arm(point).is_dead() {
                    return;
                }
                rest = 0;
            }
            if rest == 0 {
                rest = self.provoke(point);
            }
            rest -= 1;
            self.people.look_again();
        }
        panic!("nothing ever died at {}", point.name());
    }

    /// Where the process is that is to die.
    fn armed(&mut self, point: KillPoint) -> &mut Option<Service> {
        if is_masters(point) {
            &mut self.site.masters[0]
        } else {
            &mut self.site.workers[0]
        }
    }

    /// Starts it anew, so that it dies at that point; it may do so before it is ready.
    fn arm(&mut self, point: KillPoint) -> Armed {
        *self.armed(point) = None;
        let mut command = if is_masters(point) {
            self.site.master_command(0, &self.site.port(0))
        } else {
            self.site.worker_command(0)
        };
        command.env(VARIABLE, format!("{}:{}", point.name(), pass(point)));
        match Service::of_or_ended(command) {
            Ok(service) => {
                *self.armed(point) = Some(service);
                Armed::Runs
            }
            Err(ran) => {
                assert_eq!(ran.code, -1, "a signal ends it: {}", ran.stderr);
                Armed::IsDead
            }
        }
    }

    /// Does what brings the process to the point; says after how many looks to do it again.
    fn provoke(&mut self, point: KillPoint) -> u32 {
        match needs(point) {
            Needs::Registration => {
                self.site.workers[0] = None;
                self.site.heal();
            }
            Needs::Silence => {
                // What was silent before speaks again.
                self.site.heal();
                self.order_and_wait_for_a_run();
                let master = self.site.masters[0].as_ref().map(Service::id);
                self.site.stop(master);
            }
            Needs::End => {
                // One that was ended before, and had nothing to give back.
                self.site.workers[0].take_if(|worker| worker.has_ended().is_some());
                self.site.heal();
                self.site.hold();
                self.order_and_wait_for_a_run();
                if let Some(worker) = &self.site.workers[0] {
                    let pid = Pid::from_raw(i32::try_from(worker.id()).unwrap());
                    kill(pid, Signal::SIGTERM).unwrap();
                }
            }
            Needs::Absence => {
                self.site.heal();
                self.site.hold();
                self.order_and_wait_for_a_run();
                self.lose_workers();
                return LONG_LOOKS;
            }
            _ => self.order(),
        }
        LOOKS
    }

    fn order(&mut self) {
        self.work.push(self.people.start(TOGETHER));
    }

    /// Orders, and waits until something has begun of it, unless the process dies before.
    fn order_and_wait_for_a_run(&mut self) {
        let ran = self.site.notes().lines().count();
        self.order();
        let runs = |site: &Site| ran < site.notes().lines().count();
        let begun = tries().any(|()| {
            self.people.look_again();
            runs(&self.site)
        });
        assert!(begun, "nothing runs");
    }

    fn lose_workers(&mut self) {
        for worker in self.site.workers.iter_mut().filter_map(Option::take) {
            worker.kill();
        }
    }

    /// Starts again what is dead. Workers go with their master: what was granted and never arrived is
    /// offered again when they register, and not only when its lease ends.
    fn go_on(&mut self) {
        self.site.release();
        if self.site.masters[0].is_none() {
            self.lose_workers();
        }
        self.site.heal();
    }

    /// A master whose catalog is new dies in the middle of its schema, and starts the next time.
    fn die_in_migration(&mut self, point: KillPoint) {
        let data = self.site.folder("m9").display().to_string();
        let command = || {
            let arguments = ["master", "run", "--data", &data, "--port", "0"];
            self.site.soctl.command(&arguments)
        };
        let mut armed = command();
        armed.env(VARIABLE, format!("{}:{}", point.name(), pass(point)));
        let ran = Service::of_or_ended(armed).err();
        assert_eq!(ran.map(|ran| ran.code), Some(-1));
        Service::of(command());
    }
}

/// What came of a start.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Armed {
    Runs,
    IsDead,
}

impl Armed {
    fn is_dead(self) -> bool {
        self == Self::IsDead
    }
}
