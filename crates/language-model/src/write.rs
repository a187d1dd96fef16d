//! Writes KenLM's plain trie (kind 2), for this crate and for KenLM's own tools.

mod blanks;
mod pack;

use std::io::Write;

use crate::binary::header_bytes;
use crate::error::LmError;
use crate::hash::murmur;
use crate::ngrams::{NGram, NGrams};

/// Writes the model as a KenLM binary file.
///
/// # Errors
/// [`LmError::NGrams`] when the n-grams make no model (a word or n-gram twice, a context that is
/// not listed, no `<s>`), [`LmError::Io`].
pub fn write_trie(ngrams: NGrams, mut out: impl Write) -> Result<(), LmError> {
    out.write_all(&trie_bytes(ngrams)?)?;
    Ok(out.flush()?)
}

/// The file's bytes.
pub(crate) fn trie_bytes(ngrams: NGrams) -> Result<Vec<u8>, LmError> {
    ngrams.check()?;
    let sorted = Sorted::new(ngrams)?;
    let counts: Vec<u64> = sorted.orders.iter().map(|o| o.len() as u64).collect();
    let mut bytes = header_bytes(&counts);
    bytes.extend((sorted.hashes.len() as u64).to_le_bytes());
    for hash in &sorted.hashes {
        bytes.extend(hash.to_le_bytes());
    }
    bytes.extend([0; 8]); // KenLM leaves room for <unk>, which it does not store.
    pack::unigrams(&mut bytes, &sorted.orders);
    pack::longer(&mut bytes, &sorted.orders);
    for word in &sorted.words {
        bytes.extend(word.as_bytes());
        bytes.push(0);
    }
    Ok(bytes)
}

/// N-grams as the trie wants them: words numbered by hash, n-grams reversed and sorted, every
/// shorter n-gram present, zero backoffs signed.
struct Sorted {
    words: Vec<String>,
    /// Of every word but `<unk>`, ascending.
    hashes: Vec<u64>,
    orders: Vec<Vec<NGram>>,
}

impl Sorted {
    fn new(ngrams: NGrams) -> Result<Self, LmError> {
        let NGrams { words, mut orders } = ngrams;
        let mut by_hash: Vec<(u64, u32)> = (1..)
            .zip(&words[1..])
            .map(|(id, word)| (murmur(word.as_bytes()), id))
            .collect();
        by_hash.sort_unstable();
        if let Some(twice) = by_hash.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            let [one, other] = [0, 1].map(|i| &words[twice[i].1 as usize]);
            return Err(LmError::NGrams(format!(
                "the words `{one}` and `{other}` cannot be told apart"
            )));
        }
        for marker in ["<s>", "</s>"] {
            let hash = murmur(marker.as_bytes());
            if by_hash.binary_search_by_key(&hash, |e| e.0).is_err() {
                return Err(LmError::NGrams(format!("the word `{marker}` is missing")));
            }
        }
        let mut new_ids = vec![0u32; words.len()];
        let mut sorted_words = vec![words[0].clone()];
        for (new, &(_, old)) in (1..).zip(&by_hash) {
            new_ids[old as usize] = new;
            sorted_words.push(words[old as usize].clone());
        }
        drop(words);
        for (order, grams) in (1..).zip(&mut orders) {
            for gram in grams.iter_mut() {
                let used = &mut gram.words[..order];
                used.reverse();
                for id in used {
                    *id = new_ids[*id as usize];
                }
            }
            grams.sort_unstable_by_key(|gram| gram.words);
            if let Some(twice) = grams.windows(2).find(|p| p[0].words == p[1].words) {
                let text = spoken(&sorted_words, &twice[0].words[..order]);
                return Err(LmError::NGrams(format!(
                    "the {order}-gram `{text}` is listed twice"
                )));
            }
        }
        let mut sorted = Self {
            words: sorted_words,
            hashes: by_hash.into_iter().map(|entry| entry.0).collect(),
            orders,
        };
        sorted.fill_blanks();
        sorted.mark_contexts()?;
        Ok(sorted)
    }
}

/// A reversed n-gram as it is spoken.
fn spoken(words: &[String], reversed: &[u32]) -> String {
    let text: Vec<&str> = reversed
        .iter()
        .rev()
        .map(|&id| words[id as usize].as_str())
        .collect();
    text.join(" ")
}
