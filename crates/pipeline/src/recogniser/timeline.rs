//! From the seconds of a stream to the clock of the call: what was sent begins in the middle of a
//! call after a reconnect, and sound that was lost or came late shifts the one against the other.

use crate::frame::Time;
use std::collections::VecDeque;
use std::time::Duration;

/// Shifts that are remembered; nobody asks about older ones.
const KEPT: usize = 256;
/// Latest time believed of a stream, in seconds.
const LATEST_S: f64 = 1e6;

/// What was sent on one connection, and where it stands in the call.
#[derive(Debug)]
pub struct Timeline {
    rate: u32,
    /// Samples sent.
    sent: u64,
    /// Where the clock stands after them.
    next: Option<u64>,
    /// Samples sent before a shift, and the clock there.
    shifts: VecDeque<(u64, u64)>,
}

impl Timeline {
    /// Nothing sent yet. `rate`: samples a second, of both.
    pub fn new(rate: u32) -> Self {
        Timeline {
            rate: rate.max(1),
            sent: 0,
            next: None,
            shifts: VecDeque::new(),
        }
    }

    /// So many samples are sent that stand at `at` on the clock.
    pub fn sent(&mut self, at: u64, samples: u64) {
        if self.next != Some(at) {
            self.shifts.push_back((self.sent, at));
            if self.shifts.len() > KEPT {
                self.shifts.pop_front();
            }
        }
        self.sent += samples;
        self.next = Some(at + samples);
    }

    /// The call's time at a second of the stream.
    pub fn time(&self, second: f64) -> Time {
        let second = if second.is_finite() { second } else { 0.0 };
        let rate = f64::from(self.rate);
        let sample = (second.clamp(0.0, LATEST_S) * rate).round() as u64;
        let after = self.shifts.partition_point(|(sent, _)| *sent <= sample);
        let (sent, at) = match after.checked_sub(1) {
            Some(last) => self.shifts[last],
            None => self.shifts.front().copied().unwrap_or_default(),
        };
        let clock = at.saturating_add(sample.saturating_sub(sent));
        Duration::from_secs_f64(clock as f64 / rate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_stream_that_begins_late_and_has_a_gap_keeps_to_the_clock_of_the_call() {
        let mut timeline = Timeline::new(8000);
        timeline.sent(80_000, 8000);
        timeline.sent(88_000, 8000);
        timeline.sent(104_000, 8000);
        assert_eq!(timeline.time(0.5), Duration::from_millis(10_500));
        assert_eq!(timeline.time(1.5), Duration::from_millis(11_500));
        assert_eq!(timeline.time(2.5), Duration::from_millis(13_500));
    }

    proptest! {
        #[test]
        fn no_time_is_too_strange(
            second in any::<f64>(), parts in prop::collection::vec((0u64..1 << 40, 0u64..48_000), 0..300),
        ) {
            let mut timeline = Timeline::new(24_000);
            for (at, samples) in parts {
                timeline.sent(at, samples);
            }
            timeline.time(second);
            prop_assert!(timeline.shifts.len() <= KEPT);
        }
    }
}
