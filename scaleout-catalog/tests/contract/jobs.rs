//! Jobs: who may do what with them, when they fire, and how their runs go on.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use scaleout_catalog::jobs::{Advanced, Due};
use scaleout_catalog::{Caller, CatalogError, Role};
use scaleout_core::error::Explain as _;
use scaleout_core::protocol::event::PackageResult;
use scaleout_core::protocol::task::CommandKind;
use scaleout_core::registry::msdb::{MSDB_PROCEDURES, MSDB_VIEWS};
use scaleout_core::registry::{JobAccess, Permission};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::databases::{Database, contract};
use crate::support::{ANNA, Bench, key, package};
use crate::views::columns_in_database;

contract![
    the_views_have_their_declared_columns,
    a_step_runs_its_package_and_the_history_says_so,
    a_step_that_cannot_begin_fails_with_the_reason,
    steps_go_where_they_are_told_and_are_run_again,
    a_command_is_leased_like_an_execution,
    a_script_calls_procedures_as_the_owner,
    a_time_fires_once_however_many_look,
    five_hundred_jobs_of_one_second_fire_once_each,
    times_that_passed_are_run_once_or_left_out,
    starts_of_masters_and_idle_workers_fire_once_each,
    a_job_that_runs_is_skipped_queued_or_stopped,
    a_stop_reaches_the_package,
    everyone_has_its_own_jobs_and_operators_run_all,
    a_login_without_a_role_of_jobs_calls_nothing,
    only_allowed_logins_name_a_proxy,
    jobs_delete_themselves_and_tell_who_is_to_be_told,
    steps_are_numbered_without_gaps,
    what_cannot_be_is_refused,
    one_job_is_shown_with_steps_schedules_and_target,
    a_step_that_cannot_be_is_refused,
];

/// This master.
const RUNNER: Uuid = Uuid::from_u128(0xfee);

const LOAD: &str = r#"/ISSERVER "\"\SSISDB\f\p\a.dtsx\"" /CALLERINFO SQLAGENT"#;

/// A job of the login `boss`, on any worker, with these steps.
async fn job(bench: &Bench, name: &str, steps: &[Value]) -> Value {
    let boss = bench.login("boss", Role::SsisAdmin).await;
    let new = json!({"job_name": name});
    let made = bench.call_as(&boss, "sp_add_job", new).await.unwrap();
    for step in steps {
        let mut step = step.clone();
        step["job_name"] = json!(name);
        bench.call_as(&boss, "sp_add_jobstep", step).await.unwrap();
    }
    let target = json!({"job_name": name});
    bench
        .call_as(&boss, "sp_add_jobserver", target)
        .await
        .unwrap();
    made.outputs["@job_id"].clone()
}

fn step(name: &str, subsystem: &str, command: &str, more: Value) -> Value {
    let mut all = json!({"step_name": name, "subsystem": subsystem, "command": command});
    for (name, value) in more.as_object().unwrap() {
        all[name] = value.clone();
    }
    all
}

async fn start(bench: &Bench, name: &str) -> i64 {
    let started = bench
        .call("sp_start_job", json!({"job_name": name}))
        .await
        .unwrap();
    started.outputs["@run_id"].as_i64().unwrap()
}

/// Moves all runs on until nothing moves; scripts are run as the master does.
async fn settle(bench: &Bench) {
    for _ in 0..100 {
        let runs = bench.catalog.job_runs_to_advance().await.unwrap();
        if runs.is_empty() {
            return;
        }
        for run in runs {
            let done = bench.catalog.advance_job_run(run, RUNNER).await.unwrap();
            if let Advanced::Script(script) = done {
                let mut calls = scaleout_core::tsql::Interpreter::new(&script.script).unwrap();
                let mut ended = Ok("done".to_owned());
                while let Ok(Some(call)) = calls.next_call() {
                    let done = bench
                        .catalog
                        .call(&script.owner, call.procedure, &call.arguments)
                        .await;
                    match done {
                        Ok(result) => calls.done(&call, &result),
                        Err(error) => {
                            ended = Err((error.to_string(), error.number()));
                            break;
                        }
                    }
                }
                bench
                    .catalog
                    .finish_job_script(&script, ended)
                    .await
                    .unwrap();
            }
        }
    }
    panic!("runs move for ever");
}

async fn history(bench: &Bench, name: &str) -> Vec<Value> {
    let wanted = json!({"job_name": name, "oldest_first": 1});
    let rows = bench
        .call("sp_help_jobhistory", wanted)
        .await
        .unwrap()
        .rows
        .unwrap();
    rows.rows
        .into_iter()
        .map(|row| rows.columns.iter().cloned().zip(row).collect())
        .collect()
}

/// Step and outcome of each entry.
async fn outcomes(bench: &Bench, name: &str) -> Vec<(i64, i64)> {
    let entries = history(bench, name).await;
    let number = |entry: &Value, column: &str| entry[column].as_i64().unwrap();
    entries
        .iter()
        .map(|entry| (number(entry, "step_id"), number(entry, "run_status")))
        .collect()
}

