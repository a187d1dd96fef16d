//! The one error of this crate.

use std::path::PathBuf;

use inference::InferenceError;

/// Why something cannot be spoken.
#[derive(Debug, thiserror::Error)]
pub enum SynthesisError {
    /// The runtime, a session or the queue in front of it.
    #[error(transparent)]
    Inference(#[from] InferenceError),
    /// No voice and no name known from elsewhere.
    #[error("there is no voice `{id}`; GET /voices lists them")]
    UnknownVoice {
        /// What was asked for.
        id: String,
    },
    /// A mix of voices that is none.
    #[error("a mix of voices: {0}")]
    Mix(&'static str),
    /// A language without a voice.
    #[error("`{0}` is not spoken; en-us, en-gb, es, fr, it, pt, hi, zh and ja are")]
    UnknownLanguage(String),
    /// Nothing in the text can be said.
    #[error("there is nothing to say in the text")]
    NothingToSay,
    /// A number out of its range.
    #[error("{name} must be {expected}")]
    OutOfRange {
        /// Which.
        name: &'static str,
        /// What would be right.
        expected: &'static str,
    },
    /// More speeches wait than may.
    #[error("too many texts wait to be spoken")]
    Busy,
    /// The caller went away.
    #[error("cancelled")]
    Cancelled,
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

impl From<inference::ort::Error> for SynthesisError {
    fn from(error: inference::ort::Error) -> Self {
        InferenceError::from(error).into()
    }
}
