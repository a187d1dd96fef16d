//! N-grams in a trie over reversed n-grams: sorted, bit-packed arrays, one an order.
//!
//! A unigram is probability, backoff and where its bigrams begin. A middle entry is a word, its
//! values and where its extensions begin; the next entry's beginning is this one's end. Values are
//! 31 and 32 bits of floats, or codes of a table; beginnings may be split over an array.

use super::{Header, Layout};
use crate::bits::{bits_at, f32_at, required, u64_at};
use crate::error::LmError;
use crate::score::{Found, Table};

const UNIGRAM: u64 = 16;

/// The arrays of a trie model.
#[derive(Debug)]
pub(super) struct Trie {
    unigrams: usize,
    words: u64,
    bigrams: u64,
    middles: Vec<Middle>,
    longest: Longest,
}

#[derive(Debug)]
struct Packed {
    at: usize,
    word_bits: u8,
    /// Of an entry.
    bits: u64,
    entries: u64,
}

#[derive(Debug)]
struct Middle {
    packed: Packed,
    values: Values,
    next_bits: u8,
    /// Offset and length of the array of where high parts of beginnings change.
    array: Option<(usize, u64)>,
    /// Entries of the order above.
    next_entries: u64,
}

#[derive(Debug)]
struct Longest {
    packed: Packed,
    values: Values,
}

/// How values are stored.
#[derive(Clone, Copy, Debug)]
enum Values {
    Plain,
    /// Offset of the probabilities and of the backoffs, and bits of their codes.
    Quantised {
        probs: usize,
        prob_bits: u8,
        backoffs: usize,
        backoff_bits: u8,
    },
}

impl Trie {
    pub(super) fn read(
        bytes: &[u8],
        header: &Header,
        quantised: bool,
        array: bool,
        layout: &mut Layout,
    ) -> Result<Self, LmError> {
        let counts = &header.counts;
        let tables = if quantised {
            quantisation(bytes, counts.len(), layout)?
        } else {
            vec![Values::Plain; counts.len() - 1]
        };
        let unigrams = layout.take(UNIGRAM * (counts[0] + 2), "unigrams")?;
        // Only the first middle array's settings count: KenLM reads no other.
        let chop_limit = bytes_pair(bytes, layout.at);
        let mut middles = Vec::new();
        for order in 2..counts.len() {
            let part = format!("{order}-grams");
            let (entries, next_entries) = (counts[order - 1], counts[order]);
            let mut next_bits = required(next_entries);
            let mut pointers = None;
            if array {
                let (version, limit) = chop_limit;
                if version != 0 {
                    return Err(LmError::Binary(format!(
                        "its array compression is of version {version}, 0 is known"
                    )));
                }
                let chop = chopped(entries + 1, next_entries, limit);
                next_bits -= chop;
                let length = (next_entries >> next_bits) + 1;
                let at = layout.take(8 * (1 + length) + 7, part.clone())?;
                pointers = Some((at.next_multiple_of(8) + 8, length));
            }
            let values = tables[order - 2];
            let rest = values.middle_bits() + next_bits;
            middles.push(Middle {
                packed: Packed::take(entries, counts[0], rest, layout, part)?,
                values,
                next_bits,
                array: pointers,
                next_entries,
            });
        }
        let (values, entries) = (tables[counts.len() - 2], counts[counts.len() - 1]);
        let part = format!("{}-grams", counts.len());
        Ok(Self {
            unigrams,
            words: counts[0],
            bigrams: counts[1],
            middles,
            longest: Longest {
                packed: Packed::take(entries, counts[0], values.longest_bits(), layout, part)?,
                values,
            },
        })
    }
}

fn bytes_pair(bytes: &[u8], at: u64) -> (u8, u8) {
    let at = usize::try_from(at).unwrap_or(usize::MAX);
    let [version, limit, ..] = u64_at(bytes, at).to_le_bytes();
    (version, limit)
}

/// The tables of quantised values, bigrams first; the longest order has no backoffs.
fn quantisation(bytes: &[u8], order: usize, layout: &mut Layout) -> Result<Vec<Values>, LmError> {
    let at = layout.take(8, "quantisation")?;
    let [version, prob_bits, backoff_bits, ..] = u64_at(bytes, at).to_le_bytes();
    if version != 2 || !(1..=25).contains(&prob_bits) || !(1..=25).contains(&backoff_bits) {
        return Err(LmError::Binary(format!(
            "its quantisation is of version {version} with {prob_bits} and {backoff_bits} bits; \
             version 2 with 1 to 25 is known"
        )));
    }
    (2..=order)
        .map(|n| {
            let probs = layout.take(4 << prob_bits, "quantisation")?;
            let backoffs = if n < order {
                layout.take(4 << backoff_bits, "quantisation")?
            } else {
                probs
            };
            Ok(Values::Quantised {
                probs,
                prob_bits,
                backoffs,
                backoff_bits,
            })
        })
        .collect()
}

/// How many high bits of beginnings went into the array: those that make the file smallest.
fn chopped(entries: u64, max_next: u64, limit: u8) -> u8 {
    let bits = required(max_next);
    let cost = |chop: &u8| {
        i128::from(max_next.checked_shr(u32::from(bits - chop)).unwrap_or(0)) * 64
            - i128::from(entries) * i128::from(*chop)
    };
    // The first of equals, as in KenLM.
    (0..=bits.min(limit)).min_by_key(cost).unwrap_or(0)
}

