//! Batch recognition: what `/transcribe*`, `/models`, `/languages`, `/intents` and `/status` answer.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;

use crate::ErrorEnvelope;
use crate::analysis::AnalysisError;
use crate::entities::Entity;
use crate::speech_analysis::SpeechAnalysis;
use crate::tags::{HeadInfo, SpeakerSummary, StructuredIntent, TagProbabilities, Tags};

/// Answer of `POST /transcribe`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Transcript {
    /// Equal to the `X-Request-Id` header.
    pub request_id: String,
    /// The whole text.
    pub transcript: String,
    /// Length of the audio in seconds.
    pub duration: f64,
    /// Wall time spent, such as `0.823s`; `timings.total` as text.
    pub inference_time: String,
    /// The profile that answered.
    pub model: String,
    /// What really ran: `greedy`, `beam_search` or `beam_search_kenlm`.
    pub decoder: String,
    /// ISO 639-1 code of the language of most of the speech; `und` (undetermined) when nobody
    /// spoke and no language was given.
    pub language: String,
    /// 0..1 where the model detected the language itself; null where it was given or the
    /// model knows only one.
    pub language_confidence: Option<f32>,
    /// How many people speak, with `diarize=true`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub num_speakers: Option<usize>,
    /// They, in order of appearance, with `diarize=true`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speakers: Option<Vec<SpeakerSummary>>,
    /// One per utterance, on the timeline of the source; with `diarize=true` one per turn.
    pub segments: Vec<Segment>,
    /// The likeliest readings of the whole, best first and `transcript` the first, with `n_best`
    /// above 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alternatives: Option<Vec<TranscriptAlternative>>,
    /// The voice of the recording in 192 numbers, of length 1, with `speaker_embedding=true`; of
    /// whoever speaks most, where there are several. Null where nobody speaks long enough.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speaker_embedding: Option<Vec<f32>>,
    /// How they speak, with `speech_analysis=true`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speech_analysis: Option<SpeechAnalysis>,
    /// Text or Markdown, with `summarize`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// By preset, with `summarize`; the JSON that a prompt of the client's own asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<crate::analysis::Analysis>)]
    pub analysis: Option<Value>,
    /// Why there is no analysis although `summarize` asked for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub analysis_error: Option<AnalysisError>,
    /// What was accepted but not done, or done otherwise than asked.
    pub warnings: Vec<String>,
    /// Where the time went.
    pub timings: Timings,
}

/// A stretch of speech.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Segment {
    /// Who said it, with `diarize=true`: `SPEAKER_00` is who speaks first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speaker: Option<String>,
    /// Probability that it is this speaker and not the next likely one, 0..1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speaker_confidence: Option<f32>,
    /// What was said.
    pub text: String,
    /// Seconds from the start of the audio.
    pub start: f64,
    /// Seconds from the start of the audio.
    pub end: f64,
    /// Calibrated probability that the words are right, 0..1.
    pub confidence: f32,
    /// Channel of the source, with `multichannel=true`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<u16>,
    /// The most likely tag of each category that the profile knows; null where it is unsure.
    #[serde(default)]
    pub metadata: Tags,
    /// The probability of every label, with `metadata_prob=true`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata_probs: Option<TagProbabilities>,
    /// Names, amounts, dates and numbers in the text.
    #[serde(default)]
    pub entities: Vec<Entity>,
    /// Speech act and domain, with `structured_intents=true`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub structured_intent: Option<StructuredIntent>,
    /// Words with times, with `word_timestamps=true`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<Vec<Word>>,
    /// What else it may have been, best first and the segment itself the first, with `n_best` above
    /// 1; at most so many, as there may be no more that differ. Not with `diarize`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alternatives: Option<Vec<Alternative>>,
}

/// One of several readings of a segment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Alternative {
    /// What was said.
    pub text: String,
    /// Calibrated probability that the words are right, 0..1; never above that of a better one.
    pub confidence: f32,
    /// Words with times, with `word_timestamps=true`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<Vec<Word>>,
}

