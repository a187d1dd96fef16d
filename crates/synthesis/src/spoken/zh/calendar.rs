//! Dates and times of day.

use super::numbers;
use crate::spoken::cursor::Cursor;
use crate::spoken::reader::Reader;
use crate::spoken::wide::figures::{digit, digits, few};
use crate::spoken::wide::narrow;

/// Reads a date, a year, a time of day or a ratio.
pub fn read(reader: &mut Reader<'_>) -> bool {
    let cursor = reader.cursor();
    let begins = !cursor
        .before()
        .map(narrow)
        .is_some_and(|c| c.is_ascii_alphanumeric() || c == '.');
    let figure = cursor.peek().and_then(digit).is_some();
    begins && figure && (date(reader) || year(reader) || clock(reader) || ratio(reader))
}

fn value(text: &str) -> u64 {
    text.parse().unwrap_or(u64::MAX)
}

/// `2024-03-15`, `2024/3/15`, `2024-03`.
fn date(reader: &mut Reader<'_>) -> bool {
    let mut cursor = reader.cursor();
    let Some(year) = few(&mut cursor, 4, 4) else {
        return false;
    };
    let Some(sign) = cursor.eat_if(|c| matches!(narrow(c), '-' | '/' | '.')) else {
        return false;
    };
    let Some(month) = few(&mut cursor, 1, 2).filter(|month| (1..=12).contains(&value(month)))
    else {
        return false;
    };
    let mut ahead = cursor;
    let day = ahead.eat(sign).then(|| few(&mut ahead, 1, 2)).flatten();
    let day = day.filter(|day| (1..=31).contains(&value(day)));
    let head = format!(
        "{}年 {}月",
        numbers::digits(&year),
        numbers::cardinal(value(&month))
    );
    match day {
        Some(day) => reader.say(
            &format!("{head} {}日", numbers::cardinal(value(&day))),
            ahead.at,
        ),
        None => {
            let plain =
                month.len() == 2 && narrow(sign) != '.' && (1000..2100).contains(&value(&year));
            let ends = !cursor
                .peek()
                .is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '/'));
            plain && ends && reader.say(&head, cursor.at)
        }
    }
}

/// `2024年`, `98年`: digit by digit, with the word behind it left for others.
fn year(reader: &mut Reader<'_>) -> bool {
    let mut cursor = reader.cursor();
    let year = digits(&mut cursor);
    let recent = year.len() == 2 && (year.starts_with('0') || year.starts_with('9'));
    let four = year.len() == 4 && (1000..3000).contains(&value(&year));
    let mut ahead = cursor;
    ahead.blanks();
    let is_year = ahead.eat('年') && !(recent && ahead.peek() == Some('代'));
    (four || recent) && is_year && reader.say(&numbers::digits(&year), cursor.at)
}

/// An hour and its minutes: `9:30`, `09:30:15`.
fn time(cursor: &mut Cursor<'_>) -> Option<(u64, String)> {
    let mut ahead = *cursor;
    let hour = value(&few(&mut ahead, 1, 2)?);
    ahead.eat_if(|c| narrow(c) == ':')?;
    let minute = few(&mut ahead, 2, 2)?;
    if hour > 24 || value(&minute) > 59 {
        return None;
    }
    let mut said = match value(&minute) {
        0 => String::new(),
        1..10 => format!("零{}分", numbers::cardinal(value(&minute))),
        minute => format!("{}分", numbers::cardinal(minute)),
    };
    *cursor = ahead;
    if ahead.eat_if(|c| narrow(c) == ':').is_some()
        && let Some(second) = few(&mut ahead, 2, 2).filter(|second| value(second) < 60)
    {
        if said.is_empty() {
            said.push_str("零分");
        }
        said = format!("{said} {}秒", numbers::cardinal(value(&second)));
        *cursor = ahead;
    }
    Some((hour, said))
}

fn clock(reader: &mut Reader<'_>) -> bool {
    let mut cursor = reader.cursor();
    let mut ahead = cursor;
    let (hour, minutes) = match time(&mut ahead) {
        Some(time) => {
            cursor = ahead;
            time
        }
        // `3 pm`.
        None => match few(&mut cursor, 1, 2).map(|hour| value(&hour)) {
            Some(hour) if hour <= 12 && half(&mut cursor.clone()).is_some() => {
                (hour, String::new())
            }
            _ => return false,
        },
    };
    let part = match half(&mut cursor) {
        Some(true) if hour == 12 => "中午 ",
        Some(true) if hour >= 6 => "晚上 ",
        Some(true) => "下午 ",
        Some(false) => "上午 ",
        None => "",
    };
    let hours = if hour == 2 {
        "两".to_owned()
    } else {
        numbers::cardinal(hour)
    };
    reader.say(&format!("{part}{hours}点 {minutes}"), cursor.at);
    // `9:00-17:00`.
    let mut ahead = cursor;
    ahead.blanks();
    if ahead
        .eat_if(|c| matches!(narrow(c), '-' | '~' | '–' | '—'))
        .is_some()
    {
        ahead.blanks();
        if time(&mut ahead.clone()).is_some() {
            return reader.say("到", ahead.at);
        }
    }
    true
}

/// Whether it is before or after noon: `am`, `PM`, `p.m.`.
fn half(cursor: &mut Cursor<'_>) -> Option<bool> {
    let mut ahead = *cursor;
    ahead.blanks();
    let after = match ahead.bump()? {
        'a' | 'A' => false,
        'p' | 'P' => true,
        _ => return None,
    };
    let dotted = ahead.eat('.');
    ahead.eat_if(|c| matches!(c, 'm' | 'M'))?;
    if dotted {
        ahead.eat('.');
    }
    if ahead.peek().is_some_and(|c| c.is_ascii_alphanumeric()) {
        return None;
    }
    *cursor = ahead;
    Some(after)
}

/// `3:2`.
fn ratio(reader: &mut Reader<'_>) -> bool {
    let mut cursor = reader.cursor();
    let first = few(&mut cursor, 1, 4);
    let colon = cursor.eat_if(|c| narrow(c) == ':');
    let last = few(&mut cursor, 1, 4);
    let (Some(first), Some(_), Some(last)) = (first, colon, last) else {
        return false;
    };
    if cursor
        .peek()
        .is_some_and(|c| narrow(c) == ':' || narrow(c) == '.')
    {
        return false;
    }
    let said = format!(
        "{} 比 {}",
        numbers::cardinal(value(&first)),
        numbers::cardinal(value(&last))
    );
    reader.say(&said, cursor.at)
}
