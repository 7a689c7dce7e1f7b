//! Batches of messages in memory: at most `ExecutionLogMaxInMemoryBufferCount` at once, whatever
//! many packages say. The rest stays on disk.

use std::sync::Arc;

use scaleout_core::settings::WorkerSettings;
use tokio::sync::watch;

/// The places for batches.
#[derive(Debug, Default)]
pub(super) struct Buffers {
    used: watch::Sender<usize>,
}

/// A place that is taken until this is dropped.
#[derive(Debug)]
pub(super) struct Buffer<'a>(&'a Buffers);

impl Buffers {
    /// Waits for a place and takes it.
    pub async fn take(&self, mut settings: watch::Receiver<Arc<WorkerSettings>>) -> Buffer<'_> {
        let mut used = self.used.subscribe();
        loop {
            used.mark_unchanged();
            let most = settings
                .borrow_and_update()
                .execution_log_max_in_memory_buffer_count;
            let taken = self.used.send_if_modified(|used| {
                let is_free = *used < most;
                *used += usize::from(is_free);
                is_free
            });
            if taken {
                return Buffer(self);
            }
            tokio::select! {
                _ = used.changed() => {}
                _ = settings.changed() => {}
            }
        }
    }

    /// How many are taken.
    pub fn used(&self) -> usize {
        *self.used.borrow()
    }
}

impl Drop for Buffer<'_> {
    fn drop(&mut self) {
        self.0.used.send_modify(|used| *used -= 1);
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures_util::FutureExt as _;

    use super::*;

    fn settings(most: usize) -> Arc<WorkerSettings> {
        Arc::new(WorkerSettings {
            execution_log_max_in_memory_buffer_count: most,
            ..WorkerSettings::default()
        })
    }

    #[test]
    fn so_many_are_taken_and_the_next_one_waits_for_a_place_or_for_more_of_them() {
        let buffers = Buffers::default();
        let (setting, settings_now) = watch::channel(settings(2));
        let take = || buffers.take(settings_now.clone());
        let first = take().now_or_never().unwrap();
        let _second = take().now_or_never().unwrap();
        let mut third = pin!(take());
        assert!(third.as_mut().now_or_never().is_none());
        drop(first);
        let _third = third.now_or_never().unwrap();
        assert_eq!(buffers.used(), 2);
        let mut fourth = pin!(take());
        assert!(fourth.as_mut().now_or_never().is_none());
        setting.send_replace(settings(3));
        assert!(fourth.now_or_never().is_some());
    }
}
