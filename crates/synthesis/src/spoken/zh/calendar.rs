//! Dates and times of day.

use super::numbers;
use crate::spoken::reader::Reader;
use crate::spoken::wide::clock::{self, Words, value};
use crate::spoken::wide::figures::{digit, digits, few};
use crate::spoken::wide::narrow;

const WORDS: Words = Words {
    hour: |hour, after_noon| {
        let part = match after_noon {
            Some(true) if hour == 12 => "中午 ",
            Some(true) if hour >= 6 => "晚上 ",
            Some(true) => "下午 ",
            Some(false) => "上午 ",
            None => "",
        };
        match hour {
            2 => format!("{part}两点"),
            hour => format!("{part}{}点", numbers::cardinal(hour)),
        }
    },
    minutes: |minutes| match minutes {
        0 => "零分".to_owned(),
        1..10 => format!("零{}分", numbers::cardinal(minutes)),
        minutes => format!("{}分", numbers::cardinal(minutes)),
    },
    seconds: |seconds| format!("{}秒", numbers::cardinal(seconds)),
    until: "到",
    number: numbers::cardinal,
    against: "比",
};

/// Reads a date, a year, a time of day or a ratio.
pub fn read(reader: &mut Reader<'_>) -> bool {
    let cursor = reader.cursor();
    let begins = !cursor
        .before()
        .map(narrow)
        .is_some_and(|c| c.is_ascii_alphanumeric() || c == '.');
    let figure = cursor.peek().and_then(digit).is_some();
    begins
        && figure
        && (date(reader)
            || year(reader)
            || clock::time(reader, &WORDS)
            || clock::ratio(reader, &WORDS))
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
