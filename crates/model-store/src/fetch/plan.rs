//! What to download for a set of models.

use std::collections::BTreeMap;
use std::env::consts::ARCH;

use crate::{Manifest, Package, PackageFile, StoreError};

/// One package, and the models (by position) that want files of it.
pub(super) struct Job<'a> {
    pub package: &'a Package,
    pub users: Vec<usize>,
}

/// Sorted, so that two fetches at once take the models' locks in the same order.
pub(super) fn unique(ids: &[String]) -> Vec<&String> {
    let mut ids: Vec<&String> = ids.iter().collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// Every package once, the largest last: jobs are taken from the end.
pub(super) fn jobs<'a>(manifests: &[&'a Manifest]) -> Vec<Job<'a>> {
    let mut jobs: BTreeMap<String, Job<'a>> = BTreeMap::new();
    for (user, manifest) in manifests.iter().enumerate() {
        for package in manifest.packages_for(ARCH) {
            let users = Vec::new();
            let job = jobs
                .entry(package.cache_name())
                .or_insert(Job { package, users });
            job.users.push(user);
        }
    }
    let mut jobs: Vec<Job<'a>> = jobs.into_values().collect();
    jobs.sort_by_key(|job| job.package.download);
    jobs
}

/// The files that `manifest` wants from this package.
pub(super) fn files<'a>(manifest: &'a Manifest, package: &Package) -> Vec<&'a PackageFile> {
    let cache_name = package.cache_name();
    manifest
        .packages_for(ARCH)
        .filter(|own| own.cache_name() == cache_name)
        .flat_map(|own| &own.files)
        .collect()
}

/// Every model must have packages for this machine.
pub(super) fn check_machine(manifests: &[&Manifest]) -> Result<(), StoreError> {
    let without = manifests
        .iter()
        .find(|manifest| manifest.packages_for(ARCH).next().is_none());
    match without {
        None => Ok(()),
        Some(manifest) => Err(StoreError::NotForThisMachine {
            id: manifest.id.clone(),
            arch: ARCH,
        }),
    }
}
