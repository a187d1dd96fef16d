//! Lines of journals as they are stored: each sealed for its place in its journal, where that is on.

use api::ids::CallId;
use sealing::{KeyId, Sealer};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use uuid::Uuid;

/// Longest journal that is read: some 100 MiB are days of talk.
pub const LONGEST: u64 = 100 << 20;

/// Seals the lines of one journal, where that is on.
#[derive(Debug)]
pub struct Sealing {
    /// Seals and opens.
    pub sealer: Sealer,
    /// Whose journal it is.
    pub call: CallId,
}

impl Sealing {
    fn place(&self, line: u64) -> String {
        format!("journal/{}/{line}", self.call)
    }

    /// A line as it is stored.
    pub fn seal(&self, line: u64, text: &str) -> Result<String, sealing::Error> {
        self.sealer.seal_text(&self.place(line), text)
    }

    /// A line as it was; none: it is no text.
    pub fn open(&self, line: u64, bytes: Vec<u8>) -> Result<Option<String>, sealing::Error> {
        match String::from_utf8(bytes) {
            Ok(text) => self.sealer.open_text(&self.place(line), &text).map(Some),
            Err(_) => Ok(None),
        }
    }
}

/// The lines of a journal as they were before they were sealed.
pub fn lines(path: &Path, call: CallId, sealer: &Sealer) -> io::Result<Vec<String>> {
    let sealing = Sealing {
        sealer: sealer.clone(),
        call,
    };
    let file = BufReader::new(File::open(path)?.take(LONGEST));
    let opened = file.split(b'\n').zip(0..).map(|(line, number)| {
        let opened = sealing.open(number, line?)?;
        Ok(opened.unwrap_or_default())
    });
    opened.collect()
}

/// Seals a journal that nobody writes with this key, which must be the one that seals. None: it is
/// sealed with it already, or no journal. False: it is being written.
pub fn reseal(path: &Path, sealer: &Sealer, key: KeyId) -> io::Result<Option<bool>> {
    let name = path.file_name().and_then(|name| name.to_str());
    let call = name.and_then(|name| Uuid::try_parse(name.strip_suffix(".jsonl")?).ok());
    let Some(call) = call.map(CallId) else {
        return Ok(None);
    };
    let old = OpenOptions::new().read(true).append(true).open(path)?;
    let first = BufReader::new(&old).lines().next().transpose();
    let first = first.ok().flatten().unwrap_or_default();
    match old.try_lock() {
        // All of its lines have the key that it was begun with, or came later.
        Err(TryLockError::WouldBlock) if sealing::key_of_text(&first) == Some(key) => {
            return Ok(None);
        }
        Err(TryLockError::WouldBlock) => return Ok(Some(false)),
        Err(TryLockError::Error(error)) => return Err(error),
        Ok(()) => {}
    }
    let disk = fs::read_to_string(path)?;
    let is_done = |line: &str| sealing::key_of_text(line) == Some(key);
    if disk.lines().all(is_done) {
        return Ok(None);
    }
    let sealing = Sealing {
        sealer: sealer.clone(),
        call,
    };
    let mut text = String::new();
    for (line, number) in lines(path, call, sealer)?.iter().zip(0..) {
        text += &sealing.seal(number, line)?;
        text.push('\n');
    }
    let half = path.with_file_name(format!(".sealing-{}", call.0.simple()));
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let mut file = options.open(&half)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&half, path)?;
    Ok(Some(true))
}
