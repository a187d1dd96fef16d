//! Words in Latin letters as Japanese say them: from the dictionary, by English sounds, by letters.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::dictionary::Dictionary;
use crate::phonemes::English;
use crate::phonemes::table::{column, rows};

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
    listed(dictionary, word).unwrap_or_else(|| match english {
        Some(_) | None => spelled(word),
    })
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
