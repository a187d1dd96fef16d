//! Amounts: numbers with signs, units, percent, ordinals, ranges, fractions.

use super::super::cursor::Cursor;
use super::super::reader::Reader;
use super::Tongue;
use super::digits::{self, Number};
use super::tables::Unit;

/// Fractions that are one character.
const VULGAR: [(char, u64, u64); 18] = [
    ('½', 1, 2),
    ('⅓', 1, 3),
    ('⅔', 2, 3),
    ('¼', 1, 4),
    ('¾', 3, 4),
    ('⅕', 1, 5),
    ('⅖', 2, 5),
    ('⅗', 3, 5),
    ('⅘', 4, 5),
    ('⅙', 1, 6),
    ('⅚', 5, 6),
    ('⅐', 1, 7),
    ('⅛', 1, 8),
    ('⅜', 3, 8),
    ('⅝', 5, 8),
    ('⅞', 7, 8),
    ('⅑', 1, 9),
    ('⅒', 1, 10),
];

/// A vulgar fraction in words.
pub(super) fn vulgar(cursor: &mut Cursor<'_>, tongue: &dyn Tongue) -> Option<String> {
    let next = cursor.peek()?;
    let (_, above, below) = VULGAR.iter().find(|(sign, ..)| *sign == next)?;
    cursor.bump();
    Some(tongue.fraction(*above, *below))
}

/// Reads an amount.
pub(super) fn read(reader: &mut Reader<'_>, tongue: &dyn Tongue) -> bool {
    let tables = tongue.tables();
    let mut cursor = reader.cursor();
    let begins = cursor.word_begins() && cursor.before() != Some(')');
    let sign = match cursor.peek() {
        Some('-' | '−') if begins => tables.name("minus"),
        Some('+') if begins => tables.name("plus"),
        _ => "",
    };
    if !sign.is_empty() {
        cursor.bump();
    }
    // `,5` and `.5`: nothing before the decimal sign.
    let mut bare = cursor;
    if begins && bare.eat_if(|c| matches!(c, '.' | ',')).is_some() {
        let digits = digits::take(&mut bare, 20);
        if digits.is_empty() {
            return false;
        }
        let words = format!(
            "{sign} {} {} {}",
            tongue.cardinal(0, false),
            tables.name("point"),
            tongue.decimals(&digits)
        );
        return reader.say(&words, bare.at);
    }
    let Some(number) = Number::take(&mut cursor, tongue) else {
        return false;
    };
    if number.fraction.is_none()
        && let Some(words) = ordinal(&mut cursor, &number, tongue)
    {
        return reader.say(&words, cursor.at);
    }
    if number.fraction.is_none()
        && let Some(words) = slashed(&mut cursor, &number, tongue)
    {
        return reader.say(&format!("{sign} {words}"), cursor.at);
    }
    let mut parts = cursor;
    parts.blanks();
    if let Some(part) = vulgar(&mut parts, tongue) {
        let words = format!(
            "{sign} {} {} {part}",
            number.words(tongue, false),
            tables.name("and")
        );
        return reader.say(&words, parts.at);
    }
    let upper = range(&mut cursor, tongue);
    let last = upper.as_ref().unwrap_or(&number).clone();
    let unit = unit(&mut cursor, tongue);
    let feminine = unit.map_or_else(|| precedes_feminine(cursor, tongue), |unit| unit.feminine);
    let mut words = format!("{sign} {}", number.words(tongue, feminine));
    if let Some(upper) = &upper {
        words = format!(
            "{words} {} {}",
            tables.name("to"),
            upper.words(tongue, feminine)
        );
    }
    if let Some(unit) = unit {
        let value = digits::number(&last.whole);
        let name = if last.is_one(tongue) && upper.is_none() {
            unit.one
        } else {
            unit.several
        };
        let name = match last.fraction {
            None => tongue.counted(value, name),
            Some(_) => name.to_owned(),
        };
        words = format!("{words} {name}");
    }
    reader.say(&words, cursor.at)
}

