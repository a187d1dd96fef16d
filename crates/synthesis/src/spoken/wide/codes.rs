//! Telephone numbers, versions, addresses of machines, models: digits one by one.

use super::figures::{digit, digits};
use super::narrow;
use crate::spoken::cursor::Cursor;
use crate::spoken::reader::Reader;

/// How a language reads codes.
pub struct Codes {
    /// Words after which digits are a number to dial or to type.
    pub before: &'static [&'static str],
    /// Short numbers that are dialled.
    pub short: &'static [&'static str],
    /// How mobile numbers of eleven digits begin.
    pub mobile: &'static [&'static str],
    /// Digits of a number to dial.
    pub dialled: fn(&str) -> String,
    /// Digits of a version or an address.
    pub digits: fn(&str) -> String,
    /// A number of one or two digits behind letters.
    pub cardinal: fn(u64) -> String,
    /// What is said between groups of digits that are dialled; a space for nothing.
    pub between: &'static str,
    /// The names of `+` and of `.`.
    pub signs: [&'static str; 2],
}

/// Reads a code.
pub fn read(reader: &mut Reader<'_>, codes: &Codes) -> bool {
    let cursor = reader.cursor();
    if !matches!(cursor.peek().map(narrow), Some('0'..='9' | '+' | '(' | '-')) {
        return false;
    }
    let behind = cursor.before().map(narrow);
    if behind.is_some_and(|c| c.is_ascii_digit()) {
        return false;
    }
    model(reader, behind, codes) || telephone(reader, codes) || dotted(reader, codes)
}

/// `GPT-4`, `A4`, `B737`: behind a letter.
fn model(reader: &mut Reader<'_>, behind: Option<char>, codes: &Codes) -> bool {
    if !behind.is_some_and(|c| c.is_ascii_alphabetic()) {
        return false;
    }
    let mut cursor = reader.cursor();
    cursor.eat_if(|c| narrow(c) == '-');
    let number = digits(&mut cursor);
    let more = matches!(cursor.peek().map(narrow), Some('.' | ',')) && {
        let mut ahead = cursor;
        ahead.bump();
        ahead.peek().and_then(digit).is_some()
    };
    if number.is_empty() || more {
        return false;
    }
    let said = match number.parse() {
        Ok(value) if number.len() < 3 && !number.starts_with('0') => (codes.cardinal)(value),
        _ => spaced(&number, codes.digits),
    };
    reader.say(&said, cursor.at)
}

/// Digits in groups of four.
fn spaced(number: &str, digits: fn(&str) -> String) -> String {
    let said: Vec<String> = number
        .as_bytes()
        .chunks(4)
        .map(|group| digits(&String::from_utf8_lossy(group)))
        .collect();
    said.join(" ")
}

/// Digits in groups with hyphens, spaces and brackets: how they are cut, and where they end.
fn groups(cursor: &mut Cursor<'_>) -> Option<(bool, Vec<String>)> {
    let plus = cursor.eat_if(|c| narrow(c) == '+').is_some();
    let mut groups = Vec::new();
    loop {
        let mut ahead = *cursor;
        let open = ahead.eat_if(|c| narrow(c) == '(').is_some();
        let group = digits(&mut ahead);
        if group.is_empty() || open && ahead.eat_if(|c| narrow(c) == ')').is_none() {
            break;
        }
        groups.push(group);
        *cursor = ahead;
        let parts = ahead.take(1, |c| matches!(narrow(c), '-' | ' ' | '(' | '–'));
        if parts.is_empty()
            || groups.len() > 5
            || !ahead
                .peek()
                .is_some_and(|c| digit(c).is_some() || narrow(c) == '(')
        {
            break;
        }
        if !parts.starts_with(['(', '（']) {
            *cursor = ahead;
        }
    }
    // A sign that was stepped over with nothing behind it.
    (!groups.is_empty()).then_some((plus, groups))
}

fn telephone(reader: &mut Reader<'_>, codes: &Codes) -> bool {
    let mut cursor = reader.cursor();
    let Some((plus, groups)) = groups(&mut cursor) else {
        return false;
    };
    let all: String = groups.concat();
    let first = groups[0].as_str();
    let is_mobile = codes.mobile.iter().any(|lead| all.starts_with(lead));
    let mobile = all.len() == 11 && is_mobile && matches!(groups.len(), 1 | 3);
    let fixed = groups.len() > 1 && first.starts_with('0') && (9..=12).contains(&all.len());
    let free = groups.len() == 3 && matches!(first, "400" | "800") && all.len() == 10;
    let abroad = plus && (8..=15).contains(&all.len());
    let before =
        reader.text[..reader.at].trim_end_matches([' ', ':', '：', '是', '为', '為', 'は']);
    let named = (3..=20).contains(&all.len())
        && groups.len() < 5
        && codes.before.iter().any(|word| before.ends_with(word));
    let short = groups.len() == 1 && codes.short.contains(&first);
    let ends = !matches!(cursor.peek().map(narrow), Some('.' | ',' | '%' | '/' | ':')) || {
        let mut ahead = cursor;
        ahead.bump();
        ahead.peek().and_then(digit).is_none()
    };
    if !ends || !(mobile || fixed || free || abroad || named || short) {
        return false;
    }
    let said = if groups.len() == 1 && all.len() == 11 && mobile {
        [&all[..3], &all[3..7], &all[7..]]
            .map(codes.dialled)
            .join(" ")
    } else {
        let said: Vec<String> = groups
            .iter()
            .map(|group| spaced(group, codes.dialled))
            .collect();
        said.join(codes.between)
    };
    let plus = if plus { codes.signs[0] } else { "" };
    reader.say(&format!("{plus} {said}"), cursor.at)
}

/// `192.168.1.1`, `3.14.1`: with two points or more.
fn dotted(reader: &mut Reader<'_>, codes: &Codes) -> bool {
    let mut cursor = reader.cursor();
    let mut parts = Vec::new();
    while parts.len() < 8 {
        let mut ahead = cursor;
        if !parts.is_empty() && ahead.eat_if(|c| narrow(c) == '.').is_none() {
            break;
        }
        let part = digits(&mut ahead);
        if part.is_empty() || part.len() > 5 {
            break;
        }
        parts.push((codes.digits)(&part));
        cursor = ahead;
    }
    parts.len() > 2 && cursor.peek().and_then(digit).is_none() && {
        let point = format!(" {} ", codes.signs[1]);
        reader.say(&parts.join(&point), cursor.at)
    }
}
