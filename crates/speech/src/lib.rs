//! What we know about hearing: where speech is, which language, which words, when, how sure.
//!
//! [`VoiceActivity`] cuts a stream of samples into [`SpeechSegment`]s with bounded memory;
//! an [`Engine`] turns a segment into a [`Hypothesis`] on its own worker threads.

mod acoustic;
mod confidence;
mod context;
mod ctc;
mod decode;
mod diarization;
mod engine;
mod error;
mod graph;
mod hypothesis;
mod language;
mod moonshine;
mod options;
mod segment;
mod tags;
mod turn;
mod vad;
mod vocabulary;
pub mod voice;
mod voicing;
mod whisper;
mod words;

pub use context::Context;
pub use ctc::{CtcAbout, Inline, InlineEntity, InlineTag};
pub use decode::fusion::{Fused, Fusion, LmMode, LmWeights, NATS_PER_LETTER};
pub use decode::hotwords::{Bias, Hotwords, MAX_HOTWORD_CHARS, MAX_HOTWORDS};
pub use diarization::{
    Alternation, Chunk, Diarization, DiarizationOptions, Diarizer, Heard, Recording, Speaker,
    SpeakerLimits, SpeakerTracker, Turn, WordRun,
};
pub use engine::{Engine, EngineOptions, ModelKind};
pub use error::SpeechError;
pub use hypothesis::{Alternative, DecoderKind, Hypothesis, Rejection, Word};
pub use language::{Language, UnknownLanguage};
pub use options::{DecodeOptions, MAX_BEAM_WIDTH, MAX_CTC_BEAM_WIDTH};
pub use segment::SpeechSegment;
pub use tags::{
    Distribution, Head, Name, NameKind, Names, Role, RoleEvidence, Scene, Sentence, TextHead,
    TextTagger, VoiceBaseline, VoiceFeatures, VoiceTagger, VoiceTags, roles,
};
pub use turn::TurnDetector;
pub use vad::{LiveSegmenter, OpenUtterance, Segmenter, SegmenterOptions, VoiceActivity};
pub use voice::{Voiceprint, Voices};
pub use voicing::Voicing;

/// Every model here hears mono audio at this rate.
pub const SAMPLE_RATE_HZ: u32 = 16_000;
