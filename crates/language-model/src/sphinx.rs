//! Reads the binary language models of CMU Sphinx (`.lm.bin`, "Trie Language Model").
//!
//! The layout is that of `src/lm/lm_trie.c` in pocketsphinx 5: a trie over reversed n-grams like
//! KenLM's, values coded by tables of 65536 floats, logarithms to the base 1.0001.

use crate::bits::{bits_at, f32_at, required, u32_at};
use crate::error::LmError;
use crate::ngrams::{MAX_ORDER, NGram, NGrams};

/// What such a file begins with.
pub const SPHINX_MAGIC: &[u8] = b"Trie Language Model";
/// Floats of a table of values.
const TABLE: u64 = 1 << 16;
/// Bits of a code.
const CODE: u8 = 16;
/// Bytes of a unigram: probability, backoff, where its bigrams begin.
const UNIGRAM: u64 = 12;

/// Reads a whole model. Such files have no `<unk>`; it is given the probability of the rarest word.
///
/// # Errors
/// [`LmError::Truncated`], [`LmError::Binary`] when the bytes are no such model.
pub fn read_sphinx(bytes: &[u8]) -> Result<NGrams, LmError> {
    let file = File::read(bytes)?;
    let words = file.words()?;
    let unigrams = file.unigrams(words.len())?;
    let mut orders = vec![unigrams];
    let levels = file.counts.len() - 1;
    orders.resize_with(levels + 1, Vec::new);
    for word in 0..file.counts[0] {
        let begin = file.next_of_unigram(word);
        let end = file.next_of_unigram(word + 1);
        let mut path = [0; MAX_ORDER];
        path[0] = id(word)?;
        file.descend(0, (begin, end), &mut path, &mut orders)?;
    }
    for (order, grams) in (1..).zip(&mut orders) {
        for gram in grams {
            gram.words[..order].reverse();
        }
    }
    Ok(NGrams { words, orders })
}

/// Ids are shifted by one: the file has no `<unk>`.
fn id(word: u64) -> Result<u32, LmError> {
    u32::try_from(word + 1).map_err(|_| LmError::Binary("a word's number is too big".into()))
}

/// Where everything is.
struct File<'a> {
    bytes: &'a [u8],
    counts: Vec<u64>,
    unigrams: usize,
    levels: Vec<Level>,
    words: usize,
}

/// The n-grams of one order from bigrams on.
struct Level {
    at: usize,
    word_bits: u8,
    next_bits: u8,
    /// Of an entry.
    bits: u64,
    entries: u64,
    probs: usize,
    /// Missing for the longest n-grams.
    backoffs: Option<usize>,
}

