//! French words to phonemes: listed words, rules of spelling for the rest, and what happens between
//! words: liaison, and small words that lean on the next.
//!
//! The voice learnt from espeak-ng's phonemes, whose ways are followed where they differ from a
//! dictionary's: *nuit* is `nyˈi`, and a circumflex at the end makes its vowel long.

mod linking;
mod rules;
mod words;

use super::assembly::{Part, assemble};
use super::{Phonemes, Pronunciations, marks, vocabulary};
use crate::SynthesisError;
use crate::spoken::Token;

/// French as the voice `ff_siwis` speaks it; costs nothing to make.
#[derive(Debug, Clone, Copy, Default)]
pub struct French;

/// A word on its way to be said.
struct Piece {
    /// Which of the given words it belongs to.
    owner: usize,
    /// In small letters, or a capital by its name.
    text: String,
    kind: Kind,
    /// Whether a hyphen ties it to the one before.
    joined: bool,
}

#[derive(Clone, PartialEq, Eq)]
enum Kind {
    Mark,
    Own(String),
    Letter,
    Word,
}

impl French {
    /// Makes it; its tables are read when first needed.
    pub fn new() -> Self {
        Self
    }

    /// Reads pairs of a word and how it is said: IPA between slashes, or another French spelling.
    ///
    /// # Errors
    /// [`SynthesisError::Pronunciation`] for what is not one word, is too long, or has a character
    /// that stands for no sound.
    pub fn pronunciations<'a>(
        &self,
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Pronunciations, SynthesisError> {
        Pronunciations::with(pairs, |spelling| {
            Ok(linking::stressed(&words::sounds(&spelling.to_lowercase())))
        })
    }

    /// The phonemes of words as they are spoken, in the vocabulary of the voice. A word with a
    /// letter or digit always has some; other words and unknown marks have none. Takes time in
    /// proportion to the text.
    pub fn phonemes(&self, words: &[Token], own: &Pronunciations) -> Phonemes {
        let pieces = split(words, own);
        let mut parts = vec![Part::default(); words.len()];
        for (at, piece) in pieces.iter().enumerate() {
            let sounds = match &piece.kind {
                Kind::Mark => piece.text.clone(),
                Kind::Own(sounds) => sounds.clone(),
                Kind::Letter => words::letters(&piece.text),
                Kind::Word => {
                    let last = at.checked_sub(1).map(|last| pieces[last].text.as_str());
                    let next = pieces.get(at + 1);
                    let next = match next {
                        Some(next) if next.kind != Kind::Mark => Some(next.text.as_str()),
                        _ => None,
                    };
                    linking::said(last.unwrap_or_default(), &piece.text, next)
                }
            };
            let part = &mut parts[piece.owner];
            if !part.sounds.is_empty() && !sounds.is_empty() && !piece.joined {
                part.sounds.push(' ');
            }
            let known = sounds.chars().filter(|symbol| vocabulary::has(*symbol));
            part.sounds.extend(known);
            part.glued = is_spelled(words, &pieces, at);
        }
        assemble(words, &parts)
    }
}

/// Whether a letter belongs to the one before it, as in `S N C F`.
fn is_spelled(words: &[Token], pieces: &[Piece], at: usize) -> bool {
    let Some(last) = at.checked_sub(1).map(|last| &pieces[last]) else {
        return false;
    };
    let (last, next) = (last, &pieces[at]);
    last.kind == Kind::Letter
        && next.kind == Kind::Letter
        && words[last.owner].source.end >= words[next.owner].source.start
}

/// Takes words apart at spaces and hyphens, tells letters from words, and looks the caller's own up.
fn split(words: &[Token], own: &Pronunciations) -> Vec<Piece> {
    let mut pieces = Vec::with_capacity(words.len());
    for (owner, word) in words.iter().enumerate() {
        let mut add = |text: String, kind, joined| {
            pieces.push(Piece {
                owner,
                text,
                kind,
                joined,
            });
        };
        let straight = word.text.replace(['’', '‘', 'ʼ'], "'");
        if word.is_mark || !word.text.contains(char::is_alphanumeric) {
            add(marks::spoken(&word.text), Kind::Mark, false);
        } else if let Some(sounds) = own.get(&straight) {
            let sounds = sounds.to_owned();
            add(straight.to_lowercase(), Kind::Own(sounds), false);
        } else {
            let mut last = None;
            for part in words::parts(&straight) {
                let end = last.replace(part);
                let joined = end.is_some() && !straight.contains(char::is_whitespace);
                let mut letters = part.chars();
                let capital = letters.next().is_some_and(char::is_uppercase);
                if capital && letters.next().is_none() {
                    add(part.to_owned(), Kind::Letter, joined);
                } else {
                    add(part.to_lowercase(), Kind::Word, joined);
                }
            }
        }
    }
    pieces
}
