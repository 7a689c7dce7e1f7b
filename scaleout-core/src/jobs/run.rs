//! A run of a job: which step comes next, and how it ends.

use jiff::{SignedDuration, Timestamp};

/// How a step, or a whole run, ended: `run_status` of the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// 0
    Failed,
    /// 1
    Succeeded,
    /// 3
    Canceled,
}

impl Outcome {
    /// `run_status`
    #[must_use]
    pub fn number(self) -> i64 {
        match self {
            Self::Failed => 0,
            Self::Succeeded => 1,
            Self::Canceled => 3,
        }
    }

    /// From `run_status`.
    #[must_use]
    pub fn from_number(number: i64) -> Option<Self> {
        [Self::Failed, Self::Succeeded, Self::Canceled]
            .into_iter()
            .find(|one| one.number() == number)
    }
}

/// `run_status` of a step that is run again.
pub const RETRY: i64 = 2;

/// What follows when a step has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Follow {
    /// 1: the run ends with success.
    QuitSucceeded,
    /// 2: the run ends with failure.
    QuitFailed,
    /// 3: the step with the next number, or the end with success behind the last.
    Next,
    /// 4: that step.
    GoTo(u32),
}

impl Follow {
    /// From `on_success_action` or `on_fail_action` and the step beside it.
    #[must_use]
    pub fn from_numbers(action: i64, step: i64) -> Option<Self> {
        match action {
            1 => Some(Self::QuitSucceeded),
            2 => Some(Self::QuitFailed),
            3 => Some(Self::Next),
            4 => u32::try_from(step)
                .ok()
                .filter(|step| 0 < *step)
                .map(Self::GoTo),
            _ => None,
        }
    }
}

/// What a run has to know of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepPlan {
    /// Its number.
    pub step: u32,
    /// After success.
    pub on_success: Follow,
    /// After a failure, when no retry is left.
    pub on_failure: Follow,
    /// How often it is run again.
    pub retries: u32,
    /// The pause before it.
    pub pause: SignedDuration,
}

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunState {
    /// Behind another run of the job.
    Queued,
    /// A step is to begin.
    Ready {
        /// Which.
        step: u32,
        /// Retries before it.
        retry: u32,
    },
    /// A step runs.
    Running {
        /// Which.
        step: u32,
        /// Retries before it.
        retry: u32,
    },
    /// A step is to begin again.
    Waiting {
        /// Which.
        step: u32,
        /// The number of the retry that comes.
        retry: u32,
        /// When.
        until: Timestamp,
    },
    /// It is over.
    Ended(Outcome),
}

/// What a step that has ended leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Where the run stands now.
    pub state: RunState,
    /// `run_status` of the step in the history.
    pub step_status: i64,
    /// A step that the run was to go to is not there.
    pub lost_way: Option<u32>,
}

/// Goes on after a step. A job whose steps were changed under way goes by what they are now.
#[must_use]
pub fn after_step(
    steps: &[StepPlan],
    step: u32,
    retry: u32,
    outcome: Outcome,
    now: Timestamp,
) -> Turn {
    let ended = |outcome| RunState::Ended(outcome);
    let plan = steps.iter().find(|plan| plan.step == step);
    let turn = |state, lost_way| Turn {
        state,
        step_status: outcome.number(),
        lost_way,
    };
    let follow = match (outcome, plan) {
        (Outcome::Canceled, _) => return turn(ended(Outcome::Canceled), None),
        // Deleted while it ran.
        (Outcome::Succeeded, None) => return turn(ended(Outcome::Succeeded), None),
        (Outcome::Failed, None) => return turn(ended(Outcome::Failed), None),
        (Outcome::Failed, Some(plan)) if retry < plan.retries => {
            return Turn {
                state: RunState::Waiting {
                    step,
                    retry: retry + 1,
                    until: now.saturating_add(plan.pause).unwrap_or(Timestamp::MAX),
                },
                step_status: RETRY,
                lost_way: None,
            };
        }
        (Outcome::Failed, Some(plan)) => plan.on_failure,
        (Outcome::Succeeded, Some(plan)) => plan.on_success,
    };
    let has = |wanted: u32| steps.iter().any(|plan| plan.step == wanted);
    match follow {
        Follow::QuitSucceeded => turn(ended(Outcome::Succeeded), None),
        Follow::QuitFailed => turn(ended(Outcome::Failed), None),
        Follow::Next if has(step + 1) => turn(
            RunState::Ready {
                step: step + 1,
                retry: 0,
            },
            None,
        ),
        // As the original does: behind the last step the run ends as the last step did.
        Follow::Next => turn(ended(outcome), None),
        Follow::GoTo(next) if has(next) => turn(
            RunState::Ready {
                step: next,
                retry: 0,
            },
            None,
        ),
        Follow::GoTo(next) => turn(ended(Outcome::Failed), Some(next)),
    }
}

