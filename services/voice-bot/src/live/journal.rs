//! What is said in a call on disk, before the database has it: `DATA_DIR/outbox/calls/ID.jsonl`,
//! a line of JSON for each thing that happened, synchronised line by line.
//!
//! A file stays until everything in it is in the database and has been told; so what is found at
//! the start, and after an outage of the database, is what is still to be done. Whoever leads a
//! call holds a lock on its file. Nothing here is for the async threads.

use super::sealed_lines::{LONGEST, Sealing};
use api::ids::{CallId, OrganizationId};
use pipeline::EndReason;
use sealing::Sealer;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use time::OffsetDateTime;
use uuid::Uuid;

/// One line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    /// The first line.
    Began(Began),
    /// A segment of the transcript.
    Said(Value),
    /// The call is over.
    Ended(Ended),
}

/// Whose call it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Began {
    /// The organization.
    pub organization: OrganizationId,
    /// Since when they talk.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// Language of the agent.
    pub language: String,
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ended {
    /// Why; none when the process died.
    pub reason: Option<EndReason>,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// Seconds since the beginning.
    pub duration: f64,
    /// Below the folder of recordings.
    pub recording: Option<String>,
    /// What else is known.
    pub metadata: Map<String, Value>,
}

/// What a journal holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Story {
    /// Whose call it is.
    pub began: Began,
    /// What was said.
    pub said: Vec<Value>,
    /// How it ended, if that was written.
    pub ended: Option<Ended>,
}

/// An open journal, which nobody else has.
#[derive(Debug)]
pub struct Journal {
    file: File,
    path: PathBuf,
    sealing: Sealing,
    lines: u64,
}

impl Journal {
    /// Begins one.
    pub fn begin(folder: &Path, call: CallId, began: Began, sealer: Sealer) -> io::Result<Self> {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
        let path = path(folder, call);
        let made = folder.join(format!(".{}", call.0.simple()));
        let file = OpenOptions::new()
            .append(true)
            .create(true)
            .mode(0o600)
            .open(&made)?;
        // Locked before others can see it.
        file.lock()?;
        let sealing = Sealing { sealer, call };
        let mut journal = Journal {
            file,
            path,
            sealing,
            lines: 0,
        };
        journal.write(&Line::Began(began))?;
        fs::rename(&made, &journal.path)?;
        File::open(folder)?.sync_all()?;
        Ok(journal)
    }

    /// Opens one that is there; none while somebody else has it, or when it is gone.
    pub fn open(
        folder: &Path,
        call: CallId,
        sealer: Sealer,
    ) -> io::Result<Option<(Self, Option<Story>)>> {
        let path = path(folder, call);
        let file = match OpenOptions::new().read(true).append(true).open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        // Whoever had it may have finished it meanwhile.
        if !path.exists() {
            return Ok(None);
        }
        let sealing = Sealing { sealer, call };
        let (story, lines) = read(&file, &sealing)?;
        let journal = Journal {
            file,
            path,
            sealing,
            lines,
        };
        Ok(Some((journal, story)))
    }

    /// The calls that have one.
    pub fn list(folder: &Path) -> io::Result<Vec<CallId>> {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let names = entries.flatten().map(|entry| entry.file_name());
        let ids = names.filter_map(|name| {
            let id = name.to_str()?.strip_suffix(".jsonl")?;
            Uuid::try_parse(id).ok().map(CallId)
        });
        let mut ids: Vec<CallId> = ids.collect();
        ids.sort_unstable_by_key(|id| id.0);
        Ok(ids)
    }

    /// Appends a line; it is on disk when this returns.
    pub fn write(&mut self, line: &Line) -> io::Result<()> {
        let text = serde_json::to_string(line)?;
        let sealed = self.sealing.seal(self.lines, &text)? + "\n";
        self.lines += 1;
        self.file.write_all(sealed.as_bytes())?;
        self.file.sync_data()
    }

    /// When it was last written.
    pub fn touched(&self) -> io::Result<OffsetDateTime> {
        Ok(self.file.metadata()?.modified()?.into())
    }

    /// Everything in it is done.
    pub fn done(self) -> io::Result<()> {
        fs::remove_file(&self.path)
    }

    /// It cannot be understood, or nobody wants it: kept for people, in the folder `dead` beside it.
    pub fn bury(self) -> io::Result<()> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let dead = folder.join("dead");
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&dead)?;
        let name = self.path.file_name().unwrap_or_default();
        fs::rename(&self.path, dead.join(name))
    }
}

/// Where the journal of a call is.
pub fn path(folder: &Path, call: CallId) -> PathBuf {
    folder.join(format!("{}.jsonl", call.0.simple()))
}

