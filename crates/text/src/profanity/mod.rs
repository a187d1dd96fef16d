//! Masking of swear words: `f***`, in the languages that have a list in `data/profanity`.
//!
//! Whole words where words are parted by spaces; in Chinese and Japanese the longest entry
//! that no innocent compound covers; in Korean an entry at the beginning of a word, so that
//! particles after it stay. Ambiguous words (`Dick`, `cock`, `damn`) are not on the lists.

mod list;

use crate::chars::{is_mark, is_word};
use list::{List, Matching};

/// The text with its swear words masked: the first letter stays, each other letter becomes
/// `*`. `language` is an ISO 639-1 code; a language without a list leaves the text as it is.
///
/// A letter is what a reader sees as one: in Devanagari with its vowel signs (`चू**`). Casing,
/// punctuation, and the number of words stay.
pub fn mask(text: &str, language: &str) -> String {
    let Some(list) = list::of(language) else {
        return text.to_owned();
    };
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut begins = true;
    while let Some(first) = rest.chars().next() {
        if !is_word(first) {
            let (head, tail) = rest.split_at(first.len_utf8());
            out.push_str(head);
            (rest, begins) = (tail, true);
        } else if list.is_dense(first) {
            let end = dense(list, rest, begins, &mut out);
            (rest, begins) = (&rest[end..], false);
        } else {
            let length = rest
                .find(|c: char| !is_word(c) || list.is_dense(c))
                .unwrap_or(rest.len());
            let (word, tail) = rest.split_at(length);
            match list.has_word(word) {
                true => masked(word, &mut out),
                false => out.push_str(word),
            }
            (rest, begins) = (tail, false);
        }
    }
    out
}

/// Writes what stands at the beginning of a text without spaces; how many bytes of it.
fn dense(list: &List, text: &str, begins: bool, out: &mut String) -> usize {
    let swear = begins || list.matching == Matching::Anywhere;
    let end = match list.dense_at(text) {
        Some((end, true)) if swear => {
            masked(&text[..end], out);
            return end;
        }
        Some((end, false)) => end,
        _ => text.chars().next().map_or(text.len(), char::len_utf8),
    };
    out.push_str(&text[..end]);
    end
}

/// Writes a word with all letters but the first as stars. One letter alone is a star.
fn masked(word: &str, out: &mut String) {
    let mut letters = 0;
    let mut joins = false;
    let alone = word.chars().filter(|c| !is_mark(*c)).count() == 1;
    for c in word.chars() {
        let part = is_mark(c);
        if !part && !joins {
            letters += 1;
        }
        match letters {
            0 | 1 if !alone => out.push(c),
            _ if !part && !joins => out.push('*'),
            _ => {}
        }
        // A virama joins the next consonant to this one.
        joins = c == '\u{94D}';
    }
}

#[cfg(test)]
mod tests;
