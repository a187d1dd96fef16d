//! Patterns of words: `*` stands for up to four words, `_` for one.

use crate::analysis::evidence::{self, Token, Words};
use serde::{Deserialize, Deserializer};
use std::collections::HashMap;

/// Words that `*` may stand for.
const GAP: usize = 4;

/// A list of patterns, by their first word.
#[derive(Debug, Default)]
pub struct Phrases(HashMap<String, Vec<Vec<Piece>>>);

#[derive(Debug, PartialEq)]
enum Piece {
    Word(String),
    One,
    Gap,
}

impl<'de> Deserialize<'de> for Phrases {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        let list = Vec::<String>::deserialize(reader)?;
        Phrases::of(&list).map_err(serde::de::Error::custom)
    }
}

impl Phrases {
    /// Reads patterns; each begins with a word.
    pub fn of(list: &[impl AsRef<str>]) -> Result<Self, String> {
        let mut phrases = Phrases::default();
        for phrase in list {
            let mut pieces = Vec::new();
            for piece in phrase.as_ref().split_whitespace() {
                match piece {
                    "*" => pieces.push(Piece::Gap),
                    "_" => pieces.push(Piece::One),
                    word => pieces.extend(
                        evidence::split(word)
                            .into_iter()
                            .map(|(word, ..)| Piece::Word(word)),
                    ),
                }
            }
            match pieces.first() {
                Some(Piece::Word(first)) => {
                    let first = first.clone();
                    pieces.remove(0);
                    phrases.0.entry(first).or_default().push(pieces);
                }
                _ => {
                    return Err(format!(
                        "a phrase must begin with a word: `{}`",
                        phrase.as_ref()
                    ));
                }
            }
        }
        Ok(phrases)
    }

    /// Where patterns stand in a segment: first and last (exclusive) word, in order, without overlap.
    pub fn in_segment(&self, words: &Words, segment: usize) -> Vec<(usize, usize)> {
        let from = words
            .tokens
            .partition_point(|token| token.segment < segment);
        let to = words
            .tokens
            .partition_point(|token| token.segment <= segment);
        let tokens = &words.tokens[from..to];
        let mut found = Vec::new();
        let mut at = 0;
        while at < tokens.len() {
            match self.at(&tokens[at..]) {
                Some(length) => {
                    found.push((from + at, from + at + length));
                    at += length;
                }
                None => at += 1,
            }
        }
        found
    }

    /// Length of the longest pattern that the tokens begin with.
    fn at(&self, tokens: &[Token]) -> Option<usize> {
        let patterns = self.0.get(&tokens.first()?.word)?;
        patterns
            .iter()
            .filter_map(|rest| Some(1 + length(rest, &tokens[1..])?))
            .max()
    }
}

/// How many tokens a pattern takes, the fewest for each gap.
fn length(pattern: &[Piece], tokens: &[Token]) -> Option<usize> {
    let Some((piece, rest)) = pattern.split_first() else {
        return Some(0);
    };
    match piece {
        Piece::Word(word) => match tokens.first() {
            Some(token) if token.word == *word => Some(1 + length(rest, &tokens[1..])?),
            _ => None,
        },
        Piece::One => Some(1 + length(rest, tokens.get(1..)?)?),
        Piece::Gap => {
            (0..=GAP.min(tokens.len())).find_map(|skip| Some(skip + length(rest, &tokens[skip..])?))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::transcript::Call;

    fn found(phrases: &[&str], text: &str) -> Vec<String> {
        let call = Call::read(None, Some(text.into()), None, "text").expect("a call");
        let words = Words::of(&call);
        let phrases = Phrases::of(phrases).expect("patterns");
        let spans =
            (0..call.segments.len()).flat_map(|segment| phrases.in_segment(&words, segment));
        spans
            .map(|(from, to)| words.evidence(from, to).quote)
            .collect()
    }

    #[test]
    fn gaps_stand_for_few_words_of_one_segment() {
        let phrases = ["kya main * se baat", "thank you"];
        assert_eq!(
            found(
                &phrases,
                "Ji, kya main Ramesh Kumar ji se baat kar sakta hoon? Thank YOU."
            ),
            ["kya main Ramesh Kumar ji se baat", "Thank YOU"]
        );
        assert!(found(&phrases, "kya main. Ramesh se baat").is_empty());
        assert!(found(&phrases, "kya main one two three four five se baat").is_empty());
    }

    #[test]
    fn a_phrase_is_whole_words() {
        assert!(found(&["hi"], "this is history").is_empty());
        assert_eq!(found(&["im calling"], "I'm calling"), ["I'm calling"]);
    }
}
