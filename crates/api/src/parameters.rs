//! What a client may ask of recognition: the fields of `POST /transcribe` and its kin.
//!
//! These types document the fields; a service reads them leniently (a boolean may be `yes`)
//! and answers unknown ones with a warning.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Body of `POST /transcribe`: a multipart form, fields in any order.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TranscribeForm {
    /// The recording: MP3, WAV, FLAC, Ogg, M4A/MP4, WebM, AIFF; recognised by content.
    #[schema(value_type = String, format = Binary)]
    pub file: Vec<u8>,
    /// How to transcribe it.
    #[serde(flatten)]
    pub parameters: TranscribeParameters,
}

/// Body of `POST /transcribe/batch`: a multipart form with several `file` parts.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BatchForm {
    /// The recordings; results come in this order.
    #[schema(value_type = Vec<String>, format = Binary)]
    pub file: Vec<Vec<u8>>,
    /// How to transcribe them.
    #[serde(flatten)]
    pub parameters: TranscribeParameters,
}

/// How to transcribe. Booleans are true/false, 1/0, yes/no or on/off.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TranscribeParameters {
    /// Language spoken, such as `en`, `hi`, `zh`, or `auto` to detect it. Default: `auto`.
    pub language: Option<String>,
    /// A profile or an acoustic model of `GET /models`. Default: the variant's default.
    pub model: Option<String>,
    /// Words with start, end and confidence in each segment. Default: false.
    pub word_timestamps: Option<bool>,
    /// Punctuation and casing; false strips both. Default: true.
    pub punctuation: Option<bool>,
    /// Numbers, money, dates, times and units in digits (de, en, es, fr, hi, ja, ko, zh).
    /// Default: true.
    pub itn: Option<bool>,
    /// Swear words masked (`f***`) in text, words and subtitles. Default: false.
    pub profanity_filter: Option<bool>,
    /// `json`, `segments` (the array alone), `srt` or `vtt`. Default: `json`.
    pub format: Option<String>,
    /// Bring the recording to an even level first. Default: false.
    pub gain_normalize: Option<bool>,
    /// Reduce noise first. Default: false.
    pub noise_reduce: Option<bool>,
    /// Transcribe each channel by itself; segments say which. Default: false (mixed down).
    pub multichannel: Option<bool>,
    /// Hypotheses kept while decoding, 1 (greedy) to 1000; more than 16 are searched as 16.
    /// Default: what suits the model.
    pub beam_width: Option<u32>,
    /// Tell speakers apart: segments become turns with a `speaker`. With `multichannel` a channel is a
    /// speaker. Default: false.
    pub diarize: Option<bool>,
    /// How many speakers there are, 1 to 100; fewer are told where the audio does not have so many
    /// voices. Default: found out.
    pub num_speakers: Option<u32>,
    /// Fewest speakers, 1 to 100. Default: 1.
    pub min_speakers: Option<u32>,
    /// Most speakers, 1 to 100. Default: 10.
    pub max_speakers: Option<u32>,
    /// A language model in the beam search, where there is one for the language; `decoder` says what
    /// ran. Default: where it helps the model.
    pub use_lm: Option<bool>,
    /// How much the language model counts: `greedy` (not at all, and no beam unless `beam_width` asks
    /// for one), `balanced` or `strict`. Default: `balanced`.
    pub lm_mode: Option<String>,
    /// Weight of the language model, 0 to 10. Default: 0.1; 0.05 with Whisper, 0.3 with CTC models.
    pub lm_alpha: Option<f32>,
    /// Bonus for each word, -10 to 10. Default: 0.5, with CTC models 1.5.
    pub lm_beta: Option<f32>,
    /// Tags and entities in each segment; false is faster. Default: true.
    pub metadata: Option<bool>,
    /// Probabilities of all labels in each segment. Default: false.
    pub metadata_prob: Option<bool>,
    /// Fluency, vocabulary, grammar, pace, pauses, fillers, shares of the talk. Default: false.
    pub speech_analysis: Option<bool>,
    /// The voice as 192 numbers; with `diarize` of every speaker. Default: false.
    pub speaker_embedding: Option<bool>,
    /// `true` (or `general`), `sales_coaching`, `collections`, or a prompt of your own: what the agent
    /// is to make of the transcript. With `format=json` only. Default: none.
    pub summarize: Option<String>,
    /// Words and phrases to listen for, separated by commas, or a JSON array; at most 1000 of at most
    /// 100 characters. The field may be repeated.
    pub hotwords: Option<String>,
    /// How much hotwords count, 0 (not at all) to 100. Default: 10.
    pub hotword_weight: Option<f32>,
    /// Readings of each segment and of the whole to give in `alternatives`, 1 to 16, at most
    /// `beam_width`. Default: 1.
    pub n_best: Option<u32>,
    /// Speech act and domain of each segment. Default: false.
    pub structured_intents: Option<bool>,
    /// Intents to choose from, separated by commas: of `GET /intents`. Default: all.
    pub intent_labels: Option<String>,
}

/// What the bytes of `POST /transcribe/pcm` are.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PcmParameters {
    /// Frames a second, 4000 to 192000. Default: 16000.
    pub sample_rate: Option<u32>,
    /// Interleaved channels, 1 to 8. Default: 1.
    pub channels: Option<u16>,
    /// `s16le`, `mulaw`, `alaw` or `f32le`. Default: `s16le`.
    pub encoding: Option<String>,
}

/// Query of `POST /transcribe/batch`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct BatchParameters {
    /// Each result as a server-sent event when it is there. Default: false.
    pub stream: Option<bool>,
}

/// Query of `GET /intents`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct IntentQuery {
    /// The profile to ask about. Default: the variant's default.
    pub model: Option<String>,
}
