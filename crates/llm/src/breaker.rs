//! Stops asking a provider that is down, so that callers go elsewhere at once.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Failures in a row after which it opens.
const FAILURES: u32 = 5;
/// How long it stays open before one request may try.
const PAUSE: Duration = Duration::from_secs(20);

/// Closed (asks), open (does not), half open (one request tries).
#[derive(Debug, Default)]
pub(crate) struct Breaker(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    failures: u32,
    open_until: Option<Instant>,
}

impl Breaker {
    /// Whether a request may go through now. After the pause, the one that asks first tries for all.
    pub fn allows(&self) -> bool {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match state.open_until {
            Some(until) if Instant::now() < until => false,
            Some(_) => {
                state.open_until = Some(Instant::now() + PAUSE);
                true
            }
            None => true,
        }
    }

    /// The provider answered.
    pub fn succeeded(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = State::default();
    }

    /// The provider failed in a way that says that it is down.
    pub fn failed(&self) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.failures += 1;
        if state.failures >= FAILURES {
            state.open_until = Some(Instant::now() + PAUSE);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn after_five_failures_nobody_asks_and_then_one_tries() {
        let breaker = Breaker::default();
        for _ in 0..FAILURES {
            assert!(breaker.allows());
            breaker.failed();
        }
        assert!(!breaker.allows());
        tokio::time::advance(PAUSE).await;
        assert!(breaker.allows());
        assert!(!breaker.allows());
        breaker.succeeded();
        assert!(breaker.allows() && breaker.allows());
    }
}
