//! The one error of this crate.

use inference::InferenceError;
use std::path::PathBuf;

/// Why hearing failed.
#[derive(Debug, thiserror::Error)]
pub enum SpeechError {
    /// The runtime, a session or the queue in front of it. [`InferenceError::Busy`] means: try later.
    #[error(transparent)]
    Inference(#[from] InferenceError),
    /// A file of the model cannot be read or is not what it should be.
    #[error("model file {path}: {reason}")]
    ModelFile {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The model does not know the language asked for.
    #[error("{model} does not know the language `{language}`")]
    UnsupportedLanguage {
        /// Id of the model.
        model: String,
        /// ISO 639-1 code.
        language: &'static str,
    },
    /// A segment longer than the model's window.
    #[error("segment of {seconds:.1} s is longer than the {limit:.1} s this model hears at once")]
    SegmentTooLong {
        /// Length of the segment in seconds.
        seconds: f64,
        /// Longest allowed, in seconds.
        limit: f64,
    },
    /// A clip that says too little of a voice.
    #[error("a clip of {seconds:.2} s is too short to know a voice by: {least:.1} s are needed")]
    ClipTooShort {
        /// Length of the clip in seconds.
        seconds: f64,
        /// Shortest allowed, in seconds.
        least: f64,
    },
    /// A clip in which nothing is to be heard.
    #[error("nothing is to be heard in the clip")]
    SilentClip,
    /// A tag's head was given features that it was not trained on.
    #[error("the head `{head}` reads {expected} features, not {found}")]
    Features {
        /// Name of the head.
        head: String,
        /// Features that it reads.
        expected: usize,
        /// Features that it was given.
        found: usize,
    },
    /// More hotwords than are taken.
    #[error("at most {most} hotwords are taken, not {given}")]
    TooManyHotwords {
        /// How many there are.
        given: usize,
        /// How many there may be.
        most: usize,
    },
    /// A hotword that is too long.
    #[error("the hotword `{start}...` has more than {most} characters")]
    LongHotword {
        /// How it begins.
        start: String,
        /// How many there may be.
        most: usize,
    },
    /// A hotword that cannot be said.
    #[error("the hotword `{hotword}` has no letter or digit")]
    SilentHotword {
        /// It.
        hotword: String,
    },
    /// An option out of its range.
    #[error("{name} must be {expected}")]
    InvalidOption {
        /// Field of [`crate::DecodeOptions`].
        name: &'static str,
        /// What would be right.
        expected: &'static str,
    },
}

impl SpeechError {
    /// Whether the queue was full: the request may be tried again.
    pub fn is_busy(&self) -> bool {
        matches!(self, Self::Inference(InferenceError::Busy))
    }
}

impl From<inference::ort::Error> for SpeechError {
    fn from(error: inference::ort::Error) -> Self {
        Self::Inference(error.into())
    }
}
