//! What is kept for so long and no longer: `RETENTION_DAYS` for calls with all that belongs to them and
//! what lies in the outbox, `AUDIT_DAYS` for the audit log.
//!
//! Each step may be repeated and be taken by several processes at once: files go before the rows that
//! name them. Only numbers are logged.

use crate::calls::remains;
use crate::state::AppState;
use std::fs;
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// Between two rounds.
const EVERY: Duration = Duration::from_secs(24 * 3600);
/// While the database is away.
const SOON: Duration = Duration::from_secs(30);
/// Rows at once: small, so that nobody waits for them.
const BATCH: i64 = 200;
/// Between two batches.
const PAUSE: Duration = Duration::from_millis(50);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Removes what is old, for as long as the service runs.
pub async fn keep(state: AppState) {
    let work = async {
        loop {
            let rest = match state.database_ready().await {
                Ok(()) => match round(&state).await {
                    Ok(()) => EVERY,
                    Err(error) => {
                        tracing::warn!(%error, "what is old could not be removed; trying later");
                        SOON
                    }
                },
                Err(_) => SOON,
            };
            tokio::time::sleep(rest).await;
        }
    };
    tokio::select! {
        () = work => (),
        () = state.drain.started() => (),
    }
}

/// One round.
///
/// # Errors
/// The database is away, or a file cannot be removed.
pub async fn round(state: &AppState) -> anyhow::Result<()> {
    let days = |days: u32| (days > 0).then(|| DAY * days);
    if let Some(age) = days(state.config.retention_days) {
        let calls = calls(state, age).await?;
        let remains = state.database.delete_old_remains(age).await?;
        let outbox = state.config.common.data_dir.join("outbox");
        let files = tokio::task::spawn_blocking(move || outboxes(&outbox, age)).await??;
        tracing::info!(calls, remains, files, "removed what RETENTION_DAYS lets go");
    }
    if let Some(age) = days(state.config.audit_days) {
        let mut lines = 0;
        loop {
            let deleted = state.database.delete_old_audit(age, BATCH).await?;
            lines += deleted;
            if deleted == 0 {
                break;
            }
            tokio::time::sleep(PAUSE).await;
        }
        tracing::info!(lines, "removed what AUDIT_DAYS lets go");
    }
    Ok(())
}

async fn calls(state: &AppState, age: Duration) -> anyhow::Result<u64> {
    let mut deleted = 0;
    loop {
        let old = state.database.old_calls(age, BATCH).await?;
        if old.is_empty() {
            return Ok(deleted);
        }
        let ids: Vec<_> = old.iter().map(|call| call.id).collect();
        let files = old.into_iter().map(|call| (call.id, call.recording_path));
        remains::remove(state, files.collect()).await?;
        deleted += state.database.delete_calls(&ids).await?;
        tokio::time::sleep(PAUSE).await;
    }
}

/// Letters that nobody fetched, and what could not be delivered or understood.
fn outboxes(outbox: &Path, age: Duration) -> io::Result<u64> {
    let mut removed = 0;
    for folder in ["", "dead", "webhooks/dead", "calls/dead"] {
        removed += old_files(&outbox.join(folder), age)?;
    }
    Ok(removed)
}

fn old_files(folder: &Path, age: Duration) -> io::Result<u64> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        entries => entries?,
    };
    let mut removed = 0;
    for entry in entries {
        let entry = entry?;
        let about = entry.metadata()?;
        let is_old = about.modified()? < SystemTime::now() - age;
        if about.is_file() && is_old {
            match fs::remove_file(entry.path()) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                done => done.map(|()| removed += 1)?,
            }
        }
    }
    Ok(removed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;

    #[test]
    fn only_what_is_old_goes_and_what_waits_stays() {
        let folder = tempfile::tempdir().unwrap();
        let long_ago = SystemTime::now() - DAY * 40;
        for name in [
            "old.eml",
            "new.eml",
            "dead/old",
            "spool/old",
            "calls/dead/old.jsonl",
        ] {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            let file = File::create(&path).unwrap();
            if name.contains("old") {
                file.set_modified(long_ago).unwrap();
            }
        }
        assert_eq!(outboxes(folder.path(), DAY * 30).unwrap(), 3);
        assert!(folder.path().join("new.eml").exists());
        assert!(folder.path().join("spool/old").exists());
        assert_eq!(outboxes(folder.path(), DAY * 30).unwrap(), 0);
    }
}
