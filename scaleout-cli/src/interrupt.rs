//! Ctrl-C, SIGTERM, which means the same, and SIGHUP.

use tokio::signal::unix::{Signal, SignalKind, signal};

/// SIGHUP: read settings and certificates again. From the call on it does not end the process.
#[derive(Debug)]
pub struct Hangups(Option<Signal>);

/// Listens for SIGHUP.
#[must_use]
pub fn hangups() -> Hangups {
    Hangups(signal(SignalKind::hangup()).ok())
}

impl Hangups {
    /// Waits for the next one.
    pub async fn next(&mut self) {
        if let Some(signal) = &mut self.0
            && signal.recv().await.is_some()
        {
            return;
        }
        std::future::pending().await
    }
}

/// Waits for Ctrl-C only, likewise from the call on.
pub fn interrupted_by_hand() -> impl Future<Output = ()> {
    signaled(SignalKind::interrupt())
}

/// Waits for SIGTERM only, likewise from the call on.
pub fn terminated() -> impl Future<Output = ()> {
    signaled(SignalKind::terminate())
}

fn signaled(kind: SignalKind) -> impl Future<Output = ()> {
    let signals = signal(kind);
    async {
        match signals {
            Ok(mut signals) => {
                signals.recv().await;
            }
            // Without a handler the signal ends the process by itself.
            Err(_) => std::future::pending().await,
        }
    }
}

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
