//! The sounds of words as one string, for languages that take each word by itself.

use super::{Phonemes, marks};
use crate::spoken::Token;

/// What a word or mark sounds like.
#[derive(Debug, Clone, Default)]
pub(super) struct Part {
    /// In the voice's alphabet; empty for what is not heard.
    pub sounds: String,
    /// Whether it is said in one breath with the word before.
    pub glued: bool,
}

/// One string, and where each word is in it. There is one part for each word.
pub(super) fn assemble(words: &[Token], parts: &[Part]) -> Phonemes {
    let mut said = Phonemes::default();
    let mut last: Option<(&Token, &Part)> = None;
    for (word, part) in words.iter().zip(parts) {
        let apart = last.is_some_and(|last| is_apart(last, (word, part)));
        if apart && !part.sounds.is_empty() {
            said.text.push(' ');
        }
        let start = said.text.len();
        said.text.push_str(&part.sounds);
        said.words.push(start..said.text.len());
        if !part.sounds.is_empty() {
            last = Some((word, part));
        }
    }
    said
}

fn is_apart(last: (&Token, &Part), next: (&Token, &Part)) -> bool {
    let gap = last.0.source.end < next.0.source.start;
    match (last.0.is_mark, next.0.is_mark) {
        (false, false) => !next.1.glued,
        (true, false) => marks::parts(&last.1.sounds) || gap,
        _ => gap || matches!(next.1.sounds.as_str(), "(" | "“"),
    }
}

/// Sounds divided among several, each with its part in order.
pub(super) fn shares(sounds: &str, count: usize) -> impl Iterator<Item = String> {
    let symbols: Vec<char> = sounds.chars().collect();
    (0..count).map(move |at| {
        let (from, until) = (at * symbols.len() / count, (at + 1) * symbols.len() / count);
        symbols[from..until].iter().collect()
    })
}
