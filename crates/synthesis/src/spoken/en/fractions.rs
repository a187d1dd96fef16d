//! Fractions, sums and products: what a slash, a cross or a caret means between numbers.

use super::super::cursor::Cursor;
use super::super::reader::Reader;
use super::{amounts, numbers};

/// `3/4`, `2 1/2`; other slashes between numbers are said.
pub fn fraction(reader: &mut Reader<'_>) -> bool {
    let mut cursor = reader.cursor();
    if !cursor.word_begins() {
        return false;
    }
    let Some(first) = cursor.whole_digits(1, 4) else {
        return false;
    };
    let mut ahead = cursor;
    if ahead.blanks() == 1
        && let Some(above) = ahead.whole_digits(1, 2)
        && let Some(below) = below(&mut ahead, above)
    {
        let part = amounts::fraction(numbers::value(above), below);
        let part = if part == "one half" { "a half" } else { &part };
        let unit = amounts::unit(&mut ahead, false, true).unwrap_or("");
        let words = format!("{} and {part} {unit}", numbers::cardinal(first));
        return reader.say(&words, ahead.at);
    }
    if let Some(whole) = out_of(&mut cursor, first) {
        let words = format!("{} out of {whole}", numbers::cardinal(first));
        return reader.say(&words, cursor.at);
    }
    let Some(below) = below(&mut cursor, first) else {
        return false;
    };
    let unit = amounts::unit(&mut cursor, true, true).unwrap_or("");
    let words = amounts::fraction(numbers::value(first), below);
    reader.say(&format!("{words} {unit}"), cursor.at)
}

/// `7/10`, `95/100`: marks given.
fn out_of(cursor: &mut Cursor<'_>, first: &str) -> Option<String> {
    let mut ahead = *cursor;
    ahead.eat('/').then_some(())?;
    let whole = ahead.whole_digits(2, 3)?;
    let value = numbers::value(whole);
    let marks = matches!(value, 10 | 20 | 25 | 50 | 100) && numbers::value(first) <= value;
    if !marks || !ahead.word_ends() || ahead.peek() == Some('/') {
        return None;
    }
    *cursor = ahead;
    Some(numbers::cardinal(whole))
}

/// The number below, when the two make a fraction that people say.
fn below(cursor: &mut Cursor<'_>, above: &str) -> Option<usize> {
    let mut ahead = *cursor;
    ahead.eat_if(|c| matches!(c, '/' | '⁄'))?;
    let below = numbers::value(ahead.whole_digits(1, 3)?);
    let ends = ahead.word_ends() && !matches!(ahead.peek(), Some('/'));
    let said = (2..=12).contains(&below) || matches!(below, 16 | 32 | 64);
    if !ends
        || !said
        || numbers::value(above) == 0
        || numbers::value(above) == below
        || numbers::value(above) >= 2 * below
    {
        return None;
    }
    *cursor = ahead;
    Some(below)
}

/// `*`, `x`, `/`, `^`, `-` and `:` between numbers.
pub fn operator(reader: &mut Reader<'_>) -> bool {
    let mut cursor = reader.cursor();
    let Some(sign) = cursor.bump() else {
        return false;
    };
    let lead = reader.text[..reader.at].trim_end_matches(' ');
    let spaced = lead.len() < reader.at;
    let after_number = lead.ends_with(|c: char| c.is_ascii_digit() || c == ')');
    let behind_blank = cursor.blanks() > 0;
    let before_number = cursor
        .peek()
        .is_some_and(|c| c.is_ascii_digit() || c == '(');
    let until = reader.at + sign.len_utf8();
    if sign == '^' && !spaced && !behind_blank && !cursor.peek().is_none_or(char::is_whitespace) {
        return reader.say("to the power of", until);
    }
    // `$5/kg`, `30/day`.
    let rate = sign == '/' && after_number && !spaced && !behind_blank;
    if rate && cursor.peek().is_some_and(char::is_alphabetic) {
        let unit = amounts::unit(&mut cursor, true, false).unwrap_or("");
        let until = if unit.is_empty() { until } else { cursor.at };
        return reader.say(&format!("per {unit}"), until);
    }
    if !after_number || !before_number {
        return false;
    }
    match sign {
        '*' | '·' | '∙' => reader.say("times", until),
        'x' | 'X' if spaced && behind_blank => reader.say("times", until),
        'x' | 'X' | '×' if !spaced && !behind_blank => reader.say("by", until),
        '/' if spaced && behind_blank => reader.say("divided by", until),
        '-' if spaced && behind_blank => reader.say("minus", until),
        ':' if !spaced && !behind_blank => reader.say("to", until),
        _ => false,
    }
}

/// `5'10"`: feet and inches.
pub fn height(reader: &mut Reader<'_>) -> bool {
    let mut cursor = reader.cursor();
    if !cursor.word_begins() {
        return false;
    }
    let Some(feet) = cursor.whole_digits(1, 2) else {
        return false;
    };
    if cursor.eat_if(|c| matches!(c, '\'' | '’' | '′')).is_none() {
        return false;
    }
    let Some(inches) = cursor.whole_digits(1, 2) else {
        return false;
    };
    let marked = cursor.eat_if(|c| matches!(c, '"' | '”' | '″')).is_some();
    if !cursor.word_ends() || (!marked && numbers::value(inches) > 11) {
        return false;
    }
    let words = format!(
        "{} foot {}",
        numbers::cardinal(feet),
        numbers::cardinal(inches)
    );
    reader.say(&words, cursor.at)
}
