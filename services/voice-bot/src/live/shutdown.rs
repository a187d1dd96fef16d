//! Calls when the service ends: they go on until `DRAIN_SECONDS` are nearly over, then say goodbye.

use crate::state::AppState;
use pipeline::{Control, EndReason};
use std::time::Duration;

/// For saying what waits.
const FAREWELL: Duration = Duration::from_secs(10);
/// For writing down what was said.
const LAST: Duration = Duration::from_secs(3);

/// Ends the calls that are left when the drain is nearly over. Returns when all are told.
pub async fn keep_draining(state: AppState) {
    state.drain.started().await;
    let total = Duration::from_secs(state.config.common.drain_seconds);
    let (farewell, last) = pauses(total);
    let guard = state.drain.guard();
    let patience = tokio::time::sleep(total - farewell);
    tokio::pin!(patience);
    loop {
        let calls = state.live.registry.all(|_| true);
        let Some(call) = calls.first() else {
            return;
        };
        let mut over = call.over.subscribe();
        let is_over = async { over.wait_for(|over| *over).await.is_ok() };
        tokio::select! {
            _ = is_over => {}
            () = &mut patience => break,
        }
    }
    all(&state, Control::End(EndReason::Shutdown));
    tokio::time::sleep(farewell - last).await;
    all(&state, Control::HangUp(EndReason::Shutdown));
    drop(guard);
}

fn all(state: &AppState, control: Control) {
    for call in state.live.registry.all(|_| true) {
        let _ = call.control.try_send(control);
    }
}

/// Before the end, when calls are asked to end, and when they are ended.
fn pauses(total: Duration) -> (Duration, Duration) {
    (FAREWELL.min(total / 2), LAST.min(total / 4))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_time_for_goodbye_however_short_the_drain() {
        for seconds in [0, 1, 5, 30, 3600] {
            let total = Duration::from_secs(seconds);
            let (farewell, last) = pauses(total);
            assert!(farewell <= total && last <= farewell);
        }
        let half = pauses(Duration::from_secs(30));
        assert_eq!(half, (FAREWELL, LAST));
    }
}
