//! What this service keeps, sealed with the key that seals now: rows and files from before HIPAA mode
//! was switched on, and those under an old key after a rotation.
//!
//! It happens in the background, a few rows and one file at a time; each may be interrupted anywhere
//! and is taken up where it stopped, since what is sealed says with which key.

mod command;
mod files;

pub use command::{rotate, unseal};

use crate::state::AppState;
use files::Files;
use sealing::KeyId;
use sealing::rotation::Rotation;
use std::time::Duration;
use uuid::Uuid;

/// What rotations call all that this service keeps.
pub const STORE: &str = "calls";
/// How often it is looked whether the key has changed.
const LOOK: Duration = Duration::from_secs(1);
/// Until every process has seen a new key: each looks once a second.
const SETTLE: Duration = Duration::from_secs(3);
/// Before another try, where something was in use.
const RETRY: Duration = Duration::from_secs(20);
/// Rows at once.
const BATCH: u32 = 50;

/// Seals what is not, for as long as the service runs.
pub async fn keep_sealed(state: AppState) {
    let work = async {
        let rotation = state.config.common.rotation();
        if state.sealer.seals()
            && let Err(error) = rotation.announce(STORE)
        {
            tracing::error!(%error, "rotations cannot be told of");
        }
        let mut sealed = None;
        loop {
            let current = state.sealer.current().filter(|key| sealed != Some(*key));
            if let Some(key) = current
                && state.database_ready().await.is_ok()
            {
                match seal_all(&state, &rotation, key).await {
                    Ok(true) => sealed = Some(key),
                    Ok(false) => tokio::time::sleep(RETRY).await,
                    Err(error) => {
                        tracing::warn!(%error, "not everything could be encrypted; trying on");
                        tokio::time::sleep(RETRY).await;
                    }
                }
            }
            tokio::time::sleep(LOOK).await;
        }
    };
    tokio::select! {
        () = work => (),
        () = state.drain.started() => (),
    }
}

/// Seals everything with this key; false where some is in use, or the key has changed meanwhile.
///
/// # Errors
/// The database is away; the disk fails.
pub async fn seal_all(state: &AppState, rotation: &Rotation, key: KeyId) -> anyhow::Result<bool> {
    // Told before: nothing has changed since.
    let is_new = !rotation.is_told(STORE, key);
    if is_new {
        tokio::time::sleep(SETTLE).await;
    }
    state.database.check_keys().await?;
    let rows = rows(state, key).await?;
    let folders = Files::of(&state.config, &state.sealer);
    let files = tokio::task::spawn_blocking(move || folders.seal_all(key)).await??;
    let (done, left) = (rows.0 + files.0, rows.1 + files.1);
    if done > 0 {
        tracing::info!(%key, rows = rows.0, files = files.0, "encrypted what was not, or was with another key");
    }
    if left > 0 || state.sealer.current() != Some(key) {
        tracing::info!(%key, left, "some is in use, or damaged; trying again");
        return Ok(false);
    }
    state.database.forget_other_keys(key).await?;
    rotation.tell(STORE, key)?;
    Ok(true)
}

/// Rows that were sealed, and that could not be.
async fn rows(state: &AppState, key: KeyId) -> data_model::Result<(u64, u64)> {
    let (mut done, mut failed) = (0, 0);
    for calls in [false, true] {
        let mut after = Some(Uuid::nil());
        while let Some(from) = after {
            let batch = match calls {
                true => state.database.reseal_calls(key, from, BATCH).await?,
                false => state.database.reseal_customers(key, from, BATCH).await?,
            };
            (done, failed) = (done + batch.done, failed + batch.failed);
            after = batch.last;
        }
    }
    Ok((done, failed))
}
