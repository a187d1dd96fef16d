//! What a call was about, without a model.

use super::{entities, extract, labels};
use crate::analysis::evidence::Words;
use crate::analysis::transcript::Call;
use api::analysis::{EmotionalDynamics, EmotionalMoment, General, Method, Source};
use std::collections::BTreeMap;

/// Sentences of the overview.
const OVERVIEW: usize = 4;
/// Most topics.
const TOPICS: usize = 8;
/// Most moments.
const MOMENTS: usize = 200;
const NEUTRAL: &str = "EMOTION_NEUTRAL";

/// Sentences of the call, who spoke, terms, tags and shapes.
pub fn judge(call: &Call) -> General {
    let words = Words::of(call);
    let mut reasons: BTreeMap<String, String> = BTreeMap::new();
    let mut why = |field: &str, reason: &str| drop(reasons.insert(field.into(), reason.into()));
    why(
        "overview",
        "Sentences of the call that hold its most frequent words; no language model worded it.",
    );
    why("outcome", "What came of a call takes a language model.");
    let participants = call.participants();
    if participants.is_empty() {
        why("participants", "Segments do not say who speaks.");
    }
    let topics = extract::topics(&words, TOPICS);
    if topics.is_empty() {
        why("topics", "No term stands in the call twice.");
    }
    let moments = moments(&words);
    let tagged = call
        .segments
        .iter()
        .any(|segment| segment.tags.contains_key("emotion"));
    match (tagged, moments.is_empty()) {
        (false, _) => why(
            "emotional_dynamics",
            "Segments have no emotion tags, and no language model judged.",
        ),
        (true, true) => why("emotional_dynamics", "Every tagged segment is neutral."),
        _ => {}
    }
    let overview: Vec<&str> = extract::sentences(&words, OVERVIEW)
        .into_iter()
        .map(|at| call.segments[at].text.as_str())
        .collect();
    General {
        method: Method::Rules,
        overview: overview.join(" "),
        participants,
        topics,
        emotional_dynamics: EmotionalDynamics {
            description: None,
            moments,
        },
        entities: entities::of(&words),
        outcome: None,
        outcome_evidence: Vec::new(),
        dropped_evidence: 0,
        reasons,
    }
}

/// Where an emotion tag other than neutral begins or changes, for each speaker.
pub fn moments(words: &Words) -> Vec<EmotionalMoment> {
    let mut last: BTreeMap<Option<&str>, &str> = BTreeMap::new();
    let mut moments = Vec::new();
    for (at, segment) in words.call.segments.iter().enumerate() {
        let Some(emotion) = segment.tags.get("emotion") else {
            continue;
        };
        let before = last.insert(segment.speaker.as_deref(), emotion);
        let new = before != Some(emotion.as_str()) && emotion != NEUTRAL;
        if new && labels().emotions.contains(emotion) && moments.len() < MOMENTS {
            moments.push(EmotionalMoment {
                emotion: emotion.clone(),
                evidence: words.segment(at),
                source: Source::Tags,
            });
        }
    }
    moments
}
