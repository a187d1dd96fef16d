//! From words to ids, by hash: sorted hashes in tries, an open hash table otherwise.

use super::{Header, Layout};
use crate::bits::{u32_at, u64_at};
use crate::error::LmError;
use crate::hash::murmur;

/// A bucket of the hash table: the word's hash and its id.
const BUCKET: u64 = 12;

/// Where a vocabulary is and how it is searched. `<unk>` is not in it and has id 0.
#[derive(Debug)]
pub(super) enum Vocabulary {
    /// Hashes in ascending order; the id is the position, counted from one.
    Sorted { at: usize, words: usize },
    /// Linear probing; hash 0 marks an empty bucket.
    Probing { at: usize, buckets: u64, bound: u32 },
}

impl Vocabulary {
    /// The number of words but `<unk>`, then their hashes.
    pub(super) fn sorted(
        bytes: &[u8],
        header: &Header,
        layout: &mut Layout,
    ) -> Result<Self, LmError> {
        let words = header.counts[0];
        let at = layout.take(8 * (words + 1), "vocabulary")?;
        let stored = u64_at(bytes, at);
        if stored >= words {
            return Err(LmError::Binary(format!(
                "its vocabulary has {stored} words beside <unk>, its header says {words} with it"
            )));
        }
        Ok(Self::Sorted {
            at: at + 8,
            words: usize::try_from(stored).expect("its hashes are in memory"),
        })
    }

    /// A version, the number of words, then the buckets.
    pub(super) fn probing(
        bytes: &[u8],
        header: &Header,
        layout: &mut Layout,
    ) -> Result<Self, LmError> {
        let buckets = buckets(header.counts[0], header.multiplier);
        let at = layout.take(8 + BUCKET * buckets, "vocabulary")?;
        let (version, bound) = (u32_at(bytes, at), u32_at(bytes, at + 4));
        if version != 0 {
            return Err(LmError::Binary(format!(
                "its vocabulary is of version {version}, 0 is known"
            )));
        }
        // The header may or may not count <unk>.
        if u64::from(bound) > header.counts[0] + 1 {
            return Err(LmError::Binary(format!(
                "its vocabulary has {bound} words, its header says {}",
                header.counts[0]
            )));
        }
        Ok(Self::Probing {
            at: at + 8,
            buckets,
            bound,
        })
    }

    /// The word's id; 0 for unknown ones.
    pub(super) fn index(&self, bytes: &[u8], word: &str) -> u32 {
        let hash = murmur(word.as_bytes());
        match *self {
            Self::Sorted { at, words } => {
                let (mut begin, mut end) = (0, words);
                while begin < end {
                    let middle = begin + (end - begin) / 2;
                    let there = u64_at(bytes, at + 8 * middle);
                    if there == hash {
                        return u32::try_from(middle + 1).unwrap_or(0);
                    }
                    if there < hash {
                        begin = middle + 1;
                    } else {
                        end = middle;
                    }
                }
                0
            }
            Self::Probing { at, buckets, bound } => find(bytes, at, buckets, BUCKET, hash)
                .map(|bucket| u32_at(bytes, bucket + 8))
                .filter(|id| *id < bound)
                .unwrap_or(0),
        }
    }
}

/// KenLM's number of buckets for that many entries.
pub(super) fn buckets(entries: u64, multiplier: f32) -> u64 {
    #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)]
    let scaled = (multiplier * entries as f32) as u64; // As KenLM computes it, rounding included.
    scaled.max(entries + 1)
}

/// Linear probing for `key` over buckets of `size` bytes that begin with their key; the offset of
/// the bucket. A full table, which only a damaged file has, is walked once.
pub(super) fn find(bytes: &[u8], at: usize, buckets: u64, size: u64, key: u64) -> Option<usize> {
    let mut bucket = key % buckets;
    for _ in 0..buckets {
        let here = at + usize::try_from(bucket * size).ok()?;
        match u64_at(bytes, here) {
            0 if key != 0 => return None,
            there if there == key => return (key != 0).then_some(here),
            _ => bucket = if bucket + 1 == buckets { 0 } else { bucket + 1 },
        }
    }
    None
}
