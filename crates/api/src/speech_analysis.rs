//! How somebody speaks, with `speech_analysis=true`. docs/speech-analysis.md defines each measure.
//!
//! A measure is null where there is too little speech for it, or no rules for the language.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Of the whole recording, and of each speaker where they are told apart.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SpeechAnalysis {
    /// Of all speech together.
    #[serde(flatten)]
    pub speech: SpeechMeasures,
    /// By speaker, or by channel, such as `SPEAKER_00`; left out where they are not told apart.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub speakers: BTreeMap<String, SpeakerMeasures>,
}

/// Measures of one speaker.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SpeakerMeasures {
    /// Of this speaker's speech.
    #[serde(flatten)]
    pub speech: SpeechMeasures,
    /// Share of all speakers' time of speaking, 0..1; null where nobody speaks.
    pub talk_ratio: Option<f64>,
    /// How often this speaker begins while another one speaks, and goes on after that one stopped.
    pub interruptions: usize,
}

/// Measures of a stretch of speech.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SpeechMeasures {
    /// Share of words reached without hesitation, 0..1.
    pub lexical_fluency: Option<f64>,
    /// Different words in a moving window of 50 words, as a share of it, 0..1.
    pub vocabulary_range: Option<f64>,
    /// 1 less ten times the share of words at which a rule finds an error of grammar, 0..1.
    pub grammar_score: Option<f64>,
    /// How many words the measures rest on; null in languages written without spaces.
    pub words: Option<usize>,
    /// How fast.
    pub pace: Pace,
    /// Silences of 0.25 to 10 seconds within a speaker's turn.
    pub pauses: Pauses,
    /// Sounds and phrases that fill pauses; null in languages we have no list for.
    pub fillers: Option<Fillers>,
    /// Words said twice in a row, and words broken off; null as `words` is.
    pub repairs: Option<Repairs>,
}

/// How fast somebody speaks.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Pace {
    /// Seconds of speaking, pauses included.
    pub speaking_s: f64,
    /// Words a minute of speaking, pauses included.
    pub words_per_minute: Option<f64>,
    /// Syllables a second of speaking, pauses not included.
    pub articulation_rate: Option<f64>,
}

/// Silent pauses.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Pauses {
    /// How many.
    pub count: usize,
    /// Seconds of all of them.
    pub total_s: f64,
    /// Seconds; null where there is none.
    pub mean_s: Option<f64>,
    /// Seconds; null where there is none.
    pub longest_s: Option<f64>,
    /// A minute of speaking, pauses included.
    pub per_minute: Option<f64>,
}

/// Filled pauses.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Fillers {
    /// How many. Recognisers often leave them out.
    pub count: usize,
    /// A minute of speaking, pauses included.
    pub per_minute: Option<f64>,
    /// How often each.
    pub words: BTreeMap<String, usize>,
}

/// What a speaker says anew.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Repairs {
    /// Stretches of one to three words said again at once: `I want I want to`.
    pub repetitions: usize,
    /// Words broken off, written with a dash: `tomor- tomorrow`.
    pub false_starts: usize,
}
