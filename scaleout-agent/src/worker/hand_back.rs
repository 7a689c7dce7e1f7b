//! Giving attempts back: what was said is shipped, then the master offers the execution again.

use std::sync::Arc;

use scaleout_core::client::ClientError;
use scaleout_core::error::{Explain as _, with_sources};
use scaleout_core::kill_points::{KillPoint, pass};
use scaleout_core::protocol::worker::{AttemptKey, HandBack, HandedBack, Keeps};
use tokio::sync::watch;
use tokio::time::sleep;

use super::attempt::GivenBack;
use super::attempts::Order;
use super::backoff::Backoff;
use super::shipper::{dropped, is_final, ship_remains};
use super::spool::Spool;
use super::state::Shared;

/// The code of a master that does not know this message: an older one.
const NO_SUCH_ENDPOINT: &str = "SO1205";

/// Ships the log as far as it goes and gives the attempt back, however long the master is away. When
/// this worker stops meanwhile the spool stays for its next start, which gives it back then.
pub(super) async fn hand_back(
    shared: &Arc<Shared>,
    key: AttemptKey,
    spool: &Spool,
    mut orders: watch::Receiver<Order>,
    given: GivenBack,
) {
    tokio::select! {
        () = ship_and_tell(shared, key, spool, given) => {}
        // Either way there is nothing to give back: it is gone, or the next start does it.
        is_dropped = dropped(&mut orders) => if is_dropped {
            let _ = spool.remove();
        },
    }
}

async fn ship_and_tell(shared: &Arc<Shared>, key: AttemptKey, spool: &Spool, given: GivenBack) {
    ship_remains(shared, key, spool).await;
    let (execution_id, attempt) = (key.execution_id, key.attempt);
    tracing::info!(execution_id, attempt, "handed back, as {}", given.why);
    let message = HandBack {
        attempts: vec![HandedBack {
            attempt: key,
            begun: given.begun,
        }],
        reason: given.why,
        keeps: None,
    };
    let mut backoff = Backoff::new("hand an execution back");
    loop {
        match shared.link.hand_back(&message).await {
            Ok(_) => {
                pass(KillPoint::WorkerHandedBack);
                return;
            }
            Err(error) if is_an_older_master(&error) => {
                // It takes back what a worker that registers does not name.
                shared.register_again();
                return;
            }
            Err(error) if is_final(&error) => {
                let told = with_sources(&error);
                tracing::warn!(
                    execution_id,
                    attempt,
                    code = error.code(),
                    "not taken back: {told}"
                );
                return;
            }
            Err(error) => {
                shared.notice(&error);
                sleep(backoff.failed(&error)).await;
            }
        }
    }
}

/// Says at the end that this worker holds nothing but what it must leave to its next start. A lease
/// that was granted and never arrived is offered again at once.
pub(super) async fn hold_nothing_more(shared: &Shared) {
    let message = HandBack {
        attempts: Vec::new(),
        reason: "it stops".to_owned(),
        keeps: Some(Keeps {
            registration: shared.registration_number(),
            attempts: shared
                .attempts
                .running()
                .into_iter()
                .map(|(key, _)| key)
                .collect(),
        }),
    };
    if let Err(error) = shared.link.hand_back(&message).await {
        tracing::debug!("the master was not told of the end: {error}");
    }
}

fn is_an_older_master(error: &ClientError) -> bool {
    error.code() == NO_SUCH_ENDPOINT
}
