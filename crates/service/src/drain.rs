//! Shutdown as a value: who must stop is told, who is still busy is waited for.

use std::time::Duration;
use tokio_util::sync::{CancellationToken, WaitForCancellationFuture};
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

/// Passed to everything that must end when the service does.
#[derive(Debug, Clone, Default)]
pub struct Drain {
    started: CancellationToken,
    busy: TaskTracker,
}

/// Work that a shutdown waits for, until this is dropped.
#[derive(Debug)]
pub struct DrainGuard {
    _token: TaskTrackerToken,
}

impl Drain {
    /// A drain that has not started.
    pub fn new() -> Self {
        Drain::default()
    }

    /// Tells everyone to finish. Does nothing the second time.
    pub fn start(&self) {
        self.started.cancel();
    }

    /// Whether [`Drain::start`] was called.
    pub fn is_draining(&self) -> bool {
        self.started.is_cancelled()
    }

    /// Resolves when the drain starts. A WebSocket selects on this beside its messages, then
    /// sends what it still has, an error frame and a close with code 1012 or 1013.
    pub fn started(&self) -> WaitForCancellationFuture<'_> {
        self.started.cancelled()
    }

    /// Work that must be finished before the process may end. Connections hold one of their
    /// own; take another for work that outlives its connection.
    pub fn guard(&self) -> DrainGuard {
        DrainGuard {
            _token: self.busy.token(),
        }
    }

    /// Waits until all guards are gone; false if that took longer than `deadline`.
    pub async fn finished(&self, deadline: Duration) -> bool {
        self.busy.close();
        tokio::time::timeout(deadline, self.busy.wait())
            .await
            .is_ok()
    }

    /// How many guards are held.
    pub fn busy(&self) -> usize {
        self.busy.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_drain_waits_for_its_guards_and_no_longer() {
        let drain = Drain::new();
        let guard = drain.guard();
        drain.start();
        assert!(!drain.finished(Duration::from_millis(20)).await);
        drop(guard);
        assert!(drain.finished(Duration::from_millis(20)).await);
    }
}
