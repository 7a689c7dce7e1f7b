//! The port: accepts connections, each in its own task, and no more than it can bear.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use rustls::ServerConfig;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::connection::serve;
use super::error::MasterError;
use super::handshakes::Handshakes;
use super::options::ConnectionLimits;

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
    limits: ConnectionLimits,
    mut closing: watch::Receiver<bool>,
) {
    let room = Arc::new(Semaphore::new(limits.connections));
    let handshakes = Arc::new(Handshakes::new(limits.handshakes));
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
        let Ok(place) = Arc::clone(&room).try_acquire_owned() else {
            tracing::warn!(%address, "too many connections: one more was closed at once");
            continue;
        };
        let handshaking = handshakes.begin();
        // Small answers must not wait for more to send.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%address, "failed to set TCP_NODELAY: {error}");
        }
        let (tls, router, closing) = (Arc::clone(&tls), router.clone(), closing.clone());
        connections.spawn(async move {
            serve(stream, address, (tls, router), limits, handshaking, closing).await;
            drop(place);
        });
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}
