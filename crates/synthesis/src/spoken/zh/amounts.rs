//! Numbers with what stands before and behind them: signs, money, units, percent, ranges, fractions.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::numbers;
use crate::spoken::cursor::Cursor;
use crate::spoken::reader::Reader;
use crate::spoken::tables::{self, Signs};
use crate::spoken::wide::figures::{Figure, digit, figure};
use crate::spoken::wide::{is_han, narrow};

static UNITS: LazyLock<Signs<&str>> =
    LazyLock::new(|| signs(include_str!("../../../data/spoken/zh/units.tsv")));
static MONEY: LazyLock<Signs<&str>> =
    LazyLock::new(|| signs(include_str!("../../../data/spoken/zh/currencies.tsv")));
/// What is counted with 两, the longest first.
static COUNTED: LazyLock<Signs<()>> = LazyLock::new(|| {
    let words = tables::words(include_str!("../../../data/spoken/zh/counted.txt"));
    Signs::new(words.map(|word| (word, ())))
});
static FRACTIONS: LazyLock<HashMap<&str, &str>> =
    LazyLock::new(|| tables::pairs(include_str!("../../../data/spoken/zh/fractions.tsv")));

/// What follows a score and no range: `3-2战胜`.
const SCORED: [&str; 12] = [
    "战胜", "击败", "领先", "落后", "逆转", "险胜", "大胜", "战平", "戰勝", "擊敗", "領先", "取胜",
];

fn signs(table: &'static str) -> Signs<&'static str> {
    Signs::new(tables::rows(table).filter_map(|row| Some((*row.first()?, *row.get(1)?))))
}

/// The number as it is said before `next`.
fn said(figure: &Figure, counts: bool) -> String {
    let whole = match figure.whole.parse() {
        Ok(2) if counts && figure.fraction.is_none() && figure.whole.len() == 1 => "两".to_owned(),
        Ok(value) if !figure.is_code() => numbers::words(&numbers::cardinal(value)),
        _ => grouped(&numbers::digits(&figure.whole)),
    };
    match &figure.fraction {
        Some(fraction) => format!("{whole}点{}", grouped(&numbers::digits(fraction))),
        None => whole,
    }
}

/// Digits in groups of four, so that no word is endless.
fn grouped(digits: &str) -> String {
    let digits: Vec<char> = digits.chars().collect();
    let groups: Vec<String> = digits
        .chunks(4)
        .map(|group| group.iter().collect())
        .collect();
    groups.join(" ")
}

/// Reads a number with its neighbours.
pub fn read(reader: &mut Reader<'_>) -> bool {
    let mut cursor = reader.cursor();
    if let Some(said) = cursor
        .peek()
        .and_then(|c| FRACTIONS.get(c.encode_utf8(&mut [0; 4]) as &str))
    {
        cursor.bump();
        return reader.say(said, cursor.at);
    }
    let before = cursor.before().map(narrow);
    let behind_latin = before.is_some_and(|c| c.is_ascii_alphanumeric());
    let mut minus = "";
    if !behind_latin && let Some(sign) = cursor.eat_if(|c| matches!(narrow(c), '-' | '+' | '±')) {
        minus = match narrow(sign) {
            '-' => "负",
            '+' => "加",
            _ => "正负",
        };
    }
    let money = eat(&mut cursor, &MONEY);
    if money.is_some() {
        cursor.blanks();
    }
    let Some(mut first) = figure(&mut cursor) else {
        return false;
    };
    // ¥12.50 is twelve and a half, ¥12.00 twelve.
    if money.is_some()
        && first
            .fraction
            .as_ref()
            .is_some_and(|digits| digits.len() == 2)
    {
        let digits = first.fraction.take().unwrap_or_default();
        let short = digits.trim_end_matches('0');
        first.fraction = Some(short.to_owned()).filter(|short| !short.is_empty());
    }
    let last = range(&mut cursor);
    if money.is_none()
        && last.is_none()
        && let Some(said) = fraction(&first, &mut cursor)
    {
        return reader.say(&format!("{minus}{said}"), cursor.at);
    }
    let scale = match money {
        Some(_) => cursor.take(2, |c| "百千万亿".contains(c)),
        None => "",
    };
    let mut ahead = cursor;
    ahead.blanks();
    let unit = unit(&mut ahead).or_else(|| {
        ahead = cursor;
        ahead.blanks();
        eat(&mut ahead, &MONEY)
    });
    if unit.is_some() {
        cursor = ahead;
    }
    let counts = unit.is_some() || money.is_some() || !scale.is_empty() || counted(&cursor);
    let first = said(&first, counts && last.is_none());
    let numbers = match last {
        Some(last) if SCORED.iter().any(|verb| cursor.rest().starts_with(verb)) => {
            format!("{first} 比 {}", said(&last, false))
        }
        Some(last) => format!("{first} 到 {}", said(&last, counts)),
        None => first,
    };
    let (unit, money) = (unit.unwrap_or(""), money.unwrap_or(""));
    let said = match (unit, minus) {
        ("百分之" | "千分之", _) => format!("{minus}{unit} {numbers}"),
        ("摄氏度" | "度" | "华氏度", "负") => format!("零下 {numbers} {unit}"),
        _ => format!("{minus}{numbers}{scale} {unit} {money}"),
    };
    reader.say(&said, cursor.at)
}

fn eat(cursor: &mut Cursor<'_>, signs: &Signs<&'static str>) -> Option<&'static str> {
    let (sign, said) = signs.at(cursor.rest()).next()?;
    let mut ahead = *cursor;
    ahead.eat_str(sign);
    // A code in letters is a word of its own.
    let joined = |c: char| c.is_ascii_alphanumeric();
    if sign.ends_with(|c: char| c.is_ascii_alphabetic())
        && ahead.peek().is_some_and(|c| c.is_ascii_alphabetic())
        || sign.starts_with(|c: char| c.is_ascii_alphabetic())
            && cursor
                .before()
                .is_some_and(|c| c.is_ascii_alphabetic() && joined(c))
    {
        return None;
    }
    *cursor = ahead;
    Some(said)
}

