//! What a trie needs beyond the n-grams of a model: shorter ones that were pruned away, and which
//! n-grams begin longer ones.

use super::{Sorted, spoken};
use crate::error::LmError;
use crate::ngrams::{MAX_ORDER, NGram};

impl Sorted {
    /// A trie reaches `a b c` through `b c`: where that is not listed, it is added with the
    /// probability that backing off gives.
    pub(super) fn fill_blanks(&mut self) {
        for order in (2..self.orders.len()).rev() {
            let (lower, upper) = self.orders.split_at_mut(order);
            let shorter = &mut lower[order - 1];
            let mut missing = Vec::new();
            let mut at = 0;
            for gram in &upper[0] {
                let path = cut(&gram.words, order);
                while at < shorter.len() && shorter[at].words < path {
                    at += 1;
                }
                let there = shorter.get(at).is_some_and(|gram| gram.words == path);
                let added = missing
                    .last()
                    .is_some_and(|gram: &NGram| gram.words == path);
                if !there && !added {
                    missing.push(NGram {
                        words: path,
                        prob: f32::NAN, // Filled below, shortest first.
                        backoff: 0.0,
                    });
                }
            }
            if !missing.is_empty() {
                shorter.append(&mut missing);
                shorter.sort_unstable_by_key(|gram| gram.words);
            }
        }
        for order in 2..self.orders.len() {
            let (lower, upper) = self.orders.split_at_mut(order - 1);
            let shorter = &lower[order - 2];
            for blank in upper[0].iter_mut().filter(|gram| gram.prob.is_nan()) {
                let basis = find(shorter, &cut(&blank.words, order - 1)).map_or(0.0, |g| g.prob);
                let context = find(shorter, &context(&blank.words, order));
                blank.prob = basis + context.map_or(0.0, |g| g.backoff);
                // Backing off never makes a word likelier than certain, rounding may.
                blank.prob = blank.prob.min(0.0);
            }
        }
    }

    /// Signs zero backoffs: plus where a longer n-gram begins like this, so that a state keeps it.
    pub(super) fn mark_contexts(&mut self) -> Result<(), LmError> {
        for order in 1..self.orders.len() {
            let (lower, upper) = self.orders.split_at_mut(order);
            let shorter = &mut lower[order - 1];
            for gram in shorter.iter_mut().filter(|gram| gram.backoff == 0.0) {
                gram.backoff = -0.0;
            }
            for gram in &upper[0] {
                let context = context(&gram.words, order + 1);
                let Ok(at) = shorter.binary_search_by_key(&context, |gram| gram.words) else {
                    let longer = spoken(&self.words, &gram.words[..=order]);
                    let missing = spoken(&self.words, &context[..order]);
                    return Err(LmError::NGrams(format!(
                        "`{longer}` is listed, but not `{missing}`, with which it begins"
                    )));
                };
                if shorter[at].backoff == 0.0 {
                    shorter[at].backoff = 0.0;
                }
            }
        }
        Ok(())
    }
}

/// The newest `order` words.
fn cut(words: &[u32; MAX_ORDER], order: usize) -> [u32; MAX_ORDER] {
    let mut cut = [0; MAX_ORDER];
    cut[..order].copy_from_slice(&words[..order]);
    cut
}

/// An n-gram of `order` without its newest word.
fn context(words: &[u32; MAX_ORDER], order: usize) -> [u32; MAX_ORDER] {
    let mut context = [0; MAX_ORDER];
    context[..order - 1].copy_from_slice(&words[1..order]);
    context
}

fn find<'a>(grams: &'a [NGram], words: &[u32; MAX_ORDER]) -> Option<&'a NGram> {
    let at = grams.binary_search_by_key(words, |gram| gram.words).ok()?;
    Some(&grams[at])
}
