//! Dates and times of day in figures.

use super::counters::{self, Counter};
use super::numbers;
use crate::spoken::cursor::Cursor;
use crate::spoken::reader::Reader;
use crate::spoken::wide::figures::{digit, few};
use crate::spoken::wide::narrow;

/// Reads a date, a time of day or a ratio.
pub fn read(reader: &mut Reader<'_>) -> bool {
    let cursor = reader.cursor();
    let begins = !cursor
        .before()
        .map(narrow)
        .is_some_and(|c| c.is_ascii_alphanumeric() || c == '.');
    let figure = cursor.peek().and_then(digit).is_some();
    begins && figure && (date(reader) || clock(reader) || ratio(reader))
}

fn value(text: &str) -> u64 {
    text.parse().unwrap_or(u64::MAX)
}

fn counted(value: u64, counter: &str) -> String {
    let counter: Option<&Counter> = counters::at(counter).map(|(_, counter)| counter);
    counter.map_or_else(
        || numbers::cardinal(value),
        |counter| counter.counting(value),
    )
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
        "{} {}",
        counted(value(&year), "年"),
        counted(value(&month), "月")
    );
    match day {
        Some(day) => reader.say(&format!("{head} {}", counted(value(&day), "日")), ahead.at),
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

/// An hour and its minutes: `9:30`, `09:30:15`.
fn time(cursor: &mut Cursor<'_>) -> Option<(u64, String)> {
    let mut ahead = *cursor;
    let hour = value(&few(&mut ahead, 1, 2)?);
    ahead.eat_if(|c| narrow(c) == ':')?;
    let minute = value(&few(&mut ahead, 2, 2)?);
    if hour > 24 || minute > 59 {
        return None;
    }
    let mut said = match minute {
        0 => String::new(),
        minute => counted(minute, "分"),
    };
    *cursor = ahead;
    if ahead.eat_if(|c| narrow(c) == ':').is_some()
        && let Some(second) = few(&mut ahead, 2, 2)
            .map(|second| value(&second))
            .filter(|second| *second < 60)
    {
        if said.is_empty() {
            said = counted(0, "分");
        }
        said = format!("{said} {}", counted(second, "秒"));
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
        Some(true) => "ゴゴ",
        Some(false) => "ゴゼン",
        None => "",
    };
    reader.say(
        &format!("{part} {} {minutes}", counted(hour, "時")),
        cursor.at,
    );
    // `9:00-17:00`.
    let mut ahead = cursor;
    ahead.blanks();
    if ahead
        .eat_if(|c| matches!(narrow(c), '-' | '~' | '–' | '—' | '〜'))
        .is_some()
    {
        ahead.blanks();
        if time(&mut ahead.clone()).is_some() {
            return reader.say("カラ", ahead.at);
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
        "{} タイ {}",
        numbers::cardinal(value(&first)),
        numbers::cardinal(value(&last))
    );
    reader.say(&said, cursor.at)
}