/// A unit that no letter follows.
fn unit(cursor: &mut Cursor<'_>) -> Option<&'static str> {
    UNITS.at(cursor.rest()).find_map(|(sign, said)| {
        let mut ahead = *cursor;
        ahead.eat_str(sign);
        let latin = sign.ends_with(|c: char| c.is_ascii_alphanumeric());
        let fits = !latin || !ahead.peek().is_some_and(|c| c.is_ascii_alphanumeric());
        fits.then(|| {
            *cursor = ahead;
            *said
        })
    })
}

/// `-20`, `~20` behind a number.
fn range(cursor: &mut Cursor<'_>) -> Option<Figure> {
    let mut ahead = *cursor;
    ahead.blanks();
    ahead.eat_if(|c| matches!(narrow(c), '-' | '~' | '–' | '—' | '〜'))?;
    ahead.blanks();
    let last = figure(&mut ahead)?;
    // `3-4-5` is a code.
    if matches!(ahead.peek().map(narrow), Some('-' | '–')) {
        return None;
    }
    *cursor = ahead;
    Some(last)
}

/// `3/4`.
fn fraction(upper: &Figure, cursor: &mut Cursor<'_>) -> Option<String> {
    let mut ahead = *cursor;
    ahead.eat_if(|c| matches!(narrow(c), '/' | '⁄'))?;
    let lower = figure(&mut ahead)?;
    let next = ahead.peek().map(narrow);
    let (upper, lower) = (upper.value()?, lower.value()?);
    if lower == 0 || next == Some('/') {
        return None;
    }
    *cursor = ahead;
    Some(format!(
        "{}分之{}",
        numbers::cardinal(lower),
        numbers::cardinal(upper)
    ))
}

/// Whether what follows is counted: 两个, but 二月.
fn counted(cursor: &Cursor<'_>) -> bool {
    let mut ahead = *cursor;
    ahead.blanks();
    ahead.peek().is_some_and(is_han) && COUNTED.at(ahead.rest()).next().is_some()
}

/// Digits of other shapes and scripts, by their values.
pub fn other_digits(reader: &mut Reader<'_>, next: char) -> bool {
    if !next.is_numeric() || digit(next).is_some() {
        return false;
    }
    let value = deunicode::deunicode_char(next).unwrap_or("");
    let digits: String = value
        .chars()
        .filter(char::is_ascii_digit)
        .take(16)
        .collect();
    let said = match digits.parse() {
        Ok(value) => numbers::cardinal(value),
        // Roman numerals and the like.
        Err(_) => crate::spoken::wide::latin::said(value.trim()),
    };
    let said = if said.trim().is_empty() { "字" } else { &said };
    reader.say(said, reader.at + next.len_utf8())
}
