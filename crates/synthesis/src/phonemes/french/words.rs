//! The sounds of single French words: listed ones, elided ones, and any string at all.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::rules;
use crate::phonemes::table::{column, rows};

static WORDS: LazyLock<HashMap<&str, &str>> =
    LazyLock::new(|| pairs(include_str!("../../../data/french/words.tsv")).collect());
static STEMS: LazyLock<HashMap<&str, &str>> =
    LazyLock::new(|| pairs(include_str!("../../../data/french/stems.tsv")).collect());
static LETTERS: LazyLock<HashMap<char, &str>> = LazyLock::new(|| {
    pairs(include_str!("../../../data/french/letters.tsv"))
        .filter_map(|(letter, name)| Some((letter.chars().next()?, name)))
        .collect()
});

fn pairs(table: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    rows(table).map(|row| (row[0], column(&row, 1)))
}

/// Longest piece read at once, in letters; no word of any use is longer.
const LONGEST: usize = 60;

/// What is in front of an apostrophe, before a vowel.
const ELIDED: [(&str, &str); 13] = [
    ("c", "s"),
    ("d", "d"),
    ("j", "ʒ"),
    ("l", "l"),
    ("m", "m"),
    ("n", "n"),
    ("s", "s"),
    ("t", "t"),
    ("qu", "k"),
    ("jusqu", "ʒysk"),
    ("lorsqu", "lɔʁsk"),
    ("puisqu", "pyisk"),
    ("quoiqu", "kwak"),
];

/// A word at its spaces and hyphens.
pub(super) fn parts(word: &str) -> impl Iterator<Item = &str> {
    let listed = WORDS.contains_key(word.to_lowercase().as_str());
    let cut = move |c: char| !listed && (c.is_whitespace() || matches!(c, '-' | '‐' | '‑'));
    word.split(cut)
        .filter(|part| part.contains(char::is_alphanumeric))
}

/// The elision before a word's apostrophe, and what is behind it.
pub(super) fn elided(word: &str) -> Option<(&'static str, &str)> {
    let (front, rest) = word.split_once('\'')?;
    let (_, sounds) = ELIDED.iter().find(|(letters, _)| *letters == front)?;
    (!rest.is_empty()).then_some((sounds, rest))
}

/// The sounds of any word in small letters, without stress; never empty where it has a letter or
/// digit.
pub(super) fn sounds(word: &str) -> String {
    if let Some(sounds) = WORDS.get(word) {
        return (*sounds).to_owned();
    }
    if let Some((front, rest)) = elided(word) {
        return format!("{front}{}", sounds(rest));
    }
    let plural = word.strip_suffix('s').or_else(|| word.strip_suffix('x'));
    if let Some(sounds) = plural.and_then(|one| WORDS.get(one)) {
        return (*sounds).to_owned();
    }
    let latin: String = word.chars().flat_map(latin).collect();
    let said: Vec<String> = latin
        .split(|c: char| !c.is_alphanumeric())
        .filter(|part| !part.is_empty())
        .flat_map(in_pieces)
        .map(|part| of_letters(&part))
        .filter(|said| !said.is_empty())
        .collect();
    if said.is_empty() && word.contains(char::is_alphanumeric) {
        // A letter that nobody has put into Latin ones.
        return "lɛtʁ".to_owned();
    }
    said.join(" ")
}

/// Runs of letters and of digits, none too long.
fn in_pieces(part: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    let mut last: Option<char> = None;
    let mut count = 0;
    for c in part.chars() {
        let joins = last.is_some_and(|last| last.is_numeric() == c.is_numeric());
        match pieces.last_mut() {
            Some(piece) if joins && count < LONGEST => piece.push(c),
            _ => {
                pieces.push(c.to_string());
                count = 0;
            }
        }
        count += 1;
        last = Some(c);
    }
    pieces
}

/// A letter as French writes it.
fn latin(letter: char) -> Vec<char> {
    if letter.is_ascii_alphanumeric() || "àâäæçéèêëîïôöœùûüÿ".contains(letter) {
        return vec![if letter == 'ÿ' {
            'y'
        } else {
            letter.to_ascii_lowercase()
        }];
    }
    let spelled = deunicode::deunicode_char(letter).unwrap_or("");
    let known = spelled.chars().map(|c| c.to_ascii_lowercase());
    known
        .filter(|c| c.is_ascii_alphanumeric() || *c == ' ')
        .collect()
}

fn of_letters(part: &str) -> String {
    let vowels = part.chars().any(rules::is_vowel);
    if part.starts_with(|c: char| c.is_ascii_digit()) || (!vowels && part.chars().nth(1).is_some())
    {
        return letters(part);
    }
    if let Some(sounds) = WORDS.get(part) {
        return (*sounds).to_owned();
    }
    let said = stem(part).unwrap_or_else(|| rules::sounds(part));
    if said.contains(rules::is_vowel_sound) {
        said
    } else {
        letters(part)
    }
}

/// A word that begins with a listed stem, the longest there is: its sounds and those of the rest.
fn stem(word: &str) -> Option<String> {
    let ends = word
        .char_indices()
        .map(|(at, _)| at)
        .skip(3)
        .collect::<Vec<_>>();
    for end in ends.into_iter().rev() {
        if let Some(sounds) = STEMS.get(&word[..end]) {
            return Some(rules::with_stem(word, end, sounds));
        }
    }
    None
}

/// Letters and digits by their names.
pub(super) fn letters(letters: &str) -> String {
    let small = letters.chars().flat_map(char::to_lowercase);
    let plain = small.flat_map(|letter| {
        if LETTERS.contains_key(&letter) {
            vec![letter]
        } else {
            latin(letter)
        }
    });
    let names: Vec<&str> = plain
        .filter_map(|letter| LETTERS.get(&letter).copied())
        .collect();
    let Some((last, first)) = names.split_last() else {
        return "lˈɛtʁ".to_owned();
    };
    format!("{}{}", first.concat(), super::linking::stressed(last))
}
