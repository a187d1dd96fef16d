//! Clears out what no manifest names any more, and what fetches left behind.

use std::collections::BTreeSet;
use std::env::consts::ARCH;
use std::fs;
use std::path::{Path, PathBuf};

use crate::fetch::{Lock, Packages, staging_folder};
use crate::files::bytes_under;
use crate::{RECORD, Store, StoreError};

/// Something that was, or would be, removed.
#[derive(Debug)]
pub struct Garbage {
    /// The folder.
    pub path: PathBuf,
    /// Bytes of its files.
    pub bytes: u64,
}

/// Removes old versions of models, models without a manifest, downloads that nothing waits for
/// and the remains of killed fetches; with `dry_run` only says what it would remove. What
/// another process is working on stays. Only folders that carry an install record are taken for
/// models: a store that somebody pointed at the wrong folder loses nothing.
///
/// # Errors
/// When a folder cannot be read or removed.
pub fn gc(store: &Store, dry_run: bool) -> Result<Vec<Garbage>, StoreError> {
    let root = store.root();
    let mut garbage = Vec::new();
    let mut collect = |path: PathBuf| -> Result<(), StoreError> {
        let bytes = bytes_under(&path);
        if !dry_run {
            fs::remove_dir_all(&path).map_err(StoreError::io(&path))?;
        }
        garbage.push(Garbage { path, bytes });
        Ok(())
    };

    for path in old_models(store)? {
        let id = path.parent().map(name_of).unwrap_or_default();
        if let Some(_lock) = Lock::try_model(root, &id) {
            collect(path)?;
        }
    }
    let wanted: BTreeSet<String> = store
        .catalogue()
        .manifests()
        .filter(|manifest| store.installed(manifest).is_none())
        .flat_map(|manifest| manifest.packages_for(ARCH))
        .map(|package| package.cache_name())
        .collect();
    for path in folders(&Packages::folder(root))? {
        let name = name_of(&path);
        // `.partial-<package>-<process>`: a download in progress, or one that was killed.
        let partial = name
            .strip_prefix(".partial-")
            .and_then(|rest| rest.rsplit_once('-'));
        let package = partial.map_or(name.as_str(), |(package, _)| package);
        if partial.is_none() && wanted.contains(package) {
            continue;
        }
        if let Some(_lock) = Lock::try_package(root, package) {
            collect(path)?;
        }
    }
    for path in folders(&staging_folder(root))? {
        if let Some(_lock) = Lock::try_model(root, &name_of(&path)) {
            collect(path)?;
        }
    }
    Ok(garbage)
}

/// Installed folders that are not the current version of a known model.
fn old_models(store: &Store) -> Result<Vec<PathBuf>, StoreError> {
    let current: BTreeSet<PathBuf> = store
        .catalogue()
        .manifests()
        .map(|manifest| store.place(manifest))
        .collect();
    let mut old = Vec::new();
    for model in folders(store.root())? {
        for version in folders(&model)? {
            if version.join(RECORD).is_file() && !current.contains(&version) {
                old.push(version);
            }
        }
    }
    Ok(old)
}

/// The folders in a folder, sorted; none if it does not exist.
fn folders(folder: &Path) -> Result<Vec<PathBuf>, StoreError> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(StoreError::io(folder))? {
        let path = entry.map_err(StoreError::io(folder))?.path();
        if path.is_dir() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn name_of(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}
