//! Spoken words as pieces that have phonemes each, and the pieces' phonemes as one string.

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
    /// Whether it is said in one breath with the piece before.
    glued: bool,
}

/// How a piece becomes phonemes.
pub(super) enum Kind {
    Mark,
    /// With the caller's own pronunciation.
    Own(String),
    /// A capital letter, by name; only the last of several is fully loud.
    Letter {
        is_last: bool,
    },
    Word,
}

/// Takes words apart at spaces and hyphens, tells letters from words, and looks the caller's own up.
pub(super) fn split(words: &[Token], own: &Pronunciations) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::with_capacity(words.len());
    for (owner, word) in words.iter().enumerate() {
        let mut add = |text: String, kind| {
            pieces.push(Piece {
                owner,
                text,
                kind,
                glued: false,
            });
        };
        let straight = word.text.replace(['’', '‘'], "'");
        if word.is_mark || !word.text.contains(char::is_alphanumeric) {
            add(marks::spoken(&word.text), Kind::Mark);
        } else if let Some(sounds) = own.get(&straight) {
            let sounds = sounds.to_owned();
            add(straight, Kind::Own(sounds));
        } else {
            let parts = straight.split(|c: char| c.is_whitespace() || c == '-');
            for part in parts.filter(|part| part.contains(char::is_alphanumeric)) {
                let mut letters = part.chars();
                let capital = letters.next().is_some_and(char::is_uppercase);
                let kind = if capital && letters.next().is_none() {
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
        if let (Kind::Letter { is_last }, Kind::Letter { .. }) = (&mut last.kind, &next.kind)
            && !has_gap(words, last.owner, next.owner)
        {
            *is_last = false;
            next.glued = true;
        }
    }
    pieces
}

/// One string, and where each word is in it.
pub(super) fn join(words: &[Token], pieces: &[Piece], sounds: &[String]) -> Phonemes {
    let heard = pieces
        .iter()
        .zip(sounds)
        .map(|(piece, sounds)| assembly::Piece {
            owner: piece.owner,
            text: &piece.text,
            is_mark: matches!(piece.kind, Kind::Mark),
            glued: piece.glued,
            sounds,
        });
    assembly::assemble_pieces(words, heard)
}
