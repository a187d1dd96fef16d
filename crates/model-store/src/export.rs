//! Copies installed models to where only running matters: an image, a machine without clients.

use std::fs;
use std::path::Path;

use crate::files::CopyError;
use crate::{Installed, Manifest, RECORD, Store, StoreError};

/// Copies installed models into the store at `to`, without the files that nothing reads on
/// `device` (`[unused]` in `models/variants.toml`). What is there already stays.
/// Gives the bytes copied.
///
/// # Errors
/// [`StoreError::NotInstalled`] for the first model that is not, [`StoreError::Damaged`] for the
/// first file that is not what was installed, and when files cannot be written.
pub fn export(store: &Store, ids: &[String], device: &str, to: &Path) -> Result<u64, StoreError> {
    let target = Store::open(to).with_catalogue(store.catalogue().clone());
    let mut bytes = 0;
    for id in ids {
        let manifest = store.catalogue().get(id)?;
        if target.installed(manifest).is_none() {
            bytes += copy(store, manifest, device, &target.place(manifest))?;
        }
    }
    Ok(bytes)
}

/// One model, into a folder beside its place, and from there by one rename.
fn copy(store: &Store, manifest: &Manifest, device: &str, place: &Path) -> Result<u64, StoreError> {
    let from = store.dir(&manifest.id)?;
    let mut record = Installed::read(&from).ok_or_else(|| StoreError::NotInstalled {
        id: manifest.id.clone(),
        root: store.root().to_owned(),
    })?;
    let unused = store.catalogue().unused(device, &manifest.id);
    let (left_out, files) = record
        .files
        .into_iter()
        .partition(|file| unused.contains(&file.name));
    record.files = files;
    record
        .left_out
        .extend(left_out.into_iter().map(|file| file.name));

    let half = place.with_extension("half");
    if half.exists() {
        fs::remove_dir_all(&half).map_err(StoreError::io(&half))?;
    }
    fs::create_dir_all(&half).map_err(StoreError::io(&half))?;
    for file in &record.files {
        copy_checked(&manifest.id, &from, &half, &file.name, &file.sha256)?;
    }
    let text = serde_json::to_vec_pretty(&record).expect("plain structs always serialise");
    fs::write(half.join(RECORD), text).map_err(StoreError::io(&half))?;
    // Something incomplete may be in the way.
    if place.exists() {
        fs::remove_dir_all(place).map_err(StoreError::io(place))?;
    }
    fs::rename(&half, place).map_err(StoreError::io(place))?;
    Ok(record.bytes())
}

fn copy_checked(
    id: &str,
    from: &Path,
    to: &Path,
    name: &str,
    sha256: &str,
) -> Result<(), StoreError> {
    let (from, to) = (from.join(name), to.join(name));
    let mut source = fs::File::open(&from).map_err(StoreError::io(&from))?;
    let mut target = fs::File::create(&to).map_err(StoreError::io(&to))?;
    let (_, found) =
        crate::files::copy_hashed(&mut source, &mut target).map_err(|error| match error {
            CopyError::Read(error) => StoreError::io(&from)(error),
            CopyError::Write(error) => StoreError::io(&to)(error),
        })?;
    if found == sha256 {
        return Ok(());
    }
    Err(StoreError::Damaged {
        id: id.to_owned(),
        path: from,
        reason: format!("its checksum is {found}, it was {sha256}"),
    })
}
