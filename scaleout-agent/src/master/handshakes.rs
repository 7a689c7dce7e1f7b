//! Handshakes under way, bounded: who opens connections and says nothing is in nobody's way.
//!
//! An honest handshake takes a moment. So where there are too many, it is the oldest one that ends.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

/// All that are under way.
#[derive(Debug)]
pub(super) struct Handshakes {
    most: usize,
    under_way: Mutex<UnderWay>,
}

#[derive(Debug, Default)]
struct UnderWay {
    next: u64,
    /// By age. Who goes from here is to end.
    all: BTreeMap<u64, oneshot::Sender<()>>,
}

/// One of them; over when it is dropped.
#[derive(Debug)]
pub(super) struct Handshaking {
    number: u64,
    ended: oneshot::Receiver<()>,
    among: Arc<Handshakes>,
}

impl Handshakes {
    /// At most so many.
    pub fn new(most: usize) -> Self {
        Self {
            most,
            under_way: Mutex::default(),
        }
    }

    /// One more begins; the oldest one ends where there are too many.
    pub fn begin(self: &Arc<Self>) -> Handshaking {
        let (keep, ended) = oneshot::channel();
        let mut under_way = self.under_way();
        let number = under_way.next;
        under_way.next += 1;
        under_way.all.insert(number, keep);
        if self.most < under_way.all.len() {
            under_way.all.pop_first();
        }
        drop(under_way);
        Handshaking {
            number,
            ended,
            among: Arc::clone(self),
        }
    }

    fn under_way(&self) -> MutexGuard<'_, UnderWay> {
        self.under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Handshaking {
    /// Waits until it is to end, as too many began after it.
    pub async fn is_to_end(&mut self) {
        // Nothing is ever sent: the other end goes away.
        let _ = (&mut self.ended).await;
    }
}

impl Drop for Handshaking {
    fn drop(&mut self) {
        self.among.under_way().all.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[test]
    fn where_there_are_too_many_the_oldest_one_ends() {
        let handshakes = Arc::new(Handshakes::new(2));
        let mut first = handshakes.begin();
        let second = handshakes.begin();
        assert!(first.is_to_end().now_or_never().is_none());
        let mut third = handshakes.begin();
        assert!(first.is_to_end().now_or_never().is_some());
        // One that is over makes room.
        drop((first, second));
        let _fourth = handshakes.begin();
        assert!(third.is_to_end().now_or_never().is_none());
    }
}
