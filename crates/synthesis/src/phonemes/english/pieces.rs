//! Spoken words as pieces that have phonemes each, and the pieces' phonemes as one string.

use super::tags::Item;
use crate::phonemes::assembly::{self, has_gap};
use crate::phonemes::{Phonemes, Pronunciations, marks};
use crate::spoken::Token;

/// What becomes phonemes at once.
pub(super) struct Piece {
    /// Which of the given words it belongs to.
    pub owner: usize,
    /// In the voice's own marks; a word with straight apostrophes.
    pub text: String,
    pub kind: Kind,
    /// Whether a space follows, as far as the tagger cares.
    pub spaced: bool,
    /// Whether it is said in one breath with the piece before.
    pub glued: bool,
}

/// How a piece becomes phonemes.
pub(super) enum Kind {
    Mark,
    /// With the caller's own pronunciation.
    Own(String),
    /// The same with `'s`.
    OwnPossessive(String),
    /// A letter by name, possibly with `'s`.
    Letter {
        is_last: bool,
    },
    Word,
}

impl Piece {
    pub fn item(&self) -> Item<'_> {
        Item {
            text: &self.text,
            spaced: self.spaced,
        }
    }

    fn is_mark(&self) -> bool {
        matches!(self.kind, Kind::Mark)
    }
}

/// Takes words apart at spaces, tells letters from words, and looks the caller's own up.
pub(super) fn split(words: &[Token], own: &Pronunciations) -> Vec<Piece> {
    let mut pieces = Vec::with_capacity(words.len());
    for (owner, word) in words.iter().enumerate() {
        let mut add = |text: String, kind| {
            pieces.push(Piece {
                owner,
                text,
                kind,
                spaced: true,
                glued: false,
            });
        };
        let straight = word.text.replace(['’', '‘'], "'");
        if word.is_mark || !word.text.contains(char::is_alphanumeric) {
            add(marks::spoken(&word.text), Kind::Mark);
        } else if let Some(sounds) = own.get(&straight) {
            let sounds = sounds.to_owned();
            add(straight, Kind::Own(sounds));
        } else if let Some(sounds) = straight.strip_suffix("'s").and_then(|word| own.get(word)) {
            let sounds = sounds.to_owned();
            add(straight, Kind::OwnPossessive(sounds));
        } else {
            for part in straight.split_whitespace() {
                let kind = if is_letter(part) {
                    Kind::Letter { is_last: true }
                } else {
                    Kind::Word
                };
                add(part.to_owned(), kind);
            }
        }
    }
    for at in 1..pieces.len() {
        let (before, after) = pieces.split_at_mut(at);
        let (last, next) = (&mut before[at - 1], &mut after[0]);
        let gap = has_gap(words, last.owner, next.owner);
        if let (Kind::Letter { is_last }, Kind::Letter { .. }) = (&mut last.kind, &next.kind)
            && !gap
        {
            *is_last = false;
            next.glued = true;
        }
        last.spaced = match (last.is_mark(), next.is_mark()) {
            (false, false) => true,
            (true, false) => gap || marks::parts(&last.text),
            _ => gap,
        };
    }
    // `I` alone is a word.
    for at in 0..pieces.len() {
        let leads = pieces.get(at + 1).is_some_and(|next| next.glued);
        let piece = &mut pieces[at];
        if piece.text == "I" && !piece.glued && !leads && matches!(piece.kind, Kind::Letter { .. })
        {
            piece.kind = Kind::Word;
        }
    }
    pieces
}

fn is_letter(word: &str) -> bool {
    let mut letters = word.chars();
    letters
        .next()
        .is_some_and(|letter| letter.is_ascii_uppercase())
        && matches!(letters.as_str(), "" | "'s")
}

/// One string, and where each word is in it.
pub(super) fn join(words: &[Token], pieces: &[Piece], sounds: &[String]) -> Phonemes {
    let heard = pieces
        .iter()
        .zip(sounds)
        .map(|(piece, sounds)| assembly::Piece {
            owner: piece.owner,
            text: &piece.text,
            is_mark: piece.is_mark(),
            glued: piece.glued,
            sounds,
        });
    assembly::assemble_pieces(words, heard)
}
