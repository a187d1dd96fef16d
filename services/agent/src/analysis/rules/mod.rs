//! The method `rules`: what tags, times and patterns of words support, with their evidence, and
//! nothing else. The patterns are files in `rules/`.

pub mod collections;
pub mod entities;
pub mod extract;
pub mod general;
pub mod phrases;
pub mod sales_coaching;

use super::evidence::Words;
use super::transcript::{Call, Spoken};
use phrases::Phrases;
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::LazyLock;

/// Languages that the patterns are in; Hindi in both of its scripts.
const LANGUAGES: [&str; 2] = ["en", "hi"];

/// Why nothing can be said of a call in another language.
pub const OTHER_LANGUAGE: &str =
    "There are patterns for English and Hindi only, and no language model judged.";

/// `rules/labels.toml`.
#[derive(Debug, Deserialize)]
pub struct Labels {
    /// Emotion tags.
    pub emotions: Vec<String>,
    /// Behavior tags.
    pub behaviors: Vec<String>,
    agent_roles: Vec<String>,
    agent_phrases: Phrases,
    /// How behaviors are worded.
    pub behavior: Vec<Worded>,
}

/// How a behavior is worded.
#[derive(Debug, Deserialize)]
pub struct Worded {
    /// The tag.
    pub label: String,
    /// Whether it ends with a question mark.
    pub question: bool,
    /// Most words.
    pub longest: Option<usize>,
    /// First words.
    pub begins: Vec<String>,
}

static LABELS: LazyLock<Labels> =
    LazyLock::new(|| data(include_str!("../../../rules/labels.toml")));

/// The tags and their words.
pub fn labels() -> &'static Labels {
    &LABELS
}

/// A file of `rules/`.
fn data<T: serde::de::DeserializeOwned>(text: &str) -> T {
    toml::from_str(text).expect("files compiled in are read by a test")
}

/// Whether there are patterns for a call.
pub fn knows(call: &Call) -> bool {
    call.language
        .as_deref()
        .is_none_or(|code| LANGUAGES.contains(&code))
}

/// The speaker at work (seller, collector): by role tags, else by who says what they say.
/// Nothing when that does not tell, or nobody is named.
pub fn agent(words: &Words) -> Option<String> {
    let participants = words.call.participants();
    let tagged = participants.iter().find(|who| {
        who.role
            .as_ref()
            .is_some_and(|role| labels().agent_roles.contains(role))
    });
    if let Some(tagged) = tagged {
        return Some(tagged.speaker.clone());
    }
    let mut votes: HashMap<&str, usize> = HashMap::new();
    for (at, segment) in words.call.segments.iter().enumerate() {
        if let Some(speaker) = &segment.speaker {
            *votes.entry(speaker).or_default() +=
                labels().agent_phrases.in_segment(words, at).len();
        }
    }
    let mut ranked: Vec<(&str, usize)> = votes.into_iter().collect();
    ranked.sort_by_key(|(_, votes)| std::cmp::Reverse(*votes));
    match ranked[..] {
        [(first, most), (_, next), ..] if most > next => Some(first.to_owned()),
        _ => None,
    }
}

/// Whether a segment is somebody's, as far as that is known.
pub fn is(segment: &Spoken, who: Option<&str>) -> bool {
    who.is_none() || segment.speaker.as_deref() == who
}

/// Whether a segment is the other side's, as far as that is known.
pub fn is_other(segment: &Spoken, agent: Option<&str>) -> bool {
    agent.is_none() || segment.speaker.as_deref() != agent
}

/// What comments say of patterns when nobody is known to be at work.
pub fn note(agent: Option<&str>) -> &'static str {
    match agent {
        Some(_) => "",
        None => " Who is who could not be told, so everybody's words count.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_can_be_read() {
        assert_eq!(labels().behaviors.len(), 24);
        collections::rules();
        sales_coaching::rules();
        entities::rules();
        extract::stopwords();
    }
}
