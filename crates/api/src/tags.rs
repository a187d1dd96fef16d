//! Who spoke and how: tags of a segment, their distributions, and the speakers of a recording.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// The most likely tag of each category, such as `"gender": "GENDER_MALE"`. A category that the
/// profile has no weights for is left out; null means that it has, and is not sure enough here.
pub type Tags = BTreeMap<String, Option<String>>;

/// By category, the probability of each label; those of a category add up to 1.
pub type TagProbabilities = BTreeMap<String, BTreeMap<String, f32>>;

/// Two tiers of intent, with `structured_intents=true`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct StructuredIntent {
    /// What the speaker does by saying it, such as `ACT_REQUEST`; null where that is unsure.
    pub speech_act: Option<LabelProbability>,
    /// What it is about, such as `DOMAIN_BILLING`; null where that is unsure.
    pub domain: Option<LabelProbability>,
}

/// A label and how probable it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LabelProbability {
    /// The label.
    pub label: String,
    /// 0..1.
    pub probability: f32,
}

/// Somebody who speaks in a recording, with `diarize=true`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SpeakerSummary {
    /// As segments name it: `SPEAKER_00` is who speaks first.
    pub speaker: String,
    /// Seconds of speech.
    pub seconds: f64,
    /// How many segments are theirs.
    pub segments: usize,
    /// The voice in 192 numbers, of length 1, with `speaker_embedding=true`: the dot product of two
    /// tells how alike they are. docs/speakers.md has the threshold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speaker_embedding: Option<Vec<f32>>,
}

/// Trained weights that give one category of tags.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct HeadInfo {
    /// Its key in `metadata`, such as `gender`.
    pub category: String,
    /// Its model card: `models/heads/<id>.md`; for tags that a CTC model writes, that model.
    pub id: String,
    /// Labels it can give.
    pub labels: Vec<String>,
    /// Labels of the API reference that it never gives, for want of training data.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub absent_labels: Vec<String>,
    /// What it reads: `voice` or `text`; `audio` where a CTC model writes the tags itself, which then
    /// stand before those of a head of the same category.
    pub reads: String,
    /// ISO 639-1 codes of the texts it reads; left out where it reads the voice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<String>,
    /// Least probability of a tag that is given.
    pub threshold: f32,
    /// Measured on data it was not trained on; the model card says which.
    pub accuracy: BTreeMap<String, f32>,
}
