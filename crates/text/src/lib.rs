//! Pure text work on transcripts: subtitles, and text without punctuation and casing.
//!
//! No models, no I/O and nothing that can fail: every function takes any string a model may
//! have written and gives a string back.

mod chars;
pub mod plain;
pub mod subtitles;

pub use plain::{bare_word, plain};
pub use subtitles::{TimedWord, Utterance, srt, vtt};
