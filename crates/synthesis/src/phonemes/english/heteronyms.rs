//! Words spelled alike and said otherwise, where the part of speech alone does not tell.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::Accent;
use crate::phonemes::table::{column, rows};

struct Rule {
    /// Empty for any.
    tags: Vec<&'static str>,
    /// Of these words one must be near; empty for no such need.
    near: Vec<&'static str>,
    /// American and British.
    sounds: [&'static str; 2],
}

static RULES: LazyLock<HashMap<&'static str, Vec<Rule>>> = LazyLock::new(|| {
    let mut rules: HashMap<&str, Vec<Rule>> = HashMap::new();
    for row in rows(include_str!("../../../data/english/heteronyms.tsv")) {
        let list = |index, none: &str| match column(&row, index) {
            text if text == none => Vec::new(),
            text => text.split(',').collect(),
        };
        rules.entry(row[0]).or_default().push(Rule {
            tags: list(1, "*"),
            near: list(2, "-"),
            sounds: [column(&row, 3), column(&row, 4)],
        });
    }
    rules
});

/// How far a word may be to tell: words on either side.
pub(super) const REACH: usize = 4;

/// The sounds of a word with this tag beside these words (in small letters).
pub(super) fn find(
    accent: Accent,
    word: &str,
    tag: &str,
    near: impl Fn(&str) -> bool,
) -> Option<&'static str> {
    let rules = RULES.get(word).or_else(|| {
        let small = word.to_ascii_lowercase();
        RULES.get(small.as_str())
    })?;
    let fits = |rule: &&Rule| {
        (rule.tags.is_empty() || rule.tags.contains(&tag))
            && (rule.near.is_empty() || rule.near.iter().any(|word| near(word)))
    };
    rules
        .iter()
        .find(fits)
        .map(|rule| rule.sounds[accent.column()])
}
