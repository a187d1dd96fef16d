//! The one error of this crate.

use std::path::PathBuf;

/// Why something cannot be spoken.
#[derive(Debug, thiserror::Error)]
pub enum SynthesisError {
    /// A file of a model cannot be read or is not what it should be.
    #[error("model file {path}: {reason}")]
    ModelFile {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A pronunciation that the caller gave cannot be followed.
    #[error("pronunciation of `{word}`: {reason}")]
    Pronunciation {
        /// The word it is for.
        word: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A character that the voice has no sound for.
    #[error("`{0}` is not one of the voice's symbols")]
    Symbol(char),
    /// More phonemes than the voice can say at once.
    #[error("{count} phonemes are more than the {limit} that the voice says at once")]
    TooManyPhonemes {
        /// How many there are.
        count: usize,
        /// How many there may be.
        limit: usize,
    },
}
