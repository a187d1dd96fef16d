//! Figures: digits of either width, in groups, with a fraction.

use super::narrow;
use crate::spoken::cursor::Cursor;

/// A number in figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// ASCII digits before the point.
    pub whole: String,
    /// ASCII digits behind it.
    pub fraction: Option<String>,
}

/// The value of a digit of either width.
pub fn digit(c: char) -> Option<char> {
    Some(narrow(c)).filter(char::is_ascii_digit)
}

/// Digits in a row, in ASCII; empty where there are none.
pub fn digits(cursor: &mut Cursor<'_>) -> String {
    let written = cursor.take(usize::MAX, |c| digit(c).is_some());
    written.chars().filter_map(digit).collect()
}

/// From `least` to `most` digits with no further digit behind them.
pub fn few(cursor: &mut Cursor<'_>, least: usize, most: usize) -> Option<String> {
    let mut ahead = *cursor;
    let written = ahead.take(most, |c| digit(c).is_some());
    let found: String = written.chars().filter_map(digit).collect();
    if found.len() < least || ahead.peek().and_then(digit).is_some() {
        return None;
    }
    *cursor = ahead;
    Some(found)
}

/// `12`, `1,234`, `3.14`, `１２`.
pub fn figure(cursor: &mut Cursor<'_>) -> Option<Figure> {
    let mut whole = digits(cursor);
    if whole.is_empty() {
        return None;
    }
    if whole.len() < 4 && !whole.starts_with('0') {
        loop {
            let mut ahead = *cursor;
            if ahead.eat_if(|c| narrow(c) == ',').is_none() {
                break;
            }
            let Some(group) = few(&mut ahead, 3, 3) else {
                break;
            };
            whole.push_str(&group);
            *cursor = ahead;
        }
    }
    let mut ahead = *cursor;
    let point = ahead.eat_if(|c| narrow(c) == '.').is_some();
    let fraction = Some(digits(&mut ahead)).filter(|digits| point && !digits.is_empty());
    if fraction.is_some() {
        *cursor = ahead;
    }
    Some(Figure { whole, fraction })
}

impl Figure {
    /// The number itself, where it is whole and not too long.
    pub fn value(&self) -> Option<u64> {
        let short = self.fraction.is_none() && self.whole.len() < 17;
        self.whole.parse().ok().filter(|_| short)
    }

    /// Whether it is a code and no amount: it begins with a nought, or is too long.
    pub fn is_code(&self) -> bool {
        self.whole.len() > 16 || self.whole.len() > 1 && self.whole.starts_with('0')
    }
}
