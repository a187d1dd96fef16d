//! Searching CTC posteriors for what was said (Graves et al. 2006): the likeliest token of each
//! frame, or prefix beam search (Hannun et al. 2014) with a language model and hotwords.

use super::posteriors::Posteriors;
use super::prefixes::{NodeId, Prefixes};
use super::tokens::Tokens;
use crate::decode::fusion::Fusion;

/// A sequence of tokens and how likely it is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Spoken {
    /// Without blanks and repeats.
    pub tokens: Vec<u32>,
    /// Natural-log probability, language model and hotwords included.
    pub score: f32,
}

/// Tokens less likely than this at a frame are not looked at.
const LEAST_LN_PROB: f32 = -8.0;
/// Tokens looked at in a frame at most.
const MOST_TOKENS: usize = 40;
/// A hypothesis this much worse than the best is given up, in nats.
const BEAM_NATS: f32 = 16.0;
/// A frame that is a blank surer than this (ln 0.9999) changes no hypothesis.
const SURE_BLANK: f32 = -1e-4;

/// The likeliest token of each frame, repeats and blanks taken out.
pub(crate) fn greedy(posteriors: &Posteriors, blank: u32) -> Spoken {
    let (mut tokens, mut score, mut before) = (Vec::new(), 0.0, blank);
    for frame in posteriors.iter() {
        let best = (0..).zip(frame).max_by(|a, b| a.1.total_cmp(b.1));
        let Some((token, ln_prob)) = best else { break };
        if token != blank && token != before {
            tokens.push(token);
        }
        score += ln_prob;
        before = token;
    }
    Spoken { tokens, score }
}

/// One prefix that is still followed: ln P of all its alignments that end in a blank, and in its
/// last token.
#[derive(Clone, Copy)]
struct Live {
    node: NodeId,
    blank: f32,
    token: f32,
}

impl Live {
    fn total(&self) -> f32 {
        add(self.blank, self.token)
    }
}

/// The `width` likeliest sequences, best first.
pub(crate) fn beam(
    posteriors: &Posteriors,
    tokens: &Tokens,
    fusion: Option<&Fusion>,
    width: usize,
) -> Vec<Spoken> {
    let blank = tokens.blank();
    let mut prefixes = Prefixes::new(fusion);
    let mut live = vec![Live {
        node: Prefixes::ROOT,
        blank: 0.0,
        token: f32::NEG_INFINITY,
    }];
    let mut looked_at = Vec::new();
    for frame in posteriors.iter() {
        let no_token = frame[blank as usize];
        if no_token > SURE_BLANK {
            for it in &mut live {
                (it.blank, it.token) = (it.total() + no_token, f32::NEG_INFINITY);
            }
            continue;
        }
        likeliest(frame, blank, &mut looked_at);
        let mut next = Next::new(&mut prefixes);
        for it in &live {
            let last = next.prefixes.token(it.node);
            let repeat = last.map_or(f32::NEG_INFINITY, |last| it.token + frame[last as usize]);
            next.stay(it.node, it.total() + no_token, repeat);
            for &(token, ln_prob) in &looked_at {
                // A repeat without a blank between is the same token still.
                let from = if Some(token) == last {
                    it.blank
                } else {
                    it.total()
                };
                if from > f32::NEG_INFINITY {
                    next.extend(it.node, token, from + ln_prob, tokens.spelling(token));
                }
            }
        }
        live = next.survivors(width);
    }
    let mut found: Vec<Spoken> = live
        .iter()
        .map(|it| Spoken {
            tokens: prefixes.tokens(it.node),
            score: it.total() + prefixes.final_gain(it.node),
        })
        .collect();
    found.sort_by(|a, b| b.score.total_cmp(&a.score));
    found
}

/// Writes the tokens of a frame that are worth a look, blank aside.
fn likeliest(frame: &[f32], blank: u32, into: &mut Vec<(u32, f32)>) {
    into.clear();
    let worth = |&(token, ln_prob): &(u32, f32)| token != blank && ln_prob > LEAST_LN_PROB;
    into.extend((0..).zip(frame.iter().copied()).filter(worth));
    if into.len() > MOST_TOKENS {
        into.select_nth_unstable_by(MOST_TOKENS, |a, b| b.1.total_cmp(&a.1));
        into.truncate(MOST_TOKENS);
    }
}

/// The prefixes after one more frame.
struct Next<'p, 'f> {
    prefixes: &'p mut Prefixes<'f>,
    live: Vec<Live>,
}

impl<'p, 'f> Next<'p, 'f> {
    fn new(prefixes: &'p mut Prefixes<'f>) -> Self {
        prefixes.new_frame();
        Self {
            prefixes,
            live: Vec::new(),
        }
    }

    fn of(&mut self, node: NodeId) -> &mut Live {
        let at = self.prefixes.place(node, self.live.len());
        if at == self.live.len() {
            self.live.push(Live {
                node,
                blank: f32::NEG_INFINITY,
                token: f32::NEG_INFINITY,
            });
        }
        &mut self.live[at]
    }

    fn stay(&mut self, node: NodeId, blank: f32, token: f32) {
        let it = self.of(node);
        it.blank = add(it.blank, blank);
        it.token = add(it.token, token);
    }

    fn extend(&mut self, node: NodeId, token: u32, ln_prob: f32, spelling: &[u8]) {
        let child = self.prefixes.child(node, token, spelling);
        let it = self.of(child);
        it.token = add(it.token, ln_prob);
    }

    /// The best `width`, as long as they are near the best.
    fn survivors(self, width: usize) -> Vec<Live> {
        let prefixes = self.prefixes;
        let mut scored: Vec<(f32, Live)> = self
            .live
            .into_iter()
            .map(|it| (it.total() + prefixes.gain(it.node), it))
            .collect();
        if scored.len() > width {
            scored.select_nth_unstable_by(width, |a, b| b.0.total_cmp(&a.0));
            scored.truncate(width);
        }
        let best = scored
            .iter()
            .map(|it| it.0)
            .fold(f32::NEG_INFINITY, f32::max);
        scored.retain(|it| it.0 > best - BEAM_NATS);
        let live: Vec<Live> = scored.into_iter().map(|(_, it)| it).collect();
        prefixes.keep(live.iter().map(|it| it.node));
        live
    }
}

/// ln(e^a + e^b).
fn add(a: f32, b: f32) -> f32 {
    let (high, low) = if a > b { (a, b) } else { (b, a) };
    match low == f32::NEG_INFINITY {
        true => high,
        false => high + (low - high).exp().ln_1p(),
    }
}

#[cfg(test)]
#[path = "search_tests.rs"]
mod tests;
