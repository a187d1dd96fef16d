//! Dates in figures, and the first of a month.

use super::super::cursor::Cursor;
use super::super::reader::Reader;
use super::{Kind, Romance};

impl Romance {
    fn month(&self, number: u64) -> &'static str {
        let names = self.phrase("months").split(' ');
        let at = usize::try_from(number).unwrap_or(0);
        if at == 0 {
            ""
        } else {
            names.clone().nth(at - 1).unwrap_or("")
        }
    }

    /// `15/03/2024`, `15-3-24`, `15.03.2024`, `2024-03-15`, `15/03`, `1 maggio`.
    pub(super) fn date(&self, reader: &mut Reader<'_>) -> bool {
        let cursor = reader.cursor();
        if !cursor.word_begins() {
            return false;
        }
        let found = year_first(cursor)
            .or_else(|| day_first(cursor))
            .map(|(day, month, year, end)| (self.date_words(day, month, year), end))
            .or_else(|| self.first_of_month(cursor));
        match found {
            Some((words, end)) => reader.say(&words, end.at),
            None => false,
        }
    }

    fn day(&self, day: u64) -> String {
        match (day, self.kind) {
            (1, Kind::Italian | Kind::Portuguese) => self.phrase("first").to_owned(),
            _ => self.cardinal(&day.to_string()),
        }
    }

    fn date_words(&self, day: u64, month: u64, year: Option<&str>) -> String {
        let of = self.phrase("date of");
        let year = match year {
            Some(year) if year.len() == 2 => {
                let century = if year < "50" { "20" } else { "19" };
                format!("{of} {}", self.cardinal(&format!("{century}{year}")))
            }
            Some(year) => format!("{of} {}", self.cardinal(year)),
            None => String::new(),
        };
        format!("{} {of} {} {year}", self.day(day), self.month(month))
    }

    /// `1 maggio`, `1 de maio`: only the day's number.
    fn first_of_month<'t>(&self, cursor: Cursor<'t>) -> Option<(String, Cursor<'t>)> {
        if self.kind == Kind::Spanish {
            return None;
        }
        let mut end = cursor;
        if end.whole_digits(1, 2)? != "1" {
            return None;
        }
        let mut next = end;
        next.blanks();
        let mut word = next.letters();
        if word == "de" {
            next.blanks();
            word = next.letters();
        }
        let word = word.to_lowercase();
        let mut months = self.phrase("months").split(' ');
        months
            .any(|month| month == word)
            .then(|| (self.phrase("first").to_owned(), end))
    }
}

fn valid(day: &str, month: &str) -> Option<(u64, u64)> {
    let (day, month) = (day.parse().ok()?, month.parse().ok()?);
    ((1..=31).contains(&day) && (1..=12).contains(&month)).then_some((day, month))
}

type Date<'t> = (u64, u64, Option<&'t str>, Cursor<'t>);

fn year_first(mut cursor: Cursor<'_>) -> Option<Date<'_>> {
    let year = cursor.whole_digits(4, 4)?;
    let sign = cursor.eat_if(|c| matches!(c, '-' | '/' | '.'))?;
    let month = cursor.whole_digits(2, 2)?;
    if !cursor.eat(sign) {
        return None;
    }
    let day = cursor.whole_digits(2, 2)?;
    let (day, month) = valid(day, month)?;
    cursor
        .word_ends()
        .then_some((day, month, Some(year), cursor))
}

fn day_first(mut cursor: Cursor<'_>) -> Option<Date<'_>> {
    let day = cursor.whole_digits(1, 2)?;
    let sign = cursor.eat_if(|c| matches!(c, '-' | '/' | '.'))?;
    let month = cursor.whole_digits(1, 2)?;
    let (day_number, month_number) = valid(day, month)?;
    let mut end = cursor;
    if end.eat(sign) {
        let year = end
            .whole_digits(4, 4)
            .or_else(|| end.whole_digits(2, 2).filter(|_| sign != '.'));
        return match year {
            Some(year) if end.word_ends() => Some((day_number, month_number, Some(year), end)),
            _ => None,
        };
    }
    // Without a year only what cannot be a fraction.
    let full = sign == '/' && month.len() == 2 && (month.starts_with('0') || day.len() == 2);
    let is_date = full && day.len() == 2 && cursor.word_ends();
    is_date.then_some((day_number, month_number, None, cursor))
}
