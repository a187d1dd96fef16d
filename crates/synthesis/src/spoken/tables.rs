//! Tables of a language, read from the files under `data/spoken`.

use std::collections::HashMap;

/// Rows of a table: columns by tabs, `#` begins a comment line (a sign of its own is `#` and a tab).
pub(super) fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    table
        .lines()
        .filter(|line| !line.is_empty() && (!line.starts_with('#') || line.starts_with("#\t")))
        .map(|line| line.split('\t').collect())
}

/// First column to second.
pub(super) fn pairs(table: &'static str) -> HashMap<&'static str, &'static str> {
    rows(table)
        .filter_map(|row| Some((*row.first()?, *row.get(1)?)))
        .collect()
}

/// Words of a list, by white space.
pub(super) fn words(list: &'static str) -> impl Iterator<Item = &'static str> {
    list.lines()
        .filter(|line| !line.starts_with('#'))
        .flat_map(str::split_whitespace)
}

/// Signs to look for at a place, the longest that fits first.
#[derive(Debug)]
pub(super) struct Signs<T> {
    by_first: HashMap<char, Vec<(&'static str, T)>>,
}

impl<T> Signs<T> {
    pub fn new(signs: impl Iterator<Item = (&'static str, T)>) -> Self {
        let mut by_first: HashMap<char, Vec<(&'static str, T)>> = HashMap::new();
        for (sign, value) in signs {
            if let Some(first) = sign.chars().next() {
                by_first.entry(first).or_default().push((sign, value));
            }
        }
        for group in by_first.values_mut() {
            group.sort_by_key(|(sign, _)| std::cmp::Reverse(sign.len()));
        }
        Self { by_first }
    }

    /// Signs that `text` begins with, the longest first.
    pub fn at<'s>(&'s self, text: &str) -> impl Iterator<Item = (&'static str, &'s T)> {
        text.chars()
            .next()
            .and_then(|first| self.by_first.get(&first))
            .into_iter()
            .flatten()
            .filter(move |(sign, _)| text.starts_with(sign))
            .map(|(sign, value)| (*sign, value))
    }
}
