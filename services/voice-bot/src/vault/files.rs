//! Recordings, letters, events and journals, sealed with the key that seals now.
//!
//! A file is sealed anew beside itself and takes its place in one step.

use crate::config::Config;
use crate::live::reseal_journal;
use crate::mail::spool;
use pipeline::recording;
use sealing::{KeyId, Sealer, file as sealed};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A recording that was not written for so long is not being written: longer than any call.
const ABANDONED: Duration = Duration::from_secs(5 * 3600);
/// How a file is called while it is sealed.
const HALF: &str = ".sealing-";

/// Where the files are.
pub struct Files {
    recordings: PathBuf,
    outbox: PathBuf,
    sealer: Sealer,
}

/// Files that were sealed, and that are in use or damaged.
pub type Counts = (u64, u64);

impl Files {
    /// Those of this service.
    pub fn of(config: &Config, sealer: &Sealer) -> Self {
        Files {
            recordings: config.recordings_dir(),
            outbox: config.common.data_dir.join("outbox"),
            sealer: sealer.clone(),
        }
    }

    /// Seals all that are not sealed with this key.
    ///
    /// # Errors
    /// A folder cannot be read.
    pub fn seal_all(&self, key: KeyId) -> io::Result<Counts> {
        let mut counts = (0, 0);
        let mut note = |path: &Path, sealed: io::Result<Option<bool>>| match sealed {
            Ok(Some(true)) => counts.0 += 1,
            Ok(Some(false)) => counts.1 += 1,
            Ok(None) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => {
                tracing::error!(file = %path.display(), %error, "a file cannot be encrypted");
                counts.1 += 1;
            }
        };
        for folder in files(&self.recordings)?.1 {
            for path in files(&folder)?.0 {
                note(&path, self.recording(&path, key));
            }
        }
        let spools = [self.outbox.clone(), self.outbox.join("webhooks")];
        for outbox in spools {
            let folders = [outbox.clone(), outbox.join("spool"), outbox.join("dead")];
            for folder in folders {
                for path in files(&folder)?.0 {
                    note(&path, self.letter(&path, key));
                }
            }
        }
        let journals = self.outbox.join("calls");
        for folder in [journals.join("dead"), journals] {
            for path in files(&folder)?.0 {
                note(&path, reseal_journal(&path, &self.sealer, key));
            }
        }
        Ok(counts)
    }

    /// None: it is sealed with this key already. False: it is being written.
    fn recording(&self, path: &Path, key: KeyId) -> io::Result<Option<bool>> {
        let file = File::options().read(true).write(true).open(path)?;
        let place = recording::place(path);
        match sealed::key_of(&file)? {
            Some(used) if used == key => return Ok(None),
            // Who writes it has the key that it began with.
            _ if !is_finished(&file, &place, &self.sealer) => {
                if file.metadata()?.modified()?.elapsed().unwrap_or_default() < ABANDONED {
                    return Ok(Some(false));
                }
                sealed::finish(&file, &place, &self.sealer)?;
            }
            _ => {}
        }
        let mut reader = sealed::Reader::new(file, &place, &self.sealer)?;
        let (half, target) = half(path)?;
        let written = sealed::Writer::begin(half, &place, &self.sealer)?;
        let mut writer = written.map_err(|_| io::Error::other("HIPAA_MODE was switched off"))?;
        reader.copy(&mut writer)?;
        writer.finish()?.sync_all()?;
        replace(&target, path).map(Some)
    }

    fn letter(&self, path: &Path, key: KeyId) -> io::Result<Option<bool>> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let place = spool::place(&name);
        let stored = fs::read(path)?;
        if sealing::key_of(&stored) == Some(key) {
            return Ok(None);
        }
        let sealed = self
            .sealer
            .seal(&place, &self.sealer.open(&place, &stored)?)?;
        let (mut half, target) = half(path)?;
        half.write_all(&sealed)?;
        half.sync_all()?;
        // Delivered meanwhile: it must not come back.
        match path.try_exists()? {
            true => replace(&target, path).map(Some),
            false => fs::remove_file(target).map(|()| None),
        }
    }
}

/// A plain recording that is being written looks like any other: its journal tells, but a minute does too.
fn is_finished(file: &File, place: &str, sealer: &Sealer) -> bool {
    match sealed::key_of(file) {
        Ok(None) => {
            let written = file.metadata().and_then(|about| about.modified());
            let age = written.map(|at| at.elapsed().unwrap_or_default());
            age.is_ok_and(|age| age > Duration::from_secs(15))
        }
        _ => file
            .try_clone()
            .and_then(|file| sealed::Reader::new(file, place, sealer))
            .is_ok(),
    }
}

/// A file beside another, for its new contents.
fn half(path: &Path) -> io::Result<(File, PathBuf)> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let half = path.with_file_name(format!("{HALF}{name}"));
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    Ok((options.open(&half)?, half))
}

fn replace(half: &Path, path: &Path) -> io::Result<bool> {
    fs::rename(half, path)?;
    if let Some(folder) = path.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(true)
}

/// Files and folders in a folder, without those that begin with a dot; none where there is no such folder.
fn files(folder: &Path) -> io::Result<(Vec<PathBuf>, Vec<PathBuf>)> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Default::default()),
        entries => entries?,
    };
    let (mut files, mut folders) = (Vec::new(), Vec::new());
    for entry in entries {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        let kind = entry.file_type()?;
        if kind.is_dir() {
            folders.push(entry.path());
        } else if kind.is_file() {
            files.push(entry.path());
        }
    }
    Ok((files, folders))
}
