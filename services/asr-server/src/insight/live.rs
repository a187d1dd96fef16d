//! A stream's finals, one by one: tags of voice and words, and who speaks.

use super::batch::hear;
use super::voices::Voice;
use super::words::Known;
use super::{Insight, Wishes};
use crate::answer::{label, probability};
use crate::profiles::Profile;
use service::{ApiError, ApiResult};
use speech::Hypothesis;
use speech::SpeakerTracker;
use speech::{RoleEvidence, Sentence, VoiceBaseline};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::task::spawn_blocking;

/// Voices told apart at most where nobody asked who speaks.
const MOST_VOICES: usize = 20;

/// See the module. One for each stream.
pub struct LiveInsight {
    insight: Insight,
    profile: Arc<Profile>,
    wishes: Wishes,
    tracker: SpeakerTracker,
    /// How each speaker sounds.
    baselines: BTreeMap<usize, VoiceBaseline>,
    evidence: RoleEvidence,
    /// Who spoke last.
    last: usize,
    /// What each speaker said last, with its place among all.
    said: BTreeMap<usize, (usize, Sentence)>,
    finals: usize,
}

/// What is known of a final beside its words.
#[derive(Debug, Default)]
pub struct Told {
    /// Its tags.
    pub known: Known,
    /// Who said it, and how surely, where that was asked.
    pub speaker: Option<(String, f32)>,
}

impl LiveInsight {
    /// For a stream of this profile.
    pub fn new(insight: Insight, profile: Arc<Profile>, wishes: Wishes) -> Self {
        let most = wishes.diarize.map_or(MOST_VOICES, |speakers| speakers.max);
        LiveInsight {
            insight,
            profile,
            wishes,
            tracker: SpeakerTracker::new(most),
            baselines: BTreeMap::new(),
            evidence: RoleEvidence::default(),
            last: 0,
            said: BTreeMap::new(),
            finals: 0,
        }
    }

    /// What is known of a final. `voice`: of its speech, of so many seconds.
    ///
    /// # Errors
    /// 500 when a model fails.
    pub async fn tell(
        &mut self,
        hypothesis: &Hypothesis,
        voice: Option<Voice>,
        seconds: f64,
    ) -> ApiResult<Told> {
        let mut told = Told::default();
        if let Some(voice) = &voice {
            let (speaker, confidence) = self.tracker.place(&voice.embedding, seconds);
            self.last = speaker;
            told.speaker = Some((label(speaker), probability(confidence)));
        } else if self.wishes.diarize.is_some() && self.finals > 0 {
            // Too short to tell: whoever spoke last, at a guess.
            told.speaker = Some((label(self.last), 0.5));
        }
        self.finals += 1;
        told.speaker = told.speaker.filter(|_| self.wishes.diarize.is_some());
        if !self.wishes.metadata {
            return Ok(told);
        }
        told.known = Known::of(&self.profile);
        if let Some(voice) = &voice {
            let models = &self.insight.models;
            let baseline = self.baselines.entry(self.last).or_default();
            let tags = models.voice_tags.tag_live(baseline, &voice.features);
            hear(&mut told.known, &self.profile, Some(&tags));
        }
        self.read(hypothesis, &mut told.known).await?;
        Ok(told)
    }

    async fn read(&mut self, hypothesis: &Hypothesis, known: &mut Known) -> ApiResult<()> {
        if self.profile.heads.text.is_empty() || hypothesis.text.is_empty() {
            return Ok(());
        }
        let models = self.insight.models.clone();
        let (text, language) = (hypothesis.text.clone(), hypothesis.language);
        let embed = move || models.sentences(&[(&text, language)]);
        let sentences = spawn_blocking(embed).await.map_err(ApiError::internal)?;
        let sentences = sentences.map_err(ApiError::internal)?;
        let Some(sentence) = sentences.into_iter().next().flatten() else {
            return Ok(());
        };
        let others = self
            .said
            .iter()
            .filter(|(speaker, _)| **speaker != self.last);
        let other = others.map(|(_, said)| said).max_by_key(|(at, _)| *at);
        let previous = other
            .or_else(|| self.said.get(&self.last))
            .map(|(_, said)| said);
        let models = &self.insight.models;
        let role = models.read(&self.profile, &self.wishes, &sentence, previous, known);
        if let Some(role) = role {
            known.put("role", &role);
            self.evidence.add(self.last, &role);
            if let Some(role) = self.evidence.roles().get(&self.last) {
                known.put_role(role);
            }
        }
        self.said.insert(self.last, (self.finals, sentence));
        Ok(())
    }

    /// At the end: from the labels that finals carried to what they should have been, where that
    /// is another.
    pub fn corrections(&self) -> BTreeMap<String, String> {
        let corrections = self.tracker.finish().into_iter();
        corrections
            .filter(|_| self.wishes.diarize.is_some())
            .map(|(told, better)| (label(told), label(better)))
            .collect()
    }
}