/// The executions and commands that wait for a worker.
async fn pending(bench: &Bench) -> Vec<i64> {
    let snapshot = bench.catalog.scheduling_snapshot().await.unwrap();
    snapshot
        .pending
        .iter()
        .map(|one| one.execution_id)
        .collect()
}

async fn run_pending(bench: &Bench, result: PackageResult) -> i64 {
    let id = pending(bench).await[0];
    let task = bench.lease(id, ANNA).await.unwrap();
    bench.finish(ANNA, key(id, task.attempt), result).await;
    id
}

async fn the_views_have_their_declared_columns(on: Database) {
    let bench = Bench::open(on).await;
    job(
        &bench,
        "j",
        &[step("s", "TSQL", "EXEC sp_help_job", json!({}))],
    )
    .await;
    for view in MSDB_VIEWS {
        let rows = bench
            .catalog
            .view(&crate::support::admin(), view.name, &Default::default())
            .await;
        let declared: Vec<&str> = view.columns.iter().map(|column| column.name).collect();
        assert_eq!(rows.unwrap().columns, declared, "{}", view.name);
        let stored = columns_in_database(&bench, view).await;
        assert_eq!(stored, declared, "{}", view.name);
    }
}

async fn a_step_runs_its_package_and_the_history_says_so(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    bench.worker(ANNA).await;
    job(&bench, "nightly", &[step("load", "SSIS", LOAD, json!({}))]).await;
    let run_id = start(&bench, "nightly").await;
    settle(&bench).await;
    let execution = bench.view("executions", &[]).await[0].clone();
    assert_eq!(execution["caller_name"], "boss");
    assert!(history(&bench, "nightly").await.is_empty());
    let id = run_pending(&bench, PackageResult::Success).await;
    settle(&bench).await;
    let entries = history(&bench, "nightly").await;
    assert_eq!(outcomes(&bench, "nightly").await, [(1, 1), (0, 1)]);
    assert_eq!(entries[0]["execution_id"], id);
    assert_eq!(entries[0]["server"], "worker 10");
    assert_eq!(entries[1]["run_id"], run_id);
    let text = entries[1]["message"].as_str().unwrap();
    assert!(
        text.starts_with("The job succeeded. It was started by the user admin."),
        "{text}"
    );
    let shown = bench
        .call("sp_help_job", json!({"job_name": "nightly"}))
        .await
        .unwrap()
        .rows
        .unwrap();
    let at = shown
        .columns
        .iter()
        .position(|one| one == "last_run_outcome")
        .unwrap();
    assert_eq!(shown.rows[0][at], 1);
}

async fn a_step_that_cannot_begin_fails_with_the_reason(on: Database) {
    let bench = Bench::open(on).await;
    bench.call("enable_scaleout", json!({})).await.unwrap();
    job(&bench, "j", &[step("s", "SSIS", LOAD, json!({}))]).await;
    start(&bench, "j").await;
    settle(&bench).await;
    let entries = history(&bench, "j").await;
    assert_eq!(outcomes(&bench, "j").await, [(1, 0), (0, 0)]);
    let text = entries[0]["message"].as_str().unwrap();
    assert!(
        text.contains("folder `f`") && text.contains("SO7013"),
        "{text}"
    );
    assert_eq!(entries[0]["sql_message_id"], 27104);
    // Nothing of the execution is left.
    assert!(
        bench
            .view("operations", &[])
            .await
            .iter()
            .all(|one| one["operation_type"] != 200)
    );
    bench
        .call(
            "set_login_enabled",
            json!({"login_name": "boss", "is_enabled": false}),
        )
        .await
        .unwrap();
    start(&bench, "j").await;
    settle(&bench).await;
    let entries = history(&bench, "j").await;
    let text = entries[2]["message"].as_str().unwrap();
    assert!(text.contains("is a login that is disabled"), "{text}");
}

async fn steps_go_where_they_are_told_and_are_run_again(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    bench.worker(ANNA).await;
    let steps = [
        step(
            "load",
            "SSIS",
            LOAD,
            json!({"retry_attempts": 1, "retry_interval": 5,
            "on_fail_action": 4, "on_fail_step_id": 3, "on_success_action": 3}),
        ),
        step("more", "SSIS", LOAD, json!({})),
        step(
            "tidy",
            "TSQL",
            "EXEC sp_help_job",
            json!({"on_success_action": 2}),
        ),
    ];
    job(&bench, "j", &steps).await;
    start(&bench, "j").await;
    settle(&bench).await;
    run_pending(&bench, PackageResult::Failure).await;
    settle(&bench).await;
    assert_eq!(outcomes(&bench, "j").await, [(1, 2)]);
    assert!(pending(&bench).await.is_empty());
    bench.wait(299);
    settle(&bench).await;
    assert!(pending(&bench).await.is_empty());
    bench.wait(1);
    settle(&bench).await;
    run_pending(&bench, PackageResult::Failure).await;
    settle(&bench).await;
    assert_eq!(
        outcomes(&bench, "j").await,
        [(1, 2), (1, 0), (3, 1), (0, 0)]
    );
    let last = history(&bench, "j").await;
    assert_eq!(last[1]["retries_attempted"], 1);
}

