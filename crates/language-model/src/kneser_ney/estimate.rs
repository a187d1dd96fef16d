//! From adjusted counts to probabilities: discounts, backoffs, interpolation.

use super::BEGIN;
use super::tally::Counted;
use crate::ngrams::{MAX_ORDER, NGram};

/// What is taken off the counts of an order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Discounts {
    /// Off counts of one, two, and three or more.
    pub amounts: [f64; 3],
    /// Whether the counts gave them; otherwise they are 0.5, 1 and 1.5.
    pub estimated: bool,
}

/// What discounting takes where it cannot be estimated, as in `lmplz --discount_fallback`.
const FALLBACK: [f64; 3] = [0.5, 1.0, 1.5];

/// log10 of zero, as ARPA files write it: a discount of nothing leaves nothing to back off to.
const NEVER: f32 = -99.0;

impl Discounts {
    /// Chen and Goodman's equation 26, from how many n-grams have counts of one to four.
    fn of(grams: &[Counted]) -> Self {
        let mut n = [0u64; 5];
        for gram in grams {
            if let Ok(count @ 1..=4) = usize::try_from(gram.count) {
                n[count] += 1;
            }
        }
        let fallback = Self {
            amounts: FALLBACK,
            estimated: false,
        };
        if n[1..4].contains(&0) {
            return fallback;
        }
        let n = n.map(|count| count as f64);
        let y = n[1] / (n[1] + 2.0 * n[2]);
        let amounts = [1, 2, 3].map(|j| j as f64 - (j + 1) as f64 * y * n[j + 1] / n[j]);
        let sound = |(amount, most): (&f64, f64)| (0.0..=most).contains(amount);
        if !amounts.iter().zip([1.0, 2.0, 3.0]).all(sound) {
            return fallback;
        }
        Self {
            amounts,
            estimated: true,
        }
    }

    fn off(&self, count: u64) -> f64 {
        match count {
            0 => 0.0,
            1 => self.amounts[0],
            2 => self.amounts[1],
            _ => self.amounts[2],
        }
    }
}

/// What was seen after a context.
#[derive(Clone, Copy, Default)]
struct Context {
    total: u64,
    /// What discounts took of it.
    taken: f64,
}

impl Context {
    fn add(&mut self, count: u64, discounts: &Discounts) {
        self.total += count;
        self.taken += discounts.off(count);
    }

    /// The share that goes to shorter n-grams.
    fn gamma(&self) -> f64 {
        self.taken / self.total as f64
    }
}

/// Probabilities and backoffs of every order.
pub(super) fn estimate(counts: Vec<Vec<Counted>>) -> (Vec<Vec<NGram>>, Vec<Discounts>) {
    let discounts: Vec<Discounts> = counts.iter().map(|grams| Discounts::of(grams)).collect();
    let mut probs = unigrams(&counts[0], &discounts[0]);
    let mut orders = Vec::new();
    for order in 2..=counts.len() {
        let (shorter, grams) = (&counts[order - 2], &counts[order - 1]);
        let off = &discounts[order - 1];
        let mut contexts = vec![Context::default(); shorter.len()];
        for gram in grams {
            contexts[find(shorter, &gram.words[1..order])].add(gram.count, off);
        }
        let longer: Vec<f64> = grams
            .iter()
            .map(|gram| {
                let context = &contexts[find(shorter, &gram.words[1..order])];
                let lower = probs[find(shorter, &gram.words[..order - 1])];
                (gram.count as f64 - off.off(gram.count)) / context.total as f64
                    + context.gamma() * lower
            })
            .collect();
        let backoffs = contexts.iter().map(|context| match context.total {
            0 => 1.0, // Nothing was seen after it.
            _ => context.gamma(),
        });
        orders.push(finished(shorter, order - 1, &probs, backoffs));
        probs = longer;
    }
    let longest = counts.last().expect("orders are two or more");
    let none = longest.iter().map(|_| 1.0);
    orders.push(finished(longest, counts.len(), &probs, none));
    (orders, discounts)
}

/// The unigrams' probabilities, what was taken off them spread over all words and `<unk>`.
fn unigrams(grams: &[Counted], discounts: &Discounts) -> Vec<f64> {
    let mut all = Context::default();
    for gram in grams {
        all.add(gram.count, discounts);
    }
    // Without <s>, which is never predicted.
    let uniform = 1.0 / (grams.len() - 1) as f64;
    let prob = |gram: &Counted| match gram.words[0] {
        BEGIN => 1.0, // As KenLM has it: <s> may be scored as if it were a word.
        _ => {
            (gram.count as f64 - discounts.off(gram.count)) / all.total as f64
                + all.gamma() * uniform
        }
    };
    grams.iter().map(prob).collect()
}

/// Where reversed words are in a sorted list that has them.
fn find(grams: &[Counted], words: &[u32]) -> usize {
    let mut key = [0; MAX_ORDER];
    key[..words.len()].copy_from_slice(words);
    grams
        .binary_search_by_key(&key, |gram| gram.words)
        .expect("what begins or ends an n-gram was counted with it")
}

fn finished(
    grams: &[Counted],
    order: usize,
    probs: &[f64],
    backoffs: impl Iterator<Item = f64>,
) -> Vec<NGram> {
    let log10 = |value: f64| {
        #[allow(clippy::cast_possible_truncation)]
        let log10 = value.log10() as f32; // Models store floats.
        log10.max(NEVER)
    };
    grams
        .iter()
        .zip(probs)
        .zip(backoffs)
        .map(|((gram, prob), backoff)| {
            let mut words = gram.words;
            words[..order].reverse();
            NGram {
                words,
                prob: log10(*prob).min(0.0),
                backoff: log10(backoff),
            }
        })
        .collect()
}
