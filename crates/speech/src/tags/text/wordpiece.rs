//! BERT's uncased WordPiece tokenizer (Devlin et al. 2019): text to the ids that MiniLM reads.
//!
//! It equals the reference tokenizer (tested on its answers) but for one thing: `[CLS]` and its like
//! in a text are brackets and letters here, so nobody can write a special token.

use crate::SpeechError;
use serde::Deserialize;
use std::collections::HashMap;
use std::path::Path;
use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory};

/// Most tokens of a text, the two special ones included: what the model was trained on.
const MOST_TOKENS: usize = 128;
/// A longer word is unknown.
const LONGEST_WORD: usize = 100;
/// Marks a piece that continues a word.
const CONTINUES: &str = "##";

/// Ranges of characters that are words of their own (CJK ideographs).
const IDEOGRAPHS: [(u32, u32); 8] = [
    (0x4E00, 0x9FFF),
    (0x3400, 0x4DBF),
    (0x2_0000, 0x2_A6DF),
    (0x2_A700, 0x2_B73F),
    (0x2_B740, 0x2_B81F),
    (0x2_B920, 0x2_CEAF),
    (0xF900, 0xFAFF),
    (0x2_F800, 0x2_FA1F),
];

/// The vocabulary and how to cut words into it.
pub(super) struct WordPiece {
    pieces: HashMap<String, i64>,
    unknown: i64,
    start: i64,
    end: i64,
}

/// What of `tokenizer.json` is needed.
#[derive(Deserialize)]
struct File {
    model: Model,
}

#[derive(Deserialize)]
struct Model {
    vocab: HashMap<String, i64>,
}

impl WordPiece {
    /// Reads `tokenizer.json`.
    pub(super) fn load(path: &Path) -> Result<Self, SpeechError> {
        let fault = |reason: String| SpeechError::ModelFile {
            path: path.into(),
            reason,
        };
        let text = std::fs::read_to_string(path).map_err(|error| fault(error.to_string()))?;
        let file: File = serde_json::from_str(&text).map_err(|error| fault(error.to_string()))?;
        let pieces = file.model.vocab;
        let special = |name: &str| {
            let id = pieces.get(name).copied();
            id.ok_or_else(|| fault(format!("no `{name}` in the vocabulary")))
        };
        let (unknown, start, end) = (special("[UNK]")?, special("[CLS]")?, special("[SEP]")?);
        Ok(Self {
            pieces,
            unknown,
            start,
            end,
        })
    }

    /// Ids of the text, at most 128 with the marks of start and end; what comes later is not read.
    pub(super) fn encode(&self, text: &str) -> Vec<i64> {
        let mut ids = vec![self.start];
        let mut words = Words::new(normalised(text));
        while ids.len() < MOST_TOKENS {
            let Some(word) = words.next() else { break };
            self.cut(&word, &mut ids);
        }
        ids.truncate(MOST_TOKENS - 1);
        ids.push(self.end);
        ids
    }

    /// Cuts `word` into the longest pieces that there are, from the left; all of it is unknown when
    /// a rest is none.
    fn cut(&self, word: &str, ids: &mut Vec<i64>) {
        let begun = ids.len();
        if word.chars().count() > LONGEST_WORD {
            ids.push(self.unknown);
            return;
        }
        let mut rest = word;
        let mut piece = String::new();
        while !rest.is_empty() {
            let prefix = if rest.len() == word.len() {
                ""
            } else {
                CONTINUES
            };
            piece.clear();
            piece.push_str(prefix);
            piece.push_str(rest);
            let found = loop {
                match self.pieces.get(&piece) {
                    Some(id) => break Some(*id),
                    None => piece.pop(),
                };
                if piece.len() <= prefix.len() {
                    break None;
                }
            };
            let Some(id) = found else {
                ids.truncate(begun);
                ids.push(self.unknown);
                return;
            };
            ids.push(id);
            rest = &rest[piece.len() - prefix.len()..];
        }
    }
}

/// Without control characters and accents, in lower case, ideographs apart.
fn normalised(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars()
        .filter(|&c| matches!(c, '\t' | '\n' | '\r') || !is_control(c))
        .flat_map(|c| {
            let space = is_ideograph(c).then_some(' ');
            space.into_iter().chain([c]).chain(space)
        })
        .nfd()
        .filter(|c| c.general_category() != GeneralCategory::NonspacingMark)
        .flat_map(char::to_lowercase)
}

fn is_control(c: char) -> bool {
    c == '\u{fffd}' || c.general_category_group() == GeneralCategoryGroup::Other
}

fn is_ideograph(c: char) -> bool {
    let code = u32::from(c);
    IDEOGRAPHS
        .iter()
        .any(|(from, to)| (*from..=*to).contains(&code))
}

fn is_punctuation(c: char) -> bool {
    c.is_ascii_punctuation() || c.general_category_group() == GeneralCategoryGroup::Punctuation
}

/// Words, and punctuation marks one by one. No longer than is needed to see that a word is too long.
struct Words<I: Iterator<Item = char>> {
    characters: std::iter::Peekable<I>,
}

impl<I: Iterator<Item = char>> Words<I> {
    fn new(characters: I) -> Self {
        Self {
            characters: characters.peekable(),
        }
    }
}

impl<I: Iterator<Item = char>> Iterator for Words<I> {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        while self.characters.next_if(|c| c.is_whitespace()).is_some() {}
        let first = self.characters.next()?;
        let mut word = String::from(first);
        if is_punctuation(first) {
            return Some(word);
        }
        let mut length = 1;
        let within = |c: &char| !c.is_whitespace() && !is_punctuation(*c);
        while let Some(c) = self.characters.next_if(within) {
            length += 1;
            if length <= LONGEST_WORD + 1 {
                word.push(c);
            }
        }
        Some(word)
    }
}

#[cfg(test)]
#[path = "wordpiece_tests.rs"]
mod tests;
