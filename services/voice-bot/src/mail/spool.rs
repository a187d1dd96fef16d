//! Messages as files, each readable by its owner only and never seen half-written.
//!
//! `spool/ID` in the outbox waits for delivery: a line of JSON, such as from whom to whom, then the
//! message. `dead/ID` is what nobody took. `ID.eml` are letters without a mail server. An ID is a
//! UUID version 7, which tells when the message was written.

use sealing::Sealer;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::marker::PhantomData;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use uuid::Uuid;

/// From whom to whom, whatever the headers say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// Where the server sends it back to.
    pub from: String,
    /// Who gets it.
    pub to: String,
}

/// A message that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting<E> {
    /// What its delivery needs to know.
    pub envelope: E,
    /// The message.
    pub message: Vec<u8>,
}

/// The folder of messages with envelopes of one kind.
#[derive(Debug)]
pub struct Spool<E = Envelope> {
    outbox: PathBuf,
    sealer: Sealer,
    envelope: PhantomData<fn() -> E>,
}

impl<E> Clone for Spool<E> {
    fn clone(&self) -> Self {
        Spool {
            outbox: self.outbox.clone(),
            sealer: self.sealer.clone(),
            envelope: PhantomData,
        }
    }
}

impl<E: Serialize + DeserializeOwned + Send + 'static> Spool<E> {
    /// In this folder, which is made when it is first needed.
    pub fn new(outbox: PathBuf, sealer: Sealer) -> Self {
        Spool {
            outbox,
            sealer,
            envelope: PhantomData,
        }
    }

    /// Writes a message down for delivery.
    pub async fn add(&self, envelope: E, message: Vec<u8>) -> io::Result<()> {
        let folder = self.waiting();
        let mut bytes = serde_json::to_vec(&envelope)?;
        bytes.push(b'\n');
        bytes.extend(message);
        let sealer = self.sealer.clone();
        blocking(move || write(&folder, "", &bytes, &sealer)).await?;
        Ok(())
    }

    /// Writes a message for people to find; the name of its file.
    pub async fn keep(&self, message: Vec<u8>) -> io::Result<String> {
        let (folder, sealer) = (self.outbox.clone(), self.sealer.clone());
        blocking(move || write(&folder, ".eml", &message, &sealer)).await
    }

    /// All that wait, the oldest first.
    pub async fn list(&self) -> io::Result<Vec<Uuid>> {
        let folder = self.waiting();
        blocking(move || {
            let entries = match fs::read_dir(&folder) {
                Ok(entries) => entries,
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
                Err(error) => return Err(error),
            };
            let names = entries.flatten().map(|entry| entry.file_name());
            let ids = names.filter_map(|name| Uuid::try_parse(name.to_str()?).ok());
            let mut ids: Vec<Uuid> = ids.collect();
            ids.sort_unstable();
            Ok(ids)
        })
        .await
    }

    /// One that waits; none when the file is not ours.
    pub async fn read(&self, id: Uuid) -> io::Result<Option<Waiting<E>>> {
        let (path, sealer) = (self.path(id), self.sealer.clone());
        blocking(move || {
            let bytes = match sealer.open(&place(&name(id)), &fs::read(path)?) {
                Err(sealing::Error::Damaged(_)) => return Ok(None),
                opened => opened?,
            };
            let end = bytes.iter().position(|&byte| byte == b'\n');
            Ok(end.and_then(|end| {
                Some(Waiting {
                    envelope: serde_json::from_slice(&bytes[..end]).ok()?,
                    message: bytes[end + 1..].to_vec(),
                })
            }))
        })
        .await
    }

    /// The server took it.
    pub async fn done(&self, id: Uuid) -> io::Result<()> {
        let path = self.path(id);
        blocking(move || fs::remove_file(path)).await
    }

    /// No server will take it.
    pub async fn bury(&self, id: Uuid) -> io::Result<()> {
        let (from, folder) = (self.path(id), self.outbox.join("dead"));
        blocking(move || {
            create(&folder)?;
            fs::rename(from, folder.join(name(id)))
        })
        .await
    }

    /// Removes all messages with such an envelope, those that nobody took too.
    pub async fn forget(&self, is_meant: impl Fn(&E) -> bool + Send + 'static) -> io::Result<()> {
        let (folders, sealer) = (
            [self.waiting(), self.outbox.join("dead")],
            self.sealer.clone(),
        );
        blocking(move || {
            for folder in folders {
                let entries = match fs::read_dir(&folder) {
                    Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                    entries => entries?,
                };
                for entry in entries {
                    let path = entry?.path();
                    let name = path.file_name().unwrap_or_default().to_string_lossy();
                    let Ok(stored) = fs::read(&path) else {
                        continue;
                    };
                    let bytes = sealer.open(&place(&name), &stored).unwrap_or_default();
                    let first = bytes.split(|byte| *byte == b'\n').next();
                    let envelope = first.and_then(|line| serde_json::from_slice(line).ok());
                    if envelope.is_some_and(|envelope| is_meant(&envelope)) {
                        match fs::remove_file(&path) {
                            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                                return Err(error);
                            }
                            _ => {}
                        }
                    }
                }
            }
            Ok(())
        })
        .await
    }

    /// Waits until no other process delivers from here; the lock lasts as long as the file is open.
    pub async fn lock(&self) -> io::Result<File> {
        let folder = self.waiting();
        let file = blocking(move || {
            create(&folder)?;
            let mut options = fs::OpenOptions::new();
            options.write(true).create(true).truncate(false).mode(0o600);
            options.open(folder.join(".lock"))
        })
        .await?;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::WouldBlock) => tokio::time::sleep(Duration::from_secs(1)).await,
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
    }

    fn waiting(&self) -> PathBuf {
        self.outbox.join("spool")
    }

    fn path(&self, id: Uuid) -> PathBuf {
        self.waiting().join(name(id))
    }
}

