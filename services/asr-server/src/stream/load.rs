//! How many streams there are, how far behind they are, and when no more are taken.

use metrics::{gauge, histogram};
use service::ApiError;
use service::socket::Failure;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Lag from which no further stream is taken.
const TOO_FAR_BEHIND: Duration = Duration::from_secs(3);
/// A lag that was measured longer ago says nothing.
const FORGOTTEN: Duration = Duration::from_secs(5);

/// All streams of the process. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Load(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    limit: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    active: usize,
    /// Running mean of how far behind transcripts are, and when it was last known.
    lag: Duration,
    known: Option<Instant>,
}

/// A stream's place; given back when dropped.
#[derive(Debug)]
pub struct Place(Load);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.0.state().active -= 1;
        gauge!("asr_streams_active").decrement(1.0);
    }
}

impl Inner {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Load {
    /// At most `limit` streams at once.
    pub fn new(limit: usize) -> Self {
        Load(Arc::new(Inner {
            limit,
            state: Mutex::default(),
        }))
    }

    /// Streams open now.
    pub fn active(&self) -> usize {
        self.0.state().active
    }

    /// A place for one more, unless there are too many or those there are wait too long already.
    pub fn enter(&self) -> Result<Place, Failure> {
        let mut state = self.0.state();
        let behind =
            state.known.is_some_and(|at| at.elapsed() < FORGOTTEN) && state.lag > TOO_FAR_BEHIND;
        if behind || state.active >= self.0.limit {
            metrics::counter!("asr_streams_refused_total").increment(1);
            return Err(ApiError::overloaded(Duration::from_secs(5)).into());
        }
        state.active += 1;
        gauge!("asr_streams_active").increment(1.0);
        Ok(Place(self.clone()))
    }

    /// A transcript was this far behind its audio.
    pub fn behind(&self, lag: Duration) {
        histogram!("asr_stream_lag_seconds").record(lag.as_secs_f64());
        let mut state = self.0.state();
        state.lag = (state.lag * 7 + lag) / 8;
        state.known = Some(Instant::now());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_given_back() {
        let load = Load::new(1);
        let place = load.enter().expect("room for one");
        assert_eq!(load.enter().expect_err("full").code, 1013);
        drop(place);
        assert!(load.enter().is_ok());
    }

    #[test]
    fn nobody_is_let_in_while_all_wait_for_seconds() {
        let load = Load::new(10);
        for _ in 0..20 {
            load.behind(Duration::from_secs(10));
        }
        assert!(load.enter().is_err());
        for _ in 0..20 {
            load.behind(Duration::from_millis(100));
        }
        assert!(load.enter().is_ok());
    }
}
