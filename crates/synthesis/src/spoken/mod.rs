//! Text as it is read aloud: numbers, money, dates, abbreviations and the like in words, each with
//! the place in the source it stands for.

use std::ops::Range;

mod en;

/// A word to be spoken, or a mark of punctuation to pause at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// What is spoken, such as `forty-two`, or the mark.
    pub text: String,
    /// Bytes of the source that it stands for; several tokens may share one place (`$5`).
    pub source: Range<usize>,
    /// Whether it is punctuation and not a word.
    pub is_mark: bool,
}

/// Puts text into words.
pub fn spoken(text: &str, language: &str) -> Vec<Token> {
    match language {
        _ => en::spoken(text),
    }
}
