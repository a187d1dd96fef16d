//! Inverse text normalisation: spoken numbers, money, dates and times as they are written.
//!
//! One module a language finds what to rewrite; nothing else in the text is touched.

mod amount;
mod clock;
mod de;
mod digits;
mod en;
mod es;
mod fr;
mod han;
mod hi;
mod ja;
mod ko;
mod labelled;
mod lexicon;
mod myriad;
mod number;
mod ordinal;
mod rules;
mod scan;
mod style;
mod token;
mod walk;
mod zh;

use scan::Rule;
use std::ops::Range;

/// A stretch of a text, and what is written in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// Bytes of the text, on character boundaries.
    pub span: Range<usize>,
    /// What stands there instead.
    pub text: String,
}

/// What to rewrite in a text: in order, without overlaps. `language` is an ISO 639-1 code; a
/// language we have no rules for gives nothing.
pub fn edits(text: &str, language: &str) -> Vec<Edit> {
    match language {
        "en" => en::edits(text),
        "es" => es::edits(text),
        "fr" => fr::edits(text),
        "de" => de::edits(text),
        "hi" => hi::edits(text),
        "zh" => zh::edits(text),
        "ja" => ja::edits(text),
        "ko" => ko::edits(text),
        _ => Vec::new(),
    }
}

/// The text with its edits made. They must be in order, without overlaps.
pub fn apply(text: &str, edits: &[Edit]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for edit in edits {
        out.push_str(&text[done..edit.span.start]);
        out.push_str(&edit.text);
        done = edit.span.end;
    }
    out.push_str(&text[done..]);
    out
}

/// The text as it is written: `Twenty-three dollars, please.` gives `$23, please.`
pub fn itn(text: &str, language: &str) -> String {
    apply(text, &edits(text, language))
}

/// A language's own rules, which go before the common ones.
fn rules_with(own: &[Rule], common: &[Rule]) -> Vec<Rule> {
    own.iter().chain(common).copied().collect()
}