/// How long ago a letter was written.
pub fn age(id: Uuid) -> Duration {
    let Some(written) = id.get_timestamp() else {
        return Duration::ZERO;
    };
    let (seconds, nanos) = written.to_unix();
    let written = SystemTime::UNIX_EPOCH + Duration::new(seconds, nanos);
    written.elapsed().unwrap_or_default()
}

/// What a file of the outbox is sealed as.
pub fn place(name: &str) -> String {
    format!("outbox/{name}")
}

fn name(id: Uuid) -> String {
    id.simple().to_string()
}

fn create(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true).mode(0o700).create(folder)
}

/// A new file that appears when it is whole, and is on disk when this returns.
fn write(folder: &Path, extension: &str, bytes: &[u8], sealer: &Sealer) -> io::Result<String> {
    create(folder)?;
    let name = name(Uuid::now_v7()) + extension;
    let bytes = sealer.seal(&place(&name), bytes)?;
    let made = folder.join(format!(".{name}"));
    let mut options = fs::OpenOptions::new();
    let mut file = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&made)?;
    let written = file
        .write_all(&bytes)
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(&made, folder.join(&name)))
        .and_then(|()| File::open(folder)?.sync_all());
    if written.is_err() {
        let _ = fs::remove_file(&made);
    }
    written.map(|()| name)
}

/// Files are read and written off the async threads.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(io::Error::other)?
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn envelope(to: &str) -> Envelope {
        Envelope {
            from: "a@example.com".into(),
            to: to.into(),
        }
    }

    #[tokio::test]
    async fn a_letter_comes_back_as_it_was_written_down_in_order_and_private() {
        let folder = tempfile::tempdir().unwrap();
        let spool = Spool::new(folder.path().join("outbox"), Sealer::none());
        assert!(spool.list().await.unwrap().is_empty());
        for number in ["1", "2"] {
            let message = format!("X: {number}\r\n\r\n\nbody\n").into_bytes();
            spool.add(envelope(number), message).await.unwrap();
        }
        let ids = spool.list().await.unwrap();
        let second = spool.read(ids[1]).await.unwrap().unwrap();
        assert_eq!(second.envelope, envelope("2"));
        assert_eq!(second.message, b"X: 2\r\n\r\n\nbody\n");
        assert!(age(ids[0]) < Duration::from_secs(60));
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&spool.path(ids[0])), 0o600);
        assert_eq!(mode(&spool.waiting()), 0o700);
        spool.done(ids[0]).await.unwrap();
        spool.bury(ids[1]).await.unwrap();
        assert!(spool.list().await.unwrap().is_empty());
        assert_eq!(mode(&spool.outbox.join("dead").join(name(ids[1]))), 0o600);
    }

    #[tokio::test]
    async fn what_was_cut_off_while_it_was_written_is_no_letter() {
        let folder = tempfile::tempdir().unwrap();
        let spool: Spool = Spool::new(folder.path().to_owned(), Sealer::none());
        create(&spool.waiting()).unwrap();
        let half = format!(".{}", name(Uuid::now_v7()));
        fs::write(spool.waiting().join(half), "{\"from\":").unwrap();
        assert!(spool.list().await.unwrap().is_empty());
    }
}
