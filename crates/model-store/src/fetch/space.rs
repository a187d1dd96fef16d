//! Is there room?

use std::env::consts::ARCH;
use std::path::Path;

use super::Packages;
use crate::{Manifest, StoreError};

/// Refuses before downloading what would fill the disk.
pub(super) fn check(root: &Path, manifests: &[&Manifest]) -> Result<(), StoreError> {
    let needed = manifests
        .iter()
        .map(|manifest| needed(root, manifest))
        .fold(0, u64::saturating_add);
    let stat = rustix::fs::statvfs(root).map_err(|error| StoreError::io(root)(error.into()))?;
    let free = stat.f_bavail.saturating_mul(stat.f_frsize);
    if needed <= free {
        return Ok(());
    }
    Err(StoreError::DiskFull {
        root: root.to_owned(),
        needed,
        free,
    })
}

/// While installing, a client holds a package twice, and sources lie beside their conversion,
/// which may widen int8 to fp32 in places.
fn needed(root: &Path, manifest: &Manifest) -> u64 {
    let downloads = manifest
        .packages_for(ARCH)
        .filter(|package| !Packages::is_here(root, package))
        .map(|package| package.download)
        .fold(0, u64::saturating_add);
    let sources = manifest.source_bytes(ARCH);
    downloads
        .saturating_mul(2)
        .saturating_add(sources.saturating_mul(2))
}