/// `2e`, `21वीं`: digits whose letters make them an ordinal.
fn ordinal(cursor: &mut Cursor<'_>, number: &Number, tongue: &dyn Tongue) -> Option<String> {
    if number.whole.len() > 12 {
        return None;
    }
    let mut ahead = *cursor;
    ahead.take(1, |c| matches!(c, '-' | '‑'));
    let suffix = ahead.take(6, |c| {
        c.is_alphabetic() || matches!(c, '\u{900}'..='\u{963}' | 'ᵉ' | 'ʳ' | '\u{301}')
    });
    if suffix.is_empty() || ahead.peek().is_some_and(char::is_alphanumeric) {
        return None;
    }
    let words = tongue.ordinal(digits::number(&number.whole), suffix)?;
    *cursor = ahead;
    Some(words)
}

/// `3/4`, `9/10`.
fn slashed(cursor: &mut Cursor<'_>, above: &Number, tongue: &dyn Tongue) -> Option<String> {
    let mut ahead = *cursor;
    ahead.eat_if(|c| matches!(c, '/' | '⁄'))?;
    let below = digits::number(&digits::whole(&mut ahead, 1, 3)?);
    if !digits::ends(&ahead) || ahead.peek() == Some('/') || above.whole.len() > 3 {
        return None;
    }
    let above = digits::number(&above.whole);
    let words = if matches!(below, 10 | 20 | 100) || below == 0 || below > 100 || above > below {
        format!(
            "{} {} {}",
            tongue.cardinal(above, false),
            tongue.tables().name("out_of"),
            tongue.cardinal(below, false)
        )
    } else {
        tongue.fraction(above, below)
    };
    *cursor = ahead;
    Some(words)
}

/// `-10` behind a number.
fn range(cursor: &mut Cursor<'_>, tongue: &dyn Tongue) -> Option<Number> {
    let mut ahead = *cursor;
    ahead.eat_if(|c| matches!(c, '-' | '–' | '—'))?;
    let upper = Number::take(&mut ahead, tongue)?;
    let more =
        matches!(ahead.peek(), Some('-' | '–')) && ahead.second().and_then(digits::value).is_some();
    if more {
        return None;
    }
    *cursor = ahead;
    Some(upper)
}

/// The unit behind a number, perhaps after a space.
pub(super) fn unit(cursor: &mut Cursor<'_>, tongue: &dyn Tongue) -> Option<Unit> {
    let mut ahead = *cursor;
    let apart = ahead.blanks() > 0;
    for (sign, unit) in tongue.tables().units.at(ahead.rest()) {
        let mut behind = ahead;
        behind.eat_str(sign);
        let letter = sign.ends_with(char::is_alphanumeric);
        let goes_on = behind.peek().is_some_and(|c| {
            c.is_alphanumeric() || matches!(c, '\'' | '’' | '\u{900}'..='\u{963}')
        });
        // A capital alone may be a name: `5 A`.
        let doubtful =
            apart && sign.len() == 1 && sign.starts_with(|c: char| c.is_ascii_uppercase());
        if (letter && goes_on) || doubtful {
            continue;
        }
        *cursor = behind;
        return Some(*unit);
    }
    None
}

/// Whether the word behind a number is one of those before which *one* is feminine.
fn precedes_feminine(mut cursor: Cursor<'_>, tongue: &dyn Tongue) -> bool {
    if cursor.blanks() == 0 {
        return false;
    }
    let word = cursor.take(20, char::is_alphabetic).to_lowercase();
    let one = word.strip_suffix('s').unwrap_or(&word);
    tongue.tables().feminine.contains(one) || tongue.tables().feminine.contains(word.as_str())
}

/// `x` and `*` between numbers, `/` before a unit.
pub(super) fn sign_between(reader: &mut Reader<'_>, tongue: &dyn Tongue) -> bool {
    let mut cursor = reader.cursor();
    let Some(sign) = cursor.bump().filter(|sign| "*x×·/".contains(*sign)) else {
        return false;
    };
    let lead = reader.text[..reader.at].trim_end_matches(' ');
    let after = lead.ends_with(|c: char| digits::value(c).is_some());
    let until = cursor.at;
    if sign == '/' {
        let bound = lead.len() == reader.at && lead.ends_with(char::is_alphanumeric);
        let named = bound.then(|| unit(&mut cursor, tongue)).flatten();
        return named.is_some_and(|unit| {
            let words = format!("{} {}", tongue.tables().name("per"), unit.one);
            reader.say(&words, cursor.at)
        });
    }
    cursor.blanks();
    let before = cursor.peek().and_then(digits::value).is_some();
    after && before && reader.say(tongue.tables().name("times"), until)
}
