//! How a voice sounds: emotion of a segment, age and gender of its speaker.
//!
//! Three heads read what the voiceprint's network computed anyway. Emotion is told from how a
//! segment differs from the speaker's other segments, so it needs some of them; age and gender are
//! the speaker's, and told from all segments together.

mod baseline;
mod head;
#[cfg(test)]
mod tests;

pub use baseline::VoiceBaseline;

use super::{Distribution, Head};
use crate::{SpeechError, Voiceprint, Voicing};
use baseline::Sum;
use head::{EmotionHead, VoiceHead};
use std::collections::HashMap;

const EMOTION: &[u8] = include_bytes!("../../../../../models/heads/emotion.safetensors");
const AGE: &[u8] = include_bytes!("../../../../../models/heads/age.safetensors");
const GENDER: &[u8] = include_bytes!("../../../../../models/heads/gender.safetensors");

/// A child's voice does not tell its gender: from this probability of it, none is said.
const CHILD: &str = "AGE_0_18";
const LIKELY_A_CHILD: f32 = 0.3;
/// A segment with this much voice counts as one in a speaker's baseline, a shorter one as less (s).
const FULL_SEGMENT_S: f32 = 1.0;

/// Less voice than this says nothing of a mood (s).
const LEAST_FOR_EMOTION_S: f32 = 0.5;

/// What the heads need to know of a segment: some 50 bytes, so that a long call's can be kept.
#[derive(Clone, Debug, PartialEq)]
pub struct VoiceFeatures {
    emotion: Vec<f32>,
    age: Vec<f32>,
    gender: Vec<f32>,
    /// How much it counts among the speaker's segments, 0..1; 0 where nothing is voiced.
    weight: f32,
}

impl VoiceFeatures {
    /// Whether there is a voice: without one there are no tags.
    pub fn is_voiced(&self) -> bool {
        self.weight > 0.0
    }

    /// Of several stretches together, each counted by how much voice it has; nothing of none.
    pub fn mean(stretches: &[&Self]) -> Option<Self> {
        let mut sums = VoiceBaseline::default();
        stretches.iter().for_each(|stretch| sums.add(stretch));
        let weight: f32 = stretches.iter().map(|stretch| stretch.weight).sum();
        Some(Self {
            emotion: sums.emotion.mean()?,
            age: sums.age.mean()?,
            gender: sums.gender.mean()?,
            weight: weight.min(1.0),
        })
    }
}

/// What is said of a segment's voice. A distribution is absent where there is no voice; its
/// [`Distribution::top`] is absent where the head is not sure enough.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct VoiceTags {
    /// Of the segment, against the speaker's other segments; absent while there are fewer than three
    /// (in a stream: before the fourth).
    pub emotion: Option<Distribution>,
    /// Of the speaker.
    pub age: Option<Distribution>,
    /// Of the speaker; absent where it may be a child.
    pub gender: Option<Distribution>,
}

/// The trained heads.
pub struct VoiceTagger {
    emotion: EmotionHead,
    age: VoiceHead,
    gender: VoiceHead,
    voicing: Voicing,
}

impl VoiceTagger {
    /// The heads that are part of the program.
    ///
    /// # Errors
    /// [`SpeechError::ModelFile`], should one of them be damaged.
    pub fn embedded() -> Result<Self, SpeechError> {
        Ok(Self {
            emotion: EmotionHead::read("emotion", EMOTION)?,
            age: VoiceHead::read("age", AGE)?,
            gender: VoiceHead::read("gender", GENDER)?,
            voicing: Voicing::new(),
        })
    }

    /// The head of a tag, and the labels of the API reference that it does not know for want of
    /// training data.
    pub fn head(&self, tag: &str) -> Option<(&Head, &[String])> {
        let heads = [&self.emotion.head, &self.age, &self.gender];
        let found = heads.into_iter().find(|head| head.head.name() == tag)?;
        Some((&found.head, &found.absent))
    }

    /// Labels of each head, in the order of its probabilities: `(tag, labels)`.
    pub fn labels(&self) -> [(&str, &[String]); 3] {
        let heads = [&self.emotion.head, &self.age, &self.gender];
        heads.map(|head| (head.head.name(), head.head.labels()))
    }

    /// Labels of the reference that a head does not know, for want of training data: `(tag, labels)`.
    pub fn absent(&self) -> [(&str, &[String]); 3] {
        let heads = [&self.emotion.head, &self.age, &self.gender];
        heads.map(|head| (head.head.name(), &head.absent[..]))
    }

    /// Features of a segment from its voiceprint and its samples (16 kHz mono; the first 20 s are
    /// looked at). Costs some 0.05 % of the audio's time.
    pub fn features(&self, print: &Voiceprint, samples: &[f32]) -> VoiceFeatures {
        let voiced_s = self.voicing.voiced_s(samples).unwrap_or(0.0);
        VoiceFeatures {
            emotion: self.emotion.head.project(&print.statistics),
            age: self.age.project(&print.statistics),
            gender: self.gender.project(&print.statistics),
            weight: (voiced_s / FULL_SEGMENT_S).min(1.0),
        }
    }

    /// Tags of all segments of a recording, each given with its speaker; in their order.
    pub fn tag(&self, segments: &[(&VoiceFeatures, usize)]) -> Vec<VoiceTags> {
        let mut speakers: HashMap<usize, VoiceBaseline> = HashMap::new();
        for (features, speaker) in segments {
            speakers.entry(*speaker).or_default().add(features);
        }
        let tags = |(features, speaker): &(&VoiceFeatures, usize)| {
            let speaker = speakers.get(speaker)?;
            let others = speaker.emotion.without(&features.emotion, features.weight);
            self.of(features, speaker, &others)
        };
        segments
            .iter()
            .map(|one| tags(one).unwrap_or_default())
            .collect()
    }

    /// Tags of a live segment, against the segments of its speaker so far, to which it is added.
    pub fn tag_live(&self, speaker: &mut VoiceBaseline, features: &VoiceFeatures) -> VoiceTags {
        let before = speaker.emotion.clone();
        speaker.add(features);
        self.of(features, speaker, &before).unwrap_or_default()
    }

    fn of(
        &self,
        features: &VoiceFeatures,
        speaker: &VoiceBaseline,
        others: &Sum,
    ) -> Option<VoiceTags> {
        if !features.is_voiced() {
            return None;
        }
        let age = self.age.distribution(&speaker.age.mean()?);
        let is_child = |age: &Distribution| age.of(CHILD).is_some_and(|p| p >= LIKELY_A_CHILD);
        let gender = match &age {
            Some(age) if is_child(age) => None,
            _ => self.gender.distribution(&speaker.gender.mean()?),
        };
        // A single "hello" is mostly its vowel.
        let is_long_enough = features.weight * FULL_SEGMENT_S >= LEAST_FOR_EMOTION_S;
        let emotion = || self.emotion.distribution(&features.emotion, others);
        Some(VoiceTags {
            emotion: is_long_enough.then(emotion).flatten(),
            age,
            gender,
        })
    }
}