/// One of several readings of a whole recording.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TranscriptAlternative {
    /// The whole text.
    pub transcript: String,
    /// Calibrated probability that a word of it is right, 0..1.
    pub confidence: f32,
}

/// A word with its times.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Word {
    /// As written in the text, punctuation stripped.
    pub word: String,
    /// Seconds from the start of the audio.
    pub start: f64,
    /// Seconds from the start of the audio.
    pub end: f64,
    /// Calibrated probability that the word is right, 0..1.
    pub confidence: f32,
}

/// Milliseconds by stage. Stages overlap, so they may add up to more than `total`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Timings {
    /// Container and codec to 16 kHz samples.
    pub decode: f64,
    /// Finding speech.
    pub vad: f64,
    /// Acoustic model, waiting in its queue included.
    pub inference: f64,
    /// Text after decoding.
    pub post: f64,
    /// Voices and speakers while the words were recognised, then tags of both; waiting included.
    #[serde(default)]
    pub metadata: f64,
    /// From the end of the upload to the answer.
    pub total: f64,
    /// The agent, with `summarize`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub analysis: Option<f64>,
}

/// Answer of `POST /transcribe/clean`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CleanTranscript {
    /// The text and nothing else.
    pub transcript: String,
}

/// Answer of `POST /transcribe/raw`: the model's own output, before any text processing.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RawTranscript {
    /// Equal to the `X-Request-Id` header.
    pub request_id: String,
    /// Output of all segments, special and action tokens included.
    pub raw: String,
    /// The profile that answered.
    pub model: String,
    /// Output by segment.
    pub segments: Vec<RawSegment>,
    /// What was accepted but not done.
    pub warnings: Vec<String>,
}

/// Model output for one stretch of speech.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RawSegment {
    /// Seconds from the start of the audio.
    pub start: f64,
    /// Seconds from the start of the audio.
    pub end: f64,
    /// Tokens as the model wrote them, special tokens included.
    pub text: String,
    /// Token ids.
    pub tokens: Vec<u32>,
}

/// Answer of `POST /transcribe/batch`: one result per `file` part, in order.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BatchTranscript {
    /// Equal to the `X-Request-Id` header.
    pub request_id: String,
    /// In the order of the parts.
    pub results: Vec<BatchResult>,
}

/// Result of one file of a batch: a transcript or an error.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BatchResult {
    /// Position of the `file` part, from 0.
    pub index: usize,
    /// As the part named it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filename: Option<String>,
    /// HTTP status this file alone would have had.
    pub status: u16,
    /// Present when the status is 200.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<Transcript>,
    /// Present otherwise.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorEnvelope>,
}

/// A server-sent event of `POST /transcribe/batch?stream=true`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum BatchEvent {
    /// A file is done; files come as they finish.
    Result {
        /// The file's result, with its position.
        result: Box<BatchResult>,
    },
    /// All files are done; the stream ends.
    Done {
        /// Equal to the `X-Request-Id` header.
        request_id: String,
        /// How many files there were.
        files: usize,
        /// How many of them failed.
        failed: usize,
    },
}

/// A server-sent event of `POST /transcribe/long`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum LongEvent {
    /// How far the work is.
    Progress {
        /// Seconds of audio done.
        seconds_done: f64,
        /// Length of the audio in seconds, once it is known.
        #[serde(skip_serializing_if = "Option::is_none")]
        duration: Option<f64>,
    },
    /// A segment is ready; segments come in order.
    Segment {
        /// The segment.
        segment: Segment,
    },
    /// Everything; the stream ends.
    Done {
        /// What the plain request would have answered.
        result: Box<Transcript>,
    },
    /// It failed; the stream ends.
    Error {
        /// Why.
        #[serde(flatten)]
        error: ErrorEnvelope,
    },
}

