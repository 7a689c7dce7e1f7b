//! Two masters on one PostgreSQL, each a process: all are active, and the death of one costs nothing
//! that was acknowledged.

use crate::support::package;
use crate::support::patience::tries;
use crate::support::postgres::PostgresCluster;
use crate::support::service::{Service, share, write_worker_certificate};
use crate::support::{Ran, Soctl};
use jiff::Timestamp;

/// Two masters and a worker that knows both.
struct Site {
    soctl: Soctl,
    cluster: PostgresCluster,
    masters: [Option<Service>; 2],
    endpoints: [String; 2],
    thumbprint: String,
    _worker: Service,
}

const FOLDERS: [&str; 2] = ["m1", "m2"];

impl Site {
    fn start_or_skip() -> Option<Self> {
        let cluster = PostgresCluster::start_or_skip()?;
        let soctl = Soctl::new();
        let home = soctl.home().to_owned();
        write_worker_certificate(&home.join("w"), Timestamp::now(), 30);
        let first = start_master(&soctl, &cluster, FOLDERS[0], "0");
        share(&home.join(FOLDERS[0]), &home.join(FOLDERS[1]));
        let second = start_master(&soctl, &cluster, FOLDERS[1], "0");
        let endpoints = [&first, &second].map(|master| master.said_after("master at"));
        let thumbprint = first.said_after("SHA-256");
        let (data, cert) = (home.join("w"), home.join("m1/SSISScaleOutMaster.cer"));
        let worker = Service::start(
            &soctl,
            &[
                "workers",
                "run",
                "--data",
                data.to_str().unwrap(),
                "--master-cert",
                cert.to_str().unwrap(),
                "--master-endpoint",
                &endpoints[0],
                "--master-endpoint",
                &endpoints[1],
            ],
        );
        let site = Self {
            soctl,
            cluster,
            masters: [Some(first), Some(second)],
            endpoints,
            thumbprint,
            _worker: worker,
        };
        site.run(0, &["scaleout", "enable"]).success();
        site.enable_worker();
        let file = home.join("quick.dtsx");
        std::fs::write(&file, package::process("quick", "true", "")).unwrap();
        let deploy = ["deploy", file.to_str().unwrap(), "--folder", "F"];
        site.run(0, &deploy).success();
        Some(site)
    }

    /// Runs a command against one of the masters, with the token of the first.
    fn run(&self, master: usize, arguments: &[&str]) -> Ran {
        let token = std::fs::read_to_string(self.soctl.home().join("m1/admin.token")).unwrap();
        let mut command = self.soctl.command(arguments);
        command
            .env("SOCTL_MASTER", &self.endpoints[master])
            .env("SOCTL_THUMBPRINT", &self.thumbprint)
            .env("SOCTL_TOKEN", token.trim());
        Ran::from(command.output().unwrap())
    }

    fn enable_worker(&self) {
        for () in tries() {
            let listed = self.run(1, &["workers", "list", "--output", "json"]);
            if let Some(id) = listed.success().json()[0]["worker_agent_id"].as_str() {
                self.run(1, &["workers", "enable", id]).success();
                return;
            }
        }
        panic!("the worker never registered");
    }

    fn start_executions(&self, master: usize, count: usize) {
        for _ in 0..count {
            let start = [
                "execute",
                "--package",
                "quick.dtsx",
                "--folder",
                "F",
                "--detach",
            ];
            self.run(master, &start).success();
        }
    }

    /// Looks until so many executions have succeeded. Each try is a whole run of `soctl`.
    fn wait_for_successes(&self, master: usize, count: usize) {
        let look = [
            "view",
            "executions",
            "--where",
            "status=7",
            "--output",
            "json",
        ];
        for () in tries() {
            let rows = self.run(master, &look).success().json();
            if rows.as_array().unwrap().len() >= count {
                return;
            }
        }
        let all = self.run(master, &["executions", "list"]);
        panic!("{count} executions never succeeded:\n{}", all.stdout);
    }

    fn restart(&mut self, master: usize) {
        let port = self.endpoints[master]
            .rsplit_once(':')
            .unwrap()
            .1
            .to_owned();
        let started = start_master(&self.soctl, &self.cluster, FOLDERS[master], &port);
        self.masters[master] = Some(started);
    }
}

fn start_master(soctl: &Soctl, cluster: &PostgresCluster, folder: &str, port: &str) -> Service {
    let (data, worker) = (
        soctl.home().join(folder),
        soctl.home().join("w/SSISScaleOutWorker.cer"),
    );
    Service::start(
        soctl,
        &[
            "master",
            "run",
            "--data",
            data.to_str().unwrap(),
            "--port",
            port,
            "--worker-cert",
            worker.to_str().unwrap(),
            "--catalog",
            &cluster.url("postgres"),
        ],
    )
}

