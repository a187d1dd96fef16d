//! Numbers that are names and not amounts: phone numbers, addresses of machines, versions, cards.

use super::super::cursor::Cursor;
use super::super::reader::Reader;
use super::numbers;

/// Most groups of digits that a phone number or card has.
const GROUPS: usize = 8;

/// A phone, card or social security number: groups of digits with a short pause between them.
pub fn groups(reader: &mut Reader<'_>) -> bool {
    let mut cursor = reader.cursor();
    if !cursor.word_begins() || matches!(cursor.before(), Some('.' | '$' | '€' | '£')) {
        return false;
    }
    let plus = cursor.eat('+');
    let mut found: Vec<(usize, &str)> = Vec::new();
    let mut separators = String::new();
    let mut end = cursor;
    for _ in 0..GROUPS {
        let mut ahead = end;
        if !found.is_empty() {
            let gap = ahead.take(3, |c| {
                matches!(c, ' ' | '-' | '.' | '(' | ')' | '\u{a0}' | '‑')
            });
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
        if !ahead.word_ends() {
            break;
        }
        found.push((from, digits));
        end = ahead;
    }
    if !is_number(&found, plus, &separators) {
        return false;
    }
    if plus {
        reader.say("plus", cursor.at);
    }
    for (index, (from, digits)) in found.iter().enumerate() {
        if index > 0 {
            reader.mark(",", *from);
        }
        let words = match *digits {
            "800" | "900" if found.len() > 2 => numbers::cardinal(digits),
            _ => numbers::digits(digits),
        };
        let until = from + digits.len();
        reader.say_at(&words, *from..until);
        reader.at = until;
    }
    true
}

/// Whether groups of these lengths are dialled and not counted.
fn is_number(found: &[(usize, &str)], plus: bool, separators: &str) -> bool {
    let lengths: Vec<usize> = found.iter().map(|(_, digits)| digits.len()).collect();
    let total: usize = lengths.iter().sum();
    if plus {
        return total >= 8;
    }
    match lengths.as_slice() {
        [3, 4] => separators == "-",
        [3, 3, 4] => separators != "  ",
        [1, 3, 3, 4] => found[0].1 == "1",
        [3, 2, 4] => separators == "--",
        [4, 4, 4, 4] | [4, 6, 5] => true,
        [first, ..] if lengths.len() > 1 && found[0].1.starts_with('0') => {
            *first >= 3 && (9..=13).contains(&total)
        }
        [10 | 11] => found[0].1.starts_with(['0', '1']) || !found[0].1.ends_with("000"),
        _ => false,
    }
}

/// `1-800-FLOWERS`: a free number that ends in a word.
pub fn vanity(reader: &mut Reader<'_>) -> bool {
    let mut cursor = reader.cursor();
    let from = cursor.at;
    let free = cursor.word_begins()
        && cursor.eat_str("1-8")
        && cursor
            .whole_digits(2, 2)
            .is_some_and(|code| code.bytes().all(|b| b == code.as_bytes()[0]))
        && cursor.eat('-')
        && cursor.peek().is_some_and(|c| c.is_ascii_uppercase());
    if !free {
        return false;
    }
    let code = &reader.text[from + 2..from + 5];
    let words = format!("one , {} ,", numbers::cardinal(code));
    reader.say(&words, cursor.at)
}

/// `192.168.0.1`, `1.2.3`, `v2.0`, `3.11.4-rc1`: points are said.
pub fn dotted(reader: &mut Reader<'_>) -> bool {
    let mut cursor = reader.cursor();
    if !cursor.word_begins() {
        return false;
    }
    let marked = cursor.eat_if(|c| matches!(c, 'v' | 'V')).is_some();
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
    }
    if parts.len() < if marked { 1 } else { 3 } || (marked && !end.word_ends()) {
        return false;
    }
    let address = parts.len() == 4 && parts.iter().all(|part| part.len() <= 3);
    let said: Vec<String> = parts
        .iter()
        .map(|part| {
            if address {
                numbers::digits(part)
            } else {
                numbers::cardinal(part)
            }
        })
        .collect();
    let joined = said.join(if address { " dot " } else { " point " });
    let lead = if marked { "version " } else { "" };
    reader.say(&format!("{lead}{joined}"), end.at);
    if address && port(end).is_some() {
        reader.say("colon", end.at + 1);
    }
    true
}

/// `:8080` behind an address.
fn port(mut cursor: Cursor<'_>) -> Option<&str> {
    cursor.eat(':').then(|| cursor.whole_digits(1, 5)).flatten()
}

/// Numbers that are read digit by digit because of the word before them: ZIP codes, rooms, `911`.
pub fn by_context(reader: &mut Reader<'_>) -> bool {
    let mut cursor = reader.cursor();
    let Some(digits) = cursor.whole_digits(3, 9).filter(|_| cursor.word_ends()) else {
        return false;
    };
    let last = reader.last_written();
    let state = last.len() == 2 && last.bytes().all(|b| b.is_ascii_uppercase());
    let spelled = (digits.len() == 5 && state)
        || matches!(digits, "911" | "411" | "999" if last.eq_ignore_ascii_case("call") || last.eq_ignore_ascii_case("dial"))
        || ["code", "zip", "pin", "otp", "extension"]
            .iter()
            .any(|word| last.eq_ignore_ascii_case(word));
    let grouped = matches!(cursor.peek(), Some(',' | '.'))
        && cursor.second().is_some_and(|c| c.is_ascii_digit());
    if !spelled || grouped {
        return false;
    }
    reader.say(&numbers::digits(digits), cursor.at);
    let mut plus_four = reader.cursor();
    if plus_four.eat('-')
        && let Some(digits) = plus_four.whole_digits(4, 4)
    {
        reader.mark(",", reader.at + 1);
        reader.say(&numbers::digits(digits), plus_four.at);
    }
    true
}
