//! How the characters of a word are read: by phrase where they are read in more than one way.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::syllables::Syllable;
use crate::phonemes::table::{column, rows};

/// In characters; no phrase is longer.
const LONGEST: usize = 10;

struct Readings {
    characters: HashMap<char, &'static str>,
    alone: HashMap<&'static str, &'static str>,
    phrases: HashMap<&'static str, &'static str>,
}

static READINGS: LazyLock<Readings> = LazyLock::new(|| {
    let pairs = |table| rows(table).map(|row: Vec<&'static str>| (row[0], column(&row, 1)));
    let mut phrases: HashMap<_, _> =
        pairs(include_str!("../../../data/mandarin/phrases.tsv")).collect();
    phrases.extend(pairs(include_str!("../../../data/mandarin/additions.tsv")));
    Readings {
        characters: pairs(include_str!("../../../data/mandarin/readings.tsv"))
            .flat_map(|(syllable, characters)| characters.chars().map(move |c| (c, syllable)))
            .collect(),
        alone: pairs(include_str!("../../../data/mandarin/alone.tsv")).collect(),
        phrases,
    }
});

/// Reads the tables now and not at the first word.
pub(super) fn prepare() {
    LazyLock::force(&READINGS);
}

/// Whether it is a Chinese character that somebody knows how to read.
pub(super) fn is_known(character: char) -> bool {
    READINGS.characters.contains_key(&character)
}

/// Each character of a word with its syllable; none for what is no known character.
pub(super) fn read(word: &str) -> Vec<(char, Option<Syllable>)> {
    let characters: Vec<(usize, char)> = word.char_indices().collect();
    if let Some(alone) = READINGS.alone.get(word) {
        return vec![(characters[0].1, Syllable::parse(alone))];
    }
    let mut read = Vec::with_capacity(characters.len());
    while let Some(&(from, character)) = characters.get(read.len()) {
        let rest = &characters[read.len()..];
        let phrase = (2..=rest.len().min(LONGEST)).rev().find_map(|count| {
            let end = rest.get(count).map_or(word.len(), |(end, _)| *end);
            READINGS.phrases.get(&word[from..end])
        });
        if let Some(phrase) = phrase {
            let syllables = phrase.split(' ').map(Syllable::parse);
            let said = rest.iter().map(|(_, c)| *c).zip(syllables);
            read.extend(said.collect::<Vec<_>>());
        } else {
            let syllable = READINGS.characters.get(&character);
            read.push((character, syllable.and_then(|s| Syllable::parse(s))));
        }
    }
    read
}