impl<'a> File<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self, LmError> {
        if !bytes.starts_with(SPHINX_MAGIC) {
            return Err(LmError::Binary("it is not of CMU Sphinx".into()));
        }
        let mut at = SPHINX_MAGIC.len();
        let mut take = |size: u64, part: &str| {
            let wanted = (at as u64).saturating_add(size);
            if wanted > bytes.len() as u64 {
                return Err(LmError::Truncated {
                    part: part.into(),
                    wanted,
                    found: bytes.len() as u64,
                });
            }
            let here = at;
            at = usize::try_from(wanted).expect("it is within a slice");
            Ok(here)
        };
        let order = usize::from(bytes[take(1, "order")?]);
        if !(2..=MAX_ORDER).contains(&order) {
            return Err(LmError::Binary(format!(
                "its order is {order}; 2 to {MAX_ORDER} can be read"
            )));
        }
        let head = take(4 * order as u64, "counts")?;
        let counts: Vec<u64> = (0..order)
            .map(|i| u32_at(bytes, head + 4 * i).into())
            .collect();
        take(4, "tables")?;
        let tables = (1..order)
            .map(|n| {
                let probs = take(4 * TABLE, "tables")?;
                let longest = n + 1 == order;
                let backoffs = (!longest).then(|| take(4 * TABLE, "tables")).transpose()?;
                Ok((probs, backoffs))
            })
            .collect::<Result<Vec<_>, LmError>>()?;
        let unigrams = take(UNIGRAM * (counts[0] + 1), "unigrams")?;
        let word_bits = required(counts[0]);
        let levels = (1..order)
            .zip(tables)
            .map(|(n, (probs, backoffs))| {
                let entries = counts[n];
                let next_bits = counts.get(n + 1).map_or(0, |next| required(*next));
                let codes = if backoffs.is_some() { 2 } else { 1 };
                let bits = u64::from(word_bits + codes * CODE + next_bits);
                Ok(Level {
                    at: take(((1 + entries) * bits).div_ceil(8) + 8, "n-grams")?,
                    word_bits,
                    next_bits,
                    bits,
                    entries,
                    probs,
                    backoffs,
                })
            })
            .collect::<Result<Vec<_>, LmError>>()?;
        let size = take(4, "words")?;
        let words = take(u32_at(bytes, size).into(), "words")?;
        Ok(Self {
            bytes: &bytes[..at],
            counts,
            unigrams,
            levels,
            words,
        })
    }

    /// `<unk>`, then every word of the file.
    fn words(&self) -> Result<Vec<String>, LmError> {
        let mut words = vec!["<unk>".to_owned()];
        let text = &self.bytes[self.words..];
        let text = text.strip_suffix(b"\0").unwrap_or(text);
        for word in text.split(|byte| *byte == 0) {
            let word = std::str::from_utf8(word)
                .map_err(|_| LmError::Binary("it has a word that is not UTF-8".into()))?;
            words.push(word.to_owned());
        }
        if words.len() as u64 != self.counts[0] + 1 {
            return Err(LmError::Binary(format!(
                "it has {} words, its header says {}",
                words.len() - 1,
                self.counts[0]
            )));
        }
        Ok(words)
    }

    fn unigrams(&self, words: usize) -> Result<Vec<NGram>, LmError> {
        let mut grams = vec![NGram::default()];
        for word in 0..self.counts[0] {
            let at = self.unigram(word);
            let mut gram = NGram {
                prob: log10(f32_at(self.bytes, at)).min(0.0),
                backoff: log10(f32_at(self.bytes, at + 4)),
                ..NGram::default()
            };
            gram.words[0] = id(word)?;
            grams.push(gram);
        }
        debug_assert_eq!(grams.len(), words);
        // `<s>` has 10^-99: it is never predicted.
        let rarest = grams[1..]
            .iter()
            .map(|gram| gram.prob)
            .filter(|prob| *prob > -90.0)
            .fold(0.0, f32::min);
        grams[0].prob = rarest;
        Ok(grams)
    }

    fn unigram(&self, word: u64) -> usize {
        self.unigrams + usize::try_from(UNIGRAM * word).expect("unigrams are in memory")
    }

    fn next_of_unigram(&self, word: u64) -> u64 {
        u32_at(self.bytes, self.unigram(word) + 8).into()
    }

    /// Collects what extends `path`, which has `level + 1` words, to the left.
    fn descend(
        &self,
        level: usize,
        (begin, end): (u64, u64),
        path: &mut [u32; MAX_ORDER],
        orders: &mut [Vec<NGram>],
    ) -> Result<(), LmError> {
        let Some(here) = self.levels.get(level) else {
            return Ok(());
        };
        if begin > end || end > here.entries {
            return Err(LmError::Binary(format!(
                "its {}-grams {begin} to {end} are beyond {}",
                level + 2,
                here.entries
            )));
        }
        for entry in begin..end {
            let bit = entry * here.bits;
            path[level + 1] = id(bits_at(self.bytes, here.at, bit, here.word_bits))?;
            let codes = bit + u64::from(here.word_bits);
            let code = |n: u8| {
                let at = codes + u64::from(n * CODE);
                usize::try_from(bits_at(self.bytes, here.at, at, CODE)).expect("16 bits")
            };
            let value = |table: usize, code: usize| log10(f32_at(self.bytes, table + 4 * code));
            let (prob, backoff) = match here.backoffs {
                Some(backoffs) => (value(here.probs, code(1)), value(backoffs, code(0))),
                None => (value(here.probs, code(0)), 0.0),
            };
            let mut words = *path;
            words[level + 2..].fill(0);
            orders[level + 1].push(NGram {
                words,
                prob: prob.min(0.0),
                backoff,
            });
            let next = |bit| bits_at(self.bytes, here.at, bit, here.next_bits);
            if here.backoffs.is_some() {
                let at = codes + u64::from(2 * CODE);
                let range = (next(at), next(at + here.bits));
                self.descend(level + 1, range, path, orders)?;
            }
        }
        Ok(())
    }
}

