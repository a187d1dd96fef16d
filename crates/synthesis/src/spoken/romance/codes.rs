//! Numbers that are names and not amounts: phone numbers, versions, addresses of machines.

use super::super::reader::Reader;
use super::Romance;

/// Most groups of digits that a phone number or card has.
const GROUPS: usize = 8;

impl Romance {
    /// A phone or card number: groups of digits with a short pause between them.
    pub(super) fn phone(&self, reader: &mut Reader<'_>) -> bool {
        let mut cursor = reader.cursor();
        if !cursor.word_begins() || matches!(cursor.before(), Some('.' | ',' | '$' | '€' | '£'))
        {
            return false;
        }
        let plus = cursor.eat('+');
        let mut found: Vec<(usize, &str)> = Vec::new();
        let mut separators = String::new();
        let mut end = cursor;
        for _ in 0..GROUPS {
            let mut ahead = end;
            if !found.is_empty() {
                let gap = ahead.take(3, |c| matches!(c, ' ' | '-' | '(' | ')' | '\u{a0}' | '‑'));
                if gap.is_empty() {
                    break;
                }
                separators.push_str(gap);
            } else if ahead.eat('(') {
                separators.push('(');
            }
            let from = ahead.at;
            let Some(digits) = ahead.whole_digits(1, 12) else {
                break;
            };
            if !ahead.word_ends() || ahead.rest().starts_with([':', '/']) {
                break;
            }
            found.push((from, digits));
            end = ahead;
        }
        let total: usize = found.iter().map(|(_, digits)| digits.len()).sum();
        let groups = found.len();
        let lengths = || found.iter().map(|(_, digits)| digits.len());
        let dialled = if plus || separators.contains('(') {
            total >= 8
        } else if groups > 1 {
            let marked = separators.contains('-') || found[0].1.starts_with('0');
            let even = lengths().all(|length| (2..=5).contains(&length));
            (9..=16).contains(&total) && even
                || marked && (7..=13).contains(&total) && even && groups > 2
                || marked && (8..=13).contains(&total) && lengths().all(|length| length >= 2)
        } else {
            groups == 1
                && (total == 9 || total == 10 || total == 11)
                && !found[0].1.ends_with("000")
        };
        if !dialled {
            return false;
        }
        if plus {
            reader.say(self.symbols.get(&'+').copied().unwrap_or(""), cursor.at);
        }
        for (index, (from, digits)) in found.iter().enumerate() {
            if index > 0 {
                reader.mark(",", *from);
            }
            let until = from + digits.len();
            reader.at = reader.at.min(*from);
            reader.say(&self.digits(digits), until);
        }
        true
    }

    /// Brazilian tax numbers: `123.456.789-09`, `12.345.678/0001-95`.
    pub(super) fn document(&self, reader: &mut Reader<'_>) -> bool {
        let mut cursor = reader.cursor();
        if !cursor.word_begins() {
            return false;
        }
        let written = cursor.take(19, |c| c.is_ascii_digit() || matches!(c, '.' | '-' | '/'));
        let shape: String = written
            .chars()
            .map(|c| if c.is_ascii_digit() { '0' } else { c })
            .collect();
        let known = matches!(shape.as_str(), "000.000.000-00" | "00.000.000/0000-00");
        if !known || !cursor.word_ends() {
            return false;
        }
        for group in written.split_inclusive(['.', '-', '/']) {
            let until = reader.at + group.len();
            reader.say(&self.digits(group), until);
            if until < cursor.at {
                reader.say_at(",", until - 1..until);
            }
        }
        true
    }

    /// `192.168.0.1`, `1.2.3`, `v2.0`: points are said.
    pub(super) fn dotted(&self, reader: &mut Reader<'_>) -> bool {
        let mut cursor = reader.cursor();
        if !cursor.word_begins() {
            return false;
        }
        let mut parts = Vec::new();
        let mut end = cursor;
        loop {
            let mut ahead = end;
            if !parts.is_empty() && !ahead.eat('.') {
                break;
            }
            let Some(part) = ahead.whole_digits(1, 8) else {
                break;
            };
            parts.push(part);
            end = ahead;
            cursor = end;
        }
        let grouped = parts.len() > 1
            && parts[0].len() <= 3
            && !parts[0].starts_with('0')
            && parts[1..].iter().all(|part| part.len() == 3);
        if parts.len() < 3 || grouped {
            return false;
        }
        let said: Vec<String> = parts.iter().map(|part| self.cardinal(part)).collect();
        let dot = format!(" {} ", self.phrase("dot"));
        reader.say(&said.join(&dot), cursor.at)
    }
}
