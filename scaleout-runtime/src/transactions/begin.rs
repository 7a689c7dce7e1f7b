//! What an executable's `TransactionOption` means where it runs, and how its transaction ends.

use std::sync::Arc;

use scaleout_core::package::{Executable, TransactionOption};

use super::link::Link;
use super::survey::home;
use super::transaction::Transaction;
use crate::control_flow::frame::Place;
use crate::control_flow::node::Node;
use crate::control_flow::outcome::Outcome;
use crate::events::{Events, Message, Severity};
use crate::run::{Reporter, Runtime};

/// `DTS_I_STARTINGTRANSACTION`
const STARTING: u32 = 0x4001_100A;
/// `DTS_I_COMMITTINGTRANSACTION`
const COMMITTING: u32 = 0x4001_100B;
/// `DTS_I_ABORTINGTRANSACTION`
const ABORTING: u32 = 0x4001_100C;
/// `DTS_E_BEGINTRANSACTION`, for an end that fails as well.
const CANNOT_END: u32 = 0xC001_401A;

/// The place where the work of an executable happens, and the transaction that it began.
pub struct Standing {
    /// Where.
    pub place: Place,
    began: Option<Arc<Transaction>>,
}

/// Enters an executable: joins, begins or leaves a transaction as its option says.
#[must_use]
pub fn enter(
    runtime: &Arc<Runtime>,
    node: &Node,
    executable: &Executable,
    place: &Place,
    reporter: &Reporter,
) -> Standing {
    let within = place.transaction().is_some();
    let link = |transaction: Option<Arc<Transaction>>| {
        Arc::new(Link {
            owner: node.frame.package_path.clone(),
            depth: runtime.depth(),
            transaction,
            outer: place.transactions.clone(),
        })
    };
    match executable.transaction_option {
        TransactionOption::Required if !within => {
            let text = "starting a transaction for this container";
            reporter.raise(Severity::Information, Message::new(STARTING, text));
            let home = home(runtime, node);
            let isolation = executable.isolation_level;
            let began = Arc::new(Transaction::new(&node.frame.name, isolation, home));
            Standing {
                place: place.with(link(Some(Arc::clone(&began)))),
                began: Some(began),
            }
        }
        TransactionOption::NotSupported if within => Standing {
            place: place.with(link(None)),
            began: None,
        },
        _ => Standing {
            place: place.clone(),
            began: None,
        },
    }
}

impl Standing {
    /// Ends the transaction that the executable began; gives its outcome, which a commit that
    /// fails makes a failure.
    #[must_use]
    pub fn leave(self, outcome: Outcome, reporter: &Reporter) -> Outcome {
        let Some(transaction) = self.began else {
            return outcome;
        };
        let commits = matches!(outcome, Outcome::Success | Outcome::Completion);
        let (code, text) = match commits {
            true => (
                COMMITTING,
                "committing the transaction that this container started",
            ),
            false => (ABORTING, "aborting the current transaction"),
        };
        reporter.raise(Severity::Information, Message::new(code, text));
        match transaction.end(commits) {
            Ok(()) => outcome,
            Err(error) => {
                let what = if commits { "committed" } else { "rolled back" };
                let text = format!(
                    "the transaction of this container could not be {what}: {}",
                    error.explained()
                );
                reporter.raise(Severity::Error, Message::new(CANNOT_END, text));
                match outcome {
                    Outcome::Canceled => Outcome::Canceled,
                    _ => Outcome::Failure,
                }
            }
        }
    }
}
