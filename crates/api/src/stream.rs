//! Live recognition: the JSON messages of the WebSocket `/stream`, both ways. Audio goes as
//! binary messages.

use crate::ErrorBody;
use crate::entities::Entity;
use crate::recognition::{Alternative, Word};
use crate::tags::{TagProbabilities, Tags};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

/// What a client sends as text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ClientMessage {
    /// How to listen; may be left out, else once and before any audio.
    Config(Box<StreamConfig>),
    /// Recognise what was sent so far now, as finals, and go on; answered with `finalized`.
    Finalize,
    /// Nothing, so that the connection is not taken for dead.
    #[serde(alias = "keep_alive", alias = "KeepAlive")]
    Keepalive,
    /// No more audio: the rest is recognised, then comes `end` and the connection is closed.
    End,
}

/// How to listen. The same fields may stand in the query of the address.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct StreamConfig {
    /// Samples a second of what is sent, 8000 to 48000. Default 16000.
    pub sample_rate: Option<u32>,
    /// `s16le` (default), `mulaw`, `alaw`, or `opus`: one packet a message.
    pub encoding: Option<String>,
    /// Language spoken, or `auto` (default).
    pub language: Option<String>,
    /// A profile of `GET /models`.
    pub model: Option<String>,
    /// Send transcripts that may still change. Default true.
    pub interim_results: Option<bool>,
    /// Said again in every transcript, to tell several connections apart. Default `microphone`.
    pub channel: Option<String>,
    /// Silence after which an utterance may be over, 10 to 2000 ms. Default 500. A sentence that
    /// surely sounds finished is final sooner, one that breaks off later; docs/streaming.md has the rule.
    pub endpointing_ms: Option<u32>,
    /// Words with their times in finals. Default false.
    pub word_timestamps: Option<bool>,
    /// Tags of the speaker's voice and words in finals, where the profile has them, and entities.
    /// Default true.
    pub metadata: Option<bool>,
    /// What is likely to be finished is final the sooner the likelier it is, between 200 ms and
    /// `endpointing_ms`: for whoever answers, and can take it when speech goes on. Default false.
    pub eager: Option<bool>,
    /// Punctuation and casing. Default true.
    pub punctuation: Option<bool>,
    /// Numbers, money, dates and the like as they are written. Default true.
    pub itn: Option<bool>,
    /// Mask profanity. Default false.
    pub profanity_filter: Option<bool>,
    /// Reduce noise before recognition. Default false.
    pub noise_reduce: Option<bool>,
    /// Tell pauses within an utterance as well: `speech_paused` and `speech_resumed`. Default false.
    pub vad_events: Option<bool>,
    /// Name the speaker of each final. Default false.
    pub diarize: Option<bool>,
    /// Most speakers told apart, 1 to 20. Default 10.
    pub max_speakers: Option<u32>,
    /// Probabilities of all labels in finals. Default false.
    pub metadata_prob: Option<bool>,
    /// Hypotheses kept while decoding a final, 1 (greedy) to 16. Default: what suits the model.
    pub beam_width: Option<u32>,
    /// Readings of each final, 1 to 16. Default 1.
    pub n_best: Option<u32>,
    /// Finals by a language model as well, where there is one. Default: where it helps the model.
    pub use_lm: Option<bool>,
    /// `greedy`, `balanced` (default) or `strict`.
    pub lm_mode: Option<String>,
    /// Weight of the language model, 0 to 10. Default 0.1; 0.05 with Whisper, 0.3 with CTC models.
    pub lm_alpha: Option<f32>,
    /// Bonus for each word, -10 to 10. Default 0.5, with CTC models 1.5.
    pub lm_beta: Option<f32>,
    /// Words to listen for, separated by commas, or an array of texts; at most 1000.
    pub hotwords: Option<String>,
    /// How much hotwords count, 0 to 100. Default 10.
    pub hotword_weight: Option<f32>,
}

/// What the server sends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ServerMessage {
    /// The connection this belongs to.
    pub session_id: String,
    /// What happened.
    #[serde(flatten)]
    pub event: StreamEvent,
}

/// What happened on a stream. Times are seconds of audio since its start.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum StreamEvent {
    /// The configuration is taken: at once when it stands in the address, and again when a message
    /// adds to it; else with the first message.
    Ready {
        /// The profile that listens.
        model: String,
        /// The acoustic model behind it.
        acoustic_model: String,
        /// ISO 639-1, or `auto`.
        language: String,
        /// Samples a second expected.
        sample_rate: u32,
        /// Encoding expected.
        encoding: String,
        /// What was asked for but will not be done.
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        warnings: Vec<String>,
    },
    /// Someone began to speak.
    SpeechStarted {
        /// When.
        start: f64,
    },
    /// The voice paused; the utterance may go on. With `vad_events`.
    SpeechPaused {
        /// When it ended.
        end: f64,
    },
    /// The voice goes on in the same utterance. With `vad_events`.
    SpeechResumed {
        /// When.
        start: f64,
    },
    /// What was said.
    Transcript(Box<StreamTranscript>),
    /// The silence after an utterance lasted: the speaker's turn is over.
    UtteranceEnd {
        /// When the speech of it ended.
        end: f64,
    },
    /// All audio before `finalize` is in the finals before this.
    Finalized {
        /// Seconds of audio taken so far.
        end: f64,
    },
    /// With `diarize`, before `end`: who turned out to be somebody else, seen from the end.
    SpeakerMap {
        /// From the label that finals carried to the one it should have been; only those that change.
        map: BTreeMap<String, String>,
    },
    /// The stream failed; a close follows.
    Error {
        /// Why.
        error: ErrorBody,
    },
    /// All audio is in the finals before this; a close with code 1000 follows.
    End {
        /// Seconds of audio taken.
        duration: f64,
    },
}

/// A stretch of speech in words.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct StreamTranscript {
    /// As the configuration named it.
    pub channel: String,
    /// The words.
    pub text: String,
    /// Whether the text will never change again. Otherwise the next transcript replaces it.
    pub is_final: bool,
    /// Whether the utterance is complete; false in interims, and in finals of speech that goes on.
    pub utterance_end: bool,
    /// Where the stretch starts.
    pub start: f64,
    /// Where it ends; in an interim, so far.
    pub end: f64,
    /// ISO 639-1.
    pub language: String,
    /// Calibrated probability that a word of it is right, 0..1. Finals only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f32>,
    /// Milliseconds its recognition took, waiting for a worker included. Finals only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub process_ms: Option<u64>,
    /// The most likely tag of each category; null for one that the profile cannot tell. Finals
    /// only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Tags>,
    /// The probability of every label, with `metadata_prob`. Finals only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata_probs: Option<TagProbabilities>,
    /// Names, amounts, dates and numbers in the text, where there is `metadata`. Finals only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entities: Option<Vec<Entity>>,
    /// Who said it, with `diarize`. Finals only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speaker: Option<String>,
    /// Probability that it is this speaker and not the next likely one, 0..1. Finals only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speaker_confidence: Option<f32>,
    /// Words with times, with `word_timestamps`. Finals only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub words: Option<Vec<Word>>,
    /// What else it may have been, best first and this the first, with `n_best` above 1. Finals only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alternatives: Option<Vec<Alternative>>,
}
