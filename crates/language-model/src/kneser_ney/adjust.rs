//! Adjusted counts: for all but the longest n-grams, in how many different contexts they were seen,
//! not how often (Kneser and Ney 1995).

use super::BEGIN;
use super::tally::{Counted, Tally, merged};
use crate::ngrams::MAX_ORDER;

/// N-grams of every order with their adjusted counts, unigrams first; each order sorted by its
/// reversed words.
///
/// What begins a sentence has no word before it, so it keeps its count. Unigram i is word i:
/// `<unk>` and `<s>`, which never follow anything, have zero.
pub(super) fn adjusted(
    order: usize,
    words: usize,
    full: Tally,
    beginnings: Vec<Tally>,
) -> Vec<Vec<Counted>> {
    let mut orders = vec![full.finish()];
    for (n, beginnings) in beginnings.into_iter().enumerate().skip(1).rev() {
        let longer = orders.last().expect("the longest is there");
        let shorter = continuations(longer, n);
        orders.push(if n == 1 {
            unigrams(shorter, words)
        } else {
            merged(shorter, beginnings.finish())
        });
    }
    orders.reverse();
    debug_assert_eq!(orders.len(), order);
    orders
}

/// The n-grams that end longer ones, and how many of those there are.
fn continuations(longer: &[Counted], n: usize) -> Vec<Counted> {
    let mut shorter: Vec<Counted> = Vec::new();
    for gram in longer {
        let mut words = [0; MAX_ORDER];
        words[..n].copy_from_slice(&gram.words[..n]);
        match shorter.last_mut() {
            Some(last) if last.words == words => last.count += 1,
            _ => shorter.push(Counted { words, count: 1 }),
        }
    }
    shorter
}

fn unigrams(seen: Vec<Counted>, words: usize) -> Vec<Counted> {
    let mut all: Vec<Counted> = (0..words)
        .map(|id| {
            let mut gram = Counted {
                words: [0; MAX_ORDER],
                count: 0,
            };
            gram.words[0] = u32::try_from(id).expect("ids are given as u32");
            gram
        })
        .collect();
    for gram in seen {
        debug_assert_ne!(gram.words[0], BEGIN, "nothing comes before <s>");
        all[gram.words[0] as usize] = gram;
    }
    all
}
