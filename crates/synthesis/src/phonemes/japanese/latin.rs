//! Words in Latin letters as Japanese say them: from the dictionary, by English sounds, by letters.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::dictionary::Dictionary;
use crate::phonemes::table::{column, rows};
use crate::phonemes::{English, Pronunciations};
use crate::spoken::Token;

static LETTERS: LazyLock<HashMap<char, &'static str>> = LazyLock::new(|| {
    rows(include_str!("../../../data/japanese/letters.tsv"))
        .filter_map(|row| Some((row[0].chars().next()?, column(&row, 1))))
        .collect()
});

/// A word in katakana.
pub(super) fn read(dictionary: &Dictionary, english: Option<&English>, word: &str) -> String {
    let mut letters = word.chars();
    if let (Some(letter), None) = (letters.next(), letters.next())
        && let Some(name) = LETTERS.get(&letter.to_ascii_uppercase())
    {
        return (*name).to_owned();
    }
    let by_sounds = || english.map(|english| borrowed(english, word));
    let found = listed(dictionary, word).or_else(by_sounds);
    found
        .filter(|said| !said.is_empty())
        .unwrap_or_else(|| spelled(word))
}

/// Kana of an English consonant before each vowel and before none, or the row and the length of a
/// vowel.
enum Sound {
    Consonant([&'static str; 6]),
    Vowel(usize, &'static str),
}

static SOUNDS: LazyLock<HashMap<char, Sound>> = LazyLock::new(|| {
    let sound = |row: Vec<&'static str>| {
        let said = column(&row, 1);
        if let Some(vowel) = row[0].strip_prefix('-') {
            let row_of = "aiueo".find(said)?;
            return Some((vowel.chars().next()?, Sound::Vowel(row_of, column(&row, 2))));
        }
        let mut kana = said.split(',');
        let kana = std::array::from_fn(|_| kana.next().unwrap_or(""));
        Some((row[0].chars().next()?, Sound::Consonant(kana)))
    };
    rows(include_str!("../../../data/japanese/english.tsv"))
        .filter_map(sound)
        .collect()
});

/// An English word in kana by its sounds: *spring* as スプリング.
fn borrowed(english: &English, word: &str) -> String {
    let token = Token {
        text: word.to_owned(),
        source: 0..word.len(),
        is_mark: false,
    };
    let said = english.phonemes(&[token], &Pronunciations::default()).text;
    let mut kana = String::new();
    let mut waiting: Option<&[&str; 6]> = None;
    let mut short_before = false;
    let symbols: Vec<char> = said.chars().filter(|c| SOUNDS.contains_key(c)).collect();
    for (at, symbol) in symbols.iter().enumerate() {
        let last = at + 1 == symbols.len();
        match (&SOUNDS[symbol], waiting.take()) {
            (Sound::Vowel(row, tail), consonant) => {
                let own = ["ア", "イ", "ウ", "エ", "オ"];
                kana.push_str(consonant.map_or(own[*row], |kana| kana[*row]));
                kana.push_str(tail);
                short_before = tail.is_empty();
            }
            (Sound::Consonant(next), before) => {
                if let Some(before) = before {
                    kana.push_str(before[5]);
                    short_before = false;
                }
                // `*er` and `*or`: the r lengthens its vowel.
                let vowel_next = symbols
                    .get(at + 1)
                    .is_some_and(|c| matches!(SOUNDS[c], Sound::Vowel(..)));
                if *symbol == 'ɹ' && !vowel_next && !kana.is_empty() {
                    if !kana.ends_with('ー') {
                        kana.push('ー');
                    }
                    short_before = false;
                    continue;
                }
                // A stop that ends the word behind a short vowel doubles: *top* as トップ.
                if last && short_before && matches!(symbol, 'p' | 't' | 'k' | 'ʧ' | 'd' | 'ɡ' | 'ʤ')
                {
                    kana.push('ッ');
                }
                waiting = Some(next);
            }
        }
    }
    if let Some(before) = waiting {
        kana.push_str(before[5]);
    }
    kana
}

/// The dictionary has such words in full width, in more than one case.
fn listed(dictionary: &Dictionary, word: &str) -> Option<String> {
    let capital = word.chars().take(1).flat_map(char::to_uppercase);
    let capital: String = capital
        .chain(word.chars().skip(1).flat_map(char::to_lowercase))
        .collect();
    let forms = [
        word.to_owned(),
        word.to_lowercase(),
        capital,
        word.to_uppercase(),
    ];
    forms.iter().find_map(|form| {
        let entries = dictionary.exactly(&wide(form));
        let entry = entries.iter().min_by_key(|entry| entry.cost)?;
        Some(dictionary.sounds(entry).to_owned()).filter(|said| !said.is_empty())
    })
}

fn wide(word: &str) -> String {
    let wide = |c: char| char::from_u32(u32::from(c) + 0xfee0).filter(|_| c.is_ascii_graphic());
    word.chars().map(|c| wide(c).unwrap_or(c)).collect()
}

/// Letter by letter.
fn spelled(word: &str) -> String {
    let latin = deunicode::deunicode(word);
    let names = latin
        .chars()
        .filter_map(|c| LETTERS.get(&c.to_ascii_uppercase()));
    names.copied().collect()
}
