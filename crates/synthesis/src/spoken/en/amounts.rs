//! Amounts: numbers with fractions, scales, units, percent and ranges.

use std::sync::LazyLock;

use super::super::cursor::Cursor;
use super::super::reader::Reader;
use super::super::tables::{self, Signs};
use super::numbers;

static UNITS: LazyLock<Signs<(&str, &str)>> = LazyLock::new(|| {
    let rows = tables::rows(include_str!("../../../data/spoken/en/units.tsv"));
    Signs::new(rows.filter_map(|row| Some((*row.first()?, (*row.get(1)?, *row.get(2)?)))))
});

/// Fractions that are one character.
const VULGAR: [(char, usize, usize); 19] = [
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
    ('↉', 0, 3),
];

/// A number as written: `1,234.50`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number {
    /// Digits before the point, without separators.
    pub whole: String,
    /// Digits behind the point.
    pub fraction: Option<String>,
    /// Whether thousands were separated.
    pub grouped: bool,
}

impl Number {
    /// Reads one; `.5` has no digits before its point. Leaves points with several digits runs
    /// behind (versions, addresses) to others by taking what stands before them.
    pub fn take(cursor: &mut Cursor<'_>) -> Option<Self> {
        let first = cursor.digits(usize::MAX);
        let mut whole = first.to_owned();
        let mut grouped = false;
        while first.len() <= 3 && !first.is_empty() {
            let mut ahead = *cursor;
            let Some(separator) = ahead.eat_if(|c| matches!(c, ',' | '\u{202f}' | '\u{2009}'))
            else {
                break;
            };
            let Some(group) = ahead.whole_digits(2, 3) else {
                break;
            };
            // Groups of two are Indian: another group follows.
            if group.len() == 2 && !ahead.rest().starts_with(separator) {
                break;
            }
            whole.push_str(group);
            grouped = true;
            *cursor = ahead;
        }
        let mut ahead = *cursor;
        let mut fraction = None;
        if ahead.eat('.') {
            let digits = ahead.digits(usize::MAX);
            if !digits.is_empty() {
                fraction = Some(digits.to_owned());
                *cursor = ahead;
            }
        }
        (!whole.is_empty() || fraction.is_some()).then_some(Self {
            whole,
            fraction,
            grouped,
        })
    }

    pub fn is_one(&self) -> bool {
        self.whole == "1" && self.fraction.is_none()
    }

    /// In words, as an amount.
    pub fn words(&self) -> String {
        let whole = if self.whole.is_empty() {
            "0"
        } else {
            &self.whole
        };
        match &self.fraction {
            None => numbers::cardinal(whole),
            Some(digits) => {
                format!(
                    "{} point {}",
                    numbers::cardinal(whole),
                    numbers::digits(digits)
                )
            }
        }
    }

    /// In words, where four bare digits may be a year: `nineteen eighty four`.
    pub fn plain_words(&self) -> String {
        let year = numbers::value(&self.whole);
        let is_year = self.whole.len() == 4
            && self.fraction.is_none()
            && !self.grouped
            && (1100..2100).contains(&year)
            && (!year.is_multiple_of(100) || year < 2000);
        if is_year {
            numbers::year(year)
        } else {
            self.words()
        }
    }
}

