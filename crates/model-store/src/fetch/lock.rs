//! Locks between processes: two fetches at once are fine.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::path::Path;

use crate::StoreError;

/// Held until dropped, or until the process ends however it ends.
pub(crate) struct Lock(#[allow(dead_code)] File);

impl Lock {
    /// The exclusive right to install or remove a model; `on_wait` is called before waiting.
    pub fn model(root: &Path, id: &str, on_wait: impl FnOnce()) -> Result<Self, StoreError> {
        Self::take(root, &format!("model-{id}"), on_wait)
    }

    /// The exclusive right to download, unpack or remove a package.
    pub fn package(
        root: &Path,
        cache_name: &str,
        on_wait: impl FnOnce(),
    ) -> Result<Self, StoreError> {
        Self::take(root, cache_name, on_wait)
    }

    /// The lock if nobody has it.
    pub fn try_model(root: &Path, id: &str) -> Option<Self> {
        Self::try_take(root, &format!("model-{id}"))
    }

    /// The lock if nobody has it.
    pub fn try_package(root: &Path, cache_name: &str) -> Option<Self> {
        Self::try_take(root, cache_name)
    }

    fn try_take(root: &Path, name: &str) -> Option<Self> {
        let file = open(root, name).ok()?;
        file.try_lock().ok()?;
        Some(Self(file))
    }

    fn take(root: &Path, name: &str, on_wait: impl FnOnce()) -> Result<Self, StoreError> {
        let file = open(root, name)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                on_wait();
                file.lock().map_err(StoreError::io(root.join(name)))?;
            }
            Err(TryLockError::Error(error)) => return Err(StoreError::io(root.join(name))(error)),
        }
        Ok(Self(file))
    }
}

/// Lock files stay: removing one that somebody waits for would split the lock in two.
fn open(root: &Path, name: &str) -> Result<File, StoreError> {
    let folder = root.join(".locks");
    fs::create_dir_all(&folder).map_err(StoreError::io(&folder))?;
    let path = folder.join(name);
    let mut options = OpenOptions::new();
    options.create(true).write(true).truncate(false);
    options.open(&path).map_err(StoreError::io(&path))
}