impl Values {
    fn middle_bits(self) -> u8 {
        match self {
            Self::Plain => 63,
            Self::Quantised {
                prob_bits,
                backoff_bits,
                ..
            } => prob_bits + backoff_bits,
        }
    }

    fn longest_bits(self) -> u8 {
        match self {
            Self::Plain => 31,
            Self::Quantised { prob_bits, .. } => prob_bits,
        }
    }

    /// Probability and backoff, `bit` bits after `at`.
    fn middle(self, bytes: &[u8], at: usize, bit: u64) -> (f32, f32) {
        match self {
            Self::Plain => {
                let backoff = bits_at(bytes, at, bit + 31, 32);
                (self.longest(bytes, at, bit), float(backoff))
            }
            Self::Quantised {
                probs,
                prob_bits,
                backoffs,
                backoff_bits,
            } => (
                decode(bytes, probs, at, bit + u64::from(backoff_bits), prob_bits),
                decode(bytes, backoffs, at, bit, backoff_bits),
            ),
        }
    }

    fn longest(self, bytes: &[u8], at: usize, bit: u64) -> f32 {
        match self {
            // Probabilities are negative: their sign is left out.
            Self::Plain => float(bits_at(bytes, at, bit, 31) | 1 << 31),
            Self::Quantised {
                probs, prob_bits, ..
            } => decode(bytes, probs, at, bit, prob_bits),
        }
    }
}

fn float(bits: u64) -> f32 {
    f32::from_bits(u32::try_from(bits).expect("32 bits were read"))
}

fn decode(bytes: &[u8], table: usize, at: usize, bit: u64, width: u8) -> f32 {
    let code = usize::try_from(bits_at(bytes, at, bit, width)).expect("25 bits at most");
    f32_at(bytes, table + 4 * code)
}

impl Packed {
    fn take(
        entries: u64,
        words: u64,
        rest: u8,
        layout: &mut Layout,
        part: String,
    ) -> Result<Self, LmError> {
        let word_bits = required(words);
        let bits = u64::from(word_bits) + u64::from(rest);
        // One entry more, for the last beginning, and a word so that reading needs no care.
        let size = ((1 + entries).saturating_mul(bits).saturating_add(7) / 8).saturating_add(8);
        Ok(Self {
            at: layout.take(size, part)?,
            word_bits,
            bits,
            entries,
        })
    }

    /// The entry of `word` among those of `begin..end`.
    fn find(&self, bytes: &[u8], word: u32, (begin, end): (u64, u64)) -> Option<u64> {
        let (mut begin, mut end) = (begin, end.min(self.entries));
        while begin < end {
            let middle = begin + (end - begin) / 2;
            let there = bits_at(bytes, self.at, middle * self.bits, self.word_bits);
            if there == u64::from(word) {
                return Some(middle);
            }
            if there < u64::from(word) {
                begin = middle + 1;
            } else {
                end = middle;
            }
        }
        None
    }
}

impl Middle {
    /// Where the extensions of entry `index` are, whose beginning is `bit` bits after the base.
    fn children(&self, bytes: &[u8], index: u64, bit: u64) -> (u64, u64) {
        let low = |bit| bits_at(bytes, self.packed.at, bit, self.next_bits);
        let (mut begin, mut end) = (low(bit), low(bit + self.packed.bits));
        if let Some(array) = self.array {
            let above = |index| changes(bytes, array, index) << self.next_bits;
            begin |= above(index);
            end |= above(index + 1);
        }
        (begin, end.min(self.next_entries))
    }
}

/// How often the high part has changed up to entry `index`: the array is sorted and begins with 0.
fn changes(bytes: &[u8], (at, length): (usize, u64), index: u64) -> u64 {
    let (mut begin, mut end) = (0, length);
    while begin < end {
        let middle = begin + (end - begin) / 2;
        let offset = usize::try_from(8 * middle).expect("the array is in memory");
        if u64_at(bytes, at + offset) <= index {
            begin = middle + 1;
        } else {
            end = middle;
        }
    }
    begin.saturating_sub(1)
}

impl Table for Trie {
    type Node = (u64, u64);

    fn unigram(&self, bytes: &[u8], word: u32) -> Found<(u64, u64)> {
        let word = usize::try_from(u64::from(word).min(self.words)).expect("ids are small");
        let at = self.unigrams + 16 * word;
        let (begin, end) = (u64_at(bytes, at + 8), u64_at(bytes, at + 24));
        Found {
            prob: f32_at(bytes, at),
            backoff: f32_at(bytes, at + 4),
            node: (begin, end.min(self.bigrams)),
            last: begin >= end,
        }
    }

    fn middle(
        &self,
        bytes: &[u8],
        level: usize,
        word: u32,
        node: (u64, u64),
    ) -> Option<Found<(u64, u64)>> {
        let middle = self.middles.get(level)?;
        let packed = &middle.packed;
        let index = packed.find(bytes, word, node)?;
        let bit = index * packed.bits + u64::from(packed.word_bits);
        let (prob, backoff) = middle.values.middle(bytes, packed.at, bit);
        let next = bit + u64::from(middle.values.middle_bits());
        let node = middle.children(bytes, index, next);
        Some(Found {
            prob,
            backoff,
            node,
            last: node.0 >= node.1,
        })
    }

    fn longest(&self, bytes: &[u8], word: u32, node: (u64, u64)) -> Option<f32> {
        let Longest { packed, values } = &self.longest;
        let index = packed.find(bytes, word, node)?;
        let bit = index * packed.bits + u64::from(packed.word_bits);
        Some(values.longest(bytes, packed.at, bit))
    }
}
