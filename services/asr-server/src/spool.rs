//! Uploads on their way to the decoder: small ones in memory, others in a file without a name.

use bytes::Bytes;
use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::io::AsyncWriteExt;

/// Uploads up to this size stay in memory.
const IN_MEMORY: usize = 1024 * 1024;

/// An upload while it arrives.
#[derive(Debug)]
pub enum Spool {
    /// Small so far.
    Memory(Vec<u8>),
    /// Grown beyond memory: a file that is gone as soon as it is closed.
    Disk(tokio::fs::File, u64),
}

impl Default for Spool {
    fn default() -> Self {
        Spool::Memory(Vec::new())
    }
}

impl Spool {
    /// Adds what has arrived.
    pub async fn write(&mut self, chunk: &[u8]) -> io::Result<()> {
        match self {
            Spool::Memory(bytes) if bytes.len() + chunk.len() <= IN_MEMORY => {
                bytes.extend_from_slice(chunk)
            }
            Spool::Memory(bytes) => {
                let file = tokio::task::spawn_blocking(tempfile::tempfile)
                    .await
                    .map_err(io::Error::other)??;
                let mut file = tokio::fs::File::from_std(file);
                file.write_all(bytes).await?;
                file.write_all(chunk).await?;
                *self = Spool::Disk(file, (bytes.len() + chunk.len()) as u64);
            }
            Spool::Disk(file, length) => {
                file.write_all(chunk).await?;
                *length += chunk.len() as u64;
            }
        }
        Ok(())
    }

    /// Ends the upload.
    pub async fn finish(self) -> io::Result<Recording> {
        Ok(match self {
            Spool::Memory(bytes) => Recording::Memory(bytes.into()),
            Spool::Disk(mut file, length) => {
                file.flush().await?;
                Recording::Disk(Arc::new(file.into_std().await), length)
            }
        })
    }
}

/// A whole upload. Readers of it are independent of each other.
#[derive(Debug)]
pub enum Recording {
    /// In memory.
    Memory(Bytes),
    /// In a file without a name, with its length.
    Disk(Arc<File>, u64),
}

impl Recording {
    /// Bytes.
    pub fn len(&self) -> u64 {
        match self {
            Recording::Memory(bytes) => bytes.len() as u64,
            Recording::Disk(_, length) => *length,
        }
    }

    /// Whether nothing was sent.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reads it from the start; `count` tells how many bytes were read so far.
    pub fn open(&self, count: &ReadCount) -> Box<dyn audio::Source> {
        let count = count.clone();
        match self {
            Recording::Memory(bytes) => Box::new(Counted {
                inner: Cursor::new(bytes.clone()),
                count,
            }),
            Recording::Disk(file, length) => {
                let inner = FileReader {
                    file: file.clone(),
                    length: *length,
                    at: 0,
                };
                Box::new(Counted { inner, count })
            }
        }
    }
}

/// Bytes read from a recording so far.
#[derive(Debug, Clone, Default)]
pub struct ReadCount(Arc<AtomicU64>);

impl ReadCount {
    /// Bytes.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

struct Counted<R> {
    inner: R,
    count: ReadCount,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buf)?;
        self.count.0.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

impl<R: Seek> Seek for Counted<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

/// Reads a shared file at a position of its own.
struct FileReader {
    file: Arc<File>,
    length: u64,
    at: u64,
}

impl Read for FileReader {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(buf, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for FileReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.length.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = target
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "seek before the start"))?;
        Ok(self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_was_written_is_read_in_memory_and_on_disk() {
        for length in [0, 10, IN_MEMORY, IN_MEMORY + 1, 3 * IN_MEMORY] {
            let bytes: Vec<u8> = (0..length).map(|i| i as u8).collect();
            let mut spool = Spool::default();
            for chunk in bytes.chunks(100_000) {
                spool.write(chunk).await.unwrap();
            }
            let recording = spool.finish().await.unwrap();
            assert_eq!(recording.len(), length as u64);
            assert_eq!(matches!(recording, Recording::Disk(..)), length > IN_MEMORY);
            let count = ReadCount::default();
            let (mut first, mut second) = (
                recording.open(&count),
                recording.open(&ReadCount::default()),
            );
            // Two readers, one ahead of the other.
            let (mut a, mut b) = (vec![0; length / 2], Vec::new());
            first.read_exact(&mut a).unwrap();
            second.read_to_end(&mut b).unwrap();
            first.read_to_end(&mut a).unwrap();
            assert!(a == bytes && b == bytes, "{length} bytes come back");
            assert_eq!(count.get(), length as u64);
            assert_eq!(first.seek(SeekFrom::End(0)).unwrap(), length as u64);
        }
    }
}
