//! Ctrl-C, and SIGTERM, which means the same.

use tokio::signal::unix::{SignalKind, signal};

/// Waits until someone wants the program to end. From the call on, not only from its first poll,
/// the signals do not end the process by themselves.
pub fn interrupted() -> impl Future<Output = ()> {
    let (interrupt, terminate) = (
        signal(SignalKind::interrupt()),
        signal(SignalKind::terminate()),
    );
    async {
        match (interrupt, terminate) {
            (Ok(mut interrupt), Ok(mut terminate)) => {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                }
            }
            // Without handlers the signals end the process by themselves.
            _ => std::future::pending().await,
        }
    }
}
