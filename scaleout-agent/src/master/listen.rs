//! The port: accepts connections, each in its own task, and no more than it can bear.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use rustls::ServerConfig;
use tokio::net::TcpListener;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::connection::serve;
use super::error::MasterError;

/// Most connections at once.
const MOST_CONNECTIONS: usize = 30_000;
/// Most handshakes under way: who opens connections and says nothing gets no further than this.
const MOST_HANDSHAKES: usize = 2_000;
/// Rest after `accept` failed, which it does when the process is out of file descriptors.
const AFTER_FAILURE: Duration = Duration::from_millis(100);

/// Takes the port.
pub(super) async fn bind(address: SocketAddr) -> Result<TcpListener, MasterError> {
    TcpListener::bind(address)
        .await
        .map_err(|source| match source.kind() {
            io::ErrorKind::AddrInUse => MasterError::PortInUse { address },
            _ => MasterError::Listen { address, source },
        })
}

/// Accepts connections until the master stops, then waits for theirs to end.
pub(crate) async fn accept(
    listener: TcpListener,
    tls: Arc<ServerConfig>,
    router: Router,
    mut closing: watch::Receiver<bool>,
) {
    let room = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let handshakes = Arc::new(Semaphore::new(MOST_HANDSHAKES));
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = closing.wait_for(|closing| *closing) => break,
        };
        let (stream, address) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::error!("failed to accept a connection: {error}");
                sleep(AFTER_FAILURE).await;
                continue;
            }
        };
        let Some((place, handshaking)) = both(&room, &handshakes) else {
            tracing::warn!(%address, "too many connections: one more was closed at once");
            continue;
        };
        // Small answers must not wait for more to send.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%address, "failed to set TCP_NODELAY: {error}");
        }
        let (tls, router, closing) = (Arc::clone(&tls), router.clone(), closing.clone());
        connections.spawn(async move {
            serve(stream, address, tls, router, handshaking, closing).await;
            drop(place);
        });
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

fn both(
    room: &Arc<Semaphore>,
    handshakes: &Arc<Semaphore>,
) -> Option<(OwnedSemaphorePermit, OwnedSemaphorePermit)> {
    let place = Arc::clone(room).try_acquire_owned().ok()?;
    let handshaking = Arc::clone(handshakes).try_acquire_owned().ok()?;
    Some((place, handshaking))
}