/// Answer of `GET /models`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ModelList {
    /// The profile used when `model` is left out.
    pub default: String,
    /// The variant the server runs.
    pub variant: String,
    /// Profiles of this variant.
    pub models: Vec<ModelInfo>,
}

/// A profile: an acoustic model plus its heads plus language models.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ModelInfo {
    /// What to pass as `model`.
    pub id: String,
    /// Other names it answers to.
    pub aliases: Vec<String>,
    /// The acoustic model, such as `whisper-base`.
    pub acoustic_model: String,
    /// What it is, in a sentence.
    pub description: String,
    /// Licence of the weights.
    pub licence: String,
    /// ISO 639-1 codes.
    pub languages: Vec<String>,
    /// The language models it may be searched with.
    #[serde(default)]
    pub language_models: Vec<LanguageModelInfo>,
    /// What tags the segments, and how well; tags of other heads are left out of `metadata`.
    pub heads: Vec<HeadInfo>,
    /// Tags that the profile has by the API reference and not here, with the reason.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub absent_heads: BTreeMap<String, String>,
    /// Word error rates measured on held-out sets, in percent; `make eval` prints them.
    pub word_error_rates: BTreeMap<String, f32>,
    /// Whether the weights are in memory now (they load on first use otherwise).
    pub loaded: bool,
    /// `cpu` or `cuda`.
    pub device: String,
}

/// Answer of `GET /languages`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct LanguageList {
    /// Languages of the loaded profiles.
    pub languages: Vec<LanguageInfo>,
}

/// A language and what there is for it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct LanguageInfo {
    /// ISO 639-1 (639-3 where there is none).
    pub code: String,
    /// In English.
    pub name: String,
    /// Profiles that know it.
    pub models: Vec<String>,
    /// Whether an n-gram language model is there for it.
    pub kenlm: bool,
    /// Which.
    #[serde(default)]
    pub language_model: Option<LanguageModelInfo>,
}

/// An n-gram language model: which words follow which.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LanguageModelInfo {
    /// ISO 639-1.
    pub language: String,
    /// The installed model's id, or the name of the file in `LM_DIR`.
    pub name: String,
    /// Words that an n-gram has at most.
    pub order: usize,
    /// Words it knows.
    pub words: usize,
    /// `installed` or `LM_DIR`.
    pub source: String,
}

/// Answer of `GET /intents`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct IntentList {
    /// The profile asked about.
    pub model: String,
    /// Labels its intent head can give; empty where no head is trained.
    pub intents: Vec<String>,
    /// Why the list is empty, where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Answer of `GET /status`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Status {
    /// `ok`, `starting` or `draining`.
    pub status: String,
    /// The variant the server runs.
    pub variant: String,
    /// `cpu` or `cuda`.
    pub device: String,
    /// Profiles whose weights are in memory.
    pub models: Vec<String>,
    /// Seconds since the start.
    pub uptime_seconds: f64,
    /// Resident memory of the process, in bytes.
    pub memory_bytes: u64,
    /// What is in memory of each acoustic model of the variant.
    #[serde(default)]
    pub acoustic_models: Vec<AcousticStatus>,
    /// Segments waiting for the acoustic model.
    pub queue_depth: usize,
    /// Recordings that are worked on now.
    #[serde(default)]
    pub files_active: usize,
    /// Recordings that wait for their turn.
    #[serde(default)]
    pub files_waiting: usize,
    /// Live streams open now.
    #[serde(default)]
    pub streams: usize,
    /// Version of the build.
    pub version: String,
}

/// An acoustic model as `GET /status` has it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AcousticStatus {
    /// Its id, which profiles share.
    pub id: String,
    /// Whether its weights are in memory.
    pub loaded: bool,
    /// By how much loading it made the process grow, in bytes; 0 while it is not loaded.
    pub memory_bytes: u64,
    /// Segments that wait for it.
    pub queue_depth: usize,
}
