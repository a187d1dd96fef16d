//! Patterns by language, and the polite words that are taken off before they are matched.

use regex::{Regex, RegexBuilder};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Patterns of each language.
pub type ByLanguage = BTreeMap<String, Vec<Regex>>;

/// What people say around a command.
#[derive(Deserialize)]
pub struct PoliteWords {
    before: Vec<String>,
    after: Vec<String>,
}

/// The same, compiled.
pub struct Politeness {
    before: Vec<Regex>,
    after: Vec<Regex>,
}

fn pattern(text: &str) -> Regex {
    RegexBuilder::new(text)
        .case_insensitive(true)
        .build()
        .expect("the patterns of data/commands.toml compile, by test")
}

/// Patterns that must match as a whole.
pub fn compiled(patterns: BTreeMap<String, Vec<String>>) -> ByLanguage {
    let whole = |text: String| pattern(&format!("^(?:{text})$"));
    patterns
        .into_iter()
        .map(|(language, texts)| (language, texts.into_iter().map(whole).collect()))
        .collect()
}

impl Politeness {
    /// Compiles them.
    pub fn new(words: &PoliteWords) -> Self {
        Politeness {
            before: words
                .before
                .iter()
                .map(|text| pattern(&format!("^{text}")))
                .collect(),
            after: words
                .after
                .iter()
                .map(|text| pattern(&format!("{text}$")))
                .collect(),
        }
    }

    /// Without the polite words before it.
    pub fn strip_before<'a>(&self, text: &'a str) -> &'a str {
        let mut rest = text.trim();
        loop {
            let ends = self
                .before
                .iter()
                .filter_map(|pattern| Some(pattern.find(rest)?.end()));
            match ends.max().filter(|end| *end > 0 && *end < rest.len()) {
                Some(end) => rest = rest[end..].trim_start(),
                None => return rest,
            }
        }
    }

    /// Without the polite words and marks around it.
    pub fn strip<'a>(&self, text: &'a str) -> &'a str {
        let mut rest = self.strip_before(text);
        loop {
            let starts = self
                .after
                .iter()
                .filter_map(|pattern| Some(pattern.find(rest)?.start()));
            match starts.min().filter(|start| *start > 0) {
                Some(start) => rest = rest[..start].trim_end(),
                None => return rest,
            }
        }
    }
}