/// `million`, `bn` and the like behind a number, perhaps after a space.
pub fn scale(cursor: &mut Cursor<'_>, short: bool) -> Option<&'static str> {
    const WORDS: [(&str, &str); 9] = [
        ("thousand", "thousand"),
        ("million", "million"),
        ("billion", "billion"),
        ("trillion", "trillion"),
        ("mn", "million"),
        ("bn", "billion"),
        ("tn", "trillion"),
        ("lakh", "lakh"),
        ("crore", "crore"),
    ];
    const SHORT: [(&str, &str); 6] = [
        ("K", "thousand"),
        ("k", "thousand"),
        ("M", "million"),
        ("m", "million"),
        ("B", "billion"),
        ("T", "trillion"),
    ];
    let attached = *cursor;
    let mut ahead = *cursor;
    ahead.blanks();
    let tries = WORDS.iter().map(|row| (ahead, row));
    let tries = tries.chain(SHORT.iter().filter(|_| short).map(|row| (attached, row)));
    for (mut at, (written, said)) in tries {
        if at.eat_str(written) && at.word_ends() {
            *cursor = at;
            return Some(said);
        }
    }
    None
}

/// The unit behind a number, perhaps after a space.
pub fn unit(cursor: &mut Cursor<'_>, one: bool, spaced: bool) -> Option<&'static str> {
    let mut ahead = *cursor;
    let apart = ahead.blanks() > 0;
    if apart && !spaced {
        return None;
    }
    for (sign, (single, several)) in UNITS.at(ahead.rest()) {
        let mut behind = ahead;
        behind.eat_str(sign);
        let letter = sign.ends_with(char::is_alphanumeric);
        if letter && (!behind.word_ends() || matches!(behind.peek(), Some('\'' | '’'))) {
            continue;
        }
        // The stop of `5 ft. of rope`, which no sentence ends with.
        let mut stop = behind;
        let stopped = letter
            && stop.eat('.')
            && stop.blanks() > 0
            && stop.peek().is_some_and(char::is_lowercase);
        // `5 A` and `at 6 in the morning` are no units.
        let doubtful = sign == "in" || (sign.len() == 1 && letter && !"mgshWVLl".contains(sign));
        if apart && letter && ((doubtful && !stopped) || behind.peek() == Some('-')) {
            continue;
        }
        if stopped {
            behind.eat('.');
        }
        *cursor = behind;
        return Some(if one { *single } else { *several });
    }
    None
}

/// Reads an amount with its sign, range, scale and unit.
pub fn read(reader: &mut Reader<'_>) -> bool {
    let mut cursor = reader.cursor();
    let sign = match cursor.peek() {
        Some('-' | '−') if cursor.word_begins() && cursor.before() != Some(')') => "minus ",
        Some('+') if cursor.word_begins() => "plus ",
        _ => "",
    };
    if !sign.is_empty() {
        cursor.bump();
    }
    if let Some(words) = vulgar(&mut cursor) {
        let unit = unit(&mut cursor, true, true).unwrap_or("");
        return reader.say(&format!("{sign}{words} {unit}"), cursor.at);
    }
    let starts = cursor.peek().is_some_and(|c| c.is_ascii_digit())
        || (cursor.peek() == Some('.') && cursor.second().is_some_and(|c| c.is_ascii_digit()));
    if !starts {
        return false;
    }
    let named = sign.is_empty()
        && cursor
            .before()
            .is_some_and(|c| c.is_alphabetic() || c == '-');
    let Some(number) = Number::take(&mut cursor) else {
        return false;
    };
    // A code: `A380`, `Boeing-747`.
    if named && number.fraction.is_none() && !number.grouped {
        return reader.say(&numbers::name(&number.whole), cursor.at);
    }
    if let Some(part) = vulgar(&mut cursor) {
        let unit = unit(&mut cursor, false, true).unwrap_or("");
        let words = format!("{sign}{} and {part} {unit}", number.words());
        return reader.say(&words, cursor.at);
    }
    let mut words = number.plain_words();
    let mut last = number;
    if let Some(second) = range(&mut cursor, &last) {
        words = format!("{words} to {}", second.plain_words());
        last = second;
    }
    if let Some(exponent) = exponent(&mut cursor) {
        words = format!("{words} times ten to the power of {exponent}");
    }
    let scale = scale(&mut cursor, false);
    let unit = unit(&mut cursor, last.is_one() && scale.is_none(), true);
    if let Some(scale) = scale {
        words = format!("{} {scale}", last_as_amount(&words, &last));
    }
    if let Some(unit) = unit {
        words = format!("{} {unit}", last_as_amount(&words, &last));
    }
    // A number too long for a word is read in digits: give each its own place.
    reader.say(&format!("{sign}{words}"), cursor.at)
}

/// With a unit, four digits are no year.
fn last_as_amount(words: &str, number: &Number) -> String {
    match words.strip_suffix(&number.plain_words()) {
        Some(lead) => format!("{lead}{}", number.words()),
        None => words.to_owned(),
    }
}

/// `-10` behind a number.
fn range(cursor: &mut Cursor<'_>, first: &Number) -> Option<Number> {
    let mut ahead = *cursor;
    ahead.eat_if(|c| matches!(c, '-' | '–' | '—'))?;
    let second = Number::take(&mut ahead)?;
    // `800-737` is a name and no range.
    let long = first.whole.len() > 2 && first.whole.len() == second.whole.len();
    if long && second.whole < first.whole {
        return None;
    }
    if matches!(ahead.peek(), Some('-')) && ahead.second().is_some_and(|c| c.is_ascii_digit()) {
        return None;
    }
    *cursor = ahead;
    Some(second)
}

/// `e-5` behind a number.
fn exponent(cursor: &mut Cursor<'_>) -> Option<String> {
    let mut ahead = *cursor;
    ahead.eat_if(|c| matches!(c, 'e' | 'E'))?;
    let sign = match ahead.eat_if(|c| matches!(c, '-' | '−' | '+')) {
        Some('-' | '−') => "minus ",
        _ => "",
    };
    let digits = ahead.whole_digits(1, 3)?;
    if !ahead.word_ends() {
        return None;
    }
    *cursor = ahead;
    Some(format!("{sign}{}", numbers::cardinal(digits)))
}

fn vulgar(cursor: &mut Cursor<'_>) -> Option<String> {
    let next = cursor.peek()?;
    let (_, above, below) = VULGAR.iter().find(|(sign, ..)| *sign == next)?;
    cursor.bump();
    Some(fraction(*above, *below))
}

/// `one half`, `three quarters`.
pub fn fraction(above: usize, below: usize) -> String {
    let one = above == 1;
    format!(
        "{} {}",
        numbers::cardinal(&above.to_string()),
        numbers::part(below, !one)
    )
}
