//! Every rule once, then random histories.

use proptest::prelude::*;

use super::*;

const A: Uuid = Uuid::from_u128(1);
const B: Uuid = Uuid::from_u128(2);

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn lease(worker: Uuid, until: i64) -> Lease {
    Lease {
        worker,
        until: at(until),
    }
}

fn ran(result: PackageResult) -> AttemptOutcome {
    AttemptOutcome::Ran { result }
}

fn crashed() -> AttemptOutcome {
    AttemptOutcome::EndedUnexpectedly {
        reason: "killed".into(),
    }
}

fn running() -> ExecutionState {
    ExecutionState::Created
        .start()
        .and_then(|state| state.grant(lease(A, 60)))
        .unwrap()
}

const AGAIN_0: Rerun = Rerun::AfterFailures(0);

const CLAIM: Claim = Claim {
    worker: A,
    attempt: 1,
};

#[test]
fn an_execution_is_started_once() {
    let state = ExecutionState::Created.start().unwrap();
    assert_eq!(state.status(), OperationStatus::Pending);
    assert_eq!(state.start(), Err(Refused::AlreadyStarted));
    assert_eq!(running().start(), Err(Refused::AlreadyStarted));
}

#[test]
fn only_what_waits_is_leased_and_only_once() {
    assert_eq!(
        ExecutionState::Created.grant(lease(A, 60)),
        Err(Refused::NotPending)
    );
    assert_eq!(running().grant(lease(B, 60)), Err(Refused::NotPending));
}

#[test]
fn results_become_endings() {
    for (outcome, status) in [
        (ran(PackageResult::Success), OperationStatus::Succeeded),
        (ran(PackageResult::Failure), OperationStatus::Failed),
        (ran(PackageResult::Canceled), OperationStatus::Canceled),
        (crashed(), OperationStatus::EndedUnexpectedly),
    ] {
        let ended = running().complete(CLAIM, &outcome, AGAIN_0).unwrap();
        assert_eq!(ended.status(), status);
        assert_eq!(
            ended.complete(CLAIM, &outcome, AGAIN_0),
            Err(Refused::Stale)
        );
    }
}

#[test]
fn a_failure_uses_up_a_retry_and_a_success_does_not() {
    for outcome in [ran(PackageResult::Failure), crashed()] {
        let again = running()
            .complete(CLAIM, &outcome, Rerun::AfterFailures(1))
            .unwrap();
        assert_eq!(again.status(), OperationStatus::Pending);
        let second = again.grant(lease(B, 90)).unwrap();
        let claim = Claim {
            worker: B,
            attempt: 2,
        };
        let ended = second
            .complete(claim, &outcome, Rerun::AfterFailures(1))
            .unwrap();
        assert!(ended.status().is_terminal());
        assert_eq!(ended.tally().executed(), 2);
    }
    let ended = running()
        .complete(CLAIM, &ran(PackageResult::Success), Rerun::AfterFailures(5))
        .unwrap();
    assert_eq!(ended.status(), OperationStatus::Succeeded);
}

#[test]
fn a_lost_worker_costs_no_retry_but_not_for_ever() {
    let mut state = ExecutionState::Created.start().unwrap();
    for loss in 1..=MAX_LOST {
        state = state.grant(lease(A, 60)).unwrap();
        assert_eq!(state.expire(at(59), AGAIN_0), Err(Refused::NotExpired));
        state = state.expire(at(60), AGAIN_0).unwrap();
        assert_eq!(state.tally().lost, loss);
        assert_eq!(state.tally().failures, 0);
        assert_eq!(state.tally().executed(), 0);
    }
    assert_eq!(state.status(), OperationStatus::EndedUnexpectedly);
}

#[test]
fn a_renewal_never_shortens_a_lease() {
    let renewed = running().renew(CLAIM, at(90)).unwrap();
    assert_eq!(renewed.lease(), Some(lease(A, 90)));
    assert_eq!(
        renewed.renew(CLAIM, at(70)).unwrap().lease(),
        Some(lease(A, 90))
    );
}

