//! Speech synthesis: `/synthesize`, `/v1/audio/speech`, `/voices`, `/status`, and the JSON messages
//! of the WebSocket `/stream`, both ways. Over the WebSocket, audio comes as binary messages.

use crate::ErrorBody;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

/// What a client sends as text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum SpeechClientMessage {
    /// How to speak from now on; answered with `ready`. May be left out, may come again.
    Config(Box<SpeechConfig>),
    /// A text to be spoken after those before it.
    Speak(Box<Speak>),
    /// Stop speaking and forget what waits; answered with `cancelled`.
    #[serde(alias = "clear")]
    Cancel {
        /// Only the text with this id.
        #[serde(default)]
        #[schema(value_type = Option<String>)]
        id: Option<Value>,
    },
    /// Nothing, so that the connection is not taken for dead.
    #[serde(alias = "keep_alive", alias = "KeepAlive")]
    Keepalive,
    /// No more texts: those that wait are spoken, then comes `end` and the connection is closed.
    End,
    /// Close at once.
    Close,
}

/// How to speak. The same fields, but for `pronunciations`, may stand in the query of the address.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct SpeechConfig {
    /// A voice of `GET /voices`, or a mix such as `af_heart:0.6+am_adam:0.4`. Default `af_heart`.
    pub voice: Option<String>,
    /// Language of the text: `en-us`, `en-gb`, `es`, `fr`, `it`, `pt`, `hi`, `zh`, `ja`. Default the
    /// voice's own; `en` is American or British as the voice is.
    pub language: Option<String>,
    /// 0.5 to 2.0. Default 1.0.
    pub speed: Option<f32>,
    /// How lively: scales pitch and loudness around their mean; 0.0 (default, as the voice is) to 2.0.
    pub exaggeration: Option<f32>,
    /// `s16le` (default), `mulaw` or `alaw`; mono. `encoding` is another name for it.
    pub format: Option<String>,
    /// Samples a second, 8000 to 48000. Default 24000.
    pub sample_rate: Option<u32>,
    /// Words with their times. Default false.
    pub timestamps: Option<bool>,
    /// `female` or `male`: which voice stands in for a name that is not one of ours.
    pub voice_gender: Option<String>,
    /// Words said otherwise: to IPA between slashes, or respelled (`"Nguyen": "win"`).
    #[param(ignore)]
    pub pronunciations: Option<BTreeMap<String, String>>,
    /// 0.0 to 2.0; without effect, this engine samples nothing.
    pub temperature: Option<f32>,
    /// 0 to 200; without effect, this engine samples nothing.
    pub top_k: Option<u32>,
}

/// A text to be spoken.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Speak {
    /// The text.
    pub text: String,
    /// Said again in every message about this text; a text or a whole number. Counted up from `1`
    /// when left out.
    #[schema(value_type = Option<String>)]
    pub id: Option<Value>,
    /// How to say it: `slow`, `fast`, `calm`, `excited`, `soft`, `loud`, `whisper`, within any
    /// sentence ("speak slowly and calmly").
    pub instruct: Option<String>,
}

/// What the server sends as text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum SpeechEvent {
    /// The configuration is taken and holds for the texts after it.
    Ready {
        /// The connection.
        session_id: String,
        /// The voice or mix that speaks.
        voice: String,
        /// The language it speaks.
        language: String,
        /// Samples a second of the binary messages.
        sample_rate: u32,
        /// Encoding of the binary messages.
        format: String,
        /// What was asked for but is done otherwise, or not at all.
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        warnings: Vec<String>,
    },
    /// All speakers are busy.
    Waiting {
        /// The text that waits.
        #[schema(value_type = String)]
        id: Value,
        /// How many are before it.
        ahead: usize,
    },
    /// The binary messages after this are the sound of this text, up to its `done` or `cancelled`.
    Started {
        /// The text.
        #[schema(value_type = String)]
        id: Value,
        /// Its characters.
        characters: u64,
        /// Samples a second.
        sample_rate: u32,
        /// Encoding.
        format: String,
    },
    /// A word that begins in the next binary message or in one before it. With `timestamps`.
    Word {
        /// The text it is of.
        #[schema(value_type = String)]
        id: Value,
        /// The word and where it is.
        #[serde(flatten)]
        word: TimedWord,
    },
    /// All of a text was sent.
    Done {
        /// The text.
        #[schema(value_type = String)]
        id: Value,
        /// Its length as speech.
        audio_ms: u64,
        /// From the arrival of the text, or from the end of the one before it if that was later,
        /// to the first of its sound.
        ttfb_ms: u64,
        /// Its characters.
        characters: u64,
        /// What was not understood, such as words of `instruct`.
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        warnings: Vec<String>,
    },
    /// These texts are not spoken any further; no sound of them comes after this.
    Cancelled {
        /// Spoken in part or not at all.
        #[schema(value_type = Vec<String>)]
        ids: Vec<Value>,
    },
    /// Something was wrong. With an `id`, or about a configuration, the stream goes on; else a close
    /// follows.
    Error {
        /// The text it is about; it will not be spoken, or not to its end.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        #[schema(value_type = Option<String>)]
        id: Option<Value>,
        /// What.
        error: ErrorBody,
    },
    /// Answers `end`: everything was spoken, a close with code 1000 follows.
    End {
        /// Length of all that was sent.
        audio_ms: u64,
    },
}

