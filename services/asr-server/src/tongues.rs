//! Which language a recording is in, from what was detected segment by segment.

use speech::{Hypothesis, Language};
use std::collections::BTreeMap;

/// Below this a segment's own detection is not believed against what the rest says.
const SURE: f32 = 0.6;
/// Confident speech in seconds that the rest must have to overrule a segment.
const ENOUGH_S: f64 = 4.0;

/// A running tally. Short segments are often taken for a language that sounds alike; long ones
/// seldom are, so that the length of each counts with its confidence.
#[derive(Debug, Default)]
pub struct Tongues {
    /// Seconds times confidence, and seconds, by language.
    heard: BTreeMap<Language, (f64, f64)>,
}

impl Tongues {
    /// The language this segment should be decoded in again, if what it was decoded in is not
    /// believable: not one of `allowed`, or unsure and unlike everything else so far.
    pub fn correction(&self, hypothesis: &Hypothesis, allowed: &[Language]) -> Option<Language> {
        let confidence = hypothesis.language_confidence?;
        let leader = self.leader();
        if !allowed.contains(&hypothesis.language) {
            return leader
                .map(|(language, _)| language)
                .or_else(|| allowed.first().copied());
        }
        let (language, weight) = leader?;
        (confidence < SURE && language != hypothesis.language && weight >= ENOUGH_S)
            .then_some(language)
    }

    /// Counts a segment that has words.
    pub fn add(&mut self, hypothesis: &Hypothesis, seconds: f64) {
        let entry = self.heard.entry(hypothesis.language).or_default();
        entry.0 += seconds * f64::from(hypothesis.language_confidence.unwrap_or(1.0));
        entry.1 += seconds;
    }

    /// The language of most of the speech, with its mean confidence.
    pub fn verdict(&self) -> Option<(Language, f32)> {
        let (language, _) = self.leader()?;
        let (weight, seconds) = self.heard[&language];
        Some((
            language,
            if seconds > 0.0 {
                (weight / seconds) as f32
            } else {
                0.0
            },
        ))
    }

    fn leader(&self) -> Option<(Language, f64)> {
        let most = self.heard.iter().max_by(|a, b| a.1.0.total_cmp(&b.1.0));
        most.map(|(language, (weight, _))| (*language, *weight))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use speech::DecoderKind;

    fn heard(code: &str, confidence: f32) -> Hypothesis {
        Hypothesis {
            text: "x".into(),
            tokens: Vec::new(),
            given: 0,
            raw_text: String::new(),
            alternatives: Vec::new(),
            inline: speech::Inline::default(),
            words: Vec::new(),
            confidence: 1.0,
            language: code.parse().expect("a known code"),
            language_confidence: Some(confidence),
            avg_logprob: 0.0,
            no_speech_prob: 0.0,
            compression_ratio: 1.0,
            temperature: 0.0,
            decoder: DecoderKind::Greedy,
            rejected: None,
        }
    }

    fn all() -> Vec<Language> {
        Language::all().collect()
    }

    #[test]
    fn an_unsure_segment_follows_the_rest_and_a_sure_one_does_not() {
        let mut tongues = Tongues::default();
        assert_eq!(tongues.correction(&heard("cy", 0.3), &all()), None);
        tongues.add(&heard("en", 0.9), 20.0);
        assert_eq!(
            tongues
                .correction(&heard("cy", 0.3), &all())
                .map(Language::code),
            Some("en")
        );
        assert_eq!(tongues.correction(&heard("hi", 0.95), &all()), None);
        assert_eq!(
            tongues.verdict().map(|(language, _)| language.code()),
            Some("en")
        );
    }

    #[test]
    fn a_language_the_profile_does_not_take_is_replaced() {
        let hinglish: Vec<Language> = ["hi", "en"]
            .iter()
            .map(|code| code.parse().expect("known"))
            .collect();
        let urdu = Tongues::default().correction(&heard("ur", 0.9), &hinglish);
        assert_eq!(urdu.map(Language::code), Some("hi"));
    }

    #[test]
    fn most_of_the_speech_decides() {
        let mut tongues = Tongues::default();
        tongues.add(&heard("en", 0.9), 2.0);
        tongues.add(&heard("hi", 0.8), 10.0);
        let (language, confidence) = tongues.verdict().expect("two were heard");
        assert_eq!(language.code(), "hi");
        assert!((confidence - 0.8).abs() < 1e-6);
    }
}
