//! Uploads on their way to the decoder: small ones in memory, others in a file without a name.

use bytes::Bytes;
use std::fs::File;
use std::io::{self, Cursor, Seek, SeekFrom};
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
                Recording::Disk(file.into_std().await, length)
            }
        })
    }
}

/// A whole upload.
#[derive(Debug)]
pub enum Recording {
    /// In memory.
    Memory(Bytes),
    /// In a file without a name, with its length.
    Disk(File, u64),
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

    /// Reads it from the start. One reader at a time: those of a file share their position.
    pub fn open(&self) -> io::Result<Box<dyn audio::Source>> {
        Ok(match self {
            Recording::Memory(bytes) => Box::new(Cursor::new(bytes.clone())),
            Recording::Disk(file, _) => {
                let mut file = file.try_clone()?;
                file.seek(SeekFrom::Start(0))?;
                Box::new(file)
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

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
            for _ in 0..2 {
                let mut read = Vec::new();
                recording.open().unwrap().read_to_end(&mut read).unwrap();
                assert!(read == bytes, "{length} bytes come back");
            }
        }
    }
}