#[test]
fn a_stop_ends_what_nobody_runs_and_asks_the_worker_otherwise() {
    for idle in [
        ExecutionState::Created,
        ExecutionState::Created.start().unwrap(),
    ] {
        assert_eq!(
            idle.request_stop().unwrap().status(),
            OperationStatus::Canceled
        );
    }
    let stopping = running().request_stop().unwrap();
    assert_eq!(stopping.status(), OperationStatus::Stopping);
    assert_eq!(stopping.request_stop(), Err(Refused::AlreadyStopped));
    for outcome in [
        ran(PackageResult::Canceled),
        ran(PackageResult::Failure),
        crashed(),
    ] {
        let ended = stopping
            .complete(CLAIM, &outcome, Rerun::AfterFailures(9))
            .unwrap();
        assert_eq!(ended.status(), OperationStatus::Canceled);
    }
    let ended = stopping
        .complete(CLAIM, &ran(PackageResult::Success), Rerun::AfterFailures(9))
        .unwrap();
    assert_eq!(ended.status(), OperationStatus::Succeeded);
    assert_eq!(
        stopping.expire(at(60), AGAIN_0).unwrap().status(),
        OperationStatus::Canceled
    );
}

#[test]
fn a_row_that_contradicts_itself_is_no_state() {
    let tally = Tally::default();
    assert_eq!(
        ExecutionState::from_row(OperationStatus::Running, tally, None),
        None
    );
    let held = Some(lease(A, 1));
    assert_eq!(
        ExecutionState::from_row(OperationStatus::Pending, tally, held),
        None
    );
    assert_eq!(
        ExecutionState::from_row(OperationStatus::Completed, tally, None),
        None
    );
}

#[test]
fn what_is_handed_back_costs_neither_a_retry_nor_a_loss() {
    let mut state = ExecutionState::Created.start().unwrap();
    for time in 1..=MAX_LOST * 2 {
        state = state.grant(lease(A, 60)).unwrap();
        let claim = Claim {
            worker: A,
            attempt: time,
        };
        state = state.hand_back(claim, Begun::Perhaps, AGAIN_0).unwrap();
        assert_eq!(state.status(), OperationStatus::Pending);
        assert_eq!(
            state.hand_back(claim, Begun::No, AGAIN_0),
            Err(Refused::Stale)
        );
    }
    let tally = state.tally();
    assert_eq!((tally.lost, tally.failures, tally.executed()), (0, 0, 0));
    let stopping = running().request_stop().unwrap();
    let ended = stopping.hand_back(CLAIM, Begun::Perhaps, AGAIN_0).unwrap();
    assert_eq!(ended.status(), OperationStatus::Canceled);
}

#[test]
fn what_must_not_run_twice_is_offered_again_only_if_it_never_began() {
    let lost = running().expire(at(60), Rerun::Never).unwrap();
    assert_eq!(lost.status(), OperationStatus::EndedUnexpectedly);
    let lost = running().lose(Rerun::Never).unwrap();
    assert_eq!(lost.status(), OperationStatus::EndedUnexpectedly);
    for outcome in [ran(PackageResult::Failure), crashed()] {
        let ended = running().complete(CLAIM, &outcome, Rerun::Never).unwrap();
        assert!(ended.status().is_terminal());
    }
    let back = running().hand_back(CLAIM, Begun::No, Rerun::Never).unwrap();
    assert_eq!(back.status(), OperationStatus::Pending);
    let back = running()
        .hand_back(CLAIM, Begun::Perhaps, Rerun::Never)
        .unwrap();
    assert_eq!(back.status(), OperationStatus::EndedUnexpectedly);
}

/// Something that may happen to an execution.
#[derive(Clone, Debug)]
enum Step {
    Grant(Uuid),
    /// Index into the claims made so far, from the latest.
    Renew(usize),
    Complete(usize, PackageResult),
    Crash(usize),
    HandBack(usize),
    Stop,
    Wait(i64),
}