async fn a_command_is_leased_like_an_execution(on: Database) {
    let bench = Bench::open(on).await;
    bench.worker(ANNA).await;
    let more = json!({"cmdexec_success_code": 3, "output_file_name": "x.log", "flags": 2});
    job(&bench, "j", &[step("s", "CmdExec", "exit 3", more)]).await;
    start(&bench, "j").await;
    settle(&bench).await;
    let id = pending(&bench).await[0];
    // It is no execution of a package.
    assert!(bench.view("executions", &[]).await.is_empty());
    let task = bench.lease(id, ANNA).await.unwrap();
    let command = task.command.clone().unwrap();
    assert_eq!(command.kind, CommandKind::Shell("exit 3".into()));
    assert_eq!(
        (command.success_code, command.append, command.user),
        (3, true, None)
    );
    bench
        .finish(ANNA, key(id, task.attempt), PackageResult::Success)
        .await;
    settle(&bench).await;
    assert_eq!(outcomes(&bench, "j").await, [(1, 1), (0, 1)]);
}

async fn a_script_calls_procedures_as_the_owner(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    let script = "DECLARE @id bigint
        EXEC SSISDB.catalog.create_execution @folder_name = N'f', @project_name = N'p',
            @package_name = N'a.dtsx', @execution_id = @id OUTPUT
        EXEC SSISDB.catalog.start_execution @id";
    job(&bench, "j", &[step("s", "TSQL", script, json!({}))]).await;
    start(&bench, "j").await;
    settle(&bench).await;
    assert_eq!(outcomes(&bench, "j").await, [(1, 1), (0, 1)]);
    let execution = bench.view("executions", &[]).await[0].clone();
    assert_eq!(execution["caller_name"], "boss");
    // A master that goes away in the middle leaves a step that has failed, once its time is over.
    start(&bench, "j").await;
    let run = bench.catalog.job_runs_to_advance().await.unwrap()[0];
    let Advanced::Script(lost) = bench.catalog.advance_job_run(run, RUNNER).await.unwrap() else {
        panic!("no script");
    };
    settle(&bench).await;
    assert_eq!(outcomes(&bench, "j").await.len(), 2);
    bench.wait(61);
    settle(&bench).await;
    assert_eq!(outcomes(&bench, "j").await[2..], [(1, 0), (0, 0)]);
    // What comes of it later changes nothing.
    bench
        .catalog
        .finish_job_script(&lost, Ok("late".into()))
        .await
        .unwrap();
    assert_eq!(outcomes(&bench, "j").await.len(), 4);
}

/// Every day at a moment that is `seconds` from now, in UTC.
fn daily(bench: &Bench, seconds: i64) -> Value {
    let zoned = bench.in_seconds(seconds).to_zoned(jiff::tz::TimeZone::UTC);
    let time = zoned.time();
    let number =
        i64::from(time.hour()) * 10_000 + i64::from(time.minute()) * 100 + i64::from(time.second());
    json!({"name": "daily", "freq_type": 4, "freq_interval": 1, "freq_subday_type": 1,
        "active_start_time": number, "time_zone": "UTC"})
}

async fn schedule(bench: &Bench, name: &str, mut when: Value) -> i64 {
    when["job_name"] = json!(name);
    let made = bench.call("sp_add_jobschedule", when).await.unwrap();
    made.outputs["@schedule_id"].as_i64().unwrap()
}

async fn a_time_fires_once_however_many_look(on: Database) {
    let bench = Bench::open(on).await;
    job(
        &bench,
        "j",
        &[step("s", "TSQL", "EXEC sp_help_job", json!({}))],
    )
    .await;
    schedule(&bench, "j", daily(&bench, 100)).await;
    assert!(bench.catalog.jobs_due().await.unwrap().is_empty());
    assert_eq!(
        bench.catalog.next_job_time().await.unwrap(),
        Some(bench.in_seconds(100))
    );
    bench.wait(100);
    let due: Vec<Due> = bench.catalog.jobs_due().await.unwrap();
    assert_eq!(due.len(), 1);
    // As many masters would that have looked at the same time.
    let fired = join_all((0..8).map(|_| bench.catalog.fire_job(due[0]))).await;
    let runs: Vec<i64> = fired.into_iter().filter_map(|run| run.unwrap()).collect();
    assert_eq!(runs.len(), 1);
    assert!(bench.catalog.jobs_due().await.unwrap().is_empty());
    assert_eq!(
        bench.catalog.next_job_time().await.unwrap(),
        Some(bench.in_seconds(86_400))
    );
    settle(&bench).await;
    let entries = history(&bench, "j").await;
    let text = entries[1]["message"].as_str().unwrap();
    assert!(text.contains("started by the schedule daily"), "{text}");
}

