//! What we know about speaking: how text is read aloud, in which sounds, cut where, and how Kokoro
//! makes sound of it before the sentence is whole.

pub mod chunk;
mod error;
pub mod kokoro;
mod language;
mod languages;
pub mod phonemes;
mod piece;
mod request;
mod schedule;
pub mod spoken;
mod style;
mod synthesizer;
mod utterance;
mod voices;
mod workers;

pub use error::SynthesisError;
pub use language::Language;
pub use languages::{LanguageFiles, Languages, Phonemizer};
pub use request::{EXAGGERATION, Event, Request, SPEED, Sound, SpokenWord, Urgency};
pub use style::Style;
pub use synthesizer::{Speech, Synthesizer, SynthesizerFiles, SynthesizerOptions};
pub use voices::{DEFAULT_VOICE, Gender, Voice, VoiceMix, Voices};

/// Samples a second of all sound that is made, in one channel.
pub const SAMPLE_RATE: u32 = 24_000;
