//! Numbers with what stands before and behind them: signs, money, units, counters, ranges, fractions.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::counters::{self, Counter};
use super::numbers;
use crate::spoken::cursor::Cursor;
use crate::spoken::reader::Reader;
use crate::spoken::tables::{self, Signs};
use crate::spoken::wide::figures::{Figure, digit, figure};
use crate::spoken::wide::{latin, narrow};

static UNITS: LazyLock<Signs<Counter>> =
    LazyLock::new(|| counters::table(include_str!("../../../data/spoken/ja/units.tsv")));
static MONEY: LazyLock<Signs<Counter>> =
    LazyLock::new(|| counters::table(include_str!("../../../data/spoken/ja/currencies.tsv")));
static FRACTIONS: LazyLock<HashMap<&str, &str>> =
    LazyLock::new(|| tables::pairs(include_str!("../../../data/spoken/ja/fractions.tsv")));

/// The number with what it counts.
fn said(figure: &Figure, scale: Option<(u64, &str)>, counter: Option<&Counter>) -> String {
    let value: Option<u64> = figure.whole.parse().ok().filter(|_| !figure.is_code());
    let whole = match (&figure.fraction, value, scale) {
        (None, Some(value), _) => {
            let many = scale.map_or(1, |(scale, _)| scale);
            return match (
                value
                    .checked_mul(many)
                    .filter(|value| *value < 10_000_000_000_000_000),
                counter,
            ) {
                (Some(value), Some(counter)) => counter.counting(value),
                (Some(value), None) => numbers::cardinal(value),
                (None, _) => grouped(&figure.whole),
            };
        }
        (_, Some(value), _) => numbers::cardinal(value),
        _ => grouped(&figure.whole),
    };
    let number = match &figure.fraction {
        Some(fraction) => {
            let point = if whole == "ゼロ" {
                "レー".to_owned()
            } else {
                numbers::doubled(&whole)
            };
            format!("{point}テン{}", grouped(fraction))
        }
        None => whole,
    };
    let number = format!("{number}{}", scale.map_or("", |(_, said)| said));
    match counter {
        Some(counter) => counter.joined(&number),
        None => number,
    }
}

/// Digits in groups of four, so that no word is endless.
fn grouped(digits: &str) -> String {
    let groups = digits.as_bytes().chunks(4);
    let groups: Vec<String> = groups
        .map(|group| numbers::digits(&String::from_utf8_lossy(group)))
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
    let behind_latin = cursor
        .before()
        .map(narrow)
        .is_some_and(|c| c.is_ascii_alphanumeric());
    let mut sign = "";
    if !behind_latin && let Some(minus) = cursor.eat_if(|c| matches!(narrow(c), '-' | '+' | '±')) {
        sign = match narrow(minus) {
            '-' => "マイナス",
            '+' => "プラス",
            _ => "プラスマイナス",
        };
    }
    let money = eat(&mut cursor, &MONEY);
    if money.is_some() {
        cursor.blanks();
    }
    let Some(first) = figure(&mut cursor) else {
        return false;
    };
    let first_scale = scale(&mut cursor);
    let last = range(&mut cursor);
    if money.is_none()
        && last.is_none()
        && let Some(said) = fraction(&first, &mut cursor)
    {
        return reader.say(&format!("{sign} {said}"), cursor.at);
    }
    let last_scale = if last.is_some() {
        scale(&mut cursor)
    } else {
        None
    };
    let mut ahead = cursor;
    ahead.blanks();
    let counter = match money {
        Some(_) => money,
        None => eat(&mut ahead, &UNITS).or_else(|| eat(&mut ahead, &MONEY)),
    };
    if money.is_none() && counter.is_some() {
        cursor = ahead;
    }
    let counter = counter.or_else(|| {
        let (length, counter) = counters::at(cursor.rest())?;
        cursor.at += length;
        Some(counter)
    });
    let cents = cents(&first, counter).filter(|_| last.is_none() && first_scale.is_none());
    let said = match &last {
        _ if cents.is_some() => cents.unwrap_or_default(),
        Some(last) => {
            let scale = first_scale.or(last_scale);
            format!(
                "{} カラ {}",
                said(&first, scale, None),
                said(last, last_scale, counter)
            )
        }
        None => said(&first, first_scale, counter),
    };
    reader.say(&format!("{sign} {said}"), cursor.at)
}

/// `$5.50` as ゴドル ゴジュッセント.
fn cents(figure: &Figure, money: Option<&Counter>) -> Option<String> {
    let counter =
        money.filter(|counter| counter.sounds.ends_with("ドル") || counter.sounds == "ユーロ")?;
    let digits = figure
        .fraction
        .as_ref()
        .filter(|digits| digits.len() == 2)?;
    let (whole, cents) = (figure.whole.parse().ok()?, digits.parse().ok()?);
    if figure.is_code() {
        return None;
    }
    let whole = counter.counting(whole);
    let (_, cent) = counters::at("セント")?;
    Some(if cents == 0 {
        whole
    } else {
        format!("{whole} {}", cent.counting(cents))
    })
}

/// 万, 億, 兆 behind figures.
fn scale(cursor: &mut Cursor<'_>) -> Option<(u64, &'static str)> {
    let scale = cursor.eat_if(|c| matches!(c, '万' | '億' | '兆'))?;
    Some(match scale {
        '万' => (10_000, "マン"),
        '億' => (100_000_000, "オク"),
        _ => (1_000_000_000_000, "チョー"),
    })
}

fn eat(cursor: &mut Cursor<'_>, signs: &'static Signs<Counter>) -> Option<&'static Counter> {
    let rest = cursor.rest();
    let letter = |c: char| c.is_ascii_alphabetic();
    let (sign, counter) = signs.at(rest).find(|(sign, _)| {
        let after = rest[sign.len()..].chars().next();
        !(sign.ends_with(letter)
            && after.is_some_and(|c| c.is_ascii_alphanumeric())
            && !sign.ends_with('$'))
            || sign.ends_with(letter)
                && after.is_some_and(|c| c.is_ascii_digit())
                && sign.len() == 3
    })?;
    if sign.starts_with(letter) && cursor.before().is_some_and(letter) {
        return None;
    }
    cursor.at += sign.len();
    Some(counter)
}

/// `-20`, `〜20` behind a number.
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
    let (upper, lower) = (upper.value()?, lower.value()?);
    if lower == 0 || ahead.peek().map(narrow) == Some('/') {
        return None;
    }
    *cursor = ahead;
    Some(format!(
        "{}ブンノ {}",
        numbers::cardinal(lower),
        numbers::cardinal(upper)
    ))
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
        Err(_) => latin::said(value.trim()),
    };
    let said = if said.trim().is_empty() {
        "モジ"
    } else {
        &said
    };
    reader.say(said, reader.at + next.len_utf8())
}
