//! When which second of a stream came in, to tell how far behind its words are.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Arrivals are noted at most so often.
const APART: Duration = Duration::from_millis(20);
/// And so many are kept: half a minute.
const KEPT: usize = 1_500;

/// A bounded diary of arrivals.
#[derive(Debug, Default)]
pub struct Arrivals(VecDeque<(f64, Instant)>);

impl Arrivals {
    /// Audio up to this second is here now.
    pub fn note(&mut self, received_s: f64, now: Instant) {
        match self.0.back_mut() {
            Some((seconds, at)) if now.duration_since(*at) < APART => *seconds = received_s,
            _ => self.0.push_back((received_s, now)),
        }
        if self.0.len() > KEPT {
            self.0.pop_front();
        }
    }

    /// When this second of the audio came in; the oldest known arrival for an older one.
    pub fn of(&self, second: f64) -> Option<Instant> {
        let after = self.0.partition_point(|(seconds, _)| *seconds < second);
        self.0.get(after).or(self.0.back()).map(|(_, at)| *at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_came_in_with_the_message_that_holds_it() {
        let mut arrivals = Arrivals::default();
        let start = Instant::now();
        assert_eq!(arrivals.of(1.0), None);
        for i in 1..=10_000u32 {
            arrivals.note(f64::from(i) * 0.1, start + i * Duration::from_millis(100));
        }
        assert_eq!(
            arrivals.of(999.95),
            Some(start + Duration::from_secs(1_000))
        );
        assert_eq!(
            arrivals.of(2_000.0),
            Some(start + Duration::from_secs(1_000))
        );
        assert!(arrivals.0.len() <= KEPT);
    }
}
