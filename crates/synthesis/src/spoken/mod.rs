//! Text as it is read aloud: numbers, money, dates, abbreviations and the like in words, each with
//! the place in the source it stands for.
//!
//! Nothing is dropped silently. What is knowingly not spoken: control and invisible characters,
//! tags of HTML and SSML and comments, the contents of `script` and `style`, targets of Markdown
//! links, Markdown's own signs, and the signs whose reading is `-` in the language's
//! `symbols.tsv`. Every other letter and digit lies within the source span of a token.
//!
//! A token of one capital letter is that letter's name, possibly with `'s` (`U R L's`); the article
//! is always `a`. Letters of other scripts come in Latin letters.

use std::ops::Range;

mod cursor;
mod emoji;
mod en;
pub(crate) mod ja;
mod markup;
mod reader;
mod romance;
mod tables;
mod tongue;
mod wide;
pub(crate) mod zh;

pub(crate) use wide::is_han;

/// A word to be spoken, or a mark of punctuation to pause at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// One spoken word, such as `forty` or `don't`, or the mark: one of `. , ! ? ; : — … ( ) “ ”`.
    pub text: String,
    /// Bytes of the source that it stands for; several tokens may share one place (`$5`). Spans
    /// never run backwards.
    pub source: Range<usize>,
    /// Whether it is punctuation and not a word.
    pub is_mark: bool,
}

/// Puts text into words, in the language of a code such as `en`, `en-gb` or `es`.
///
/// Languages without rules of their own are read with the English ones. Never fails, whatever the
/// text; takes time in proportion to its length.
pub fn spoken(text: &str, language: &str) -> Vec<Token> {
    if is(language, "zh") || is(language, "cmn") {
        return reader::read(text, &zh::Mandarin);
    }
    if is(language, "ja") {
        return reader::read(text, &ja::Japanese);
    }
    if let Some(rules) = romance::language(language) {
        return reader::read(text, rules);
    }
    if let Some(rules) = tongue::language(language) {
        return reader::read(text, &rules);
    }
    let day_first = !matches!(language, "en" | "en-us" | "en-US" | "en_US");
    reader::read(text, &en::English { day_first })
}

/// Whether a code such as `zh-cn` is of a language.
fn is(code: &str, language: &str) -> bool {
    let name = code.split(['-', '_']).next().unwrap_or_default();
    name.eq_ignore_ascii_case(language)
}