async fn five_hundred_jobs_of_one_second_fire_once_each(on: Database) {
    let bench = Bench::open(on).await;
    let boss = bench.login("boss", Role::SsisAdmin).await;
    let mut when = daily(&bench, 100);
    when["schedule_name"] = when["name"].take();
    when.as_object_mut().unwrap().remove("name");
    let made = bench.call_as(&boss, "sp_add_schedule", when).await.unwrap();
    let schedule_id = made.outputs["@schedule_id"].clone();
    let make = |number: usize| {
        let (bench, boss, schedule_id) = (&bench, &boss, schedule_id.clone());
        async move {
            let name = json!(format!("job {number}"));
            for (procedure, arguments) in [
                ("sp_add_job", json!({"job_name": name})),
                (
                    "sp_add_jobstep",
                    json!({"job_name": name, "step_name": "s", "command": "EXEC sp_help_jobactivity"}),
                ),
                ("sp_add_jobserver", json!({"job_name": name})),
                (
                    "sp_attach_schedule",
                    json!({"job_name": name, "schedule_id": schedule_id}),
                ),
            ] {
                bench.call_as(boss, procedure, arguments).await.unwrap();
            }
        }
    };
    join_all((0..500).map(make)).await;
    bench.wait(100);
    // Two masters look at the same moment and fire everything that they see.
    let (mine, yours) = (
        bench.catalog.jobs_due().await.unwrap(),
        bench.catalog.jobs_due().await.unwrap(),
    );
    assert_eq!((mine.len(), yours.len()), (500, 500));
    let all = mine.into_iter().chain(yours);
    let fired = join_all(all.map(|due| bench.catalog.fire_job(due))).await;
    let runs = fired.into_iter().filter_map(|run| run.unwrap()).count();
    assert_eq!(runs, 500);
    settle_in_masses(&bench).await;
    let entries = bench
        .view("sysjobhistory", &[("step_id", "0"), ("run_status", "1")])
        .await;
    let mut per_job: BTreeMap<String, usize> = BTreeMap::new();
    for entry in &entries {
        *per_job.entry(entry["job_id"].to_string()).or_default() += 1;
    }
    assert_eq!(per_job.len(), 500);
    assert!(per_job.values().all(|runs| *runs == 1));
}

async fn settle_in_masses(bench: &Bench) {
    loop {
        let runs = bench.catalog.job_runs_to_advance().await.unwrap();
        if runs.is_empty() {
            return;
        }
        let moved = join_all(
            runs.iter()
                .map(|run| bench.catalog.advance_job_run(*run, RUNNER)),
        )
        .await;
        let ends = moved.into_iter().map(|moved| async {
            if let Advanced::Script(script) = moved.unwrap() {
                bench
                    .catalog
                    .finish_job_script(&script, Ok("done".into()))
                    .await
                    .unwrap();
            }
        });
        join_all(ends).await;
    }
}

async fn times_that_passed_are_run_once_or_left_out(on: Database) {
    let bench = Bench::open(on).await;
    for (name, policy) in [("once", "once"), ("skip", "skip")] {
        job(
            &bench,
            name,
            &[step("s", "TSQL", "EXEC sp_help_job", json!({}))],
        )
        .await;
        let change = json!({"job_name": name, "missed_run_policy": policy});
        bench.call("sp_update_job", change).await.unwrap();
        schedule(&bench, name, daily(&bench, 100)).await;
    }
    // No master runs for three and a half days.
    bench.wait(86_400 * 3 + 40_000);
    let due = bench.catalog.jobs_due().await.unwrap();
    assert_eq!(due.len(), 2);
    for one in due {
        bench.catalog.fire_job(one).await.unwrap();
    }
    settle(&bench).await;
    assert_eq!(outcomes(&bench, "once").await, [(1, 1), (0, 1)]);
    assert_eq!(outcomes(&bench, "skip").await, [(0, 3)]);
    assert!(bench.catalog.jobs_due().await.unwrap().is_empty());
}

async fn a_job_that_runs_is_skipped_queued_or_stopped(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    bench.worker(ANNA).await;
    job(&bench, "j", &[step("load", "SSIS", LOAD, json!({}))]).await;
    start(&bench, "j").await;
    settle(&bench).await;
    let again = || bench.call("sp_start_job", json!({"job_name": "j"}));
    assert_eq!(again().await.unwrap_err().code(), "SO7417");
    let policy = |policy| {
        bench.call(
            "sp_update_job",
            json!({"job_name": "j", "overlap_policy": policy}),
        )
    };
    policy("queue").await.unwrap();
    again().await.unwrap();
    // One waits; more do not.
    assert_eq!(again().await.unwrap_err().code(), "SO7417");
    settle(&bench).await;
    assert_eq!(pending(&bench).await.len(), 1);
    run_pending(&bench, PackageResult::Success).await;
    settle(&bench).await;
    assert_eq!(pending(&bench).await.len(), 1);
    policy("cancel_previous").await.unwrap();
    again().await.unwrap();
    settle(&bench).await;
    // The second was stopped before a worker had it, and the third waits for one.
    assert_eq!(pending(&bench).await.len(), 1);
    run_pending(&bench, PackageResult::Success).await;
    settle(&bench).await;
    assert_eq!(
        outcomes(&bench, "j").await,
        [(1, 1), (0, 1), (1, 3), (0, 3), (1, 1), (0, 1)]
    );
}

