//! The file of keys: a key a line, the first of which seals; all of them open. Empty lines and lines
//! that begin with `#` mean nothing.

use crate::error::{Error, Result};
use crate::key::{Key, random};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, chown};
use std::path::Path;

/// Longest file that is read.
const LONGEST: u64 = 64 * 1024;

/// By which a changed file is known: inode, length and time of change.
pub type Stamp = (u64, u64, i64, i64);

/// Lines of the file that are keys, as they stand there.
pub fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().map(str::trim).zip(1..);
    lines
        .filter(|(line, _)| !line.is_empty() && !line.starts_with('#'))
        .map(|(line, number)| (number, line))
}

/// The stamp of a file; none when there is none.
pub fn stamp(path: &Path) -> io::Result<Option<Stamp>> {
    match fs::metadata(path) {
        Ok(about) => Ok(Some((
            about.ino(),
            about.len(),
            about.ctime(),
            about.ctime_nsec(),
        ))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The text of a file that only we may read.
pub fn text(path: &Path) -> Result<String> {
    let file = |source| Error::File {
        path: path.to_owned(),
        source,
    };
    let about = match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(Error::Missing(path.to_owned()));
        }
        about => about.map_err(file)?,
    };
    let mode = about.mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(Error::Exposed {
            path: path.to_owned(),
            mode,
        });
    }
    if about.len() > LONGEST {
        return Err(file(io::ErrorKind::FileTooLarge.into()));
    }
    fs::read_to_string(path).map_err(file)
}

/// The keys of a file, the one that seals first.
pub fn read(path: &Path) -> Result<Vec<Key>> {
    let text = text(path)?;
    let keys = lines(&text).map(|(line, key)| {
        Key::parse(key).ok_or_else(|| Error::Line {
            path: path.to_owned(),
            line,
        })
    });
    let keys = keys.collect::<Result<Vec<_>>>()?;
    match keys.is_empty() {
        true => Err(Error::Empty(path.to_owned())),
        false => Ok(keys),
    }
}

/// A new key as a line.
pub fn new_line() -> Result<String> {
    let bytes: [u8; 32] = random()?;
    let mut line: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    line.push('\n');
    Ok(line)
}

/// Makes the file with a new key, unless it is there. Of several processes that start at once, one
/// does, and the others read what it made.
pub fn create(path: &Path) -> Result<()> {
    let line = new_line()?;
    let made = || -> io::Result<()> {
        let own = own(path, &line)?;
        let linked = fs::hard_link(&own, path);
        fs::remove_file(&own)?;
        match linked {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            Err(error) => Err(error),
            Ok(()) => sync_folder(path),
        }
    };
    made().map_err(|source| Error::File {
        path: path.to_owned(),
        source,
    })
}

/// Replaces the file in one step; it still belongs to whoever runs the services.
pub fn replace(path: &Path, text: &str) -> Result<()> {
    let replaced = || -> io::Result<()> {
        let before = fs::metadata(path)?;
        let own = own(path, text)?;
        if fs::metadata(&own)?.uid() != before.uid() {
            chown(&own, Some(before.uid()), Some(before.gid()))?;
        }
        fs::rename(&own, path)?;
        sync_folder(path)
    };
    replaced().map_err(|source| Error::File {
        path: path.to_owned(),
        source,
    })
}

/// A file beside it that is whole and on disk.
fn own(path: &Path, text: &str) -> io::Result<std::path::PathBuf> {
    let folder = folder(path);
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    let own = folder.join(format!(".key.{}", uuid::Uuid::new_v4().simple()));
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&own)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    Ok(own)
}

fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(folder(path))?.sync_all()
}

fn folder(path: &Path) -> &Path {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}
