//! Hindi words to phonemes: Devanagari by its rules, English words by the English lexicon.
//!
//! The voices learnt from espeak-ng's phonemes, whose ways are followed: `c ɟ` are the sounds of *च
//! ज*, a vowel that is not written is `ʌ` under stress and else `ə`.

mod akshara;
mod latin;
mod voice;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use super::assembly::{Part, assemble};
use super::table::{column, rows};
use super::{English, Phonemes, Pronunciations, marks, vocabulary};
use crate::SynthesisError;
use crate::spoken::Token;

/// Words whose sounds or stress the rules do not give.
static WORDS: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| {
    rows(include_str!("../../../data/hindi/words.tsv"))
        .map(|row| (row[0], column(&row, 1)))
        .collect()
});

/// Hindi as the voices `hf_*` and `hm_*` speak it.
#[derive(Clone, Default)]
pub struct Hindi {
    english: Option<Arc<English>>,
}

impl Hindi {
    /// With English for the English words of a text, best the British; without, they are read by a
    /// few rules.
    pub fn new(english: Option<Arc<English>>) -> Self {
        Self { english }
    }

    /// Reads pairs of a word and how it is said: IPA between slashes, or another spelling in
    /// Devanagari or Latin letters.
    ///
    /// # Errors
    /// [`SynthesisError::Pronunciation`] for what is not one word, is too long, or has a character
    /// that stands for no sound.
    pub fn pronunciations<'a>(
        &self,
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Pronunciations, SynthesisError> {
        Pronunciations::with(pairs, |spelling| Ok(self.word(spelling)))
    }

    /// The phonemes of words as they are spoken, in the vocabulary of the voice. A word with a
    /// letter or digit always has some; other words and unknown marks have none. Takes time in
    /// proportion to the text.
    pub fn phonemes(&self, words: &[Token], own: &Pronunciations) -> Phonemes {
        let mut parts: Vec<Part> = Vec::with_capacity(words.len());
        for (at, word) in words.iter().enumerate() {
            let sounds = if word.is_mark || !word.text.contains(char::is_alphanumeric) {
                marks::spoken(&word.text)
            } else if let Some(sounds) = own.get(&word.text) {
                sounds.to_owned()
            } else {
                self.word(&word.text)
            };
            let known = sounds.chars().filter(|symbol| vocabulary::has(*symbol));
            let spelled = at.checked_sub(1).is_some_and(|last| {
                latin::is_letter(&words[last].text)
                    && latin::is_letter(&word.text)
                    && words[last].source.end >= word.source.start
            });
            parts.push(Part {
                sounds: known.collect(),
                glued: spelled,
            });
        }
        assemble(words, &parts)
    }

    /// The sounds of any word; never empty where it has a letter or digit.
    fn word(&self, word: &str) -> String {
        if let Some(sounds) = WORDS.get(word) {
            return (*sounds).to_owned();
        }
        let mut said: Vec<String> = Vec::new();
        for run in runs(word) {
            let sounds = if run.starts_with(akshara::is_devanagari) {
                match WORDS.get(run) {
                    Some(sounds) => (*sounds).to_owned(),
                    None => voice::word(run),
                }
            } else {
                latin::word(run, self.english.as_deref())
            };
            if !sounds.is_empty() {
                said.push(sounds);
            }
        }
        if said.is_empty() && word.contains(char::is_alphanumeric) {
            // A letter that nobody has put into others, or a sign of Hindi without its letter.
            return "ˈʌkʃəɾ".to_owned();
        }
        said.join(" ")
    }
}

/// A word as runs of one script; what is neither letter nor digit parts them.
fn runs(word: &str) -> Vec<&str> {
    let is_inner = |c: char| {
        c.is_alphanumeric()
            || akshara::is_devanagari(c)
            || matches!(c, '\'' | '’' | '\u{200c}' | '\u{200d}')
    };
    let pieces = word.split(|c: char| !is_inner(c));
    let mut runs = Vec::new();
    for piece in pieces {
        let mut start = 0;
        let mut last: Option<bool> = None;
        for (at, c) in piece.char_indices() {
            let hindi = akshara::is_devanagari(c) || matches!(c, '\u{200c}' | '\u{200d}');
            if last.is_some_and(|last| last != hindi) {
                runs.push(&piece[start..at]);
                start = at;
            }
            last = Some(hindi);
        }
        runs.push(&piece[start..]);
    }
    runs.retain(|run| !run.is_empty());
    runs
}
