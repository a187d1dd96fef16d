//! Subtitles: utterances cut into cues a person can read, written as SRT or WebVTT.
//!
//! A cue has at most two lines of 42 columns (an East Asian character takes two) and lasts one
//! to seven seconds, after the common broadcasters' guidelines. Cuts fall between words, by
//! choice after a sentence or a clause, at the words' own times where they are known.

mod atoms;
mod cues;
mod timing;
mod write;

pub use write::{srt, vtt};

/// Columns of a line.
const LINE_COLUMNS: usize = 42;
/// Seconds a cue lasts at most.
const CUE_SECONDS: f64 = 7.0;
/// A silence of this many seconds inside an utterance starts a new cue.
const PAUSE_SECONDS: f64 = 1.5;
/// Seconds a cue stays up at least, where speech leaves room.
const MIN_CUE_SECONDS: f64 = 1.0;
/// Seconds a cue may come after its words, so that the one before it can be read.
const LATE_SECONDS: f64 = 1.0;

/// A stretch of speech to be shown.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Utterance {
    /// What was said, with its punctuation.
    pub text: String,
    /// Seconds from the start of the audio.
    pub start: f64,
    /// Seconds from the start of the audio.
    pub end: f64,
    /// Times of the words of `text`, where they are known; else times are shared out by length.
    pub words: Vec<TimedWord>,
    /// Who speaks, such as `Channel 1`: shown before the text (SRT) or as the voice (WebVTT).
    pub label: Option<String>,
}

/// A word and when it was said. It may lack the punctuation that the text has.
#[derive(Debug, Clone, PartialEq)]
pub struct TimedWord {
    /// The word.
    pub word: String,
    /// Seconds from the start of the audio.
    pub start: f64,
    /// Seconds from the start of the audio.
    pub end: f64,
}

/// What is on the screen at once.
#[derive(Debug, Clone, PartialEq)]
struct Cue {
    start_ms: u64,
    end_ms: u64,
    lines: Vec<String>,
    label: Option<String>,
}
