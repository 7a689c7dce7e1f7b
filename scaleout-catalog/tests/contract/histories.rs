//! Random histories of one execution against a model that knows only the promises: nothing stale
//! changes anything, ended is ended, retries and losses are counted apart.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use scaleout_core::protocol::event::PackageResult;
use scaleout_core::protocol::worker::{AttemptKey, CompleteReply, TaskHeartbeat};
use serde_json::json;
use uuid::Uuid;

use crate::databases::Database;
use crate::support::{ANNA, BERT, Bench, key, package};

/// Something that may happen.
#[derive(Clone, Debug)]
enum Step {
    Grant(bool),
    /// By whom, and which attempt back from the last.
    Finish(bool, u32, bool),
    Renew(bool, u32),
    Wait(i64),
    Stop,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => any::<bool>().prop_map(Step::Grant),
        3 => (any::<bool>(), 0..3_u32, any::<bool>()).prop_map(|(w, b, ok)| Step::Finish(w, b, ok)),
        2 => (any::<bool>(), 0..3_u32).prop_map(|(w, b)| Step::Renew(w, b)),
        3 => (10..90_i64).prop_map(Step::Wait),
        1 => Just(Step::Stop),
    ];
    prop::collection::vec(step, 1..25)
}

/// What must be true of the execution.
#[derive(Debug, Default)]
struct Model {
    attempts: u32,
    /// Who holds it until when.
    held: Option<(Uuid, i64)>,
    stopping: bool,
    failures: u32,
    lost: u32,
    ended: Option<i64>,
    now: i64,
    completed: Vec<(Uuid, u32)>,
}

impl Model {
    fn status(&self) -> i64 {
        match (self.ended, self.held, self.stopping) {
            (Some(ended), _, _) => ended,
            (None, Some(_), true) => 8,
            (None, Some(_), false) => 2,
            (None, None, _) => 5,
        }
    }

    fn in_force(&self, worker: Uuid, attempt: u32) -> bool {
        attempt == self.attempts && self.held.is_some_and(|(holder, _)| holder == worker)
    }

    fn finish(&mut self, worker: Uuid, attempt: u32, success: bool, retries: u32) -> CompleteReply {
        if self.completed.contains(&(worker, attempt)) {
            return CompleteReply::Accepted;
        }
        if !self.in_force(worker, attempt) {
            return CompleteReply::Stale;
        }
        self.completed.push((worker, attempt));
        self.held = None;
        match (success, self.stopping) {
            (true, _) => self.ended = Some(7),
            (false, true) => self.ended = Some(3),
            (false, false) if self.failures < retries => self.failures += 1,
            (false, false) => self.ended = Some(4),
        }
        CompleteReply::Accepted
    }

    fn expire(&mut self) {
        if self.held.is_some_and(|(_, until)| until <= self.now) {
            self.held = None;
            if self.stopping {
                self.ended = Some(3);
            } else {
                self.lost += 1;
                self.ended = (self.lost == scaleout_core::lease::MAX_LOST).then_some(6);
            }
        }
    }
}

fn who(first: bool) -> Uuid {
    if first { ANNA } else { BERT }
}

async fn play(bench: &Bench, retries: u32, steps: &[Step]) {
    let id = bench.pending(retries.into()).await;
    let mut model = Model::default();
    for step in steps {
        take(bench, id, retries, step, &mut model).await;
        assert_eq!(
            bench.execution(id, "status").await,
            model.status(),
            "{step:?} {model:?}"
        );
        let executed = bench.execution(id, "executed_count").await;
        assert_eq!(executed, model.attempts - model.lost, "{step:?} {model:?}");
    }
    // Leaves no lease behind for the next history.
    bench.wait(1000);
    bench.catalog.expire_leases().await.unwrap();
}

/// One step on both sides; each must answer as the other does.
async fn take(bench: &Bench, id: i64, retries: u32, step: &Step, model: &mut Model) {
    let attempt =
        |model: &Model, back: u32| -> AttemptKey { key(id, model.attempts.saturating_sub(back)) };
    match step {
        Step::Grant(first) => {
            let granted = bench.lease(id, who(*first)).await;
            let expected = model.status() == 5;
            assert_eq!(granted.is_some(), expected, "{step:?} {model:?}");
            if expected {
                model.attempts += 1;
                model.held = Some((who(*first), model.now + 60));
            }
        }
        Step::Finish(first, back, success) => {
            let key = attempt(model, *back);
            let result = if *success {
                PackageResult::Success
            } else {
                PackageResult::Failure
            };
            let reply = bench.finish(who(*first), key, result).await;
            let expected = model.finish(who(*first), key.attempt, *success, retries);
            assert_eq!(reply, expected, "{step:?} {model:?}");
        }
        Step::Renew(first, back) => renew(bench, who(*first), attempt(model, *back), model).await,
        Step::Wait(seconds) => {
            bench.wait(*seconds);
            model.now += seconds;
            bench.catalog.expire_leases().await.unwrap();
            model.expire();
        }
        Step::Stop => {
            let stopped = bench
                .call("stop_operation", json!({"operation_id": id}))
                .await;
            let expected = model.ended.is_none() && !model.stopping;
            assert_eq!(stopped.is_ok(), expected, "{model:?}");
            if expected {
                model.stopping = model.held.is_some();
                model.ended = model.held.is_none().then_some(3);
            }
        }
    }
}

async fn renew(bench: &Bench, worker: Uuid, key: AttemptKey, model: &mut Model) {
    let beat = TaskHeartbeat {
        running: vec![key],
        lease_ms: 60_000,
        process_ids: vec![],
        counters: Vec::new(),
        began: Vec::new(),
    };
    let until = bench.in_seconds(60);
    let reply = bench.catalog.renew_leases(worker, &beat, until).await;
    let renewed = !reply.unwrap().renewed.is_empty();
    let expected = model.in_force(worker, key.attempt);
    assert_eq!(renewed, expected, "{key:?} {model:?}");
    if expected {
        model.held = Some((worker, model.now + 60));
    }
}

#[test]
fn every_history_keeps_the_promises_on_sqlite() {
    every_history_keeps_the_promises(Database::Sqlite);
}

#[test]
fn every_history_keeps_the_promises_on_postgres() {
    if let Some(database) = Database::postgres_or_skip() {
        every_history_keeps_the_promises(database);
    }
}

fn every_history_keeps_the_promises(on: Database) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let bench = runtime.block_on(async {
        let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
        bench.worker(ANNA).await;
        bench.worker(BERT).await;
        bench
    });
    let mut runner = TestRunner::new(Config {
        cases: 64,
        failure_persistence: None,
        ..Config::default()
    });
    let played = runner.run(&(0..3_u32, steps()), |(retries, steps)| {
        runtime.block_on(play(&bench, retries, &steps));
        Ok(())
    });
    played.unwrap();
}