async fn a_stop_reaches_the_package(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    bench.worker(ANNA).await;
    job(
        &bench,
        "j",
        &[step("load", "SSIS", LOAD, json!({"retry_attempts": 5}))],
    )
    .await;
    let stop = || bench.call("sp_stop_job", json!({"job_name": "j"}));
    assert_eq!(stop().await.unwrap_err().code(), "SO7418");
    start(&bench, "j").await;
    settle(&bench).await;
    let id = pending(&bench).await[0];
    let task = bench.lease(id, ANNA).await.unwrap();
    stop().await.unwrap();
    let run = bench.catalog.job_runs_to_advance().await.unwrap()[0];
    let stopping = bench.catalog.advance_job_run(run, RUNNER).await.unwrap();
    assert_eq!(stopping, Advanced::Stopping);
    assert_eq!(bench.execution(id, "status").await, 8);
    bench
        .finish(ANNA, key(id, task.attempt), PackageResult::Canceled)
        .await;
    settle(&bench).await;
    assert_eq!(outcomes(&bench, "j").await, [(1, 3), (0, 3)]);
    let text = history(&bench, "j").await[1]["message"].clone();
    assert!(
        text.as_str().unwrap().contains("stopped by admin"),
        "{text}"
    );
}

fn code(result: Result<impl Sized, CatalogError>) -> String {
    match result {
        Ok(_) => "done".to_owned(),
        Err(error) => error.code().to_owned(),
    }
}

async fn everyone_has_its_own_jobs_and_operators_run_all(on: Database) {
    let bench = Bench::open(on).await;
    let carl = bench.login("carl", Role::AgentUser).await;
    let dora = bench.login("dora", Role::AgentUser).await;
    let rita = bench.login("rita", Role::AgentReader).await;
    let otto = bench.login("otto", Role::AgentOperator).await;
    bench
        .call_as(&carl, "sp_add_job", json!({"job_name": "his"}))
        .await
        .unwrap();
    for (procedure, more) in [
        (
            "sp_add_jobstep",
            json!({"step_name": "s", "command": "EXEC sp_help_job"}),
        ),
        ("sp_add_jobserver", json!({})),
        (
            "sp_add_jobschedule",
            json!({"name": "daily", "freq_type": 4, "freq_interval": 1}),
        ),
    ] {
        let mut arguments = more;
        arguments["job_name"] = json!("his");
        bench.call_as(&carl, procedure, arguments).await.unwrap();
    }
    let call = |who: &Caller, procedure: &'static str, more: Value| {
        let (who, bench) = (who.clone(), &bench);
        async move {
            let mut arguments = more;
            arguments["job_name"] = json!("his");
            code(bench.call_as(&who, procedure, arguments).await)
        }
    };
    // What is not there for a user is there for a reader, who may not change it.
    assert_eq!(call(&dora, "sp_help_jobstep", json!({})).await, "SO7410");
    assert_eq!(call(&rita, "sp_help_jobstep", json!({})).await, "done");
    assert_eq!(call(&dora, "sp_start_job", json!({})).await, "SO7410");
    assert_eq!(call(&rita, "sp_start_job", json!({})).await, "SO7412");
    assert_eq!(call(&otto, "sp_start_job", json!({})).await, "done");
    assert_eq!(
        call(&otto, "sp_update_job", json!({"enabled": 0})).await,
        "done"
    );
    assert_eq!(
        call(&otto, "sp_update_job", json!({"description": "x"})).await,
        "SO7412"
    );
    assert_eq!(call(&otto, "sp_delete_job", json!({})).await, "SO7412");
    assert_eq!(
        call(&carl, "sp_update_job", json!({"owner_login_name": "dora"})).await,
        "SO7010"
    );
    assert_eq!(
        call(&carl, "sp_purge_jobhistory", json!({})).await,
        "SO7010"
    );
    assert_eq!(call(&otto, "sp_purge_jobhistory", json!({})).await, "done");
    for view in ["sysjobs", "sysjobsteps", "sysjobschedules", "sysschedules"] {
        for (who, rows) in [(&carl, 1), (&dora, 0), (&rita, 1), (&otto, 1)] {
            let found = bench.view_as(who, view, &[]).await;
            assert_eq!(found.len(), rows, "{view} for {}", who.name);
        }
    }
    let seen = bench
        .call_as(&dora, "sp_help_job", json!({}))
        .await
        .unwrap();
    assert!(seen.rows.unwrap().rows.is_empty());
}

