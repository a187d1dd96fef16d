//! Recordings of organizations that are deleted: their folder below `RECORDINGS_DIR` bears their id.
//!
//! The database says first that an organization is gone. Its folder then moves out of the way in one
//! step and is removed; what a crash leaves behind, or a call that was ending writes, is found by
//! the sweep at the next start, or an hour later. A folder is touched only if the audit log says that its
//! organization was deleted: an empty database must not cost anybody their recordings.

use crate::state::AppState;
use api::ids::OrganizationId;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What is being removed, below `RECORDINGS_DIR`.
const TRASH: &str = ".trash";
/// Folders that the database is asked about at once.
const AT_ONCE: usize = 1000;
/// Between two sweeps.
const EVERY: Duration = Duration::from_secs(3600);

/// Sweeps for as long as the service runs.
pub async fn keep_swept(state: AppState) {
    let work = async {
        loop {
            if state.database_ready().await.is_ok() {
                sweep(&state).await;
                tokio::time::sleep(EVERY).await;
            } else {
                tokio::time::sleep(Duration::from_secs(5)).await;
            }
        }
    };
    tokio::select! {
        () = work => (),
        () = state.drain.started() => (),
    }
}

/// Removes the recordings of organizations that are deleted, and what is in the trash.
pub async fn sweep(state: &AppState) {
    let root = state.config.recordings_dir();
    let Ok(folders) = blocking(move || organizations(&root)).await else {
        return;
    };
    for folders in folders.chunks(AT_ONCE) {
        match state.database.deleted_organizations(folders).await {
            Ok(deleted) => {
                for organization in deleted {
                    remove(state, organization).await;
                }
            }
            Err(error) => tracing::warn!(%error, "recordings cannot be swept; trying later"),
        }
    }
    let trash = state.config.recordings_dir().join(TRASH);
    let _ = blocking(move || remove_all(&trash)).await;
}

/// Removes what a deleted organization recorded. What fails is left to the sweep.
pub async fn remove(state: &AppState, organization: OrganizationId) {
    let root = state.config.recordings_dir();
    let _ = blocking(move || {
        let trash = root.join(TRASH);
        let grave = trash.join(uuid::Uuid::now_v7().to_string());
        let folder = root.join(organization.to_string());
        if !folder.try_exists()? {
            return Ok(());
        }
        std::fs::create_dir_all(&trash)?;
        std::fs::rename(folder, &grave)?;
        remove_all(&grave)
    })
    .await;
}

/// Ids that have a folder.
fn organizations(root: &Path) -> io::Result<Vec<OrganizationId>> {
    let entries = match std::fs::read_dir(root) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let names = entries.flatten().map(|entry| entry.file_name());
    Ok(names
        .filter_map(|name| name.to_str()?.parse().ok())
        .collect())
}

fn remove_all(folder: &PathBuf) -> io::Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Disks can be slow.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    let result = done.map_err(io::Error::other).flatten();
    result.inspect_err(|error| {
        tracing::error!(%error, "recordings of a deleted organization cannot be removed; trying later");
    })
}
