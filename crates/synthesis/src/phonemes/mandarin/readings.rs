//! How the characters of a word are read: by phrase where they are read in more than one way.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::syllables::Syllable;
use crate::phonemes::table::{column, rows};
use crate::spoken::zh::is_word;

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
        let ends = (2..=rest.len().min(LONGEST)).rev();
        let ends = ends.map(|count| rest.get(count).map_or(word.len(), |(end, _)| *end));
        // The longest word that begins here, so that 好学 is not found in 好好学习.
        let found = ends
            .map(|end| &word[from..end])
            .find(|part| READINGS.phrases.contains_key(part) || *part != word && is_word(part));
        let phrase = found.and_then(|found| READINGS.phrases.get(found));
        if let (Some(found), None) = (found, phrase) {
            for character in found.chars() {
                let syllable = READINGS.characters.get(&character);
                read.push((character, syllable.and_then(|s| Syllable::parse(s))));
            }
            continue;
        }
        if let Some(phrase) = phrase {
            let syllables = phrase.split(' ').map(Syllable::parse);
            let said = rest.iter().map(|(_, c)| *c).zip(syllables);
            read.extend(said.collect::<Vec<_>>());
        } else {
            let syllable = READINGS.characters.get(&character);
            read.push((character, syllable.and_then(|s| Syllable::parse(s))));
        }
    }
    // 快得多: between two characters 得 has no tone; but 不得不.
    if read.len() == 3
        && read[1].0 == '得'
        && read[0].0 != '不'
        && !READINGS.phrases.contains_key(word)
    {
        read[1].1 = Syllable::parse("de5");
    }
    read
}
