//! Sorted n-grams into the trie's arrays.

use crate::bits::{put_bits, required};
use crate::ngrams::NGram;

/// Probability, backoff and the beginning of their bigrams; one more for the last end, and one
/// that KenLM leaves empty.
pub(super) fn unigrams(bytes: &mut Vec<u8>, orders: &[Vec<NGram>]) {
    let mut children = Children::new(&orders[1], 1);
    for gram in &orders[0] {
        bytes.extend(gram.prob.to_le_bytes());
        bytes.extend(gram.backoff.to_le_bytes());
        bytes.extend(children.begin(gram).to_le_bytes());
    }
    bytes.extend([0; 8]);
    bytes.extend((orders[1].len() as u64).to_le_bytes());
    bytes.extend([0; 16]);
}

/// Bigrams and longer.
pub(super) fn longer(bytes: &mut Vec<u8>, orders: &[Vec<NGram>]) {
    let word_bits = required(orders[0].len() as u64);
    for (level, grams) in orders.iter().enumerate().skip(1) {
        let next = orders.get(level + 1);
        let next_bits = next.map_or(0, |next| required(next.len() as u64));
        let value_bits = if next.is_some() { 63 } else { 31 };
        let total = u64::from(word_bits) + value_bits + u64::from(next_bits);
        let base = bytes.len();
        let size = ((1 + grams.len() as u64) * total).div_ceil(8) + 8;
        bytes.resize(base + usize::try_from(size).expect("it is in memory"), 0);
        let mut children = next.map(|next| Children::new(next, level + 1));
        let mut bit = 0;
        for gram in grams {
            put_bits(bytes, base, bit, gram.words[level].into());
            let value = bit + u64::from(word_bits);
            // The sign, always minus, is left out.
            put_bits(
                bytes,
                base,
                value,
                (gram.prob.to_bits() & !(1 << 31)).into(),
            );
            if let Some(children) = &mut children {
                put_bits(bytes, base, value + 31, gram.backoff.to_bits().into());
                put_bits(bytes, base, value + 63, children.begin(gram));
            }
            bit += total;
        }
        if let Some(next) = next {
            let last = bit + u64::from(word_bits) + 63;
            put_bits(bytes, base, last, next.len() as u64);
        }
    }
}

/// Walks over the longer n-grams beside the shorter ones.
struct Children<'a> {
    longer: &'a [NGram],
    order: usize,
    at: usize,
}

impl<'a> Children<'a> {
    fn new(longer: &'a [NGram], order: usize) -> Self {
        Self {
            longer,
            order,
            at: 0,
        }
    }

    /// Where the n-grams that extend this one begin. N-grams are asked for in their order.
    fn begin(&mut self, shorter: &NGram) -> u64 {
        let path = &shorter.words[..self.order];
        while let Some(gram) = self.longer.get(self.at) {
            if &gram.words[..self.order] >= path {
                break;
            }
            self.at += 1;
        }
        self.at as u64
    }
}
