//! The life of an execution: who may move it, and what each move leaves behind.
//!
//! An execution is leased to one worker at a time. The lease is the master's
//! promise that no other worker runs it until a deadline, and it carries a fencing
//! number, the attempt: every claim on an execution names its attempt, and only the
//! attempt in force can renew, stop or end it. A lease that nobody renews expires,
//! and the execution is offered again. Ended states are final.
//!
//! Three things are counted apart. A *failure* uses up one of the retries that the
//! user asked for. A *loss* is no fault of the package: its worker went away; it is
//! offered again without using a retry, until [`MAX_LOST`] losses say that this
//! package takes its workers down. What a worker *hands back* because it drains or stops
//! is offered again as often as that happens.
//!
//! An execution that must never run twice ([`Rerun::Never`]) is offered again only when it
//! certainly never began.
//!
//! | move | by whom | from | to | what it leaves in the log |
//! |---|---|---|---|---|
//! | [`start`](ExecutionState::start) | caller | created | pending | |
//! | [`grant`](ExecutionState::grant) | scheduler | pending | running | the attempt |
//! | [`renew`](ExecutionState::renew) | the worker in force | running, stopping | the same, longer | |
//! | [`request_stop`](ExecutionState::request_stop) | caller | created, pending | canceled | who stopped it |
//! | | | running | stopping | who stopped it |
//! | [`complete`](ExecutionState::complete) | the worker in force | running, stopping | an ending, or pending with a retry | a crash, a retry |
//! | [`hand_back`](ExecutionState::hand_back) | the worker in force | running | pending | that it drains |
//! | | | stopping | canceled | that it drains |
//! | [`expire`](ExecutionState::expire) | the sweep, at the deadline | running, stopping | as `lose` | the loss |
//! | [`lose`](ExecutionState::lose) | the worker's registration | running | pending, or ended unexpectedly | the loss |
//! | | | stopping | canceled | the loss |
//!
//! What is left in the log is said in [`record`].
//!
//! This module reads no clock and no catalog: callers pass `now`, and the store saves
//! the state that comes back.

pub mod record;
pub mod report;

use jiff::Timestamp;
use uuid::Uuid;

use crate::model::OperationStatus;
use crate::protocol::event::PackageResult;
use crate::protocol::worker::AttemptOutcome;

/// Losses after which an execution is not offered again.
pub const MAX_LOST: u32 = 10;

/// What has been tried so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Attempts granted; the last one's fencing number.
    pub attempts: u32,
    /// Attempts that failed and used up a retry.
    pub failures: u32,
    /// Attempts whose worker was lost.
    pub lost: u32,
    /// Attempts that their worker gave back, because it was drained or stopped.
    pub handed_back: u32,
}

impl Tally {
    /// `executed_count`: runs, without those that were lost or handed back.
    #[must_use]
    pub fn executed(self) -> u32 {
        let apart = self.lost.saturating_add(self.handed_back);
        self.attempts.saturating_sub(apart)
    }
}

/// Whether an execution may run more than once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rerun {
    /// After so many failures at most, and after every loss.
    AfterFailures(u32),
    /// Never: an attempt that may have begun is the last one.
    Never,
}

impl Rerun {
    fn retries(self) -> u32 {
        match self {
            Self::AfterFailures(retries) => retries,
            Self::Never => 0,
        }
    }
}

/// Whether a package had begun when its worker gave it back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begun {
    /// It had, or may have.
    Perhaps,
    /// Certainly not.
    No,
}

/// The hold of one worker on an execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    /// Who holds it.
    pub worker: Uuid,
    /// When it ends unless renewed.
    pub until: Timestamp,
}

/// What a worker claims to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Who claims, by its certificate.
    pub worker: Uuid,
    /// Fencing number of the attempt.
    pub attempt: u32,
}

/// An execution as the master sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExecutionState {
    /// Created, its values may still be set.
    Created,
    /// Started, waits for a worker.
    Pending(Tally),
    /// Held by a worker.
    Running(Tally, Lease),
    /// Held by a worker that has to stop it.
    Stopping(Tally, Lease),
    /// Over.
    Ended(Tally, Ending),
}

/// How an execution ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Its package succeeded.
    Succeeded,
    /// Its package failed and no retry was left.
    Failed,
    /// Someone stopped it.
    Canceled,
    /// Its executor died, or too many of its workers did, or one did and it must not run twice.
    EndedUnexpectedly,
}

