//! The words of an utterance, as the measures read them.

use crate::chars::{ends_clause, ends_sentence, is_ideographic, is_word};

/// A word and what stands around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// In lower case, with straight apostrophes, without the marks around it.
    pub lower: String,
    /// Whether a clause or a sentence ends with it.
    pub ends_clause: bool,
    /// Whether a sentence ends with it.
    pub ends_sentence: bool,
    /// Whether it is broken off: `tomor-`.
    pub broken: bool,
    /// Whether it is written with a capital.
    pub capital: bool,
}

/// Words of a text, split at white space. Tokens of marks alone belong to the word before them.
pub(super) fn words(text: &str) -> Vec<Word> {
    let mut out: Vec<Word> = Vec::new();
    for token in text.split_whitespace() {
        let core = token.trim_matches(|c: char| !is_word(c));
        let tail = &token[token.rfind(is_word).map_or(0, |at| at)..];
        let clause = tail.contains(|c| ends_clause(c) || ends_sentence(c));
        let sentence = tail.contains(ends_sentence);
        if core.is_empty() {
            if let Some(last) = out.last_mut() {
                last.ends_clause |= clause || matches!(token, "-" | "--");
                last.ends_sentence |= sentence;
            }
            continue;
        }
        out.push(Word {
            lower: core.to_lowercase().replace('’', "'"),
            ends_clause: clause,
            ends_sentence: sentence,
            broken: tail.ends_with(['-', '–', '—']) && core.chars().all(char::is_alphabetic),
            capital: core.starts_with(char::is_uppercase),
        });
    }
    out
}

/// Whether words of a language stand apart.
pub(super) fn spaced(language: &str) -> bool {
    !matches!(
        language,
        "zh" | "yue" | "ja" | "th" | "lo" | "km" | "my" | "bo" | "jw"
    )
}

/// Whether most letters of a text are Chinese characters, whatever its language is said to be.
pub(super) fn unspaced_script(text: &str) -> bool {
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    text.chars().filter(|&c| is_ideographic(c)).count() * 2 > letters
}
