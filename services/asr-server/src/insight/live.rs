//! A stream's finals, one by one: tags of voice and words, entities, and who speaks.

use super::batch::hear;
use super::voices::UtteranceVoices;
use super::words::Known;
use super::{Insight, Wishes};
use super::{inline, turns};
use crate::answer::{label, probability};
use crate::profiles::Profile;
use crate::readable::Readable;
use service::{ApiError, ApiResult};
use speech::{Hypothesis, SpeechSegment, WordRun};
use speech::{RoleEvidence, Sentence, SpeakerTracker, VoiceBaseline, VoiceFeatures};
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

/// What one speaker says in an utterance: the whole of it, mostly.
#[derive(Debug)]
pub struct Part {
    /// Its words.
    pub hypothesis: Hypothesis,
    /// Where its speech begins and ends, in seconds.
    pub span: (f64, f64),
    /// Who.
    speaker: usize,
    /// How surely; `None` before anybody's voice was heard.
    sure: Option<f32>,
    /// How it sounds; `None` where there is too little of the voice.
    features: Option<VoiceFeatures>,
}

/// What is known of a final beside its words.
#[derive(Debug, Default)]
pub struct Told {
    /// Its tags and entities.
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

    /// The parts of an utterance with these words, in order: more than one where it is wanted to
    /// know who speaks, and several did.
    pub fn parts(
        &mut self,
        segment: &SpeechSegment,
        hypothesis: Hypothesis,
        heard: UtteranceVoices,
    ) -> Vec<Part> {
        let placed: Vec<(usize, f32)> = heard
            .voices
            .iter()
            .map(|(voice, seconds)| self.tracker.place(&voice.embedding, *seconds))
            .collect();
        let runs = match &heard.alternation {
            Some(alternation) => {
                let words = hypothesis.words.iter();
                let words: Vec<(f64, f64)> = words.map(|word| (word.start_s, word.end_s)).collect();
                by_speaker(&alternation.attribute(&words), &placed)
            }
            None => Vec::new(),
        };
        let features = |speaker: usize| {
            let own = placed.iter().zip(&heard.voices);
            let own = own.filter(|((who, _), _)| *who == speaker);
            let own: Vec<&VoiceFeatures> = own.map(|(_, (voice, _))| &voice.features).collect();
            VoiceFeatures::mean(&own)
        };
        let span = segment.speech_span();
        if runs.len() < 2 {
            let said = runs.first().map(|run| (run.speaker, run.confidence));
            let said = said.or(placed.first().copied());
            // Too short to tell: whoever spoke last, at a guess.
            let guess = || (self.finals > 0).then_some((self.last, 0.5));
            let (speaker, sure) = said.or_else(guess).unzip();
            let speaker = speaker.unwrap_or(self.last);
            return vec![Part {
                hypothesis,
                span,
                features: features(speaker),
                speaker,
                sure,
            }];
        }
        let pieces = turns::spans(&hypothesis, span, &runs)
            .into_iter()
            .zip(&runs);
        let part = |(span, run): ((f64, f64), &WordRun)| Part {
            hypothesis: turns::part(&hypothesis, &hypothesis.words[run.words.clone()]),
            span,
            features: features(run.speaker),
            speaker: run.speaker,
            sure: Some(run.confidence),
        };
        pieces.map(part).collect()
    }

    /// What is known of a part, whose text clients see as `readable`.
    ///
    /// # Errors
    /// 500 when a model fails.
    pub async fn tell(&mut self, part: &Part, readable: &Readable) -> ApiResult<Told> {
        let mut told = Told::default();
        let speaker = part.speaker;
        self.last = speaker;
        let sure = part.sure.filter(|_| self.wishes.diarize.is_some());
        told.speaker = sure.map(|sure| (label(speaker), probability(sure)));
        self.finals += 1;
        if !self.wishes.metadata {
            return Ok(told);
        }
        // Found while the tags are.
        let models = self.insight.models.clone();
        let (shown, language) = (readable.clone(), part.hypothesis.language);
        let entities = spawn_blocking(move || models.entities(&shown, language));
        told.known = Known::of(&self.profile);
        if let Some(features) = &part.features {
            let models = &self.insight.models;
            let baseline = self.baselines.entry(speaker).or_default();
            let tags = models.voice_tags.tag_live(baseline, features);
            hear(&mut told.known, &self.profile, Some(&tags));
        }
        self.read(&part.hypothesis, &mut told.known).await?;
        told.known.entities = entities.await.map_err(ApiError::internal)?;
        let first = &self.profile.heads_first;
        inline::tags(&mut told.known, &part.hypothesis.inline, first);
        inline::entities(&mut told.known, &part.hypothesis, readable);
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

/// Runs of those who took turns as runs of the speakers they are, neighbours of one joined.
fn by_speaker(runs: &[WordRun], placed: &[(usize, f32)]) -> Vec<WordRun> {
    let mut found: Vec<WordRun> = Vec::with_capacity(runs.len());
    for run in runs {
        let Some(&(speaker, sure)) = placed.get(run.speaker) else {
            continue;
        };
        match found.last_mut() {
            Some(last) if last.speaker == speaker => last.words.end = run.words.end,
            _ => found.push(WordRun {
                words: run.words.clone(),
                speaker,
                confidence: sure * run.confidence,
            }),
        }
    }
    found
}

#[cfg(test)]
#[path = "live_tests.rs"]
mod tests;
