//! Replacing the key while services run.
//!
//! A new key becomes the first line of the key file. Each service notices, seals what it keeps anew,
//! and says so in a file of its own below `keys/sealed/`; when all have, the old keys are taken out of
//! the key file. Until then both are there and everything can be read, so that each step may be
//! interrupted and repeated.

use crate::error::{Error, Result};
use crate::key::{Key, KeyId};
use crate::key_file;
use crate::sealer::key_path;
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// Where the keys are, and where services say how far they are.
#[derive(Debug, Clone)]
pub struct Rotation {
    key_file: PathBuf,
    done: PathBuf,
}

/// Whether a service has said that it keeps something sealed. `folder` is as in [`Rotation::new`].
pub fn has_begun(folder: &Path) -> bool {
    fs::read_dir(folder.join("sealed")).is_ok_and(|mut stores| stores.next().is_some())
}

impl Rotation {
    /// `named` is `HIPAA_KEY_FILE`, `folder` the folder `keys` of the data folder.
    pub fn new(named: Option<&Path>, folder: &Path) -> Self {
        Rotation {
            key_file: key_path(named, folder),
            done: folder.join("sealed"),
        }
    }

    /// Adds a key that seals from now on, unless a rotation has begun and not ended. Gives the key.
    ///
    /// # Errors
    /// Nothing was ever sealed here, or the key file cannot be read or replaced.
    pub fn begin(&self) -> Result<KeyId> {
        let keys = key_file::read(&self.key_file)?;
        if self.stores()?.is_empty() {
            return Err(Error::Rotation(format!(
                "no service has sealed anything yet ({} is empty); is DATA_DIR right, and HIPAA_MODE=true?",
                self.done.display()
            )));
        }
        if keys.len() > 1 {
            return Ok(keys[0].id());
        }
        let line = key_file::new_line()?;
        let old = key_file::text(&self.key_file)?;
        key_file::replace(&self.key_file, &format!("{line}{old}"))?;
        Ok(key_file::read(&self.key_file)?[0].id())
    }

    /// Stores that are not sealed with this key yet.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn pending(&self, newest: KeyId) -> Result<Vec<String>> {
        let stores = self.stores()?.into_iter();
        let newest = newest.to_string();
        let pending = stores.filter(|(_, done)| *done != newest);
        Ok(pending.map(|(store, _)| store).collect())
    }

    /// Takes all keys but the newest out of the key file; how many.
    ///
    /// # Errors
    /// Some store still needs them, or the key file cannot be replaced.
    pub fn finish(&self) -> Result<usize> {
        let text = key_file::text(&self.key_file)?;
        let mut keys = key_file::lines(&text).map(|(_, line)| line);
        let newest = keys.next().and_then(|line| Some((line, Key::parse(line)?)));
        let (line, newest) = newest.ok_or_else(|| Error::Empty(self.key_file.clone()))?;
        let pending = self.pending(newest.id())?;
        if !pending.is_empty() {
            let message = format!("still sealed with an old key: {}", pending.join(", "));
            return Err(Error::Rotation(message));
        }
        let old = keys.count();
        if old > 0 {
            key_file::replace(&self.key_file, &format!("{line}\n"))?;
        }
        Ok(old)
    }

    /// A store says that all it keeps is sealed with this key.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn tell(&self, store: &str, key: KeyId) -> Result<()> {
        let told = || -> io::Result<()> {
            DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(&self.done)?;
            fs::write(self.done.join(store), format!("{key}\n"))
        };
        told().map_err(|source| Error::File {
            path: self.done.clone(),
            source,
        })
    }

    /// A store says that it keeps sealed data, whatever the key, so that rotations wait for it.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn announce(&self, store: &str) -> Result<()> {
        let announced = || -> io::Result<()> {
            DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(&self.done)?;
            let mut options = fs::OpenOptions::new();
            options.append(true).create(true);
            options.open(self.done.join(store)).map(drop)
        };
        announced().map_err(|source| Error::File {
            path: self.done.clone(),
            source,
        })
    }

    /// Whether a store has said so.
    pub fn is_told(&self, store: &str, key: KeyId) -> bool {
        let told = fs::read_to_string(self.done.join(store));
        told.is_ok_and(|told| told.trim() == key.to_string())
    }

    fn stores(&self) -> Result<Vec<(String, String)>> {
        let read = || -> io::Result<Vec<(String, String)>> {
            let entries = match fs::read_dir(&self.done) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
                entries => entries?,
            };
            let mut stores = Vec::new();
            for entry in entries {
                let entry = entry?;
                let done = fs::read_to_string(entry.path())?;
                let store = entry.file_name().to_string_lossy().into_owned();
                stores.push((store, done.trim().to_owned()));
            }
            stores.sort();
            Ok(stores)
        };
        read().map_err(|source| Error::File {
            path: self.done.clone(),
            source,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Sealer;
    use std::time::{Duration, Instant};

    #[test]
    fn a_rotation_may_be_interrupted_anywhere_and_loses_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let sealer = Sealer::start(true, None, folder.path()).unwrap();
        let rotation = Rotation::new(None, folder.path());
        assert!(rotation.begin().is_err(), "nothing is sealed yet");
        let old = sealer.current().unwrap();
        let text = sealer.seal_text("a", "words").unwrap();
        rotation.tell("calls", old).unwrap();
        rotation.tell("tokens", old).unwrap();
        let new = rotation.begin().unwrap();
        assert_ne!(new, old);
        assert_eq!(rotation.begin().unwrap(), new, "begun again, it goes on");
        assert_eq!(rotation.pending(new).unwrap(), ["calls", "tokens"]);
        assert!(rotation.finish().is_err(), "the old key is still needed");
        // A service that runs notices by itself.
        let begun = Instant::now();
        while sealer.current() != Some(new) {
            assert!(begun.elapsed() < Duration::from_secs(30));
            std::thread::yield_now();
        }
        let anew = sealer
            .seal_text("a", &sealer.open_text("a", &text).unwrap())
            .unwrap();
        rotation.tell("calls", new).unwrap();
        assert!(rotation.is_told("calls", new) && !rotation.is_told("tokens", new));
        rotation.tell("tokens", new).unwrap();
        assert_eq!(rotation.finish().unwrap(), 1);
        let after = Sealer::start(true, None, folder.path()).unwrap();
        assert_eq!(after.open_text("a", &anew).unwrap(), "words");
        assert!(after.open_text("a", &text).is_err());
        assert_eq!(rotation.finish().unwrap(), 0);
    }
}
