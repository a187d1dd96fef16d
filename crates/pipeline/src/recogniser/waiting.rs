//! Sound on its way to the recogniser: two seconds at most, of which the oldest goes first.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// Seconds that wait at most, while a connection comes back or the recogniser does not keep up.
const SECONDS: u64 = 2;

/// A stretch of the caller's sound.
#[derive(Debug, Clone)]
pub struct Stretch {
    /// Where it stands on the caller's clock, in samples.
    pub at: u64,
    /// Mono samples at the rate of the call.
    pub samples: Arc<[i16]>,
}

/// See the module. Filled by the chain, which never waits for it; emptied by one task.
#[derive(Debug)]
pub struct Waiting {
    state: Mutex<State>,
    filled: Notify,
    limit: u64,
}

#[derive(Debug, Default)]
struct State {
    stretches: VecDeque<Stretch>,
    samples: u64,
}

impl Waiting {
    /// Nothing waits yet. `rate`: samples a second.
    pub fn new(rate: u32) -> Self {
        Waiting {
            state: Mutex::default(),
            filled: Notify::new(),
            limit: u64::from(rate) * SECONDS,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Appends a stretch. The samples that had to go for it.
    pub fn push(&self, stretch: Stretch) -> u64 {
        let mut dropped = 0;
        {
            let mut state = self.lock();
            state.samples += stretch.samples.len() as u64;
            state.stretches.push_back(stretch);
            while state.samples > self.limit
                && state.stretches.len() > 1
                && let Some(oldest) = state.stretches.pop_front()
            {
                state.samples -= oldest.samples.len() as u64;
                dropped += oldest.samples.len() as u64;
            }
        }
        self.filled.notify_one();
        dropped
    }

    /// Takes all that waits, once something does. Cancel-safe; for one taker.
    pub async fn take(&self) -> Vec<Stretch> {
        loop {
            let taken: Vec<Stretch> = {
                let mut state = self.lock();
                state.samples = 0;
                state.stretches.drain(..).collect()
            };
            if !taken.is_empty() {
                return taken;
            }
            self.filled.notified().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stretch(at: u64, samples: usize) -> Stretch {
        Stretch {
            at,
            samples: vec![0; samples].into(),
        }
    }

    #[tokio::test]
    async fn the_last_two_seconds_wait_and_the_oldest_goes_first() {
        let waiting = Waiting::new(8000);
        let dropped: u64 = (0..150).map(|i| waiting.push(stretch(i * 160, 160))).sum();
        assert_eq!(dropped, 50 * 160);
        let taken = waiting.take().await;
        assert_eq!(taken.len(), 100);
        assert_eq!(taken[0].at, 50 * 160);
    }

    #[tokio::test]
    async fn taking_waits_until_there_is_something() {
        let waiting = Arc::new(Waiting::new(8000));
        let taker = tokio::spawn({
            let waiting = waiting.clone();
            async move { waiting.take().await.len() }
        });
        tokio::task::yield_now().await;
        waiting.push(stretch(0, 160));
        assert_eq!(taker.await.ok(), Some(1));
    }
}