async fn a_login_without_a_role_of_jobs_calls_nothing(on: Database) {
    let bench = Bench::open(on).await;
    let mut nobody = Caller::new("nobody", Role::Public);
    nobody.roles = vec![
        Role::ClusterExecutor,
        Role::ClusterWorker,
        Role::LogReader,
        Role::Monitor,
    ];
    let operator = Caller::new("otto", Role::AgentOperator);
    for procedure in MSDB_PROCEDURES {
        let inputs = procedure.parameters.iter().filter(|one| one.required);
        let arguments: Value = inputs
            .filter(|one| one.direction == scaleout_core::registry::Direction::In)
            .map(|one| (one.name.to_owned(), json!("1")))
            .collect();
        let refused = code(
            bench
                .call_as(&nobody, procedure.name, arguments.clone())
                .await,
        );
        assert_eq!(refused, "SO7010", "{}", procedure.name);
        // What is for administrators is not for operators of jobs either.
        let closed = procedure.permission == Permission::Administrator;
        let refused = code(bench.call_as(&operator, procedure.name, arguments).await);
        assert_eq!(refused == "SO7010", closed, "{}", procedure.name);
        assert!(closed || matches!(procedure.permission, Permission::Jobs(_)));
    }
    assert!(matches!(
        Permission::Jobs(JobAccess::Read),
        Permission::Jobs(_)
    ));
    for view in MSDB_VIEWS {
        assert!(
            bench.view_as(&nobody, view.name, &[]).await.is_empty(),
            "{}",
            view.name
        );
    }
}

async fn only_allowed_logins_name_a_proxy(on: Database) {
    let bench = Bench::open(on).await;
    bench.worker(ANNA).await;
    let carl = bench.login("carl", Role::AgentUser).await;
    bench
        .call_as(&carl, "sp_add_job", json!({"job_name": "j"}))
        .await
        .unwrap();
    let add = |more: Value| {
        let step = step("s", "CmdExec", "true", more);
        let (bench, carl) = (&bench, &carl);
        async move {
            let mut step = step;
            step["job_name"] = json!("j");
            code(bench.call_as(carl, "sp_add_jobstep", step).await)
        }
    };
    assert_eq!(add(json!({})).await, "SO7422");
    assert_eq!(add(json!({"proxy_name": "etl"})).await, "SO7410");
    let proxy = json!({"proxy_name": "etl", "credential_name": "etluser"});
    bench.call("sp_add_proxy", proxy).await.unwrap();
    assert_eq!(add(json!({"proxy_name": "etl"})).await, "SO7421");
    let grant = json!({"login_name": "carl", "proxy_name": "etl"});
    bench.call("sp_grant_login_to_proxy", grant).await.unwrap();
    let outside = json!({"proxy_name": "etl", "output_file_name": "/etc/passwd"});
    assert_eq!(add(outside).await, "SO7425");
    assert_eq!(add(json!({"proxy_name": "etl"})).await, "done");
    bench
        .call_as(&carl, "sp_add_jobserver", json!({"job_name": "j"}))
        .await
        .unwrap();
    start(&bench, "j").await;
    settle(&bench).await;
    let id = pending(&bench).await[0];
    let task = bench.lease(id, ANNA).await.unwrap();
    assert_eq!(task.command.unwrap().user.as_deref(), Some("etluser"));
    bench
        .finish(ANNA, key(id, task.attempt), PackageResult::Success)
        .await;
    settle(&bench).await;
    // It counts when the step runs, not when it was written.
    let revoke = json!({"name": "carl", "proxy_name": "etl"});
    bench
        .call("sp_revoke_login_from_proxy", revoke)
        .await
        .unwrap();
    start(&bench, "j").await;
    settle(&bench).await;
    let entries = history(&bench, "j").await;
    assert!(
        entries[2]["message"].as_str().unwrap().contains("SO7421"),
        "{entries:?}"
    );
    let used = bench
        .call("sp_delete_proxy", json!({"proxy_name": "etl"}))
        .await;
    assert_eq!(code(used), "SO7416");
}

async fn jobs_delete_themselves_and_tell_who_is_to_be_told(on: Database) {
    let bench = Bench::open(on).await;
    let operator = json!({"name": "dba", "email_address": "dba@example.org", "webhook_url": "https://example.org/x"});
    bench.call("sp_add_operator", operator).await.unwrap();
    job(
        &bench,
        "j",
        &[step("s", "TSQL", "EXEC sp_help_job", json!({}))],
    )
    .await;
    let change = json!({"job_name": "j", "notify_level_email": 2, "notify_email_operator_name": "DBA",
        "notify_level_webhook": 3, "notify_webhook_operator_name": "dba", "delete_level": 1});
    bench.call("sp_update_job", change).await.unwrap();
    start(&bench, "j").await;
    settle(&bench).await;
    let due = bench.catalog.job_notifications_due().await.unwrap();
    assert_eq!(due.len(), 1);
    assert_eq!(
        (due[0].method.as_str(), due[0].address.as_str()),
        ("webhook", "https://example.org/x")
    );
    let body: Value = serde_json::from_str(&due[0].body).unwrap();
    assert_eq!(
        (&body["job"], &body["outcome"]),
        (&json!("j"), &json!("succeeded"))
    );
    assert!(bench.view("sysjobs", &[]).await.is_empty());
    // One that fails is tried again later, one that is sent is gone.
    bench
        .catalog
        .note_job_notification(&due[0], Err("no answer".into()))
        .await
        .unwrap();
    assert!(
        bench
            .catalog
            .job_notifications_due()
            .await
            .unwrap()
            .is_empty()
    );
    bench.wait(10);
    let again = bench.catalog.job_notifications_due().await.unwrap();
    assert_eq!(again[0].tries, 1);
    bench
        .catalog
        .note_job_notification(&again[0], Ok(()))
        .await
        .unwrap();
    bench.wait(100_000);
    assert!(
        bench
            .catalog
            .job_notifications_due()
            .await
            .unwrap()
            .is_empty()
    );
}