/// Steps that a run goes through at most, so that one that goes back again and again ends.
pub const MOST_STEPS: u32 = 10_000;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn plan(step: u32, on_success: Follow, on_failure: Follow) -> StepPlan {
        StepPlan {
            step,
            on_success,
            on_failure,
            retries: 0,
            pause: SignedDuration::from_mins(5),
        }
    }

    fn state(steps: &[StepPlan], step: u32, retry: u32, outcome: Outcome) -> RunState {
        after_step(steps, step, retry, outcome, at(0)).state
    }

    #[test]
    fn success_goes_on_and_the_last_step_ends_the_run() {
        let steps = [
            plan(1, Follow::Next, Follow::QuitFailed),
            plan(2, Follow::Next, Follow::QuitFailed),
        ];
        let ready = RunState::Ready { step: 2, retry: 0 };
        assert_eq!(state(&steps, 1, 0, Outcome::Succeeded), ready);
        let end = RunState::Ended(Outcome::Succeeded);
        assert_eq!(state(&steps, 2, 0, Outcome::Succeeded), end);
        let end = RunState::Ended(Outcome::Failed);
        assert_eq!(state(&steps, 1, 0, Outcome::Failed), end);
    }

    #[test]
    fn a_failure_may_be_a_success_and_a_step_of_its_own() {
        let steps = [
            plan(1, Follow::QuitSucceeded, Follow::GoTo(3)),
            plan(2, Follow::QuitSucceeded, Follow::QuitSucceeded),
            plan(3, Follow::QuitFailed, Follow::QuitFailed),
        ];
        let ready = RunState::Ready { step: 3, retry: 0 };
        assert_eq!(state(&steps, 1, 0, Outcome::Failed), ready);
        let end = RunState::Ended(Outcome::Succeeded);
        assert_eq!(state(&steps, 2, 0, Outcome::Failed), end);
        // A step for errors that succeeds does not make the run a success.
        let end = RunState::Ended(Outcome::Failed);
        assert_eq!(state(&steps, 3, 0, Outcome::Succeeded), end);
    }

    #[test]
    fn a_step_is_run_again_after_its_pause_as_often_as_it_says() {
        let steps = [StepPlan {
            retries: 2,
            ..plan(1, Follow::QuitSucceeded, Follow::QuitFailed)
        }];
        let turn = after_step(&steps, 1, 0, Outcome::Failed, at(0));
        let until = at(300);
        let waiting = RunState::Waiting {
            step: 1,
            retry: 1,
            until,
        };
        assert_eq!((turn.state, turn.step_status), (waiting, RETRY));
        let turn = after_step(&steps, 1, 2, Outcome::Failed, at(0));
        let ended = RunState::Ended(Outcome::Failed);
        assert_eq!((turn.state, turn.step_status), (ended, 0));
    }

    #[test]
    fn what_is_stopped_is_not_run_again() {
        let steps = [StepPlan {
            retries: 9,
            ..plan(1, Follow::Next, Follow::Next)
        }];
        let ended = RunState::Ended(Outcome::Canceled);
        assert_eq!(state(&steps, 1, 0, Outcome::Canceled), ended);
    }

    #[test]
    fn a_step_that_is_not_there_is_told() {
        let steps = [plan(1, Follow::GoTo(7), Follow::QuitFailed)];
        let turn = after_step(&steps, 1, 0, Outcome::Succeeded, at(0));
        assert_eq!(turn.state, RunState::Ended(Outcome::Failed));
        assert_eq!(turn.lost_way, Some(7));
    }

    fn follow() -> impl Strategy<Value = Follow> {
        prop_oneof![
            Just(Follow::QuitSucceeded),
            Just(Follow::QuitFailed),
            Just(Follow::Next),
            (1..6_u32).prop_map(Follow::GoTo),
        ]
    }

    proptest! {
        // Whatever the steps are, a run is always at a step that exists, or over.
        #[test]
        fn a_run_is_never_lost(
            follows in prop::collection::vec((follow(), follow(), 0..3_u32), 1..5),
            outcomes in prop::collection::vec(any::<bool>(), 1..60),
        ) {
            let steps: Vec<StepPlan> = follows
                .iter()
                .zip(1..)
                .map(|((success, failure, retries), step)| StepPlan {
                    retries: *retries,
                    ..plan(step, *success, *failure)
                })
                .collect();
            let (mut step, mut retry) = (1, 0);
            for good in outcomes {
                let outcome = if good { Outcome::Succeeded } else { Outcome::Failed };
                let turn = after_step(&steps, step, retry, outcome, at(0));
                match turn.state {
                    RunState::Ended(Outcome::Canceled) => prop_assert!(false, "nobody stopped it"),
                    RunState::Ended(_) => break,
                    RunState::Ready { step: next, retry: again } => (step, retry) = (next, again),
                    RunState::Waiting { step: same, retry: again, .. } => {
                        prop_assert_eq!(same, step);
                        prop_assert_eq!(again, retry + 1);
                        retry = again;
                    }
                    RunState::Queued | RunState::Running { .. } => {
                        prop_assert!(false, "a step that ended does not run")
                    }
                }
                prop_assert!(steps.iter().any(|plan| plan.step == step));
                prop_assert!(retry <= steps[step as usize - 1].retries);
            }
        }
    }
}
