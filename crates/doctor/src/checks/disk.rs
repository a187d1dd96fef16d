//! Is there room on the disks that are written to?

use crate::{Finding, Settings};
use std::path::Path;

/// Below this nothing works for long, bytes.
const FULL: u64 = 500 << 20;
/// Below this it is time to act: some days of recorded calls.
const SHORT: u64 = 5 << 30;

/// Looks at the data folder, recordings where they are elsewhere, and temporary files.
pub async fn check(settings: &Settings) -> Vec<Finding> {
    let recordings = settings.recordings_dir();
    let temporary = std::env::temp_dir();
    let mut places = vec![("DATA_DIR", settings.common.data_dir.as_path())];
    if !recordings.starts_with(&settings.common.data_dir) {
        places.push(("RECORDINGS_DIR", recordings.as_path()));
    }
    places.push(("TMPDIR", temporary.as_path()));
    places
        .into_iter()
        .map(|(name, path)| room(name, path))
        .collect()
}

fn room(name: &str, path: &Path) -> Finding {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    // What is not there yet will be made in the folder above.
    let there = absolute.ancestors().find(|folder| folder.exists());
    let disk = there.and_then(|folder| rustix::fs::statvfs(folder).ok());
    let Some(disk) = disk else {
        return Finding::warn(
            format!("{name}: the room on {} is not known", path.display()),
            "see that it can be reached",
        );
    };
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    // Temporary file systems are small by nature and hold no recordings.
    let short = if name == "TMPDIR" { 2 * FULL } else { SHORT };
    let what = format!(
        "{name}: {:.1} GB free at {}",
        free as f64 / 1e9,
        path.display()
    );
    let files = disk.f_files > 0 && disk.f_favail < 1000;
    match free {
        _ if files => Finding::fail(
            format!(
                "{name}: hardly any more files can be made at {}",
                path.display()
            ),
            "delete files, or use another disk",
        ),
        ..FULL => Finding::fail(
            what,
            format!("make room, or set {name} to a place on a larger disk"),
        ),
        free if free < short => Finding::warn(
            what,
            format!("make room soon, or set {name} to a place on a larger disk"),
        ),
        _ => Finding::ok(what),
    }
}
