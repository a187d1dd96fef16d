//! What stands in a Hindi text in other letters: English words, Hindi in Latin letters, letters by
//! their names, digits.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::phonemes::table::{column, rows};
use crate::phonemes::{English, Pronunciations};
use crate::spoken::Token;

static NAMES: LazyLock<HashMap<char, &str>> = LazyLock::new(|| {
    rows(include_str!("../../../data/hindi/names.tsv"))
        .filter_map(|row| Some((row[0].chars().next()?, column(&row, 1))))
        .collect()
});
static ROMAN: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| {
    rows(include_str!("../../../data/hindi/roman.tsv"))
        .map(|row| (row[0], column(&row, 1)))
        .collect()
});

/// Letters read at once; longer runs are read in pieces.
const AT_ONCE: usize = 24;

/// Whether a word is a capital, which is said by its name.
pub(super) fn is_letter(word: &str) -> bool {
    word.len() == 1 && word.starts_with(|c: char| c.is_ascii_uppercase())
}

/// A run of letters and digits that are not Hindi's.
pub(super) fn word(word: &str, english: Option<&English>) -> String {
    if is_letter(word) {
        return NAMES[&word.chars().next().unwrap_or('A').to_ascii_lowercase()].to_owned();
    }
    let mut said: Vec<String> = Vec::new();
    let latin = deunicode::deunicode(word);
    for part in latin.split(|c: char| !c.is_ascii_alphanumeric() && c != '\'') {
        for run in part
            .as_bytes()
            .chunk_by(|a, b| a.is_ascii_digit() == b.is_ascii_digit())
        {
            let run = String::from_utf8_lossy(run);
            if run.starts_with(|c: char| c.is_ascii_digit()) {
                said.extend(run.chars().filter_map(name));
            } else if run.contains(|c: char| c.is_ascii_alphabetic()) {
                said.push(letters(&run, english));
            }
        }
    }
    said.retain(|said| !said.is_empty());
    said.join(" ")
}

fn name(letter: char) -> Option<String> {
    NAMES
        .get(&letter.to_ascii_lowercase())
        .map(|name| (*name).to_owned())
}

fn letters(word: &str, english: Option<&English>) -> String {
    let bare = word.trim_matches('\'');
    if let Some(english) = english {
        let token = Token {
            text: bare.to_owned(),
            source: 0..bare.len(),
            is_mark: false,
        };
        return english.phonemes(&[token], &Pronunciations::default()).text;
    }
    let small: String = bare
        .chars()
        .filter(char::is_ascii_alphabetic)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    if !small.contains(['a', 'e', 'i', 'o', 'u', 'y']) {
        return small.chars().filter_map(name).collect::<Vec<_>>().join(" ");
    }
    let pieces = small.as_bytes().chunks(AT_ONCE);
    let pieces: Vec<String> = pieces
        .map(|piece| romanised(&String::from_utf8_lossy(piece)))
        .collect();
    pieces.join(" ")
}

/// Latin letters as they are used for Hindi: the longest listed spelling wins.
fn romanised(word: &str) -> String {
    let mut sounds = String::new();
    let mut stressed = false;
    let mut rest = word;
    while !rest.is_empty() {
        let found = (1..=3.min(rest.len()))
            .rev()
            .find_map(|length| Some((length, *ROMAN.get(&rest[..length])?)));
        let (length, said) = found.unwrap_or((1, ""));
        let is_last = rest.len() == length;
        // A final a is long, one within a word is not.
        let said = if said == "ə" && is_last { "aː" } else { said };
        let said = if said == "ə" && !stressed {
            "ʌ"
        } else {
            said
        };
        if !stressed && said.starts_with(['a', 'ʌ', 'ə', 'e', 'i', 'ɪ', 'o', 'u', 'ʊ', 'ɛ', 'ɔ'])
        {
            sounds.push('ˈ');
            stressed = true;
        }
        sounds.push_str(said);
        rest = &rest[length..];
    }
    sounds
}
