//! Are installed models still what was installed?

use std::fs;

use crate::files::hash_file;
use crate::{Manifest, Store, StoreError};

/// Reads every file of an installed model and compares it with the record.
///
/// # Errors
/// [`StoreError::NotInstalled`], or [`StoreError::Damaged`] for the first file that differs.
pub fn verify(store: &Store, manifest: &Manifest) -> Result<u64, StoreError> {
    let id = || manifest.id.clone();
    let place = store.place(manifest);
    let Some(record) = store.installed(manifest) else {
        if place.exists() {
            return Err(StoreError::Damaged {
                id: id(),
                path: place,
                reason: "a file is missing or has another size".to_owned(),
            });
        }
        return Err(StoreError::NotInstalled {
            id: id(),
            root: store.root().to_owned(),
        });
    };
    for file in &record.files {
        let path = place.join(&file.name);
        let (_, sha256) = hash_file(&path).map_err(StoreError::io(&path))?;
        if sha256 != file.sha256 {
            return Err(StoreError::Damaged {
                id: id(),
                path,
                reason: format!("its checksum is {sha256}, it was {}", file.sha256),
            });
        }
    }
    Ok(record.bytes())
}

/// Is anything of the model there, whole or not?
pub fn present(store: &Store, manifest: &Manifest) -> bool {
    fs::metadata(store.place(manifest)).is_ok()
}
