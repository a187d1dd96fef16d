//! N-grams in hash tables: an n-gram's key combines its words' ids from the newest backwards.

use super::vocabulary::{buckets, find};
use super::{Header, Layout};
use crate::bits::f32_at;
use crate::error::LmError;
use crate::score::{Found, Table};

/// The tables of a probing model.
#[derive(Debug)]
pub(super) struct Probing {
    unigrams: usize,
    words: u64,
    /// Bytes of a unigram: probability, backoff and, with rest costs, one more float.
    weights: usize,
    /// Bigrams first; offset and number of buckets.
    middles: Vec<(usize, u64)>,
    longest: (usize, u64),
}

/// A bucket of the longest n-grams: key and probability.
const LONGEST: u64 = 12;

impl Probing {
    pub(super) fn read(header: &Header, rest: bool, layout: &mut Layout) -> Result<Self, LmError> {
        let weights: usize = if rest { 12 } else { 8 };
        let counts = &header.counts;
        let unigrams = layout.take(weights as u64 * (counts[0] + 1), "unigrams")?;
        let mut table = |order: usize, size: u64| {
            let buckets = buckets(counts[order - 1], header.multiplier);
            let at = layout.take(size.saturating_mul(buckets), format!("{order}-grams"))?;
            Ok::<_, LmError>((at, buckets))
        };
        let middles = (2..counts.len())
            .map(|order| table(order, 8 + weights as u64))
            .collect::<Result<_, _>>()?;
        let longest = table(counts.len(), LONGEST)?;
        Ok(Self {
            unigrams,
            words: counts[0] + 1,
            weights,
            middles,
            longest,
        })
    }

    fn found(bytes: &[u8], at: usize, node: u64) -> Found<u64> {
        let prob = f32_at(bytes, at);
        Found {
            // The sign, which no probability needs, says that nothing longer exists.
            prob: -prob.abs(),
            backoff: f32_at(bytes, at + 4),
            node,
            last: prob.is_sign_negative(),
        }
    }
}

impl Table for Probing {
    type Node = u64;

    fn unigram(&self, bytes: &[u8], word: u32) -> Found<u64> {
        let word = u64::from(word).min(self.words - 1);
        let at = self.unigrams + self.weights * usize::try_from(word).expect("ids are small");
        Self::found(bytes, at, word)
    }

    fn middle(&self, bytes: &[u8], level: usize, word: u32, node: u64) -> Option<Found<u64>> {
        let (at, buckets) = *self.middles.get(level)?;
        let key = combine(node, word);
        let bucket = find(bytes, at, buckets, 8 + self.weights as u64, key)?;
        Some(Self::found(bytes, bucket + 8, key))
    }

    fn longest(&self, bytes: &[u8], word: u32, node: u64) -> Option<f32> {
        let (at, buckets) = self.longest;
        let bucket = find(bytes, at, buckets, LONGEST, combine(node, word))?;
        Some(-f32_at(bytes, bucket + 8).abs())
    }
}

fn combine(current: u64, next: u32) -> u64 {
    current.wrapping_mul(8_978_948_897_894_561_157)
        ^ (1 + u64::from(next)).wrapping_mul(17_894_857_484_156_487_943)
}