async fn steps_are_numbered_without_gaps(on: Database) {
    let bench = Bench::open(on).await;
    let plain = |name: &str, more| step(name, "TSQL", "EXEC sp_help_job", more);
    job(
        &bench,
        "j",
        &[
            plain("a", json!({"on_fail_action": 4, "on_fail_step_id": 2})),
            plain("b", json!({})),
        ],
    )
    .await;
    let mut between = plain("between", json!({"step_id": 2}));
    between["job_name"] = json!("j");
    bench.call("sp_add_jobstep", between).await.unwrap();
    let names = |rows: Vec<Value>| -> Vec<(i64, String, i64)> {
        rows.iter()
            .map(|row| {
                (
                    row["step_id"].as_i64().unwrap(),
                    row["step_name"].as_str().unwrap().to_owned(),
                    row["on_fail_step_id"].as_i64().unwrap(),
                )
            })
            .collect()
    };
    let ordered = |mut rows: Vec<(i64, String, i64)>| {
        rows.sort();
        rows
    };
    let found = ordered(names(bench.view("sysjobsteps", &[]).await));
    assert_eq!(
        found,
        [
            (1, "a".into(), 3),
            (2, "between".into(), 0),
            (3, "b".into(), 0)
        ]
    );
    bench
        .call("sp_delete_jobstep", json!({"job_name": "j", "step_id": 2}))
        .await
        .unwrap();
    let found = ordered(names(bench.view("sysjobsteps", &[]).await));
    assert_eq!(found, [(1, "a".into(), 2), (2, "b".into(), 0)]);
}

async fn what_cannot_be_is_refused(on: Database) {
    let bench = Bench::open(on).await;
    job(
        &bench,
        "j",
        &[step("s", "TSQL", "EXEC sp_help_job", json!({}))],
    )
    .await;
    let of_j = |more: Value| of_job("j", more);
    for (procedure, arguments, expected) in [
        ("sp_add_job", json!({"job_name": "J"}), "SO7411"),
        ("sp_add_job", json!({"job_name": "50%"}), "SO7414"),
        ("sp_start_job", json!({}), "SO7413"),
        ("sp_start_job", json!({"job_name": "k"}), "SO7410"),
        ("sp_start_job", of_j(json!({"step_name": "t"})), "SO7410"),
        (
            "sp_start_job",
            of_j(json!({"server_name": "far"})),
            "SO7410",
        ),
        (
            "sp_add_jobserver",
            of_j(json!({"server_name": "far"})),
            "SO7410",
        ),
        (
            "sp_update_job",
            of_j(json!({"overlap_policy": "never"})),
            "SO7414",
        ),
        (
            "sp_add_jobschedule",
            of_j(json!({"name": "x", "freq_type": 3})),
            "SO7401",
        ),
        (
            "sp_add_operator",
            json!({"name": "o", "webhook_url": "http://example.org"}),
            "SO7414",
        ),
        (
            "sp_add_proxy",
            json!({"proxy_name": "p", "credential_name": "a b"}),
            "SO7414",
        ),
    ] {
        let code = bench.refusal(procedure, arguments.clone()).await;
        assert_eq!(code, expected, "{procedure} {arguments}");
    }
    let nowhere = json!({"name": "x", "freq_type": 4, "freq_interval": 1, "time_zone": "Nowhere"});
    let code = bench.refusal("sp_add_jobschedule", of_j(nowhere)).await;
    assert_eq!(code, "SO7403");
    let target = of_j(json!({"server_name": "(LOCAL)"}));
    bench.call("sp_delete_jobserver", target).await.unwrap();
    assert_eq!(
        bench.refusal("sp_start_job", of_j(json!({}))).await,
        "SO7419"
    );
}

fn of_job(name: &str, mut more: Value) -> Value {
    more["job_name"] = json!(name);
    more
}

async fn a_step_that_cannot_be_is_refused(on: Database) {
    let bench = Bench::open(on).await;
    job(
        &bench,
        "j",
        &[step("s", "TSQL", "EXEC sp_help_job", json!({}))],
    )
    .await;
    for (more, expected) in [
        (json!({"step_name": "S"}), "SO7411"),
        (
            json!({"step_name": "x", "subsystem": "PowerShell"}),
            "SO7414",
        ),
        (json!({"step_name": "x", "step_id": 3}), "SO7414"),
        (json!({"step_name": "x", "on_success_action": 4}), "SO7414"),
        (
            json!({"step_name": "x", "subsystem": "SSIS", "command": "/X86"}),
            "SO7423",
        ),
        (json!({"step_name": "x", "command": "EXEC 'x"}), "SO7441"),
    ] {
        let code = bench
            .refusal("sp_add_jobstep", of_job("j", more.clone()))
            .await;
        assert_eq!(code, expected, "{more}");
    }
}