/// Why a move is refused. The state is as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Started before.
    #[error("it was already started")]
    AlreadyStarted,
    /// Does not wait for a worker.
    #[error("it does not wait for a worker")]
    NotPending,
    /// Stopped before, or over.
    #[error("it was already stopped or has ended")]
    AlreadyStopped,
    /// Not the attempt in force.
    #[error("this attempt is not the one in force")]
    Stale,
    /// The lease has not ended.
    #[error("its lease has not ended")]
    NotExpired,
}

impl ExecutionState {
    /// `start_execution`
    ///
    /// # Errors
    /// [`Refused::AlreadyStarted`]
    pub fn start(self) -> Result<Self, Refused> {
        match self {
            Self::Created => Ok(Self::Pending(Tally::default())),
            _ => Err(Refused::AlreadyStarted),
        }
    }

    /// Leases it to a worker under the next attempt.
    ///
    /// # Errors
    /// [`Refused::NotPending`]
    pub fn grant(self, lease: Lease) -> Result<Self, Refused> {
        match self {
            Self::Pending(tally) => Ok(Self::Running(
                Tally {
                    attempts: tally.attempts + 1,
                    ..tally
                },
                lease,
            )),
            _ => Err(Refused::NotPending),
        }
    }

    /// Moves the end of the lease; never back.
    ///
    /// # Errors
    /// [`Refused::Stale`] unless the claim is the lease in force.
    pub fn renew(self, claim: Claim, until: Timestamp) -> Result<Self, Refused> {
        self.check(claim)?;
        let later = |lease: Lease| Lease {
            until: lease.until.max(until),
            ..lease
        };
        match self {
            Self::Running(tally, lease) => Ok(Self::Running(tally, later(lease))),
            Self::Stopping(tally, lease) => Ok(Self::Stopping(tally, later(lease))),
            Self::Created | Self::Pending(_) | Self::Ended(..) => Err(Refused::Stale),
        }
    }

    /// `stop_operation`: what nobody runs ends at once, what a worker holds is stopped by it.
    ///
    /// # Errors
    /// [`Refused::AlreadyStopped`]
    pub fn request_stop(self) -> Result<Self, Refused> {
        match self {
            Self::Created => Ok(Self::Ended(Tally::default(), Ending::Canceled)),
            Self::Pending(tally) => Ok(Self::Ended(tally, Ending::Canceled)),
            Self::Running(tally, lease) => Ok(Self::Stopping(tally, lease)),
            Self::Stopping(..) | Self::Ended(..) => Err(Refused::AlreadyStopped),
        }
    }

    /// Ends the attempt in force; a failure with a retry left waits again.
    ///
    /// # Errors
    /// [`Refused::Stale`] unless the claim is the lease in force.
    pub fn complete(
        self,
        claim: Claim,
        outcome: &AttemptOutcome,
        rerun: Rerun,
    ) -> Result<Self, Refused> {
        self.check(claim)?;
        match self {
            Self::Running(tally, _) => Ok(after_run(tally, outcome, rerun.retries())),
            Self::Stopping(tally, _) => Ok(after_stop(tally, outcome)),
            Self::Created | Self::Pending(_) | Self::Ended(..) => Err(Refused::Stale),
        }
    }

    /// Takes it back from the worker in force, which stops or drains: nobody's fault.
    ///
    /// # Errors
    /// [`Refused::Stale`] unless the claim is the lease in force.
    pub fn hand_back(self, claim: Claim, begun: Begun, rerun: Rerun) -> Result<Self, Refused> {
        self.check(claim)?;
        match self {
            Self::Running(tally, _) => {
                let tally = Tally {
                    handed_back: tally.handed_back + 1,
                    ..tally
                };
                match (rerun, begun) {
                    (Rerun::Never, Begun::Perhaps) => {
                        Ok(Self::Ended(tally, Ending::EndedUnexpectedly))
                    }
                    (Rerun::Never, Begun::No) | (Rerun::AfterFailures(_), _) => {
                        Ok(Self::Pending(tally))
                    }
                }
            }
            Self::Stopping(tally, _) => Ok(Self::Ended(tally, Ending::Canceled)),
            Self::Created | Self::Pending(_) | Self::Ended(..) => Err(Refused::Stale),
        }
    }

    /// Takes it back from a worker whose lease has ended.
    ///
    /// # Errors
    /// [`Refused::NotExpired`], or [`Refused::Stale`] when nobody holds it.
    pub fn expire(self, now: Timestamp, rerun: Rerun) -> Result<Self, Refused> {
        match self {
            Self::Running(_, lease) | Self::Stopping(_, lease) if now < lease.until => {
                Err(Refused::NotExpired)
            }
            held_or_not => held_or_not.lose(rerun),
        }
    }

