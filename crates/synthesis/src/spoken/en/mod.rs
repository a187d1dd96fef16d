//! English: which readings are tried where.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::reader::{Reader, Rules};
use super::tables::{self, Signs};

mod abbreviations;
mod amounts;
mod calendar;
mod clock;
mod codes;
mod fractions;
mod money;
pub(super) mod numbers;
mod web;
mod words;

pub(super) use words::capitals;

static EMOJI: LazyLock<HashMap<&str, &str>> =
    LazyLock::new(|| tables::pairs(include_str!("../../../data/spoken/en/emoji.tsv")));
static EMOTICONS: LazyLock<Signs<&str>> = LazyLock::new(|| {
    let rows = tables::rows(include_str!("../../../data/spoken/en/emoticons.tsv"));
    Signs::new(rows.filter_map(|row| Some((*row.first()?, *row.get(1)?))))
});
static SYMBOLS: LazyLock<HashMap<char, &str>> = LazyLock::new(|| {
    tables::pairs(include_str!("../../../data/spoken/en/symbols.tsv"))
        .into_iter()
        .filter_map(|(sign, said)| Some((sign.chars().next()?, said)))
        .map(|(sign, said)| (sign, if said == "-" { "" } else { said }))
        .collect()
});

/// English, British or American.
#[derive(Debug)]
pub(super) struct English {
    /// Whether `3/4/2024` is the third of April.
    pub day_first: bool,
}

impl Rules for English {
    fn read(&self, reader: &mut Reader<'_>) -> bool {
        let Some(next) = reader.cursor().peek() else {
            return false;
        };
        self.address(reader)
            || emoticon(reader)
            || sharp(reader)
            || fractions::operator(reader)
            || self.figures(reader, next)
            || next.is_alphabetic() && self.word(reader)
            || other_digits(reader, next)
    }

    fn symbol(&self, sign: char) -> Option<&'static str> {
        SYMBOLS.get(&sign).copied()
    }

    fn emoji(&self, emoji: &str) -> Option<&'static str> {
        EMOJI.get(emoji).copied()
    }
}

impl English {
    /// Addresses come after the listed words and dates that look like them.
    fn address(&self, reader: &mut Reader<'_>) -> bool {
        let may = reader
            .cursor()
            .peek()
            .is_some_and(|c| c.is_alphanumeric() || c == '.');
        (may && words::special(reader)) || web::read(reader)
    }

    fn figures(&self, reader: &mut Reader<'_>, next: char) -> bool {
        let may_begin = next.is_numeric()
            || matches!(next, '-' | '−' | '+' | '.' | '(' | '\'' | '’' | '‘')
            || self.symbol(next).is_some();
        may_begin
            && (codes::vanity(reader)
                || codes::groups(reader)
                || calendar::numeric(reader, self.day_first)
                || clock::read(reader)
                || codes::dotted(reader)
                || fractions::height(reader)
                || fractions::fraction(reader)
                || money::read(reader)
                || calendar::decade(reader)
                || codes::by_context(reader)
                || calendar::day_before(reader)
                || ordinal(reader)
                || amounts::read(reader))
    }

    fn word(&self, reader: &mut Reader<'_>) -> bool {
        let shouting = shouting(reader);
        calendar::named(reader)
            || money::read(reader)
            || codes::dotted(reader)
            || abbreviations::read(reader)
            || words::read(reader, shouting)
    }
}

/// Whether the sentence at hand is in capitals; looked at once for each sentence.
fn shouting(reader: &mut Reader<'_>) -> bool {
    if reader.at >= reader.shouting.0 {
        let rest = reader.cursor().rest();
        let most = rest.floor_char_boundary(600.min(rest.len()));
        let end = rest[..most]
            .find(['.', '!', '?', '\n'])
            .map_or(most, |at| at + 1);
        let end = end.max(1);
        reader.shouting = (reader.at + end, words::is_shouted(&rest[..end]));
    }
    reader.shouting.1
}

/// `:)`: a face between spaces.
fn emoticon(reader: &mut Reader<'_>) -> bool {
    let cursor = reader.cursor();
    if cursor.before().is_some_and(char::is_alphanumeric) {
        return false;
    }
    for (face, said) in EMOTICONS.at(cursor.rest()) {
        let mut end = cursor;
        end.eat_str(face);
        if end
            .peek()
            .is_none_or(|c| c.is_whitespace() || matches!(c, '.' | ',' | '!' | '?'))
        {
            return reader.say(said, end.at);
        }
    }
    false
}

/// `#1`, `#A12`: number one; hashtags and `C#` come elsewhere.
fn sharp(reader: &mut Reader<'_>) -> bool {
    let mut cursor = reader.cursor();
    let number = cursor.eat('#') && cursor.peek().is_some_and(char::is_alphanumeric);
    number && reader.say("number", cursor.at)
}

/// `21st`, `1,000th`.
fn ordinal(reader: &mut Reader<'_>) -> bool {
    let mut cursor = reader.cursor();
    let Some(number) = amounts::Number::take(&mut cursor) else {
        return false;
    };
    let fits =
        number.fraction.is_none() && number.whole.len() < 37 && calendar::suffix(&mut cursor);
    fits && cursor.word_ends() && {
        let words = numbers::ordinal(&number.words());
        reader.say(&words, cursor.at)
    }
}

/// Digits of other scripts and shapes, by their values.
fn other_digits(reader: &mut Reader<'_>, next: char) -> bool {
    if !next.is_numeric() || next.is_ascii() || SYMBOLS.contains_key(&next) {
        return false;
    }
    let mut cursor = reader.cursor();
    let mut digits = String::new();
    while let Some(c) = cursor.peek().filter(|c| c.is_numeric() && !c.is_ascii()) {
        let Some(value) = deunicode::deunicode_char(c)
            .filter(|value| !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()))
        else {
            break;
        };
        digits.push_str(value);
        cursor.bump();
        if digits.len() > 40 {
            break;
        }
    }
    !digits.is_empty() && reader.say(&numbers::cardinal(&digits), cursor.at)
}

/// Whether it is an emoji, given without skin tones and variation selectors.
pub(super) fn is_emoji(emoji: &str) -> bool {
    EMOJI.contains_key(emoji)
}
