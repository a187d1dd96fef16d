//! Digits of any script by their values, and numbers as they are written.

use super::super::cursor::Cursor;
use super::Tongue;

/// Where the ten digits of a script begin: ASCII, Arabic, Persian, Devanagari, Bengali, Gurmukhi,
/// Gujarati, Tamil, Telugu, Kannada, Malayalam, Thai, wide.
const ZEROS: [char; 13] = [
    '0', '٠', '۰', '०', '০', '੦', '૦', '௦', '౦', '೦', '൦', '๐', '０',
];

/// Longest number read at once, in digits.
const LONGEST: usize = 400;

/// A digit's value as an ASCII digit.
pub(super) fn value(digit: char) -> Option<char> {
    ZEROS.iter().find_map(|zero| {
        let far = u32::from(digit).checked_sub(u32::from(*zero))?;
        char::from_digit(far, 10)
    })
}

/// Up to `most` digits, in ASCII.
pub(super) fn take(cursor: &mut Cursor<'_>, most: usize) -> String {
    let mut digits = String::new();
    while digits.len() < most
        && let Some(digit) = cursor.peek().and_then(value)
    {
        digits.push(digit);
        cursor.bump();
    }
    digits
}

/// From `least` to `most` digits with no further digit behind them.
pub(super) fn whole(cursor: &mut Cursor<'_>, least: usize, most: usize) -> Option<String> {
    let mut ahead = *cursor;
    let digits = take(&mut ahead, most);
    if digits.len() < least || ahead.peek().and_then(value).is_some() {
        return None;
    }
    *cursor = ahead;
    Some(digits)
}

/// The value of a few digits.
pub(super) fn number(digits: &str) -> u64 {
    digits.bytes().fold(0u64, |sum, b| {
        sum.saturating_mul(10).saturating_add(u64::from(b - b'0'))
    })
}

/// Whether no letter or digit follows.
pub(super) fn ends(cursor: &Cursor<'_>) -> bool {
    !cursor.peek().is_some_and(char::is_alphanumeric)
}

/// A number as written: `1 234,50`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Number {
    /// Digits before the decimal sign, without separators.
    pub whole: String,
    /// Digits behind it.
    pub fraction: Option<String>,
}

impl Number {
    /// Reads one.
    pub fn take(cursor: &mut Cursor<'_>, tongue: &dyn Tongue) -> Option<Self> {
        let comma = tongue.has_decimal_comma();
        let first = take(cursor, LONGEST);
        if first.is_empty() {
            return None;
        }
        let mut number = Self {
            whole: first,
            fraction: None,
        };
        number.groups(cursor, comma);
        let mut ahead = *cursor;
        let sign = ahead.eat_if(|c| c == '.' || (comma && c == ','));
        if sign.is_some() {
            let digits = take(&mut ahead, LONGEST);
            if !digits.is_empty() {
                number.fraction = Some(digits);
                *cursor = ahead;
            }
        }
        Some(number)
    }

    /// Further groups of three (or two, in India) with a sign between.
    fn groups(&mut self, cursor: &mut Cursor<'_>, comma: bool) {
        if self.whole.len() > 3 || self.whole.starts_with('0') {
            return;
        }
        let mut separator = None;
        for _ in 0..12 {
            let mut ahead = *cursor;
            let sign = ahead.eat_if(|c| {
                matches!(c, '\u{202f}' | '\u{a0}' | '\u{2009}' | ' ')
                    || c == if comma { '.' } else { ',' }
            });
            let Some(sign) = sign.filter(|sign| separator.is_none_or(|last| last == *sign)) else {
                return;
            };
            let least = if comma || sign == ' ' { 3 } else { 2 };
            let Some(group) = whole(&mut ahead, least, 3) else {
                return;
            };
            if sign == ' ' && !comma {
                return;
            }
            separator = Some(sign);
            self.whole.push_str(&group);
            *cursor = ahead;
        }
    }

    /// Whether it is counted as one.
    pub fn is_one(&self, tongue: &dyn Tongue) -> bool {
        let value = number(&self.whole);
        // In French 1,5 is still one.
        (value == 1 && (self.fraction.is_none() || tongue.has_decimal_comma()))
            || (value == 0 && tongue.has_decimal_comma())
    }

    /// In words.
    pub fn words(&self, tongue: &dyn Tongue, feminine: bool) -> String {
        let whole = cardinal(tongue, &self.whole, feminine && self.fraction.is_none());
        match &self.fraction {
            None => whole,
            Some(digits) => format!(
                "{whole} {} {}",
                tongue.tables().name("point"),
                tongue.decimals(digits)
            ),
        }
    }
}

/// A whole number in words; leading zeros and more than fifteen digits are read one by one.
pub(super) fn cardinal(tongue: &dyn Tongue, digits: &str, feminine: bool) -> String {
    if digits.len() > 15 || (digits.len() > 1 && digits.starts_with('0')) {
        one_by_one(tongue, digits)
    } else {
        tongue.cardinal(number(digits), feminine)
    }
}

/// Digits one at a time.
pub(super) fn one_by_one(tongue: &dyn Tongue, digits: &str) -> String {
    let words: Vec<String> = digits
        .bytes()
        .map(|digit| tongue.cardinal(u64::from(digit - b'0'), false))
        .collect();
    words.join(" ")
}
