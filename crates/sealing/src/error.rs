//! The one error of this crate.

use crate::key::KeyId;
use std::io;
use std::path::PathBuf;

/// What sealing and opening give.
pub type Result<T> = std::result::Result<T, Error>;

/// Why something cannot be sealed or opened.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The key file cannot be read or made.
    #[error("the key file {path} cannot be used: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// `HIPAA_KEY_FILE` names no file.
    #[error(
        "the key file {0} does not exist; make one with `(umask 077; openssl rand -hex 32 > {0})`, or leave HIPAA_KEY_FILE out to have one made"
    )]
    Missing(PathBuf),
    /// The key is gone, and what it sealed is there.
    #[error(
        "the key file {0} is gone, and the data is sealed with it; bring it back (mode 0600): backups do not hold it"
    )]
    Lost(PathBuf),
    /// Others may read the key file.
    #[error("the key file {path} can be read by others (mode {mode:o}); run `chmod 600 {path}`")]
    Exposed {
        /// Which.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// A line is no key.
    #[error(
        "line {line} of the key file {path} is not a key: 32 bytes as 64 hexadecimal digits, or in base64"
    )]
    Line {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
    },
    /// There is no key in the file.
    #[error("the key file {0} holds no key: 32 bytes as 64 hexadecimal digits, or in base64")]
    Empty(PathBuf),
    /// Something was sealed with a key that is not here.
    #[error(
        "the data is sealed with key {id}, and the key file has {known}; bring that key back into the key file"
    )]
    UnknownKey {
        /// Which key it takes.
        id: KeyId,
        /// Which there are.
        known: String,
    },
    /// It was changed, cut off, or belongs elsewhere.
    #[error("sealed data of {0} is damaged, or was moved there from elsewhere")]
    Damaged(String),
    /// A rotation cannot go on.
    #[error("{0}")]
    Rotation(String),
    /// The operating system has no random numbers.
    #[error("no random numbers")]
    Random,
}

impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        io::Error::new(io::ErrorKind::InvalidData, error)
    }
}
