//! Carries out what the scheduler has planned: leases executions, many with one commit.

use std::time::Instant;

use futures_util::future::join_all;
use scaleout_catalog::{CatalogError, Proposal};
use scaleout_core::protocol::task::TaskDescription;
use scaleout_core::protocol::worker::{AttemptKey, LeasedTask};

use super::state::Shared;

/// Executions that are granted with one change of the catalog.
const TOGETHER: usize = 64;

/// Leases what is proposed for tickets; gives what came of it with the ticket.
pub(super) async fn grant_all(
    shared: &Shared,
    proposed: &[(u64, Proposal)],
) -> Vec<(u64, LeasedTask)> {
    // Side by side, so that they share a commit where they can.
    let parts = proposed.chunks(TOGETHER);
    let granted = join_all(parts.map(|part| grant(shared, part))).await;
    granted.into_iter().flatten().collect()
}

async fn grant(shared: &Shared, proposed: &[(u64, Proposal)]) -> Vec<(u64, LeasedTask)> {
    let proposals: Vec<Proposal> = proposed.iter().map(|(_, proposal)| *proposal).collect();
    let tasks = match shared.catalog().grant_leases(proposals).await {
        Ok(tasks) => tasks,
        Err(error) => match proposed {
            [(_, one)] => {
                failed_to_grant(one, &error);
                Vec::new()
            }
            // One that cannot be granted is not to keep the others from it.
            _ => join_all(proposed.iter().map(|(_, one)| grant_alone(shared, *one))).await,
        },
    };
    let now = Instant::now();
    let tasks = proposed.iter().zip(tasks);
    let leased = tasks.filter_map(|((ticket, proposal), task)| {
        let task = task?;
        let key = AttemptKey {
            execution_id: task.execution_id,
            attempt: task.attempt,
        };
        shared.metrics().granted(key, now);
        let lease_until = proposal.until;
        Some((*ticket, LeasedTask { task, lease_until }))
    });
    leased.collect()
}

async fn grant_alone(shared: &Shared, proposal: Proposal) -> Option<TaskDescription> {
    match shared.catalog().grant_leases(vec![proposal]).await {
        Ok(tasks) => tasks.into_iter().next().flatten(),
        Err(error) => {
            failed_to_grant(&proposal, &error);
            None
        }
    }
}

fn failed_to_grant(proposal: &Proposal, error: &CatalogError) {
    let Proposal {
        execution_id,
        worker,
        ..
    } = proposal;
    tracing::error!(execution_id, %worker, "failed to grant a lease: {error}");
}
