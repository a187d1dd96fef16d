//! Numbers that are names and not amounts: phone numbers, versions, addresses of machines.

use super::super::reader::Reader;
use super::{Tongue, digits};

/// Most groups of digits that a phone number has.
const GROUPS: usize = 8;

/// A phone number: groups of digits with a short pause between them.
pub(super) fn phone(reader: &mut Reader<'_>, tongue: &dyn Tongue) -> bool {
    let mut cursor = reader.cursor();
    if !cursor.word_begins() || matches!(cursor.before(), Some('.' | ',' | '/')) {
        return false;
    }
    let plus = cursor.eat('+');
    let start = cursor.at;
    let mut groups: Vec<(usize, usize, String)> = Vec::new();
    let mut end = cursor;
    for _ in 0..GROUPS {
        let mut ahead = end;
        if !groups.is_empty() || ahead.peek() == Some('(') {
            let gap = ahead.take(3, |c| {
                matches!(c, ' ' | '-' | '.' | '(' | ')' | '\u{a0}' | '\u{202f}' | '‑')
            });
            if gap.is_empty() {
                break;
            }
        }
        let from = ahead.at;
        let Some(digits) = digits::whole(&mut ahead, 1, 14) else {
            break;
        };
        if !digits::ends(&ahead) {
            break;
        }
        groups.push((from, ahead.at, digits));
        end = ahead;
    }
    let lengths: Vec<&str> = groups.iter().map(|(.., digits)| digits.as_str()).collect();
    let total: usize = lengths.iter().map(|digits| digits.len()).sum();
    let is_phone = if plus {
        total >= 8
    } else {
        tongue.is_phone(&lengths)
    };
    if !is_phone {
        return false;
    }
    if plus {
        reader.say(tongue.tables().name("plus"), start);
    }
    for (index, (from, until, digits)) in groups.iter().enumerate() {
        if index > 0 {
            reader.mark(",", *from);
        }
        let words = tongue.phone_group(digits);
        reader.say_at(&words, *from..*until);
        reader.at = *until;
    }
    true
}

/// `192.168.1.1`, `2.10.3`: groups with points, and a number at the end of a word (`A380`).
pub(super) fn dotted(reader: &mut Reader<'_>, tongue: &dyn Tongue) -> bool {
    let mut cursor = reader.cursor();
    if cursor.peek().and_then(digits::value).is_none() {
        return false;
    }
    if !cursor.word_begins() {
        return false;
    }
    let mut groups: Vec<String> = Vec::new();
    loop {
        let mut ahead = cursor;
        if !groups.is_empty() && !ahead.eat('.') {
            break;
        }
        let digits = digits::take(&mut ahead, 12);
        if digits.is_empty() || groups.len() > 8 {
            break;
        }
        groups.push(digits);
        cursor = ahead;
    }
    // Groups of three are thousands.
    let thousands = groups.iter().skip(1).all(|group| group.len() == 3);
    if groups.len() < 3 || thousands && groups[0].len() < 4 && groups[0] != "0" && groups.len() < 4
    {
        return false;
    }
    let words: Vec<String> = groups
        .iter()
        .map(|group| digits::cardinal(tongue, group, false))
        .collect();
    let between = format!(" {} ", tongue.tables().name("dot"));
    reader.say(&words.join(&between), cursor.at)
}
