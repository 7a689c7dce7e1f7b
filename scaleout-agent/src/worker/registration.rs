//! Registering with the master: at the start, and whenever it has forgotten this worker.

use std::sync::Arc;

use jiff::SignedDuration;
use scaleout_core::kill_points::{KillPoint, pass};
use scaleout_core::protocol::PROTOCOL_VERSION;
use scaleout_core::protocol::worker::{Register, Registered};
use tokio::time::{Instant, sleep};

use super::backoff::Backoff;
use super::machine::{machine_name, user_account};
use super::recovery::Remains;
use super::shipper::ship_remains;
use super::state::Shared;

/// Difference of both clocks from which on it is worth a warning.
const SKEW: SignedDuration = SignedDuration::from_secs(30);

/// Keeps this worker registered, after the last words of attempts that died with an earlier run
/// of it are delivered.
pub(super) async fn stay_registered(shared: Arc<Shared>, remains: Remains) {
    for (key, spool) in remains {
        ship_remains(&shared, key, &spool).await;
        pass(KillPoint::WorkerRemainsShipped);
    }
    let mut backoff = Backoff::new("register with the master");
    let mut known = shared.registered.subscribe();
    loop {
        if known.wait_for(|known| !*known).await.is_err() {
            return;
        }
        let sent = Instant::now();
        match shared.link.register(&introduction(&shared)).await {
            Ok(registered) => {
                pass(KillPoint::WorkerRegistered);
                backoff.succeeded();
                shared.note_master_time(sent, registered.master_time);
                tell(&shared, &registered);
                shared.learn_master(&registered.master_certificates);
                shared.registered.send_replace(true);
            }
            Err(error) => sleep(backoff.failed(&error)).await,
        }
    }
}

fn introduction(shared: &Shared) -> Register {
    let settings = shared.settings();
    let machine_name = machine_name();
    let display_name = if settings.display_name.is_empty() {
        machine_name.clone()
    } else {
        settings.display_name.clone()
    };
    Register {
        worker_agent_id: shared.id,
        protocol_version: PROTOCOL_VERSION,
        program_version: env!("CARGO_PKG_VERSION").to_owned(),
        machine_name,
        display_name,
        description: settings.description.clone(),
        user_account: user_account(),
        max_task_count: settings.max_task_count,
        running: shared
            .attempts
            .running()
            .into_iter()
            .map(|(key, _)| key)
            .collect(),
        number: shared.next_registration(),
    }
}

fn tell(shared: &Shared, registered: &Registered) {
    let worker = shared.id;
    if registered.enabled {
        tracing::info!(%worker, "registered with the master");
    } else {
        tracing::warn!(
            %worker,
            "registered with the master, but disabled: it gets no work until an administrator \
             enables it (`soctl workers enable {worker}`)"
        );
    }
    let skew = registered.master_time.duration_since(shared.clock.now());
    if SKEW < skew.abs() {
        let seconds = skew.as_secs();
        let way = if seconds < 0 { "behind" } else { "ahead of" };
        let seconds = seconds.abs();
        tracing::warn!("the master's clock is {seconds} s {way} this machine's");
    }
}
