//! What calls leave on the disk: recordings, journals, events for webhooks.

use crate::live::{journal_path, recording_stem};
use crate::state::AppState;
use crate::webhook;
use api::ids::{CallId, OrganizationId};
use std::fs;
use std::io;
use std::path::{Component, Path};

/// Removes the files of calls; those that are not there are no error. How many recordings there were.
///
/// # Errors
/// A file cannot be removed.
pub async fn remove(state: &AppState, calls: Vec<(CallId, Option<String>)>) -> io::Result<usize> {
    let recordings = state.config.recordings_dir();
    let outbox = state.config.common.data_dir.join("outbox");
    let ids: Vec<CallId> = calls.iter().map(|(id, _)| *id).collect();
    let removed = tokio::task::spawn_blocking(move || {
        let mut removed = 0;
        for (id, recording) in calls {
            if let Some(path) = recording.filter(|path| is_below(path)) {
                removed += usize::from(gone(&recordings.join(path))?);
            }
            let journals = outbox.join("calls");
            for folder in [journals.join("dead"), journals] {
                gone(&journal_path(&folder, id))?;
            }
        }
        io::Result::Ok(removed)
    });
    let removed = removed.await.map_err(io::Error::other).flatten()?;
    webhook::forget(&state.config, &state.sealer, &ids).await?;
    Ok(removed)
}

/// Recordings of calls that the database does not name: the process died before it could.
pub async fn remove_unnamed(
    state: &AppState,
    organization: OrganizationId,
    calls: Vec<CallId>,
) -> io::Result<usize> {
    let recordings = state.config.recordings_dir();
    let removed = tokio::task::spawn_blocking(move || {
        let mut removed = 0;
        for call in calls {
            let stem = recording_stem(organization, call);
            for ending in ["wav", "opus"] {
                removed += usize::from(gone(&recordings.join(format!("{stem}.{ending}")))?);
            }
        }
        Ok(removed)
    });
    removed.await.map_err(io::Error::other).flatten()
}

fn is_below(path: &str) -> bool {
    let mut parts = Path::new(path).components();
    parts.all(|part| matches!(part, Component::Normal(_)))
}

fn gone(path: &Path) -> io::Result<bool> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}