/// From the base 1.0001 to 10.
fn log10(value: f32) -> f32 {
    #[allow(clippy::cast_possible_truncation)]
    let log10 = (f64::from(value) * 1.0001f64.log10()) as f32; // Half the digits matter.
    log10
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // tests fail by panicking
mod tests {
    use super::*;
    use crate::bits::put_bits;

    /// `</s>`, `<s>` and `yes`; bigrams `<s> yes` and `yes </s>`. Values by codes 7 and 9.
    fn file() -> Vec<u8> {
        let base = 1.0001f64.ln() as f32;
        let mut bytes = SPHINX_MAGIC.to_vec();
        bytes.push(2);
        for number in [3u32, 2, 1] {
            bytes.extend(number.to_le_bytes());
        }
        for code in 0..TABLE {
            let ln: f32 = if code == 7 { -1.0 } else { -2.0 };
            bytes.extend((ln / base).to_le_bytes());
        }
        for (prob, next) in [(-1.0, 0u32), (-227.0, 1), (-3.0, 1), (0.0, 2)] {
            bytes.extend((prob / base).to_le_bytes());
            bytes.extend((-0.5 / base).to_le_bytes());
            bytes.extend(next.to_le_bytes());
        }
        let at = bytes.len();
        bytes.resize(at + (3 * 18usize).div_ceil(8) + 8, 0);
        put_bits(&mut bytes, at, 0, 2 | 7 << 2);
        put_bits(&mut bytes, at, 18, 1 | 9 << 2);
        let words = b"</s>\0<s>\0yes\0";
        bytes.extend((words.len() as u32).to_le_bytes());
        bytes.extend(words);
        bytes
    }

    #[test]
    fn words_values_and_history_come_out() {
        let ngrams = read_sphinx(&file()).unwrap();
        assert_eq!(ngrams.words, ["<unk>", "</s>", "<s>", "yes"]);
        let bigrams: Vec<(String, f32)> = ngrams.orders[1]
            .iter()
            .map(|gram| (ngrams.text(&gram.words[..2]), gram.prob))
            .collect();
        assert_eq!(bigrams[0].0, "yes </s>");
        assert_eq!(bigrams[1].0, "<s> yes");
        let log10 = |ln: f32| ln / std::f32::consts::LN_10;
        assert!((bigrams[0].1 - log10(-1.0)).abs() < 1e-4);
        assert!((bigrams[1].1 - log10(-2.0)).abs() < 1e-4);
        assert!((ngrams.orders[0][0].prob - log10(-3.0)).abs() < 1e-4, "unk");
        ngrams.check().unwrap();
    }

    #[test]
    fn a_cut_file_is_refused() {
        let whole = file();
        for cut in (0..whole.len()).step_by(997).chain([whole.len() - 1]) {
            assert!(read_sphinx(&whole[..cut]).is_err(), "{cut}");
        }
    }

    #[test]
    fn numbers_that_point_outside_are_refused_or_harmless() {
        let whole = file();
        let end = whole.len();
        for at in (0..32).chain(end - 90..end) {
            for value in [0, 0x80, 0xff] {
                let mut bytes = whole.clone();
                bytes[at] = value;
                if let Ok(ngrams) = read_sphinx(&bytes) {
                    // Whatever it says, writing refuses what makes no model.
                    let _ = crate::write::trie_bytes(ngrams);
                }
            }
        }
    }
}