async fn one_job_is_shown_with_steps_schedules_and_target(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    let steps = [
        step("one", "TSQL", "EXEC sp_help_job", json!({})),
        step("two", "CmdExec", "true", json!({})),
    ];
    job(&bench, "load", &steps).await;
    job(&bench, "Another", &[]).await;
    let schedule = json!({
        "job_name": "load", "name": "at two", "freq_type": 4, "freq_interval": 1,
        "active_start_date": 20300101, "active_start_time": 20000, "time_zone": "UTC",
    });
    bench.call("sp_add_jobschedule", schedule).await.unwrap();
    let all = bench.call("sp_help_job", json!({})).await.unwrap();
    let names = all
        .rows
        .as_ref()
        .unwrap()
        .rows
        .iter()
        .map(|row| row[2].clone());
    assert_eq!(names.collect::<Vec<_>>(), ["Another", "load"]);
    assert!(all.more_rows.is_empty());

    let one = bench
        .call("sp_help_job", json!({"job_name": "LOAD"}))
        .await
        .unwrap();
    let first = one.rows.unwrap();
    assert_eq!((first.rows.len(), &first.rows[0][2]), (1, &json!("load")));
    let [steps, schedules, targets] = &one.more_rows[..] else {
        panic!("{:?}", one.more_rows);
    };
    let cell = |rows: &scaleout_core::registry::Rows, at: usize, name: &str| {
        let index = rows.columns.iter().position(|column| column == name);
        rows.rows[at][index.unwrap()].clone()
    };
    assert_eq!(cell(steps, 0, "step_name"), "one");
    assert_eq!(cell(steps, 1, "subsystem"), "CmdExec");
    assert_eq!(cell(schedules, 0, "schedule_name"), "at two");
    assert_eq!(cell(schedules, 0, "active_start_time"), 20000);
    assert_eq!(cell(schedules, 0, "next_run_date"), 20300101);
    assert_eq!(
        cell(schedules, 0, "schedule_description"),
        "every day at 02:00:00 (UTC)"
    );
    assert_eq!(cell(schedules, 0, "job_count"), 1);
    assert_eq!(cell(targets, 0, "server_name"), "(local)");
    assert_eq!(cell(targets, 0, "last_run_outcome"), 5);
    for (aspect, columns) in [
        ("JOB", "originating_server"),
        ("steps", "step_name"),
        ("SCHEDULES", "schedule_uid"),
        ("TARGETS", "last_outcome_message"),
    ] {
        let asked = json!({"job_name": "load", "job_aspect": aspect});
        let shown = bench.call("sp_help_job", asked).await.unwrap();
        let columns = columns.to_owned();
        assert!(shown.rows.unwrap().columns.contains(&columns), "{aspect}");
        assert!(shown.more_rows.is_empty());
    }
    for (asked, code) in [
        (json!({"job_aspect": "STEPS"}), "SO7414"),
        (json!({"job_name": "load", "job_aspect": "ALLES"}), "SO7414"),
        (json!({"job_name": "absent"}), "SO7410"),
    ] {
        assert_eq!(bench.refusal("sp_help_job", asked).await, code);
    }
}

async fn starts_of_masters_and_idle_workers_fire_once_each(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    for (name, freq_type) in [("start", 64), ("idle", 128)] {
        job(
            &bench,
            name,
            &[step("s", "TSQL", "EXEC sp_help_job", json!({}))],
        )
        .await;
        let schedule = json!({"job_name": name, "name": name, "freq_type": freq_type});
        bench.call("sp_add_jobschedule", schedule).await.unwrap();
    }
    let runs = async |name: &str| {
        settle(&bench).await;
        let asked = json!({"job_name": name, "step_id": 0});
        let found = bench.call("sp_help_jobhistory", asked).await.unwrap();
        found.rows.unwrap().rows.len()
    };
    let catalog = &bench.catalog;
    let first = bench.in_seconds(0);
    for _ in 0..2 {
        catalog.fire_jobs_on_start(first).await.unwrap();
        assert_eq!(runs("start").await, 1);
    }
    bench.wait(1);
    catalog
        .fire_jobs_on_start(bench.in_seconds(0))
        .await
        .unwrap();
    assert_eq!(runs("start").await, 2);

    assert!(catalog.jobs_wait_for_idle().await.unwrap());
    catalog
        .fire_jobs_when_idle(bench.in_seconds(-600))
        .await
        .unwrap();
    assert_eq!(runs("idle").await, 1);
    // Another master saw it some seconds later, and so it fires some seconds later.
    bench.wait(7);
    catalog
        .fire_jobs_when_idle(bench.in_seconds(-600))
        .await
        .unwrap();
    assert_eq!(runs("idle").await, 1);
    // They had something to do, and are idle again.
    bench.wait(900);
    catalog
        .fire_jobs_when_idle(bench.in_seconds(-600))
        .await
        .unwrap();
    assert_eq!(runs("idle").await, 2);
    assert_eq!(runs("start").await, 2);
}