/// A word of the text with its times.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TimedWord {
    /// As it stands in the text: `$5`, not `five dollars`.
    pub text: String,
    /// From the start of the text's sound.
    pub start_ms: u64,
    /// From the start of the text's sound.
    pub end_ms: u64,
    /// Where it stands in the text, in characters (Unicode code points).
    pub char_start: usize,
    /// Where it ends in the text.
    pub char_end: usize,
}

/// Body of `POST /synthesize`; the query may hold the same fields, but for `pronunciations`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct SynthesizeRequest {
    /// What to say.
    pub text: String,
    /// As in the configuration of the WebSocket.
    pub voice: Option<String>,
    /// As in the configuration of the WebSocket.
    pub language: Option<String>,
    /// 0.5 to 2.0.
    pub speed: Option<f32>,
    /// `wav` (default), `pcm` (16 bit, little-endian), `mp3`, `opus` (in Ogg), `flac`, `mulaw`, `alaw`.
    pub format: Option<String>,
    /// 8000 to 48000, default 24000. MP3 takes 8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100
    /// and 48000, Opus 8000, 12000, 16000, 24000 and 48000.
    pub sample_rate: Option<u32>,
    /// Word times: the answer is then lines of JSON (`SynthesizeLine`).
    pub timestamps: Option<bool>,
    /// As in the configuration of the WebSocket.
    pub exaggeration: Option<f32>,
    /// As in `speak` of the WebSocket.
    pub instruct: Option<String>,
    /// As in the configuration of the WebSocket.
    pub pronunciations: Option<BTreeMap<String, String>>,
    /// As in the configuration of the WebSocket.
    pub voice_gender: Option<String>,
    /// Without effect.
    pub temperature: Option<f32>,
    /// Without effect.
    pub top_k: Option<u32>,
}

/// A line of the answer with `timestamps`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum SynthesizeLine {
    /// A piece of the file, and words that begin in it or before.
    Audio {
        /// Base64; all pieces joined are the file.
        audio: String,
        /// Not given in a line before.
        words: Vec<TimedWord>,
    },
    /// The last line.
    Done {
        /// Length of the speech.
        audio_ms: u64,
        /// Characters of the text.
        characters: u64,
        /// Samples a second.
        sample_rate: u32,
        /// Format of the file.
        format: String,
        /// What was asked for but is done otherwise, or not at all.
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        warnings: Vec<String>,
    },
    /// The last line when the speech broke off.
    Error {
        /// Why.
        error: ErrorBody,
    },
}

/// Body of `POST /v1/audio/speech`, as OpenAI's clients send it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct OpenAiSpeechRequest {
    /// What to say.
    pub input: String,
    /// Without effect; there is one engine.
    pub model: Option<String>,
    /// A voice of ours, or one of OpenAI's (`alloy`, `nova`, ...), which stands for one of ours.
    pub voice: Option<String>,
    /// `mp3` (default), `opus`, `flac`, `wav`, `pcm`.
    pub response_format: Option<String>,
    /// 0.5 to 2.0.
    pub speed: Option<f32>,
    /// As `instruct`.
    pub instructions: Option<String>,
}

/// Answer of `GET /voices`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct VoiceList {
    /// By id.
    pub voices: BTreeMap<String, VoiceInfo>,
}

/// A voice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct VoiceInfo {
    /// What to call it.
    pub name: String,
    /// Language it speaks unless another is asked for, such as `en-us`.
    pub language: String,
    /// Where its speaker seems to be from.
    pub accent: String,
    /// `female` or `male`.
    pub gender: String,
    /// Samples a second it is made at.
    pub sample_rate: u32,
    /// In a sentence.
    pub description: String,
}

/// Answer of `GET /status`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SynthesisStatus {
    /// `ok`, `starting` or `draining`.
    pub status: String,
    /// What speaks.
    pub engine: String,
    /// `cpu` or `cuda`.
    pub device: String,
    /// How many voices there are.
    pub voices: usize,
    /// Texts being spoken or waiting for a speaker now.
    pub active: usize,
    /// WebSockets open now.
    pub streams: usize,
    /// Seconds since the start.
    pub uptime_seconds: f64,
    /// By how much loading the models made the process grow, in bytes.
    #[serde(default)]
    pub model_memory_bytes: u64,
    /// Seconds of computing for a second of speech, as last measured.
    #[serde(default)]
    pub real_time_factor: f64,
    /// Resident memory of the process, in bytes.
    pub memory_bytes: u64,
    /// Version of the build.
    pub version: String,
}
