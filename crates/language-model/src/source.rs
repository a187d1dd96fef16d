//! The bytes of a model: a mapped file, or memory.

use std::fs::File;
use std::ops::Deref;

use memmap2::Mmap;

use crate::LmError;

/// Where a model's bytes are.
#[derive(Debug)]
pub(crate) enum Source {
    /// A file; pages come when they are looked at, and are shared between processes.
    Mapped(Mmap),
    /// Made or read at start.
    Owned(Vec<u8>),
}

impl Source {
    /// Maps a file for reading.
    #[allow(unsafe_code)] // A file cannot be mapped without; see below.
    pub(crate) fn map(file: &File) -> Result<Self, LmError> {
        // SAFETY: the mapping is read-only and private, and only read as bytes, every value of
        // which is valid. What is left is somebody cutting the file short while it is in use,
        // which ends the process (SIGBUS): models are replaced by renaming, never written in
        // place, and docs/language-models.md says so.
        Ok(Self::Mapped(unsafe { Mmap::map(file)? }))
    }
}

impl Deref for Source {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Mapped(map) => map,
            Self::Owned(bytes) => bytes,
        }
    }
}
