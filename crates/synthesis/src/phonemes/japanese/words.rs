//! The dictionary's words laid on the words that were given, which may be cut elsewhere.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use super::dictionary::{Class, Dictionary};
use super::lattice::{Morpheme, cut};
use super::{kana, numerals};
use crate::phonemes::Pronunciations;
use crate::phonemes::assembly::shares;
use crate::phonemes::table::{column, rows};

static VARIANTS: LazyLock<HashMap<char, char>> = LazyLock::new(|| {
    rows(include_str!("../../../data/japanese/variants.tsv"))
        .filter_map(|row| Some((row[0].chars().next()?, column(&row, 1).chars().next()?)))
        .collect()
});

/// Words that the dictionary lacks.
static ADDITIONS: LazyLock<Pronunciations> = LazyLock::new(|| {
    let rows = rows(include_str!("../../../data/japanese/additions.tsv"));
    let pairs = rows.map(|row| (row[0], column(&row, 1)));
    Pronunciations::with(pairs, |kana| Ok(kana::sounds(kana)))
        .expect("the file is part of this crate and a test reads it")
});

/// A character as the dictionary has it, of as many bytes.
fn usual(c: char) -> char {
    let usual = VARIANTS.get(&c).copied();
    usual
        .filter(|usual| usual.len_utf8() == c.len_utf8())
        .unwrap_or(c)
}

/// A word that was given.
pub(super) struct Given<'a> {
    pub text: &'a str,
    /// Its kana, where they are known already.
    pub said: Option<String>,
}

/// What is said in one go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Said {
    Kana(String),
    /// As the caller wants it, in the voice's alphabet.
    Own(String),
}

/// What is said for each of several words that are written without a space between them: words of
/// the dictionary, endings joined to what they end, and the caller's own.
pub(super) fn read(
    dictionary: &Dictionary,
    words: &[Given<'_>],
    own: &Pronunciations,
) -> Vec<Vec<Said>> {
    let written: String = words.iter().map(|word| word.text).collect();
    let text: String = written.chars().map(usual).collect();
    let mut own = own.found(&written);
    for (range, sounds) in ADDITIONS.found(&text) {
        if own
            .iter()
            .all(|(other, _)| other.end <= range.start || range.end <= other.start)
        {
            own.push((range, sounds));
        }
    }
    let mut ends = Vec::with_capacity(words.len());
    let mut fixed: Vec<Range<usize>> = own.iter().map(|(range, _)| range.clone()).collect();
    let mut known: Vec<Option<&String>> = Vec::with_capacity(words.len());
    let mut end = 0;
    for word in words {
        let start = end;
        end += word.text.len();
        ends.push(end);
        let free = own
            .iter()
            .all(|(range, _)| range.end <= start || range.start >= end);
        known.push(word.said.as_ref().filter(|_| free));
        if known.last().is_some_and(Option::is_some) {
            fixed.push(start..end);
        }
    }
    fixed.sort_by_key(|range| range.start);
    let mut said: Vec<Vec<Said>> = vec![Vec::new(); words.len()];
    let mut last: Option<(usize, Class)> = None;
    let mut at = 0;
    for morpheme in numerals::join(&text, cut(dictionary, &text, &fixed)) {
        while ends.get(at).is_some_and(|end| *end <= morpheme.start) {
            at += 1;
        }
        let over = ends[at..]
            .iter()
            .take_while(|end| **end < morpheme.end)
            .count();
        if let Some(known) = known[at] {
            said[at].push(Said::Kana(known.clone()));
            last = None;
            continue;
        }
        if let Some((_, sounds)) = own.iter().find(|(range, _)| range.start == morpheme.start) {
            for (more, share) in shares(sounds, over + 1).enumerate() {
                said[at + more].push(Said::Own(share));
            }
            last = None;
            at += over;
            continue;
        }
        let joins = matches!(morpheme.class, Class::Ending | Class::Lengthening)
            && last.is_some_and(|(word, class)| {
                word == at && matches!(class, Class::Inflected | Class::Ending)
            });
        for (more, share) in divided(&text, &morpheme, &ends[at..at + over])
            .into_iter()
            .enumerate()
        {
            let word = &mut said[at + more];
            match word.last_mut() {
                Some(Said::Kana(last)) if joins => last.push_str(&share),
                _ if share.is_empty() => {}
                _ => word.push(Said::Kana(share)),
            }
        }
        at += over;
        last = Some((at, morpheme.class));
    }
    // A word that got nothing of a longer one is read by itself.
    if words.len() > 1 {
        for (word, said) in words.iter().zip(&mut said) {
            if said.is_empty() {
                let alone = Given {
                    text: word.text,
                    said: word.said.clone(),
                };
                *said = read(dictionary, &[alone], &Pronunciations::default()).concat();
            }
        }
    }
    said
}

/// The kana of a word of the dictionary, divided where the words given are.
fn divided(text: &str, morpheme: &Morpheme, borders: &[usize]) -> Vec<String> {
    let written = &text[morpheme.start..morpheme.end];
    let whole = if morpheme.sounds.is_empty() {
        kana::katakana(written)
    } else {
        kana::katakana(&morpheme.sounds)
    };
    let whole = match morpheme.class {
        Class::Lengthening => "ー".to_owned(),
        _ => whole,
    };
    let mut rest: Vec<char> = whole.chars().collect();
    let mut shares = Vec::with_capacity(borders.len() + 1);
    let mut end = morpheme.end;
    // From the back, where the kana stand for themselves.
    for border in borders.iter().rev() {
        let part = &text[*border..end];
        let before = text[morpheme.start..*border].chars().count();
        let count = part.chars().count();
        let own = if part.chars().all(kana::is_kana) {
            count
        } else {
            (rest.len() * count).div_ceil(count + before)
        };
        let mut keep = rest
            .len()
            .saturating_sub(own)
            .max(usize::from(!rest.is_empty()));
        // Not within キョ or トー.
        while keep > 1
            && rest
                .get(keep)
                .is_some_and(|c| "ァィゥェォャュョヮーンッ".contains(*c))
        {
            keep -= 1;
        }
        shares.push(rest.split_off(keep).into_iter().collect());
        end = *border;
    }
    shares.push(rest.into_iter().collect());
    shares.reverse();
    shares
}
