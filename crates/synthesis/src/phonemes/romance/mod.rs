//! Spanish, Italian and Portuguese words to phonemes: their spelling tells nearly all, by rules;
//! tables have the words that it does not.
//!
//! The voices of these languages learnt from espeak-ng's phonemes as misaki rewrites them, so that
//! its ways are followed where they differ from a grammar's: `A I O W` are the diphthongs of *rey,
//! hay, ou, causa*, a mark stands before its vowel, small words have none.

mod accents;
mod italian;
mod own;
mod pieces;
mod portuguese;
mod reading;
mod sounds;
mod spanish;

use self::pieces::{Kind, Piece};
use super::{Phonemes, Pronunciations, vocabulary};
use crate::SynthesisError;
use crate::spoken::Token;

/// A language read by these rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tongue {
    /// Of Castile, as the voices `ef_*` and `em_*` learnt it.
    Spanish,
    /// As the voices `if_*` and `im_*` do.
    Italian,
    /// Of Brazil, as the voices `pf_*` and `pm_*` do.
    Portuguese,
}

impl Tongue {
    /// The language of a code such as `es`, `it-IT` or `pt_br`, if it is one of these.
    pub fn of(code: &str) -> Option<Self> {
        match code.get(..2)?.to_ascii_lowercase().as_str() {
            "es" => Some(Self::Spanish),
            "it" => Some(Self::Italian),
            "pt" => Some(Self::Portuguese),
            _ => None,
        }
    }
}

/// One of these languages; costs nothing to make.
#[derive(Debug, Clone, Copy)]
pub struct Romance {
    tongue: Tongue,
}

impl Romance {
    /// Ready at once.
    pub fn new(tongue: Tongue) -> Self {
        Self { tongue }
    }

    /// The phonemes of words as they are spoken, in the vocabulary of the voice. A word with a
    /// letter or digit always has some; other words and unknown marks have none. Takes time in
    /// proportion to the text.
    pub fn phonemes(&self, words: &[Token], own: &Pronunciations) -> Phonemes {
        let pieces = pieces::split(words, own);
        let mut sounds: Vec<String> = pieces.iter().map(|piece| self.piece(piece)).collect();
        self.lean(&pieces, &mut sounds);
        pieces::join(words, &pieces, &sounds)
    }

    /// Pronunciations of a caller's own: IPA between slashes or brackets, or a spelling that the
    /// language would read so (`guguel`).
    ///
    /// # Errors
    /// [`SynthesisError::Pronunciation`] for what is not one word, is too long, or has a character
    /// that stands for no sound.
    pub fn pronunciations<'a>(
        &self,
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Pronunciations, SynthesisError> {
        Pronunciations::with(pairs, |said| {
            Ok(own::ipa(said).unwrap_or_else(|| self.word(&said.to_lowercase())))
        })
    }

    fn piece(&self, piece: &Piece) -> String {
        let sounds = match &piece.kind {
            Kind::Mark => return piece.text.clone(),
            Kind::Own(sounds) => return sounds.clone(),
            Kind::Letter { is_last } => {
                let name = self.letter(piece.text.chars().next().unwrap_or(' '));
                if *is_last {
                    name
                } else {
                    name.replace('ˈ', "ˌ")
                }
            }
            Kind::Word => self.word(&piece.text.to_lowercase()),
        };
        let known = |symbol: &char| vocabulary::has(*symbol);
        sounds.chars().filter(known).collect()
    }

    /// Sounds that words in one breath change in each other.
    fn lean(&self, pieces: &[Piece], sounds: &mut [String]) {
        let mut last: Option<usize> = None;
        for at in 0..pieces.len() {
            if sounds[at].is_empty() {
                continue;
            }
            if matches!(pieces[at].kind, Kind::Mark) {
                last = None;
                continue;
            }
            if let Some(before) = last {
                let (first, second) = match self.tongue {
                    Tongue::Spanish => {
                        let second = spanish::softened(&sounds[before], &sounds[at]);
                        (spanish::before(&sounds[before], &sounds[at]), second)
                    }
                    Tongue::Italian => (None, None),
                    Tongue::Portuguese => (portuguese::before(&sounds[before], &sounds[at]), None),
                };
                if let Some(first) = first {
                    sounds[before] = first;
                }
                if let Some(second) = second {
                    sounds[at] = second;
                }
            }
            last = Some(at);
        }
    }
}
