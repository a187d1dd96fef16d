//! The sounds of words, or of pieces of them, as one string.

use super::{Phonemes, marks};
use crate::spoken::Token;

/// What a word or mark sounds like, in languages that take each word by itself.
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

/// What a piece of a word sounds like, in languages that take words apart.
pub(super) struct Piece<'p> {
    /// Which of the given words it belongs to.
    pub owner: usize,
    /// As it is written.
    pub text: &'p str,
    /// Whether it is a mark.
    pub is_mark: bool,
    /// Whether it is said in one breath with the piece before.
    pub glued: bool,
    /// In the voice's alphabet; empty for what is not heard.
    pub sounds: &'p str,
}

/// One string, and where each word is in it.
pub(super) fn assemble_pieces<'p>(
    words: &[Token],
    pieces: impl Iterator<Item = Piece<'p>>,
) -> Phonemes {
    let mut text = String::new();
    let mut ranges: Vec<Option<(usize, usize)>> = vec![None; words.len()];
    let mut last: Option<Piece<'_>> = None;
    for piece in pieces.filter(|piece| !piece.sounds.is_empty()) {
        if last
            .as_ref()
            .is_some_and(|last| are_apart(words, last, &piece))
        {
            text.push(' ');
        }
        let start = text.len();
        text.push_str(piece.sounds);
        let range = ranges[piece.owner].get_or_insert((start, start));
        range.1 = text.len();
        last = Some(piece);
    }
    let mut at = 0;
    let words = ranges.into_iter().map(|range| {
        let (start, end) = range.unwrap_or((at, at));
        at = end;
        start..end
    });
    let words = words.collect();
    Phonemes { text, words }
}

fn are_apart(words: &[Token], last: &Piece<'_>, next: &Piece<'_>) -> bool {
    let gap = has_gap(words, last.owner, next.owner);
    match (last.is_mark, next.is_mark) {
        (false, false) => !next.glued,
        (true, false) => gap || marks::parts(last.text),
        _ => gap,
    }
}

/// Whether the source has anything between two words.
pub(super) fn has_gap(words: &[Token], last: usize, next: usize) -> bool {
    last != next && words[last].source.end < words[next].source.start
}

/// Sounds divided among several, each with its part in order.
pub(super) fn shares(sounds: &str, count: usize) -> impl Iterator<Item = String> {
    let symbols: Vec<char> = sounds.chars().collect();
    (0..count).map(move |at| {
        let (from, until) = (at * symbols.len() / count, (at + 1) * symbols.len() / count);
        symbols[from..until].iter().collect()
    })
}
