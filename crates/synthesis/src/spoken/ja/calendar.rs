//! Dates and times of day in figures.

use super::counters::{self, Counter};
use super::numbers;
use crate::spoken::reader::Reader;
use crate::spoken::wide::clock::{self, Words, value};
use crate::spoken::wide::figures::{digit, few};
use crate::spoken::wide::narrow;

const WORDS: Words = Words {
    hour: |hour, after_noon| {
        let part = match after_noon {
            Some(true) => "ゴゴ",
            Some(false) => "ゴゼン",
            None => "",
        };
        format!("{part} {}", counted(hour, "時"))
    },
    minutes: |minutes| counted(minutes, "分"),
    seconds: |seconds| counted(seconds, "秒"),
    until: "カラ",
    number: numbers::cardinal,
    against: "タイ",
};

/// Reads a date, a time of day or a ratio.
pub fn read(reader: &mut Reader<'_>) -> bool {
    let cursor = reader.cursor();
    let begins = !cursor
        .before()
        .map(narrow)
        .is_some_and(|c| c.is_ascii_alphanumeric() || c == '.');
    let figure = cursor.peek().and_then(digit).is_some();
    begins
        && figure
        && (date(reader) || clock::time(reader, &WORDS) || clock::ratio(reader, &WORDS))
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
