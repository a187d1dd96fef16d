//! Japanese words to phonemes: kanji to kana by a dictionary of MeCab's form, kana to the voice's
//! alphabet as misaki has it. Pitch is left to the voice, which was trained without.

mod dictionary;
mod kana;
mod latin;
mod lattice;
mod numerals;
mod words;

use std::path::Path;
use std::sync::Arc;

use self::dictionary::Dictionary;
use self::words::{Given, Said};
use super::assembly::{Part, assemble};
use super::{English, Phonemes, Pronunciations, marks, vocabulary};
use crate::SynthesisError;
use crate::spoken::Token;

/// In bytes: a run of words without marks is cut here, lest one lattice hold a megabyte.
const AT_ONCE: usize = 900;

/// Japanese. Some 50 MB of dictionary: make it once and share it.
pub struct Japanese {
    dictionary: Dictionary,
    english: Option<Arc<English>>,
}

impl Japanese {
    /// Reads the dictionary in `folder`, the model `g2p-ja`, in part of a second. Words in Latin
    /// letters that it lacks are said as Japanese say English, if that is given, and else spelled.
    ///
    /// # Errors
    /// [`SynthesisError::ModelFile`] when a file cannot be read or is another.
    pub fn load(folder: &Path, english: Option<Arc<English>>) -> Result<Self, SynthesisError> {
        Ok(Self {
            dictionary: Dictionary::load(folder)?,
            english,
        })
    }

    /// A caller's own pronunciations: kana, words in kanji that sound alike, or IPA between slashes.
    ///
    /// # Errors
    /// [`SynthesisError::Pronunciation`] for what cannot be read so.
    pub fn pronunciations<'a>(
        &self,
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Pronunciations, SynthesisError> {
        Pronunciations::with(pairs, |said| {
            Ok(self
                .sounds(&[self.given(said)], &Pronunciations::default())
                .concat())
        })
    }

    /// The phonemes of words as `spoken` gives them, in the vocabulary of the voice. A word with a
    /// letter or digit always has some. Takes time in proportion to the text.
    pub fn phonemes(&self, words: &[Token], own: &Pronunciations) -> Phonemes {
        let mut parts = vec![Part::default(); words.len()];
        let mut from = 0;
        while from < words.len() {
            let word = &words[from];
            let mut until = from + 1;
            if word.is_mark || !word.text.contains(char::is_alphanumeric) {
                parts[from].sounds = marks::spoken(&word.text);
            } else {
                until = from + run(&words[from..]);
                let given: Vec<Given> = words[from..until]
                    .iter()
                    .map(|word| self.given(&word.text))
                    .collect();
                let said = self.sounds(&given, own);
                for (part, said) in parts[from..until].iter_mut().zip(said) {
                    part.sounds = said;
                }
            }
            from = until;
        }
        for (word, part) in words.iter().zip(&mut parts) {
            part.sounds.retain(vocabulary::has);
            if part.sounds.is_empty() && !word.is_mark && word.text.contains(char::is_alphanumeric)
            {
                // A character that nobody knows: 字.
                part.sounds = kana::sounds("ジ");
            }
        }
        assemble(words, &parts)
    }

    /// The sounds of words without marks between them.
    fn sounds(&self, given: &[Given<'_>], own: &Pronunciations) -> Vec<String> {
        let sounds = |said: &Said| match said {
            Said::Kana(kana) => kana::sounds(kana),
            Said::Own(sounds) => sounds.clone(),
        };
        words::read(&self.dictionary, given, own)
            .iter()
            .map(|said| {
                let heard = said.iter().map(sounds).filter(|said| !said.is_empty());
                heard.collect::<Vec<_>>().join(" ")
            })
            .collect()
    }

    fn given<'a>(&self, text: &'a str) -> Given<'a> {
        let said = if text.chars().all(kana::is_katakana) {
            Some(kana::katakana(text))
        } else if is_japanese(text) {
            None
        } else {
            Some(latin::read(&self.dictionary, self.english.as_deref(), text))
        };
        Given { text, said }
    }
}

/// How many words from the first on are to be cut together.
fn run(words: &[Token]) -> usize {
    let mut bytes = 0;
    let mut count = 0;
    for (at, word) in words.iter().enumerate() {
        bytes += word.text.len();
        let silent = word.is_mark || !word.text.contains(char::is_alphanumeric);
        if at > 0 && (silent || bytes > AT_ONCE) {
            break;
        }
        count = at + 1;
    }
    count
}

/// Whether it is written as Japanese is, at least in part.
fn is_japanese(text: &str) -> bool {
    text.contains(|c| kana::is_kana(c) || crate::spoken::is_han(c))
}
