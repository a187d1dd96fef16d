//! The words of `data/entities/lexicon.tsv`.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Language, class and word.
static ROWS: LazyLock<HashMap<(&str, &str), Vec<&str>>> = LazyLock::new(|| {
    let mut rows: HashMap<_, Vec<_>> = HashMap::new();
    for line in include_str!("../../data/entities/lexicon.tsv").lines() {
        let mut columns = line.split('\t');
        if let (Some(language), Some(class), Some(words)) =
            (columns.next(), columns.next(), columns.next())
        {
            rows.entry((language, class))
                .or_default()
                .extend(words.split(' '));
        }
    }
    rows
});

/// The words of one language.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lexicon<'a> {
    language: &'a str,
}

impl<'a> Lexicon<'a> {
    pub fn of(language: &'a str) -> Self {
        Self { language }
    }

    /// Whether a word is of a class.
    pub fn is(&self, class: &str, word: &str) -> bool {
        [self.language, "*"]
            .into_iter()
            .filter_map(|language| ROWS.get(&(language, class)))
            .any(|words| words.contains(&word))
    }
}
