//! The preset `general`: what a call was about.

use super::{Evidence, Method, Source};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What a call was about.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct General {
    /// Who judged.
    pub method: Method,
    /// A few sentences.
    pub overview: String,
    /// Who spoke.
    pub participants: Vec<Participant>,
    /// Most important first.
    pub topics: Vec<Topic>,
    /// How the mood went.
    pub emotional_dynamics: EmotionalDynamics,
    /// Names, amounts, dates, numbers.
    pub entities: Vec<Entity>,
    /// What came of it.
    pub outcome: Option<String>,
    /// What the outcome rests on.
    pub outcome_evidence: Vec<Evidence>,
    /// Quotes of the model that are not in the transcript, and were left out.
    pub dropped_evidence: u32,
    /// Why a field is null, empty or unknown, by its name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub reasons: BTreeMap<String, String>,
}

/// Somebody who spoke.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Participant {
    /// The label of the segments.
    pub speaker: String,
    /// Part in the call, where it is known.
    pub role: Option<String>,
    /// What is known of them.
    pub description: Option<String>,
    /// How long they spoke.
    pub seconds: Option<f64>,
    /// Of the time that anybody spoke, 0..1.
    pub share: Option<f64>,
    /// How many segments are theirs; null, like the times, where segments do not say who speaks.
    pub segments: Option<usize>,
    /// How many words are theirs.
    pub words: Option<usize>,
}

/// What was talked about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Topic {
    /// In a few words.
    pub topic: String,
    /// How often the words stand in the transcript; null where a model named it.
    pub mentions: Option<usize>,
    /// Where.
    pub evidence: Vec<Evidence>,
}

/// How the mood went.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EmotionalDynamics {
    /// In words, where a model found them.
    pub description: Option<String>,
    /// Stretches that were not neutral, in order.
    pub moments: Vec<EmotionalMoment>,
}

/// A stretch of one emotion.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EmotionalMoment {
    /// `EMOTION_HAPPY`, `EMOTION_SAD`, `EMOTION_ANGRY`, `EMOTION_FEAR`, `EMOTION_SURPRISE`.
    pub emotion: String,
    /// Where it was heard or read.
    pub evidence: Evidence,
    /// Where it comes from.
    pub source: Source,
}

/// A name, an amount, a date, a number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Entity {
    /// `PERSON`, `ORG`, `MONEY`, `DATE`, `TIME`, `PHONE`, `EMAIL`...
    pub r#type: String,
    /// As the transcript has it.
    pub value: String,
    /// Where.
    pub evidence: Evidence,
}
