//! Who is who in a whole call: one sentence says little (`yes`, `one moment`), all that a speaker
//! says says a lot. Agents greet, verify and instruct, customers answer; interviewers ask.
//!
//! The evidence of a speaker for a role is the sum over his sentences of the head's log-odds against
//! chance (naive Bayes), damped, since sentences of one speaker are not independent. Two speakers
//! of a call rarely have the same role: that they do needs better evidence than that they differ.

use super::TextHead;
use crate::Distribution;
use std::collections::BTreeMap;

/// Share of a sentence's evidence that counts, fitted on dialogues apart from the training ones.
const DAMPING: f32 = 0.5;
/// How much less likely it is that the two who speak most have the same role.
const SAME_ROLE: f32 = 0.05;
/// No sentence alone decides: its probabilities are never taken for smaller than this.
const FLOOR: f32 = 0.02;
/// Least confidence in a role that is said.
const LEAST_CONFIDENCE: f32 = 0.6;

/// What kind of talk it is, hence which roles there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scene {
    /// Interviewer and interviewee.
    Interview,
    /// Agent and customer.
    Call,
}

impl Scene {
    /// The head whose distributions are the evidence.
    pub fn head(self) -> TextHead {
        match self {
            Self::Interview => TextHead::RoleInterview,
            Self::Call => TextHead::RoleCall,
        }
    }
}

/// What a speaker is in the call.
#[derive(Clone, Debug, PartialEq)]
pub struct Role {
    /// `ROLE_AGENT`.
    pub label: String,
    /// Probability of it, 0..1, given all that everybody said so far.
    pub confidence: f32,
}

impl Role {
    /// Whether it is certain enough to be said.
    pub fn is_sure(&self) -> bool {
        self.confidence >= LEAST_CONFIDENCE
    }
}

/// Evidence gathered while a call goes on. One number a role and speaker, however long it lasts.
#[derive(Clone, Debug, Default)]
pub struct RoleEvidence {
    labels: Vec<String>,
    speakers: BTreeMap<usize, Evidence>,
}

#[derive(Clone, Debug, Default)]
struct Evidence {
    scores: Vec<f32>,
    sentences: usize,
}

impl RoleEvidence {
    /// Adds what the scene's head says of a sentence of `speaker`. Distributions of another head
    /// than the first are ignored.
    pub fn add(&mut self, speaker: usize, sentence: &Distribution) {
        if self.labels.is_empty() {
            self.labels = sentence.labels().to_vec();
        }
        if self.labels != sentence.labels() {
            return;
        }
        let chance = 1.0 / self.labels.len().max(1) as f32;
        let evidence = self.speakers.entry(speaker).or_default();
        evidence.scores.resize(self.labels.len(), 0.0);
        evidence.sentences += 1;
        for (score, probability) in evidence.scores.iter_mut().zip(sentence.probabilities()) {
            *score += DAMPING * (probability.max(FLOOR) / chance).ln();
        }
    }

    /// The likeliest role of every speaker heard so far, by speaker.
    pub fn roles(&self) -> BTreeMap<usize, Role> {
        let mut beliefs: BTreeMap<usize, Vec<f32>> = self
            .speakers
            .iter()
            .map(|(&speaker, evidence)| (speaker, normalised(&evidence.scores)))
            .collect();
        if let Some((one, other)) = self.leads() {
            let together = apart(&beliefs[&one], &beliefs[&other]);
            beliefs.insert(one, together.0);
            beliefs.insert(other, together.1);
        }
        beliefs
            .into_iter()
            .filter_map(|(speaker, belief)| Some((speaker, self.likeliest(&belief)?)))
            .collect()
    }

    fn likeliest(&self, belief: &[f32]) -> Option<Role> {
        let both = self.labels.iter().zip(belief);
        let best = both.max_by(|one, other| one.1.total_cmp(other.1))?;
        Some(Role {
            label: best.0.clone(),
            confidence: *best.1,
        })
    }

    /// The two who said most; a third (a second interviewer, a supervisor) may have any role.
    fn leads(&self) -> Option<(usize, usize)> {
        let mut speakers: Vec<(usize, usize)> = self
            .speakers
            .iter()
            .map(|(&speaker, evidence)| (evidence.sentences, speaker))
            .collect();
        speakers.sort_unstable_by_key(|&(sentences, speaker)| (usize::MAX - sentences, speaker));
        match speakers[..] {
            [(_, one), (_, other), ..] => Some((one, other)),
            _ => None,
        }
    }
}

/// Roles of a whole call: what the scene's head says of every sentence, speaker by speaker. A
/// speaker without sentences has no role.
pub fn roles(per_speaker: &[&[Distribution]]) -> Vec<Option<Role>> {
    let mut evidence = RoleEvidence::default();
    for (speaker, sentences) in per_speaker.iter().enumerate() {
        sentences
            .iter()
            .for_each(|sentence| evidence.add(speaker, sentence));
    }
    let mut found = evidence.roles();
    (0..per_speaker.len())
        .map(|speaker| found.remove(&speaker))
        .collect()
}

/// Probabilities in proportion to the exponentials of `scores`.
fn normalised(scores: &[f32]) -> Vec<f32> {
    let largest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let weights: Vec<f32> = scores.iter().map(|score| (score - largest).exp()).collect();
    let sum: f32 = weights.iter().sum();
    weights.iter().map(|weight| weight / sum).collect()
}

/// Beliefs about two speakers given that the same role for both is unlikely.
fn apart(one: &[f32], other: &[f32]) -> (Vec<f32>, Vec<f32>) {
    let given = |mine: &[f32], theirs: &[f32]| -> Vec<f32> {
        let weigh = |role: usize| {
            let same = theirs[role];
            mine[role] * (SAME_ROLE * same + (1.0 - same))
        };
        let weights: Vec<f32> = (0..mine.len()).map(weigh).collect();
        let sum: f32 = weights.iter().sum::<f32>().max(f32::MIN_POSITIVE);
        weights.iter().map(|weight| weight / sum).collect()
    };
    (given(one, other), given(other, one))
}

#[cfg(test)]
#[path = "roles_tests.rs"]
mod tests;
