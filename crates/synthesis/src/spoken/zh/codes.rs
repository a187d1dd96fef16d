//! Telephone numbers, versions, addresses of machines, models: digits one by one.

use super::numbers;
use crate::spoken::cursor::Cursor;
use crate::spoken::reader::Reader;
use crate::spoken::wide::figures::{digit, digits};
use crate::spoken::wide::narrow;

/// Words after which digits are a number to dial or to type.
const BEFORE: [&str; 12] = [
    "电话",
    "手机",
    "号码",
    "拨打",
    "致电",
    "房间",
    "密码",
    "验证码",
    "编号",
    "热线",
    "電話",
    "房",
];

/// Reads a code.
pub fn read(reader: &mut Reader<'_>) -> bool {
    let cursor = reader.cursor();
    if !matches!(cursor.peek().map(narrow), Some('0'..='9' | '+' | '(' | '-')) {
        return false;
    }
    let behind = cursor.before().map(narrow);
    if behind.is_some_and(|c| c.is_ascii_digit()) {
        return false;
    }
    model(reader, behind) || telephone(reader) || dotted(reader)
}

/// `GPT-4`, `A4`, `B737`: behind a letter.
fn model(reader: &mut Reader<'_>, behind: Option<char>) -> bool {
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
        Ok(value) if number.len() < 3 && !number.starts_with('0') => numbers::cardinal(value),
        _ => spaced(&number),
    };
    reader.say(&said, cursor.at)
}

fn spaced(number: &str) -> String {
    let said: Vec<String> = number
        .as_bytes()
        .chunks(4)
        .map(|group| numbers::digits(&String::from_utf8_lossy(group)))
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

fn telephone(reader: &mut Reader<'_>) -> bool {
    let mut cursor = reader.cursor();
    let Some((plus, groups)) = groups(&mut cursor) else {
        return false;
    };
    if reader.text[..cursor.at].ends_with(['-', ' ', '–', '－']) {
        return false;
    }
    let all: String = groups.concat();
    let first = groups[0].as_str();
    let mobile = all.len() == 11 && all.starts_with('1') && !all[1..].starts_with(['0', '1', '2']);
    let fixed = groups.len() > 1 && first.starts_with('0') && (10..=12).contains(&all.len());
    let free = groups.len() == 3 && matches!(first, "400" | "800") && all.len() == 10;
    let abroad = plus && (8..=15).contains(&all.len());
    let before = reader.text[..reader.at].trim_end_matches([' ', ':', '：', '是', '为', '為']);
    let named = (3..=20).contains(&all.len())
        && groups.len() < 5
        && BEFORE.iter().any(|word| before.ends_with(word));
    let short = groups.len() == 1
        && matches!(
            first,
            "110" | "119" | "120" | "122" | "12306" | "12345" | "10086" | "10010" | "911"
        );
    let ends = !matches!(cursor.peek().map(narrow), Some('.' | ',' | '%' | '/' | ':')) || {
        let mut ahead = cursor;
        ahead.bump();
        ahead.peek().and_then(digit).is_none()
    };
    if !ends || !(mobile || fixed || free || abroad || named || short) {
        return false;
    }
    let said = if mobile && groups.len() == 1 {
        numbers::telephone(&all, &[3, 4, 4])
    } else {
        let said: Vec<String> = groups
            .iter()
            .map(|group| numbers::telephone(group, &[4]))
            .collect();
        said.join(" ")
    };
    let plus = if plus { "加 " } else { "" };
    reader.say(&format!("{plus}{said}"), cursor.at)
}

/// `192.168.1.1`, `3.14.1`: with two points or more.
fn dotted(reader: &mut Reader<'_>) -> bool {
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
        parts.push(numbers::digits(&part));
        cursor = ahead;
    }
    parts.len() > 2
        && cursor.peek().and_then(digit).is_none()
        && reader.say(&parts.join(" 点 "), cursor.at)
}
