//! Numbers with what they count, which change each other's sounds: 一本 イッポン, 三本 サンボン.

use std::sync::LazyLock;

use super::numbers::{cardinal, doubled};
use crate::spoken::tables::{self, Signs};

/// A counter of the table.
#[derive(Debug)]
pub struct Counter {
    /// In katakana.
    pub sounds: &'static str,
    /// How it changes with its number: `k`, `s`, `t`, `h`, `f`, `p` or `-`.
    class: &'static str,
    /// Whole numbers (`=20`) or last digits (`4`) that are said in a way of their own.
    own: Vec<(&'static str, &'static str)>,
}

static COUNTERS: LazyLock<Signs<Counter>> =
    LazyLock::new(|| table(include_str!("../../../data/spoken/ja/counters.tsv")));

/// Reads a table of counters or units.
pub(in crate::spoken) fn table(table: &'static str) -> Signs<Counter> {
    let rows = tables::rows(table);
    let counter = |row: Vec<&'static str>| {
        let own = row.get(3).copied().unwrap_or("").split(' ');
        let own = own.filter_map(|pair| pair.rsplit_once(':')).collect();
        let (sounds, class) = (*row.get(1)?, *row.get(2)?);
        Some((row[0], Counter { sounds, class, own }))
    };
    Signs::new(rows.filter_map(counter))
}

/// The longest counter that a text begins with, and its length in bytes.
pub fn at(text: &str) -> Option<(usize, &'static Counter)> {
    let (written, counter) = COUNTERS.at(text).next()?;
    Some((written.len(), counter))
}

impl Counter {
    /// A number with the counter.
    pub fn counting(&self, value: u64) -> String {
        let whole = |(number, _): &&(&str, &str)| {
            number
                .strip_prefix('=')
                .is_some_and(|number| number.parse() == Ok(value))
        };
        if let Some((_, said)) = self.own.iter().find(whole) {
            return (*said).to_owned();
        }
        let digit = value % 10;
        let last = |(number, _): &&(&str, &str)| number.parse() == Ok(digit);
        if let Some((_, said)) = self.own.iter().find(last) {
            let tens = if value >= 10 {
                cardinal(value - digit)
            } else {
                String::new()
            };
            return format!("{tens}{said}");
        }
        self.joined(&cardinal(value))
    }

    /// A number in katakana with the counter behind it.
    pub fn joined(&self, number: &str) -> String {
        let (six, hundred) = (number.ends_with("ロク"), number.ends_with("ヒャク"));
        let short = || {
            let stem = number.strip_suffix('ク').unwrap_or(number);
            format!("{stem}ッ")
        };
        let double = doubled(number);
        let doubles = double != number;
        let three =
            number.ends_with("サン") || number.ends_with("セン") || number.ends_with("マン");
        let four = number.ends_with("ヨン");
        let (number, sounds) = match self.class {
            "k" if six || hundred => (short(), self.sounds.to_owned()),
            "k" | "s" | "t" => (double, self.sounds.to_owned()),
            "h" | "f" if six || hundred => (short(), self.with_p()),
            "h" | "f" if doubles => (double, self.with_p()),
            "h" if three => (number.to_owned(), self.with_b()),
            "f" if three || four => (number.to_owned(), self.with_p()),
            "p" if six || hundred => (short(), self.sounds.to_owned()),
            "p" => (double, self.sounds.to_owned()),
            _ => (number.to_owned(), self.sounds.to_owned()),
        };
        format!("{number}{sounds}")
    }

    fn with_p(&self) -> String {
        changed(self.sounds, "ハパヒピフプヘペホポ")
    }

    fn with_b(&self) -> String {
        changed(self.sounds, "ハバヒビフブヘベホボ")
    }
}

fn changed(sounds: &str, pairs: &str) -> String {
    let pairs: Vec<char> = pairs.chars().collect();
    let mut sounds = sounds.chars();
    let first = sounds.next().map(|first| {
        let pair = pairs.chunks(2).find(|pair| pair[0] == first);
        pair.map_or(first, |pair| pair[1])
    });
    first.into_iter().chain(sounds).collect()
}
