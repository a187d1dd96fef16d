//! Beam search with length-normalised scores, one segment at a time.
//!
//! Most steps of speech have one plausible continuation: hypotheses that fall far behind the best
//! are dropped, so that most steps cost one row.

use super::Path;
use super::continuations::Continuations;
use super::fusion::{Fused, Fusion};
use super::greedy::Start;
use super::hotwords::Bias;
use super::rules::{Rules, repeated_tail};
use super::scores::{log_sum_exp, top};
use crate::graph::EncoderDecoder;
use crate::options::MAX_BEAM_WIDTH;
use crate::vocabulary::Vocabulary;
use crate::{DecodeOptions, DecoderKind, SpeechError};
use std::collections::HashMap;

/// A hypothesis so many nats behind the best never catches up: `e^-5` is one in 150.
const HOPELESS_NATS: f32 = 5.0;
/// As [`HOPELESS_NATS`], where alternatives are wanted for their own sake.
const HOPELESS_AMONG_MANY_NATS: f32 = 12.0;
/// A token less likely than this goes on with no hotword, in nats.
const UNHEARD_NATS: f32 = -10.0;

/// How to search.
pub(crate) struct Search<'a> {
    pub rules: &'a Rules,
    /// Most tokens of a path.
    pub limit: usize,
    /// Hypotheses kept.
    pub width: usize,
    /// Finished paths wanted.
    pub wanted: usize,
    pub fusion: Option<&'a Fusion>,
    pub vocabulary: &'a Vocabulary,
    /// What was said before, in the model's tokens.
    pub said: &'a [u32],
}

/// A hypothesis that goes on.
#[derive(Clone, Default)]
struct Open {
    path: Path,
    /// Of the model's own log probabilities.
    sum: f32,
    fused: Fused,
}

/// A continuation of an open hypothesis.
struct Candidate {
    parent: usize,
    token: u32,
    logprob: f32,
    /// All nats, those given in advance for a hotword included.
    score: f32,
    /// Nats given in advance.
    advance: f32,
    /// Of the path, and what it knows of its text; the end has none.
    gain: f32,
    fused: Option<Fused>,
}

/// Decodes the one row of `start`; gives the best paths, best first, at least one.
pub(crate) fn beam(
    model: &mut EncoderDecoder,
    start: Start<'_>,
    search: &Search<'_>,
) -> Result<Vec<Path>, SpeechError> {
    let Start {
        cross,
        mut past,
        mut logits,
    } = start;
    let mut open = vec![search.begin()];
    let mut finished: Vec<Path> = Vec::new();
    let mut tokens = HashMap::new();
    loop {
        let mut candidates = Vec::with_capacity(open.len() * (search.width + 1));
        for ((parent, hypothesis), row) in open.iter().enumerate().zip(logits.rows()?) {
            search.continue_with(parent, hypothesis, row, &mut tokens, &mut candidates);
        }
        let rows = open.len();
        let parents = search.advance(&mut open, &mut finished, candidates);
        let full = open
            .first()
            .is_none_or(|it| it.path.tokens.len() >= search.limit);
        if full || search.is_settled(&finished, &open) {
            return Ok(search.best(finished, open));
        }
        if !parents.iter().copied().eq(0..rows) {
            past = past.select(&parents)?;
        }
        let next: Vec<Vec<u32>> = open
            .iter()
            .map(|it| it.path.tokens.last().copied().into_iter().collect())
            .collect();
        // All rows hear the same audio: the graph spreads its one row over them.
        logits = model.step(&next, cross, &mut past)?;
    }
}

impl<'a> Search<'a> {
    /// As the options ask; `said` is what was said before, in the model's tokens.
    pub fn of(
        options: &'a DecodeOptions,
        rules: &'a Rules,
        limit: usize,
        vocabulary: &'a Vocabulary,
        fusion: Option<&'a Fusion>,
        said: &'a [u32],
    ) -> Self {
        // Alternatives that differ in a comma are one, so more are looked for.
        let wanted = match options.n_best {
            1 => 1,
            several => (2 * several).min(MAX_BEAM_WIDTH),
        };
        Self {
            rules,
            limit,
            width: options.beam_width.max(wanted),
            wanted,
            fusion,
            vocabulary,
            said,
        }
    }

    /// What this search is called.
    pub fn kind(&self) -> DecoderKind {
        match self.fusion {
            Some(fusion) if fusion.uses_language_model() => DecoderKind::BeamLm,
            _ => DecoderKind::Beam,
        }
    }

    fn begin(&self) -> Open {
        let mut first = Open::default();
        if let Some(fusion) = self.fusion {
            first.fused = fusion.begin();
            for &token in self.said {
                fusion.feed(&mut first.fused, self.vocabulary.bytes(token));
            }
        }
        first
    }

