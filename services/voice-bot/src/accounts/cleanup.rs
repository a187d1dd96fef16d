//! What nobody needs any more: expired refresh tokens, and guests who have not come for long.

use crate::state::AppState;
use data_model::Result;
use std::time::Duration;

/// Between two rounds.
const EVERY: Duration = Duration::from_secs(600);
/// Rows a statement: small, so that nobody waits for it.
const BATCH: i64 = 500;
/// Guests a transaction; each may own much.
const GUESTS: i64 = 20;
/// Between two batches.
const PAUSE: Duration = Duration::from_millis(50);

/// Cleans up for as long as the service runs.
pub async fn keep_clean(state: AppState) {
    let work = async {
        loop {
            tokio::time::sleep(EVERY).await;
            if let Err(error) = clean(&state).await {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "cleaning up failed; trying later"
                );
            }
        }
    };
    tokio::select! {
        () = work => {}
        () = state.drain.started() => {}
    }
}

/// One round.
pub async fn clean(state: &AppState) -> Result<()> {
    while state.database.delete_expired_sessions(BATCH).await? >= BATCH as u64 {
        tokio::time::sleep(PAUSE).await;
    }
    let days = state.config.accounts.guest_days;
    while state.database.delete_idle_guests(days, GUESTS).await? >= GUESTS as u64 {
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}
