//! The lists of swear words and how their entries match.

use std::collections::HashSet;
use std::sync::LazyLock;

/// Where an entry written without spaces matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Matching {
    /// Chinese, Japanese.
    Anywhere,
    /// Korean.
    WordStart,
}

/// A language's list.
pub(super) struct List {
    words: HashSet<String>,
    beginnings: Vec<String>,
    insides: Vec<String>,
    innocent: HashSet<String>,
    /// Entries in scripts without spaces (or with particles grown on), and whether they are
    /// swear words, the longest first.
    dense: Vec<(&'static str, bool)>,
    pub matching: Matching,
}

macro_rules! lists {
    ($($language:literal: $matching:ident),*) => {
        /// The list of a language.
        pub(super) fn of(language: &str) -> Option<&'static List> {
            match language {
                $($language => {
                    static LIST: LazyLock<List> = LazyLock::new(|| {
                        List::new(
                            include_str!(concat!("../../data/profanity/", $language, ".txt")),
                            Matching::$matching,
                        )
                    });
                    Some(&LIST)
                })*
                _ => None,
            }
        }
    };
}

lists!(
    "en": Anywhere, "es": Anywhere, "fr": Anywhere, "de": Anywhere,
    "hi": Anywhere, "zh": Anywhere, "ja": Anywhere, "ko": WordStart
);

impl List {
    fn new(file: &'static str, matching: Matching) -> Self {
        let mut list = Self {
            words: HashSet::new(),
            beginnings: Vec::new(),
            insides: Vec::new(),
            innocent: HashSet::new(),
            dense: Vec::new(),
            matching,
        };
        let lines = file.lines().map(str::trim);
        for line in lines.filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let (entry, swear) = match line.strip_prefix('!') {
                Some(entry) => (entry, false),
                None => (line, true),
            };
            let stem = entry.trim_matches('*');
            if entry.starts_with(is_dense) {
                list.dense.push((entry, swear));
            } else if !swear {
                list.innocent.insert(key(entry));
            } else if entry.starts_with('*') {
                list.insides.push(key(stem));
            } else if entry.ends_with('*') {
                list.beginnings.push(key(stem));
            } else {
                list.words.insert(key(entry));
            }
        }
        list.dense
            .sort_by_key(|(entry, _)| std::cmp::Reverse(entry.len()));
        list
    }

    /// Whether a character belongs to a script that this list matches without word bounds.
    pub fn is_dense(&self, c: char) -> bool {
        !self.dense.is_empty() && is_dense(c)
    }

    /// Whether a whole word is a swear word.
    pub fn has_word(&self, word: &str) -> bool {
        let key = key(word);
        !self.innocent.contains(&key)
            && (self.words.contains(&key)
                || self.beginnings.iter().any(|begin| key.starts_with(begin))
                || self.insides.iter().any(|inside| key.contains(inside)))
    }

    /// The longest entry at the beginning of a text: its bytes, and whether it is a swear word.
    pub fn dense_at(&self, text: &str) -> Option<(usize, bool)> {
        let mut entries = self.dense.iter();
        let (entry, swear) = entries.find(|(entry, _)| text.starts_with(entry))?;
        Some((entry.len(), *swear))
    }
}

/// Han characters, kana and Hangul.
fn is_dense(c: char) -> bool {
    crate::chars::is_ideographic(c) || matches!(c, '가'..='힣')
}

/// A word as the lists know it: lower case; in Devanagari without nukta, and with anusvara for
/// chandrabindu.
fn key(word: &str) -> String {
    let plain = |c: char| crate::chars::plain_devanagari(c);
    word.to_lowercase().chars().filter_map(plain).collect()
}
