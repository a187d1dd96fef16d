//! What can be wrong with a language model, in words that say what would be right.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Why a model could not be read, made or written.
#[derive(Debug, Error)]
pub enum LmError {
    /// The operating system's answer to reading or writing.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// Another error, with the file that it is about.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<LmError>,
    },
    /// The file is of no known kind.
    #[error(
        "no language model: {0}; an ARPA file, or one of `models lm build` or KenLM's build_binary, is wanted"
    )]
    Unrecognised(String),
    /// A KenLM binary file that is cut short, damaged, or of a kind that is not read.
    #[error("damaged or unknown KenLM file: {0}")]
    Binary(String),
    /// A KenLM binary file that ends early.
    #[error(
        "the KenLM file is cut short: its {part} ends at byte {wanted}, the file at byte {found}; \
         copy or build it again"
    )]
    Truncated {
        /// The part that is not all there.
        part: String,
        /// Bytes that the header promises up to the end of that part.
        wanted: u64,
        /// Bytes there are.
        found: u64,
    },
    /// An ARPA file that breaks its format.
    #[error("line {line} ({section}): {reason}")]
    Arpa {
        /// Counted from 1.
        line: u64,
        /// Such as `\2-grams:`.
        section: String,
        /// What is wrong and what would be right.
        reason: String,
    },
    /// More than this program reads into memory.
    #[error(
        "an ARPA file of {megabytes} MB is too big to be read at start (limit {limit} MB); convert \
         it once: `models lm convert FILE --out FILE.klm`"
    )]
    TooBig {
        /// Its size.
        megabytes: u64,
        /// The most that is read.
        limit: u64,
    },
    /// N-grams that make no model together.
    #[error("{0}")]
    NGrams(String),
}

impl LmError {
    /// For `map_err`: says which file the error is about.
    pub fn in_file(path: &Path) -> impl FnOnce(Self) -> Self {
        move |source| Self::File {
            path: path.to_owned(),
            source: Box::new(source),
        }
    }
}
