//! What each segment does: by its tag, else by the model, else by how it is worded.

use crate::analysis::evidence;
use crate::analysis::rules::{self, labels};
use crate::analysis::transcript::{Call, Spoken};
use api::analysis::{SegmentBehavior, Source};
use serde::Deserialize;
use std::collections::HashMap;

/// Most segments that a model is asked to label.
pub const MOST_ASKED: usize = 150;

/// A model's label.
#[derive(Debug, Deserialize)]
pub struct Labelled {
    /// The number of the segment.
    pub segment: i64,
    /// The label.
    pub behavior: String,
}

/// Whether a model is to label: the call is short, shown whole, and not tagged.
pub fn asked(call: &Call, parts: usize) -> bool {
    parts == 1
        && call.segments.len() <= MOST_ASKED
        && !call
            .segments
            .iter()
            .any(|s| s.tags.contains_key("behavior"))
}

/// Labels of the segments that have one, and how many of the model's labels do not exist.
pub fn of(call: &Call, by_model: Vec<Labelled>) -> (Vec<SegmentBehavior>, usize) {
    let known = |label: &str| labels().behaviors.iter().any(|known| known == label);
    let mut unknown = 0;
    let mut given = HashMap::new();
    for Labelled { segment, behavior } in by_model {
        match usize::try_from(segment) {
            Ok(segment) if known(&behavior) => drop(given.insert(segment, behavior)),
            _ => unknown += 1,
        }
    }
    let wording_is_known = rules::knows(call);
    let label = |segment: &Spoken| {
        let tag = segment
            .tags
            .get("behavior")
            .map(|tag| (tag.clone(), Source::Tags));
        tag.or_else(|| Some((given.get(&segment.index)?.clone(), Source::Llm)))
            .or_else(|| {
                let label = worded(&segment.text).filter(|_| wording_is_known)?;
                Some((label.to_owned(), Source::Rules))
            })
    };
    let behaviors = call.segments.iter().filter_map(|segment| {
        let (behavior, source) = label(segment)?;
        Some(SegmentBehavior {
            segment: segment.index,
            start: segment.start,
            end: segment.end,
            speaker: segment.speaker.clone(),
            behavior,
            source,
        })
    });
    (behaviors.collect(), unknown)
}

/// By the first words and the question mark.
fn worded(text: &str) -> Option<&'static str> {
    // The last sentence of a segment is what the other one answers.
    let last = crate::analysis::transcript::sentences(text).pop()?;
    let words: Vec<String> = evidence::split(last)
        .into_iter()
        .map(|(word, ..)| word)
        .collect();
    let question = last.ends_with(['?', '？']);
    let all = labels().behavior.iter();
    let fits = all.filter(|rule| {
        rule.question == question && rule.longest.is_none_or(|most| words.len() <= most)
    });
    fits.filter(|rule| {
        rule.begins.iter().any(|begin| {
            let begin = begin.split(' ');
            begin.clone().count() <= words.len() && begin.zip(&words).all(|(a, b)| a == b)
        })
    })
    .map(|rule| rule.label.as_str())
    .next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_told_apart_by_their_first_words() {
        assert_eq!(
            worded("Fine. What brings you here?"),
            Some("BEHAVIOR_QUESTION_OPEN")
        );
        assert_eq!(
            worded("Do you have a minute?"),
            Some("BEHAVIOR_QUESTION_CLOSED")
        );
        assert_eq!(worded("theek hai"), Some("BEHAVIOR_ACKNOWLEDGE"));
        assert_eq!(worded("The weather was cold."), None);
    }
}