    /// Takes it back from a worker that certainly no longer runs it.
    ///
    /// # Errors
    /// [`Refused::Stale`] when nobody holds it.
    pub fn lose(self, rerun: Rerun) -> Result<Self, Refused> {
        match self {
            Self::Running(tally, _) => {
                let tally = Tally {
                    lost: tally.lost + 1,
                    ..tally
                };
                if tally.lost < MAX_LOST && rerun != Rerun::Never {
                    Ok(Self::Pending(tally))
                } else {
                    Ok(Self::Ended(tally, Ending::EndedUnexpectedly))
                }
            }
            Self::Stopping(tally, _) => Ok(Self::Ended(tally, Ending::Canceled)),
            Self::Created | Self::Pending(_) | Self::Ended(..) => Err(Refused::Stale),
        }
    }

    /// What has been tried so far.
    #[must_use]
    pub fn tally(self) -> Tally {
        match self {
            Self::Created => Tally::default(),
            Self::Pending(tally)
            | Self::Running(tally, _)
            | Self::Stopping(tally, _)
            | Self::Ended(tally, _) => tally,
        }
    }

    /// The lease in force, if any.
    #[must_use]
    pub fn lease(self) -> Option<Lease> {
        match self {
            Self::Running(_, lease) | Self::Stopping(_, lease) => Some(lease),
            Self::Created | Self::Pending(_) | Self::Ended(..) => None,
        }
    }

    /// The number that the views show.
    #[must_use]
    pub fn status(self) -> OperationStatus {
        match self {
            Self::Created => OperationStatus::Created,
            Self::Pending(_) => OperationStatus::Pending,
            Self::Running(..) => OperationStatus::Running,
            Self::Stopping(..) => OperationStatus::Stopping,
            Self::Ended(_, Ending::Succeeded) => OperationStatus::Succeeded,
            Self::Ended(_, Ending::Failed) => OperationStatus::Failed,
            Self::Ended(_, Ending::Canceled) => OperationStatus::Canceled,
            Self::Ended(_, Ending::EndedUnexpectedly) => OperationStatus::EndedUnexpectedly,
        }
    }

    /// The state that a catalog row describes; `None` when the row contradicts itself.
    #[must_use]
    pub fn from_row(status: OperationStatus, tally: Tally, lease: Option<Lease>) -> Option<Self> {
        match (status, lease) {
            (OperationStatus::Created, None) => Some(Self::Created),
            (OperationStatus::Pending, None) => Some(Self::Pending(tally)),
            (OperationStatus::Running, Some(lease)) => Some(Self::Running(tally, lease)),
            (OperationStatus::Stopping, Some(lease)) => Some(Self::Stopping(tally, lease)),
            (OperationStatus::Succeeded, None) => Some(Self::Ended(tally, Ending::Succeeded)),
            (OperationStatus::Failed, None) => Some(Self::Ended(tally, Ending::Failed)),
            (OperationStatus::Canceled, None) => Some(Self::Ended(tally, Ending::Canceled)),
            (OperationStatus::EndedUnexpectedly, None) => {
                Some(Self::Ended(tally, Ending::EndedUnexpectedly))
            }
            _ => None,
        }
    }

    /// Whether the claim is the one in force.
    #[must_use]
    pub fn is_held_by(self, claim: Claim) -> bool {
        self.lease().is_some_and(|lease| {
            lease.worker == claim.worker && self.tally().attempts == claim.attempt
        })
    }

    fn check(self, claim: Claim) -> Result<(), Refused> {
        if self.is_held_by(claim) {
            Ok(())
        } else {
            Err(Refused::Stale)
        }
    }
}

fn after_run(tally: Tally, outcome: &AttemptOutcome, retries: u32) -> ExecutionState {
    let ending = match outcome {
        AttemptOutcome::Ran { result } => match result {
            PackageResult::Success => Ending::Succeeded,
            PackageResult::Failure => Ending::Failed,
            PackageResult::Canceled => Ending::Canceled,
        },
        AttemptOutcome::EndedUnexpectedly { .. } => Ending::EndedUnexpectedly,
    };
    let failed = matches!(ending, Ending::Failed | Ending::EndedUnexpectedly);
    if failed && tally.failures < retries {
        return ExecutionState::Pending(Tally {
            failures: tally.failures + 1,
            ..tally
        });
    }
    ExecutionState::Ended(tally, ending)
}

/// A package that was faster than the stop has succeeded; everything else was stopped.
fn after_stop(tally: Tally, outcome: &AttemptOutcome) -> ExecutionState {
    let ending = match outcome {
        AttemptOutcome::Ran {
            result: PackageResult::Success,
        } => Ending::Succeeded,
        _ => Ending::Canceled,
    };
    ExecutionState::Ended(tally, ending)
}

#[cfg(test)]
mod tests;
