//! The words of Hindi numbers, and of what is counted, from the tables in `data/itn/hi`.

use super::super::walk::{pairs, words};
use crate::chars::plain_devanagari;
use std::collections::HashMap;
use std::sync::LazyLock;

/// What a word says in a number. Fractions are in hundredths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Atom {
    /// Zero to ninety-nine; whether `twenty` may come before it.
    Number { value: u32, after_ten: bool },
    /// An English ten: `twenty`.
    Ten(u32),
    /// A hundred, and powers of ten above it.
    Scale(u64),
    /// साढ़े, सवा, पौने: what they add to the number after them.
    Quarter(i64),
    /// डेढ़, ढाई.
    Fraction(u64),
    /// दशमलव.
    Point,
    /// How often the digit after it is said.
    Repeat(usize),
    /// A zero inside digits.
    Oh,
    /// The sign before a country's code.
    Plus,
    /// `and` after hundreds.
    And,
}

/// What a word says, and whether it is also an ordinary word when it stands alone.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    pub atom: Atom,
    pub ordinary: bool,
}

/// Phrases of several words, and what is written for them.
pub(super) type Phrases = Vec<(Vec<String>, &'static str)>;

/// All tables.
pub(super) struct Lexicon {
    numbers: HashMap<String, Entry>,
    pub units: Phrases,
    pub currencies: Phrases,
    pub stays: Phrases,
    pub months: Phrases,
    pub counted: Phrases,
}

pub(super) static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| {
    let list = |file| words(file).into_iter().map(|w| ("", w)).collect::<Vec<_>>();
    Lexicon {
        numbers: numbers(include_str!("../../../data/itn/hi/numbers.tsv")),
        units: phrases(pairs(include_str!("../../../data/itn/hi/units.tsv"))),
        currencies: phrases(pairs(include_str!("../../../data/itn/hi/currency.tsv"))),
        stays: phrases(list(include_str!("../../../data/itn/hi/stays.txt"))),
        months: phrases(list(include_str!("../../../data/itn/hi/months.txt"))),
        counted: phrases(list(include_str!("../../../data/itn/hi/counters.txt"))),
    }
});

fn phrases(rows: Vec<(&'static str, &'static str)>) -> Phrases {
    let split = |name: &str| name.split([' ', '-']).map(key).collect();
    rows.into_iter()
        .map(|(sign, name)| (split(name), sign))
        .collect()
}

fn numbers(file: &'static str) -> HashMap<String, Entry> {
    let row = |line: &'static str| {
        let mut columns = line.split('\t');
        let (kind, value, word) = (columns.next()?, columns.next()?, columns.next()?);
        let kind = kind.chars().next()?;
        let value: i64 = value.parse().ok()?;
        let small = u32::try_from(value).unwrap_or(0);
        let atom = match kind.to_ascii_lowercase() {
            'n' => Atom::Number {
                value: small,
                after_ten: false,
            },
            'e' => Atom::Number {
                value: small,
                after_ten: (1..10).contains(&small),
            },
            't' => Atom::Ten(small),
            's' => Atom::Scale(value.unsigned_abs()),
            'm' => Atom::Quarter(value),
            'f' => Atom::Fraction(value.unsigned_abs()),
            'p' => Atom::Point,
            'd' => Atom::Repeat(usize::from(value == 3) + 2),
            'o' => Atom::Oh,
            '+' => Atom::Plus,
            _ => Atom::And,
        };
        let ordinary = kind.is_ascii_uppercase();
        Some((key(word), Entry { atom, ordinary }))
    };
    words(file).into_iter().filter_map(row).collect()
}

impl Lexicon {
    /// What a word says in a number.
    pub fn entry(&self, key: &str) -> Option<Entry> {
        self.numbers.get(key).copied()
    }

    /// A word with the ending of an ordinal: what stands before the ending, and its length.
    pub fn ordinal(&self, word: &str) -> Option<(Entry, usize)> {
        const ENDINGS: &[&str] = &["वां", "वीं", "वें", "वी", "वे"];
        let ending = ENDINGS.iter().find(|ending| word.ends_with(**ending))?;
        let stem = &word[..word.len() - ending.len()];
        let stem = if stem == "छठ" { "छह" } else { stem };
        let entry = self.entry(stem)?;
        let number = matches!(entry.atom, Atom::Number { .. } | Atom::Scale(_));
        number.then(|| (entry, ending.chars().count()))
    }
}

/// A word as the tables know it: lower case, without the marks that people leave out or
/// exchange (nukta; chandrabindu for anusvara; joiners).
pub(super) fn key(word: &str) -> String {
    word.to_lowercase()
        .chars()
        .filter_map(plain_devanagari)
        .collect()
}