fn step() -> impl Strategy<Value = Step> {
    let result = prop_oneof![
        Just(PackageResult::Success),
        Just(PackageResult::Failure),
        Just(PackageResult::Canceled)
    ];
    prop_oneof![
        4 => prop_oneof![Just(A), Just(B)].prop_map(Step::Grant),
        3 => (0..4_usize).prop_map(Step::Renew),
        3 => (0..4_usize, result).prop_map(|(claim, result)| Step::Complete(claim, result)),
        1 => (0..4_usize).prop_map(Step::Crash),
        1 => (0..4_usize).prop_map(Step::HandBack),
        1 => Just(Step::Stop),
        3 => (1..90_i64).prop_map(Step::Wait),
    ]
}

fn rerun() -> impl Strategy<Value = Rerun> {
    prop_oneof![
        3 => (0..3_u32).prop_map(Rerun::AfterFailures),
        1 => Just(Rerun::Never),
    ]
}

/// A history with everything that was ever claimed in it.
struct World {
    state: ExecutionState,
    claims: Vec<Claim>,
    now: i64,
}

impl World {
    fn claim(&self, back: usize) -> Option<Claim> {
        self.claims.iter().rev().nth(back).copied()
    }

    fn apply(&mut self, step: &Step, rerun: Rerun) -> Result<ExecutionState, Refused> {
        let until = at(self.now + 60);
        match step {
            Step::Grant(worker) => self.state.grant(Lease {
                worker: *worker,
                until,
            }),
            Step::Renew(back) => match self.claim(*back) {
                Some(claim) => self.state.renew(claim, until),
                None => Err(Refused::Stale),
            },
            Step::Complete(back, result) => match self.claim(*back) {
                Some(claim) => self.state.complete(claim, &ran(*result), rerun),
                None => Err(Refused::Stale),
            },
            Step::Crash(back) => match self.claim(*back) {
                Some(claim) => self.state.complete(claim, &crashed(), rerun),
                None => Err(Refused::Stale),
            },
            Step::HandBack(back) => match self.claim(*back) {
                Some(claim) => self.state.hand_back(claim, Begun::Perhaps, rerun),
                None => Err(Refused::Stale),
            },
            Step::Stop => self.state.request_stop(),
            Step::Wait(seconds) => {
                self.now += seconds;
                self.state.expire(at(self.now), rerun)
            }
        }
    }
}

/// The claim that a step makes, if it makes one.
fn claimed(world: &World, step: &Step) -> Option<Claim> {
    match step {
        Step::Renew(back) | Step::Complete(back, _) | Step::Crash(back) | Step::HandBack(back) => {
            world.claim(*back)
        }
        Step::Grant(_) | Step::Stop | Step::Wait(_) => None,
    }
}

proptest! {
    #[test]
    fn a_stale_attempt_can_never_change_anything(
        steps in prop::collection::vec(step(), 1..60),
        rerun in rerun(),
    ) {
        let mut world = World {
            state: ExecutionState::Created.start().unwrap(),
            claims: Vec::new(),
            now: 0,
        };
        for step in &steps {
            let before = world.state;
            let claim = claimed(&world, step);
            let after = world.apply(step, rerun);
            if let Some(claim) = claim {
                // Independent of the machine: in force is the last claim granted, while it is held.
                let in_force = world.claims.last() == Some(&claim) && before.lease().is_some();
                prop_assert_eq!(after.is_ok(), in_force);
            }
            if before.status().is_terminal() {
                prop_assert!(after.is_err());
            }
            if let Ok(after) = after {
                if let (Step::Grant(worker), ExecutionState::Running(tally, _)) = (step, after) {
                    world.claims.push(Claim { worker: *worker, attempt: tally.attempts });
                }
                prop_assert!(before.tally().attempts <= after.tally().attempts);
                prop_assert!(after.tally().failures <= rerun.retries());
                prop_assert!(after.tally().lost <= MAX_LOST);
                world.state = after;
            }
            prop_assert_eq!(
                ExecutionState::from_row(
                    world.state.status(),
                    world.state.tally(),
                    world.state.lease()
                ),
                Some(world.state)
            );
        }
        if rerun == Rerun::Never {
            prop_assert!(world.claims.len() <= 1, "what must not run twice was granted twice");
        }
        let mut fences: Vec<u32> = world.claims.iter().map(|claim| claim.attempt).collect();
        fences.dedup();
        prop_assert_eq!(fences.len(), world.claims.len());
    }
}
