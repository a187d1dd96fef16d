//! The symbols Kokoro was trained on, and their numbers.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::SynthesisError;

/// As many phonemes as the voice reads at once: its window of 512, less one at either end.
pub const MAX_TOKENS: usize = 510;

/// Stands before the first phoneme and after the last.
const EDGE: i64 = 0;

#[derive(Deserialize)]
struct Vocabulary {
    symbols: HashMap<char, i64>,
}

static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../data/kokoro-vocabulary.json"))
        .expect("the file is part of this crate and a test reads it")
});

/// Whether the voice knows the symbol.
pub(super) fn has(symbol: char) -> bool {
    VOCABULARY.symbols.contains_key(&symbol)
}

/// The model's input for a string of phonemes: their numbers between two zeros.
///
/// # Errors
/// [`SynthesisError::Symbol`] for a character outside the vocabulary, and
/// [`SynthesisError::TooManyPhonemes`] for more than [`MAX_TOKENS`] of them.
pub fn tokens(phonemes: &str) -> Result<Vec<i64>, SynthesisError> {
    let count = phonemes.chars().count();
    if count > MAX_TOKENS {
        return Err(SynthesisError::TooManyPhonemes {
            count,
            limit: MAX_TOKENS,
        });
    }
    let mut tokens = Vec::with_capacity(count + 2);
    tokens.push(EDGE);
    for symbol in phonemes.chars() {
        let id = VOCABULARY.symbols.get(&symbol);
        tokens.push(*id.ok_or(SynthesisError::Symbol(symbol))?);
    }
    tokens.push(EDGE);
    Ok(tokens)
}