/// With how many lines there are. None: there is no beginning. A last line that was cut off is left out, and what is not ours too.
fn read(file: &File, sealing: &Sealing) -> io::Result<(Option<Story>, u64)> {
    let mut story: Option<Story> = None;
    let mut lines = 0;
    for line in BufReader::new(file.take(LONGEST)).split(b'\n') {
        let text = match sealing.open(lines, line?) {
            Err(error @ sealing::Error::UnknownKey { .. }) => return Err(error.into()),
            opened => opened.ok().flatten().unwrap_or_default(),
        };
        lines += 1;
        match (serde_json::from_str(&text), &mut story) {
            (Ok(Line::Began(began)), None) => {
                story = Some(Story {
                    began,
                    said: Vec::new(),
                    ended: None,
                });
            }
            (Ok(Line::Said(segment)), Some(story)) => story.said.push(segment),
            (Ok(Line::Ended(ended)), Some(story)) => story.ended = Some(ended),
            _ => {}
        }
    }
    Ok((story, lines))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn began() -> Began {
        Began {
            organization: data_model::new_id(),
            at: OffsetDateTime::UNIX_EPOCH,
            language: "en".into(),
        }
    }

    #[test]
    fn what_was_written_is_read_and_only_by_one() {
        let folder = tempfile::tempdir().unwrap();
        let (call, began) = (data_model::new_id(), began());
        assert!(Journal::list(folder.path()).unwrap().is_empty());
        let mut journal =
            Journal::begin(folder.path(), call, began.clone(), Sealer::none()).unwrap();
        journal.write(&Line::Said(json!({"text": "hi"}))).unwrap();
        assert_eq!(Journal::list(folder.path()).unwrap(), [call]);
        assert!(
            Journal::open(folder.path(), call, Sealer::none())
                .unwrap()
                .is_none()
        );
        drop(journal);
        let (journal, story) = Journal::open(folder.path(), call, Sealer::none())
            .unwrap()
            .unwrap();
        let story = story.unwrap();
        assert_eq!((&story.began, story.said.len()), (&began, 1));
        journal.done().unwrap();
        assert!(
            Journal::open(folder.path(), call, Sealer::none())
                .unwrap()
                .is_none()
        );
    }

    #[test]
    fn what_nobody_understands_is_kept_out_of_the_way() {
        let folder = tempfile::tempdir().unwrap();
        let call: CallId = data_model::new_id();
        fs::write(path(folder.path(), call), "\u{1}nonsense\n{}\n").unwrap();
        let (journal, story) = Journal::open(folder.path(), call, Sealer::none())
            .unwrap()
            .unwrap();
        assert_eq!(story, None);
        journal.bury().unwrap();
        assert!(Journal::list(folder.path()).unwrap().is_empty());
        assert!(path(&folder.path().join("dead"), call).exists());
    }

    #[test]
    fn a_sealed_journal_tells_nothing_on_the_disk_and_its_lines_keep_their_places() {
        let folder = tempfile::tempdir().unwrap();
        let sealer = Sealer::start(true, None, &folder.path().join("keys")).unwrap();
        let (call, began) = (data_model::new_id(), began());
        let mut journal =
            Journal::begin(folder.path(), call, began.clone(), sealer.clone()).unwrap();
        for text in ["Mrs Jones", "is ill"] {
            journal.write(&Line::Said(json!({"text": text}))).unwrap();
        }
        drop(journal);
        let path = path(folder.path(), call);
        let disk = fs::read_to_string(&path).unwrap();
        assert!(!disk.contains("Jones") && !disk.contains("language"));
        let opened = || Journal::open(folder.path(), call, sealer.clone());
        let story = opened().unwrap().unwrap().1.unwrap();
        assert_eq!(
            story.said,
            [json!({"text": "Mrs Jones"}), json!({"text": "is ill"})]
        );
        assert!(
            Journal::open(folder.path(), call, Sealer::none()).is_err(),
            "kept for the key"
        );
        let lines: Vec<&str> = disk.lines().collect();
        fs::write(&path, [lines[0], lines[2], lines[1]].join("\n")).unwrap();
        assert!(opened().unwrap().unwrap().1.unwrap().said.is_empty());
    }

    proptest! {
        #[test]
        fn a_crash_costs_at_most_the_last_line(texts in prop::collection::vec(".*", 0..6), cut in 0usize..200) {
            let folder = tempfile::tempdir().unwrap();
            let call = data_model::new_id();
            let mut journal = Journal::begin(folder.path(), call, began(), Sealer::none()).unwrap();
            let mut ends = Vec::new();
            for text in &texts {
                journal.write(&Line::Said(json!(text))).unwrap();
                ends.push(journal.file.metadata().unwrap().len() as usize);
            }
            drop(journal);
            let path = path(folder.path(), call);
            let bytes = fs::read(&path).unwrap();
            let head = bytes.iter().position(|b| *b == b'\n').unwrap() + 1;
            let kept = bytes.len().saturating_sub(cut).max(head);
            fs::write(&path, &bytes[..kept]).unwrap();
            let story = Journal::open(folder.path(), call, Sealer::none()).unwrap().unwrap().1.unwrap();
            // A line that lacks only its end is whole.
            let whole = ends.iter().filter(|end| **end <= kept + 1).count();
            let said: Vec<Value> = texts[..whole].iter().map(|text| json!(text)).collect();
            prop_assert_eq!(story.said, said);
        }
    }
}
