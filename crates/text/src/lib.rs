//! Pure text work on transcripts: numbers as they are written, entities, masking, subtitles, text
//! without punctuation and casing, and how somebody speaks.
//!
//! No models, no I/O and nothing that can fail: every function takes any string a model may
//! have written and gives a string back.

mod chars;
pub mod english;
pub mod entities;
pub mod fluency;
pub mod itn;
pub mod plain;
pub mod polish;
pub mod profanity;
mod restore;
mod sentence;
pub mod subtitles;

pub use entities::{Entity, EntityKind, entities};
pub use plain::{bare_word, plain};
pub use polish::{Polish, PolishedWord};
pub use sentence::ends_sentence;
pub use subtitles::{TimedWord, Utterance, srt, vtt};