#[test]
fn the_death_of_a_master_costs_nothing_that_was_acknowledged() {
    let Some(mut site) = Site::start_or_skip() else {
        return;
    };
    let status = site
        .run(0, &["scaleout", "status", "--output", "json"])
        .success()
        .json();
    let masters = status["masters"].as_array().unwrap();
    assert_eq!(masters.len(), 2, "{status:#}");
    assert!(
        masters.iter().all(|master| master["online"] == true),
        "{status:#}"
    );

    site.start_executions(0, 3);
    site.start_executions(1, 3);
    site.wait_for_successes(0, 6);

    // Whichever of them the worker talks to, it is killed once.
    site.start_executions(0, 3);
    site.masters[0].take().unwrap().kill();
    site.start_executions(1, 3);
    site.wait_for_successes(1, 12);

    site.restart(0);
    site.start_executions(1, 3);
    site.masters[1].take().unwrap().kill();
    site.start_executions(0, 3);
    site.wait_for_successes(0, 18);
    let attempts = "SELECT count(*), count(DISTINCT execution_id) FROM internal.attempt
        WHERE ending = 'completed'";
    assert_eq!(site.cluster.psql("postgres", attempts), "18|18\n");
}

#[test]
fn a_second_master_needs_the_key_of_the_catalog() {
    let Some(cluster) = PostgresCluster::start_or_skip() else {
        return;
    };
    let soctl = Soctl::new();
    write_worker_certificate(&soctl.home().join("w"), Timestamp::now(), 30);
    let _first = start_master(&soctl, &cluster, "m1", "0");
    let second = soctl.home().join("m2").display().to_string();
    let location = cluster.url("postgres");
    let run = [
        "master",
        "run",
        "--data",
        &second,
        "--port",
        "0",
        "--catalog",
        &location,
    ];
    soctl.run(&run).fails(6, &["SO9107", "catalog.key"]);
}

/// Jobs whose schedule comes in one second.
const JOBS: usize = 500;

/// A script that makes the jobs, as SSMS would write it, with one schedule that does not fire yet.
fn script_of_jobs() -> String {
    let mut script = String::from(
        "EXEC msdb.dbo.sp_add_schedule @schedule_name=N'all at once', @enabled=0, @freq_type=1, \
         @active_start_date=20300101, @active_start_time=0, @time_zone=N'UTC'\n",
    );
    for number in 1..=JOBS {
        let job = format!("@job_name=N'job {number}'");
        script += &format!(
            "EXEC msdb.dbo.sp_add_job {job}\n\
             EXEC msdb.dbo.sp_add_jobstep {job}, @step_name=N's', @subsystem=N'TSQL', \
                 @command=N'EXEC msdb.dbo.sp_help_jobstep {}'\n\
             EXEC msdb.dbo.sp_add_jobserver {job}\n\
             EXEC msdb.dbo.sp_attach_schedule {job}, @schedule_name=N'all at once'\n",
            job.replace('\'', "''"),
        );
    }
    script
}

#[test]
fn five_hundred_jobs_of_one_second_fire_once_each_under_two_masters() {
    let Some(site) = Site::start_or_skip() else {
        return;
    };
    let file = site.soctl.home().join("jobs.sql");
    std::fs::write(&file, script_of_jobs()).unwrap();
    site.run(0, &["job", "import", file.to_str().unwrap()])
        .success();
    // Soon, and in the future however long this call takes: nobody counts what is past.
    let soon = Timestamp::now() + jiff::SignedDuration::from_secs(10);
    let soon = soon.to_zoned(jiff::tz::TimeZone::UTC);
    let (date, time) = (
        format!("active_start_date={}", soon.strftime("%Y%m%d")),
        format!("active_start_time={}", soon.strftime("%H%M%S")),
    );
    let update = [
        "proc",
        "sp_update_schedule",
        "--param",
        "name=all at once",
        "--param",
        "enabled=1",
        "--param",
        &date,
        "--param",
        &time,
    ];
    site.run(1, &update).success();
    // Each try is a whole run of `soctl`.
    let look = [
        "view",
        "sysjobhistory",
        "--where",
        "step_id=0",
        "--limit",
        "1000",
        "--output",
        "json",
    ];
    let mut ended = 0;
    for (look_again, ()) in (0..).zip(tries()) {
        let rows = site.run(look_again % 2, &look).success().json();
        ended = rows.as_array().unwrap().len();
        if JOBS <= ended {
            break;
        }
    }
    assert_eq!(ended, JOBS);
    // Of each job one run and one entry for it and for its step, all good.
    let runs = "SELECT count(*), count(DISTINCT job_id), count(DISTINCT scheduled_for),
        min(source), max(source) FROM internal.job_run";
    assert_eq!(site.cluster.psql("postgres", runs), "500|500|1|1|1\n");
    let entries = "SELECT step_id, count(*), count(DISTINCT job_id), min(run_status)
        FROM internal.job_history GROUP BY step_id ORDER BY step_id";
    let failures = "SELECT left(message, 300), count(*) FROM internal.job_history
        WHERE run_status <> 1 GROUP BY 1";
    assert_eq!(
        site.cluster.psql("postgres", entries),
        "0|500|500|1\n1|500|500|1\n",
        "{}",
        site.cluster.psql("postgres", failures)
    );
}
