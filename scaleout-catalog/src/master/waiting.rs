//! Why executions wait: noted for the view `waiting_executions`, counted for metrics.

use std::collections::{BTreeMap, HashMap};

use jiff::{SignedDuration, Timestamp};

use crate::catalog::Catalog;
use crate::error::CatalogError;
use crate::scheduling::{SchedulingSnapshot, Usage, WaitReason, count_by_reason};
use crate::store::queue;

/// What has not waited so long is not worth a row: it is about to start.
const WORTH_NOTING: SignedDuration = SignedDuration::from_secs(5);

impl Catalog {
    /// How many executions wait for which reason, by the code of the reason; every code is there.
    /// Where very many wait, those at the heads of the queues are counted.
    ///
    /// # Errors
    /// The database fails.
    pub async fn waiting_by_reason(&self) -> Result<BTreeMap<&'static str, u64>, CatalogError> {
        Ok(count_by_reason(&self.scheduling_snapshot().await?))
    }

    /// Notes why executions wait that have waited for some seconds, and forgets those that wait no
    /// longer. Writes only what has changed, and says how many rows that were.
    ///
    /// # Errors
    /// The database fails.
    pub async fn note_waiting_reasons(&self) -> Result<u64, CatalogError> {
        let snapshot = self.scheduling_snapshot().await?;
        let noted = queue::noted_reasons(&mut self.shared.store.reader().await?).await?;
        let changes = changes(&snapshot, &noted);
        let waits = |id: i64| snapshot.pending.iter().any(|one| one.execution_id == id);
        let stale = noted.iter().any(|(id, _, _)| !waits(*id));
        if changes.is_empty() && !stale {
            return Ok(0);
        }
        let now: Timestamp = snapshot.taken;
        self.shared
            .store
            .write(move |session| {
                Box::pin(async move {
                    let mut written = queue::forget_reasons(session).await?;
                    for (id, reason) in &changes {
                        queue::note_reason(session, *id, reason, now).await?;
                        written += 1;
                    }
                    Ok(written)
                })
            })
            .await
    }
}

/// The reasons that are not noted, or differently.
fn changes(
    snapshot: &SchedulingSnapshot,
    noted: &[(i64, String, String)],
) -> Vec<(i64, WaitReason)> {
    let noted: HashMap<i64, (&str, &str)> = noted
        .iter()
        .map(|(id, code, text)| (*id, (code.as_str(), text.as_str())))
        .collect();
    let usage = Usage::of(&snapshot.held);
    let waits_long = |since: Timestamp| WORTH_NOTING <= snapshot.taken.duration_since(since);
    snapshot
        .pending
        .iter()
        .filter(|one| waits_long(one.pending_since))
        .filter_map(|one| {
            let reason = WaitReason::of(snapshot, &usage, one);
            let text = reason.sentence(None);
            let same = noted.get(&one.execution_id) == Some(&(reason.code(), text.as_str()));
            (!same).then_some((one.execution_id, reason))
        })
        .collect()
}
