//! The pace of what is sent: a tick every 20 ms, without drift.

use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// Between two ticks.
pub const TICK: Duration = Duration::from_millis(20);
/// Ticks that are made up for after the machine stood still; more are left out.
const MOST_LATE: u32 = 10;

/// See the module.
#[derive(Debug)]
pub struct Clock {
    next: Instant,
}

impl Clock {
    /// The first tick is now.
    pub fn start() -> Self {
        Clock {
            next: Instant::now(),
        }
    }

    /// Waits for the next tick. Ticks that are late follow at once, so that the pace holds.
    pub async fn tick(&mut self) {
        sleep_until(self.next).await;
        let late = self.next.elapsed();
        if late > TICK * MOST_LATE {
            self.next = Instant::now();
        }
        self.next += TICK;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn ticks_do_not_drift() {
        let start = Instant::now();
        let mut clock = Clock::start();
        for _ in 0..50 {
            clock.tick().await;
            tokio::time::advance(Duration::from_millis(3)).await;
        }
        clock.tick().await;
        assert_eq!(start.elapsed(), Duration::from_secs(1));
    }
}
