//! Jobs that packages start and stop: each call once, by who holds the execution, and with the
//! rights of who started it.

use scaleout_catalog::{Caller, CatalogError, Role};
use scaleout_core::protocol::event::PackageResult;
use scaleout_core::protocol::job::{CallJob, JobOutcome, JobRequest, JobVerb};
use scaleout_core::protocol::worker::AttemptKey;
use serde_json::json;
use uuid::Uuid;

use crate::databases::{Database, contract};
use crate::support::{ANNA, BERT, Bench, key, package};

contract![
    a_call_starts_a_job_once_until_the_execution_is_retried,
    only_the_worker_that_holds_the_execution_calls,
    the_rights_are_those_of_who_started_the_execution,
    an_execution_that_is_being_stopped_starts_nothing,
];

/// A catalog with the job `load`, and an execution that Anna runs.
async fn bench(on: Database) -> (Bench, i64) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    bench.worker(ANNA).await;
    bench.worker(BERT).await;
    for (procedure, arguments) in [
        (
            "sp_add_job",
            json!({"job_name": "load", "overlap_policy": "queue"}),
        ),
        (
            "sp_add_jobstep",
            json!({"job_name": "load", "step_name": "s", "command": "EXEC sp_help_job"}),
        ),
        ("sp_add_jobserver", json!({"job_name": "load"})),
    ] {
        bench.call(procedure, arguments).await.unwrap();
    }
    let boss = bench.login("boss", Role::SsisAdmin).await;
    let execution = execution_of(&bench, &boss).await;
    (bench, execution)
}

/// An execution that a caller has started and Anna runs.
async fn execution_of(bench: &Bench, caller: &Caller) -> i64 {
    let id = bench.create_as(caller, json!({})).await.unwrap();
    let arguments = json!({"execution_id": id, "retry_count": 1});
    bench.call("start_execution", arguments).await.unwrap();
    bench.lease(id, ANNA).await.unwrap();
    id
}

async fn call(
    bench: &Bench,
    worker: Uuid,
    attempt: AttemptKey,
    (verb, name, occurrence): (JobVerb, &str, u32),
) -> Result<JobOutcome, CatalogError> {
    let request = JobRequest {
        path: r"\Package\Start".to_owned(),
        occurrence,
        verb,
        arguments: [("@job_name".to_owned(), json!(name))].into(),
    };
    let wanted = CallJob { attempt, request };
    bench.catalog.call_job(worker, &wanted).await
}

const START: (JobVerb, &str, u32) = (JobVerb::Start, "load", 1);

fn refused(outcome: JobOutcome) -> String {
    match outcome {
        JobOutcome::Refused { reason } => reason,
        other => panic!("{other:?}"),
    }
}

async fn a_call_starts_a_job_once_until_the_execution_is_retried(on: Database) {
    let (bench, execution) = bench(on).await;
    let first = call(&bench, ANNA, key(execution, 1), START).await.unwrap();
    let again = call(&bench, ANNA, key(execution, 1), START).await.unwrap();
    assert_eq!(first, again);
    assert!(matches!(first, JobOutcome::Done { run_id: Some(_) }));
    // The same task once more, and another try of the execution after its worker was lost.
    let second = (JobVerb::Start, "load", 2);
    let second = call(&bench, ANNA, key(execution, 1), second).await.unwrap();
    assert_ne!(first, second);
    bench.wait(61);
    bench.catalog.expire_leases().await.unwrap();
    bench.lease(execution, BERT).await.unwrap();
    let found = call(&bench, BERT, key(execution, 2), START).await.unwrap();
    assert_eq!(first, found);

    // A stop that was made is not made again, though nothing runs any more.
    let stop = (JobVerb::Stop, "load", 3);
    for _ in 0..2 {
        let stopped = call(&bench, BERT, key(execution, 2), stop).await.unwrap();
        assert_eq!(stopped, JobOutcome::Done { run_id: None });
        loop {
            let runs = bench.catalog.job_runs_to_advance().await.unwrap();
            let Some(run) = runs.first() else { break };
            let moved = bench.catalog.advance_job_run(*run, Uuid::nil()).await;
            moved.unwrap();
        }
    }
    let stop = (JobVerb::Stop, "load", 4);
    let nothing = call(&bench, BERT, key(execution, 2), stop).await.unwrap();
    assert!(refused(nothing).starts_with("SO7418: "));
    // A retry after a failure begins anew.
    bench
        .finish(BERT, key(execution, 2), PackageResult::Failure)
        .await;
    bench.lease(execution, BERT).await.unwrap();
    let anew = call(&bench, BERT, key(execution, 3), START).await.unwrap();
    assert_ne!(first, anew);
}

async fn only_the_worker_that_holds_the_execution_calls(on: Database) {
    let (bench, execution) = bench(on).await;
    for (worker, attempt) in [(BERT, 1), (ANNA, 2)] {
        let refused = call(&bench, worker, key(execution, attempt), START).await;
        assert!(matches!(refused, Err(CatalogError::StaleAttempt { .. })));
    }
    let absent = (JobVerb::Start, "absent", 1);
    let refusal = call(&bench, ANNA, key(execution, 1), absent).await.unwrap();
    assert!(refused(refusal).starts_with("SO7410: "));
}

async fn the_rights_are_those_of_who_started_the_execution(on: Database) {
    let (bench, _) = bench(on).await;
    for (name, role, code) in [
        ("ina", None, "SO7010"),
        ("uwe", Some("SQLAgentUserRole"), "SO7410"),
        ("rea", Some("SQLAgentReaderRole"), "SO7412"),
        ("ole", Some("SQLAgentOperatorRole"), ""),
    ] {
        let caller = bench.login(name, Role::ClusterExecutor).await;
        // READ, READ_OBJECTS and EXECUTE_OBJECTS on the folder.
        for permission in [1, 101, 103] {
            bench.grant(name, 1, 1, permission).await;
        }
        if let Some(role) = role {
            let grant = json!({"login_name": name, "role_name": role});
            bench.call("add_login_role", grant).await.unwrap();
        }
        let own = execution_of(&bench, &caller).await;
        let outcome = call(&bench, ANNA, key(own, 1), START).await.unwrap();
        match code {
            "" => assert!(matches!(outcome, JobOutcome::Done { .. })),
            code => assert!(refused(outcome).starts_with(code), "{name}"),
        }
        // Its place is for the next one.
        bench
            .finish(ANNA, key(own, 1), PackageResult::Success)
            .await;
    }
}

async fn an_execution_that_is_being_stopped_starts_nothing(on: Database) {
    let (bench, execution) = bench(on).await;
    let stop = json!({"operation_id": execution});
    bench.call("stop_operation", stop).await.unwrap();
    let refusal = call(&bench, ANNA, key(execution, 1), START).await.unwrap();
    assert!(refused(refusal).starts_with("SO7192: "));
}
