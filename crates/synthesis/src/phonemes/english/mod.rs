//! English words to phonemes, American and British: misaki's lexicon and weak forms, a tagger for
//! words like *read*, and a network for words that nobody has listed.

mod affixes;
mod arpabet;
mod heteronyms;
mod known;
mod pieces;
pub(super) mod stress;
mod tags;
mod unknown;

use std::sync::{Arc, LazyLock};

use self::heteronyms::REACH;
use self::known::{Following, Known};
use self::pieces::{Kind, Piece};
use super::table::{column, rows};
use super::{Phonemes, Pronunciations, Speller, vocabulary};
use crate::SynthesisError;
use crate::spoken::Token;

/// How English is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Accent {
    /// As the voices `af_*` and `am_*` do.
    American,
    /// As the voices `bf_*` and `bm_*` do.
    British,
}

impl Accent {
    /// Its place in pairs of sounds.
    pub(super) fn column(self) -> usize {
        match self {
            Self::American => 0,
            Self::British => 1,
        }
    }
}

/// English in one accent. Some 40 MB of lexicon: make it once and share it.
pub struct English {
    accent: Accent,
    known: Known,
    speller: Arc<Speller>,
}

impl English {
    /// Reads the accent's lexicon, which takes part of a second.
    pub fn new(accent: Accent, speller: Arc<Speller>) -> Self {
        let known = Known::new(accent);
        tags::prepare();
        Self {
            accent,
            known,
            speller,
        }
    }

    /// How it is spoken.
    pub fn accent(&self) -> Accent {
        self.accent
    }

    /// As [`Pronunciations::new`], in this accent.
    ///
    /// # Errors
    /// As there.
    pub fn pronunciations<'a>(
        &self,
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Pronunciations, SynthesisError> {
        Pronunciations::new(self.accent, pairs)
    }

    /// The phonemes of words as they are spoken, in the vocabulary of the voice. A word with a
    /// letter or digit always has some; other words and unknown marks have none.
    ///
    /// Takes time in proportion to the text, for unknown words about a millisecond each: a caller in
    /// a hurry hands over a clause at a time. A clause is also as far as the sense reaches that
    /// tells *read* from *read*.
    pub fn phonemes(&self, words: &[Token], own: &Pronunciations) -> Phonemes {
        let pieces = pieces::split(words, own);
        let items: Vec<tags::Item> = pieces.iter().map(Piece::item).collect();
        let tags = tags::tags(&items);
        let mut sounds = vec![String::new(); pieces.len()];
        let mut following = Following::default();
        let small: Vec<String> = pieces
            .iter()
            .map(|piece| piece.text.to_lowercase())
            .collect();
        // From the last word: each leans on the sound after it.
        for at in (0..pieces.len()).rev() {
            let near = &small[at.saturating_sub(REACH)..(at + REACH + 1).min(small.len())];
            sounds[at] = self.piece(&pieces[at], &tags[at], near, &following);
            following = following.with(&pieces[at].text, &tags[at], &sounds[at]);
        }
        pieces::join(words, &pieces, &sounds)
    }

    fn piece(&self, piece: &Piece, tag: &str, near: &[String], following: &Following) -> String {
        let text = piece.text.as_str();
        let sounds = match &piece.kind {
            Kind::Mark => return text.to_owned(),
            Kind::Own(sounds) => sounds.clone(),
            Kind::OwnPossessive(sounds) => self.known.with_s(sounds),
            Kind::Letter { is_last } => self.letter(text, *is_last),
            Kind::Word => {
                let near = |word: &str| near.iter().any(|other| other == word);
                match heteronyms::find(self.accent, text, tag, near) {
                    Some(sounds) => sounds.to_owned(),
                    None => self
                        .known
                        .word(text, tag, following)
                        .unwrap_or_else(|| self.unknown(text, tag)),
                }
            }
        };
        sounds
            .chars()
            .filter(|symbol| vocabulary::has(*symbol))
            .collect()
    }

    /// A letter's name, `B` or `B's`; only the last of several is fully loud.
    fn letter(&self, text: &str, is_last: bool) -> String {
        let mut letters = text.chars();
        let name = letters.next().and_then(|letter| self.known.letter(letter));
        let name = stress::letters(name);
        let name = if is_last {
            name
        } else {
            stress::softened(&name)
        };
        if letters.as_str().is_empty() {
            name
        } else {
            self.known.with_s(&name)
        }
    }
}

static CONTRACTIONS: LazyLock<Vec<(&'static str, [&'static str; 2])>> = LazyLock::new(|| {
    rows(include_str!("../../../data/english/contractions.tsv"))
        .map(|row| (row[0], [column(&row, 1), column(&row, 2)]))
        .collect()
});

/// Endings with an apostrophe, and their sounds.
fn table_of_contractions(accent: Accent) -> impl Iterator<Item = (&'static str, &'static str)> {
    CONTRACTIONS
        .iter()
        .map(move |(ending, sounds)| (*ending, sounds[accent.column()]))
}

/// Whether an American t after these sounds and before a weak vowel is that of *water*.
fn flaps(before: &str) -> bool {
    before.ends_with(|c| "AIOWYiuæɑəɛɪɹʊʌɔɜ".contains(c))
}