    /// Adds the candidates that follow `hypothesis`, given the scores of all tokens.
    fn continue_with(
        &self,
        parent: usize,
        hypothesis: &Open,
        row: &mut [f32],
        tokens: &mut HashMap<Bias, Vec<u32>>,
        candidates: &mut Vec<Candidate>,
    ) {
        self.rules.apply(row, hypothesis.path.tokens.is_empty());
        let norm = log_sum_exp(row);
        // One more than the width: the end may be among them.
        let mut chosen = top(row, self.width + 1);
        let bias = self
            .fusion
            .and_then(|fusion| fusion.bias(&hypothesis.fused));
        if let Some((hotwords, bias)) = bias {
            let index: &Continuations = self.vocabulary.continuations();
            let more = tokens
                .entry(bias)
                .or_insert_with(|| index.of(hotwords, bias));
            let heard = |token: &usize| row.get(*token).is_some_and(|x| x - norm > UNHEARD_NATS);
            let likeliest = chosen.len();
            for token in more.iter().map(|&token| token as usize).filter(heard) {
                if !chosen[..likeliest].contains(&token) {
                    chosen.push(token);
                }
            }
        }
        for token in chosen {
            let logprob = row[token] - norm;
            if logprob > f32::NEG_INFINITY {
                candidates.push(self.candidate(parent, hypothesis, token as u32, logprob));
            }
        }
    }

    fn candidate(&self, parent: usize, from: &Open, token: u32, logprob: f32) -> Candidate {
        let (mut gain, mut advance, mut fused) = (from.path.gain, 0.0, None);
        match self.fusion {
            Some(fusion) if token == self.rules.end => gain += fusion.finish(&from.fused),
            Some(fusion) => {
                let mut next = from.fused.clone();
                gain += fusion.feed(&mut next, self.vocabulary.bytes(token));
                advance = fusion.advance_pay(&next);
                fused = Some(next);
            }
            None => {}
        }
        Candidate {
            parent,
            token,
            logprob,
            score: from.sum + logprob + gain,
            advance,
            gain,
            fused,
        }
    }

    /// Replaces `open` by the best continuations; gives the parent of each.
    fn advance(
        &self,
        open: &mut Vec<Open>,
        finished: &mut Vec<Path>,
        mut candidates: Vec<Candidate>,
    ) -> Vec<usize> {
        candidates.sort_by(|a, b| b.score.total_cmp(&a.score));
        let hopeless = match self.wanted {
            1 => HOPELESS_NATS,
            _ => HOPELESS_AMONG_MANY_NATS,
        };
        // What is promised in advance drives nothing out that is better without it.
        let best = candidates.first().map_or(0.0, |it| it.score);
        let sure = candidates.iter().map(|it| it.score - it.advance);
        let surest = sure.fold(f32::NEG_INFINITY, f32::max);
        let (mut next, mut parents) = (Vec::with_capacity(self.width), Vec::new());
        for candidate in candidates {
            if next.len() == self.width {
                break;
            }
            let behind = (best - candidate.score).min(surest - candidate.score + candidate.advance);
            if behind > hopeless {
                continue;
            }
            let parent = &open[candidate.parent];
            let mut path = parent.path.clone();
            path.gain = candidate.gain;
            if candidate.token == self.rules.end {
                path.end_logprob = Some(candidate.logprob);
                finished.push(path);
                continue;
            }
            path.tokens.push(candidate.token);
            path.logprobs.push(candidate.logprob);
            // A beam that loops is dropped: the others carry on.
            if repeated_tail(&path.tokens).is_none() {
                parents.push(candidate.parent);
                next.push(Open {
                    path,
                    sum: parent.sum + candidate.logprob,
                    fused: candidate.fused.unwrap_or_default(),
                });
            }
        }
        *open = next;
        parents
    }

    /// Whether going on is not worth it: enough hypotheses are finished, or those wanted are
    /// better than all that are open (their means rarely rise).
    fn is_settled(&self, finished: &[Path], open: &[Open]) -> bool {
        let hope = open.iter().map(|it| it.path.rank());
        let hope = hope.fold(f32::NEG_INFINITY, f32::max);
        let better = finished.iter().filter(|path| path.rank() >= hope).count();
        finished.len() >= self.width.max(self.wanted) || better >= self.wanted
    }

    /// The finished paths, the best first; else the open ones.
    fn best(&self, finished: Vec<Path>, open: Vec<Open>) -> Vec<Path> {
        let mut all = finished;
        if all.is_empty() {
            all.extend(open.into_iter().map(|it| it.path));
        }
        all.sort_by(|a, b| b.rank().total_cmp(&a.rank()));
        if all.is_empty() {
            all.push(Path::default());
        }
        all
    }
}

#[cfg(test)]
#[path = "beam_tests.rs"]
mod tests;
