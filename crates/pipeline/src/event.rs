//! What a call tells whoever follows it: the page on the other end, the call's record, live events.

use crate::frame::{EndReason, Part};
use crate::turn::TurnState;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Who spoke.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Speaker {
    /// We.
    Agent,
    /// The other side.
    Customer,
}

/// A turn, as the transcript of the call keeps it. Times are seconds since the call began.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Segment {
    /// Whose turn.
    pub speaker: Speaker,
    /// What was said; of ours, what was heard.
    pub text: String,
    /// When it began.
    pub start: f64,
    /// When it ended.
    pub end: f64,
    /// Probability that a word of it is right, 0..1. Of the customer only.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub confidence: Option<f32>,
    /// Tags, such as `emotion` = `EMOTION_HAPPY`; only what is known.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub metadata: BTreeMap<String, String>,
    /// The caller cut it short; `text` ends where they did.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub interrupted: bool,
    /// How long we took. Of the agent only.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub latency: Option<Latency>,
}

/// Milliseconds of an answer, each since the caller's voice ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Latency {
    /// Until the turn was taken for complete.
    pub end_of_turn_ms: u64,
    /// Until the first words of the language model.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub first_words_ms: Option<u64>,
    /// Until the first sound was made.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub first_sound_ms: Option<u64>,
    /// Until the first sound left.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub voice_to_voice_ms: Option<u64>,
}

/// One thing that happened in a call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum CallEvent {
    /// Whose turn it is now.
    State {
        /// The state.
        state: TurnState,
    },
    /// What the caller is saying; the next one replaces it.
    Interim {
        /// So far.
        text: String,
    },
    /// What we are about to say.
    Saying {
        /// A phrase.
        text: String,
    },
    /// A turn is complete.
    Segment {
        /// The turn.
        segment: Segment,
    },
    /// The caller pressed a key.
    Dtmf {
        /// `0` to `9`, `*`, `#`, `A` to `D`.
        digit: char,
    },
    /// A part fails.
    Failed {
        /// Which.
        part: Part,
        /// Why.
        why: String,
    },
    /// A part is back.
    Recovered {
        /// Which.
        part: Part,
    },
    /// The call is over; the last event.
    Ended {
        /// Why.
        reason: EndReason,
        /// Seconds.
        duration: f64,
        /// Ticks of 20 ms at which an answer had nothing to play though more of it was to come;
        /// where it is known.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        underruns: Option<u64>,
    },
}
