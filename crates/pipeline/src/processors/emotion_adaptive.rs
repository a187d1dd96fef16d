//! Tells the language model how the caller sounds and what they are about, when that changes.
//! What is told is in `data/tags.toml`.

use crate::frame::{Frame, Utterance};
use crate::processor::{Context, Processor, Way};
use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::Duration;

/// A shorter utterance tells too little of a voice.
const SHORTEST: Duration = Duration::from_millis(700);
/// Categories that are heard in the voice, with what is taken for granted of them.
const OF_THE_VOICE: [(&str, &str); 2] = [("emotion", "EMOTION_NEUTRAL"), ("age", "")];

/// Sentences by category and tag.
static SENTENCES: LazyLock<BTreeMap<String, BTreeMap<String, String>>> = LazyLock::new(|| {
    toml::from_str(include_str!("../../data/tags.toml")).expect("checked by a test")
});

/// See the module.
#[derive(Debug)]
pub struct EmotionAdaptive {
    /// What the model takes the caller for, by category.
    known: BTreeMap<String, String>,
}

impl EmotionAdaptive {
    /// At the start of a call.
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        let known = OF_THE_VOICE
            .iter()
            .map(|(category, tag)| ((*category).to_owned(), (*tag).to_owned()));
        EmotionAdaptive {
            known: known.collect(),
        }
    }

    /// What is new of an utterance, as sentences.
    fn news(&mut self, utterance: &Utterance) -> Vec<&'static str> {
        let is_short = utterance.end.saturating_sub(utterance.start) < SHORTEST;
        let mut news = Vec::new();
        for (category, sentences) in SENTENCES.iter() {
            let is_heard = OF_THE_VOICE.iter().any(|(heard, _)| heard == category);
            let Some(tag) = utterance.tags.get(category) else {
                continue;
            };
            if (is_heard && is_short) || self.known.get(category) == Some(tag) {
                continue;
            }
            self.known.insert(category.clone(), tag.clone());
            news.extend(sentences.get(tag).map(String::as_str));
        }
        news
    }
}

impl Processor for EmotionAdaptive {
    fn name(&self) -> &'static str {
        "EmotionAdaptive"
    }

    fn process(&mut self, frame: Frame, way: Way, context: &mut Context) {
        if let Frame::Final(utterance) = &frame {
            for sentence in self.news(utterance) {
                context.down(Frame::Developer(sentence.to_owned()));
            }
        }
        context.pass(frame, way);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{context, ms};

    /// What is told for utterances of a second with these tags.
    fn told(utterances: &[(&str, &str)], milliseconds: u64) -> Vec<String> {
        let (mut processor, mut context) = (EmotionAdaptive::new(), context());
        for (category, tag) in utterances {
            let utterance = Utterance {
                text: "Well.".into(),
                end: ms(milliseconds),
                tags: [((*category).to_owned(), (*tag).to_owned())].into(),
                ..Utterance::default()
            };
            processor.process(Frame::Final(utterance), Way::Down, &mut context);
        }
        let sent = context.take_sent().into_iter();
        sent.filter_map(|(frame, _)| match frame {
            Frame::Developer(text) => Some(text),
            _ => None,
        })
        .collect()
    }

    #[test]
    fn only_changes_are_told() {
        let angry = ("emotion", "EMOTION_ANGRY");
        let calm = ("emotion", "EMOTION_NEUTRAL");
        let told = told(&[calm, angry, angry, calm, calm], 1000);
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told[0].contains("angry") && told[1].contains("calm"));
    }

    #[test]
    fn a_word_is_too_short_for_an_emotion_but_not_for_an_intent() {
        assert!(told(&[("emotion", "EMOTION_ANGRY")], 400).is_empty());
        assert_eq!(told(&[("intent", "INTENT_COMPLAINT")], 400).len(), 1);
    }

    #[test]
    fn an_unknown_tag_is_told_by_nobody() {
        assert!(told(&[("emotion", "EMOTION_ODD"), ("shoe", "RED")], 1000).is_empty());
    }

    #[test]
    fn what_is_new_comes_before_the_words() {
        let (mut processor, mut context) = (EmotionAdaptive::new(), context());
        let utterance = Utterance {
            end: ms(2000),
            tags: [("emotion".to_owned(), "EMOTION_SAD".to_owned())].into(),
            ..Utterance::default()
        };
        processor.process(Frame::Final(utterance), Way::Down, &mut context);
        let sent = context.take_sent();
        assert!(matches!(
            &sent[..],
            [(Frame::Developer(_), _), (Frame::Final(_), _)]
        ));
    }
}
