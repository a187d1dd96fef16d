//! Dates: `2024-03-15`, `3/15/24`, `March 15, 2024`, `15 Mar`, `the 1990s`, `Mon-Fri`.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::super::cursor::Cursor;
use super::super::reader::Reader;
use super::super::tables;
use super::numbers;

/// As written to what is said and the month's number (0 for a day of the week).
static NAMES: LazyLock<HashMap<&str, (&str, usize)>> = LazyLock::new(|| {
    tables::rows(include_str!("../../../data/spoken/en/calendar.tsv"))
        .filter_map(|row| {
            Some((
                *row.first()?,
                (*row.get(1)?, row.get(2)?.parse().unwrap_or(0)),
            ))
        })
        .collect()
});

/// What a month's number is called.
fn month_name(month: usize) -> Option<&'static str> {
    NAMES
        .values()
        .find(|(_, number)| *number == month && month > 0)
        .map(|(name, _)| *name)
}

/// A day in words: `fifteenth`.
fn day(day: usize) -> String {
    numbers::ordinal(&numbers::below_hundred(day))
}

/// Dates in digits. `day_first` decides about `3/4/2024`.
pub fn numeric(reader: &mut Reader<'_>, day_first: bool) -> bool {
    let mut cursor = reader.cursor();
    if !cursor.word_begins() || !cursor.peek().is_some_and(|c| c.is_ascii_digit()) {
        return false;
    }
    let Some(words) = iso(&mut cursor).or_else(|| slashed(&mut cursor, day_first)) else {
        return false;
    };
    reader.say(&words, cursor.at)
}

fn iso(cursor: &mut Cursor<'_>) -> Option<String> {
    let mut ahead = *cursor;
    let year = numbers::value(ahead.whole_digits(4, 4)?);
    let separator = ahead.eat_if(|c| matches!(c, '-' | '/' | '.'))?;
    let month = month_name(numbers::value(ahead.whole_digits(1, 2)?))?;
    if !ahead.eat(separator) {
        return None;
    }
    let number = numbers::value(ahead.whole_digits(1, 2)?);
    // `2024-03-15T10:00Z`: the time is read next.
    let mut time = ahead;
    if time.eat('T') && time.peek().is_some_and(|c| c.is_ascii_digit()) {
        ahead = time;
    } else if !ahead.word_ends() {
        return None;
    }
    *cursor = ahead;
    (1..=31)
        .contains(&number)
        .then(|| format!("{month} {} , {}", day(number), numbers::year(year)))
}

fn slashed(cursor: &mut Cursor<'_>, day_first: bool) -> Option<String> {
    let mut ahead = *cursor;
    let first = numbers::value(ahead.whole_digits(1, 2)?);
    let separator = ahead.eat_if(|c| matches!(c, '/' | '.' | '-'))?;
    let second = numbers::value(ahead.whole_digits(1, 2)?);
    if !ahead.eat(separator) {
        return None;
    }
    let year = ahead.whole_digits(2, 4).filter(|year| year.len() != 3)?;
    if !ahead.word_ends() || (separator != '/' && year.len() == 2) {
        return None;
    }
    let more = ahead.peek() == Some(separator) && ahead.second().is_some_and(char::is_numeric);
    // Points are of countries that put the day first.
    let swap = day_first || separator == '.' || first > 12;
    let (month, number) = if swap && second <= 12 {
        (second, first)
    } else {
        (first, second)
    };
    if more || !(1..=31).contains(&number) {
        return None;
    }
    let year = match (year.len(), numbers::value(year)) {
        (2, n) if n < 70 => 2000 + n,
        (2, n) => 1900 + n,
        (_, n) => n,
    };
    let words = format!(
        "{} {} , {}",
        month_name(month)?,
        day(number),
        numbers::year(year)
    );
    *cursor = ahead;
    Some(words)
}

/// A month or day by name, with the days and the year around it: each with its own place.
pub fn named(reader: &mut Reader<'_>) -> bool {
    let mut cursor = reader.cursor();
    if !cursor.word_begins() {
        return false;
    }
    let written = cursor.letters();
    let Some(&(name, month)) = NAMES.get(written) else {
        return false;
    };
    let short = written.len() < name.len();
    let mut behind = cursor;
    let dotted = short && behind.eat('.');
    let more = behind.peek();
    if !cursor.word_ends() || matches!(cursor.peek(), Some('\'' | '’')) {
        return false;
    }
    if month == 0 || name == "May" && !short {
        // `Sun` and `Sat` are words too: only with a stop, a comma or in a span of days.
        let spans = matches!(more, Some('-' | '–' | ',' | '/'))
            || matches!(cursor.before(), Some('-' | '–' | '/'));
        if short && month == 0 && !dotted && !spans && matches!(written, "Sun" | "Sat" | "Wed") {
            return false;
        }
    }
    let mut day_at = if dotted { behind } else { cursor };
    day_at.blanks();
    let has_day = day_at.peek().is_some_and(|c| c.is_ascii_digit());
    if matches!(written, "Mar" | "Jan" | "Jun" | "Dec") && !dotted && !has_day {
        let after_day = reader
            .last_written()
            .starts_with(|c: char| c.is_ascii_digit());
        if !after_day && written != "Dec" {
            return false;
        }
    }
    let dot_ends = dotted && {
        let mut next = behind;
        next.blanks();
        next.peek().is_none_or(|c| c.is_uppercase() || c == '\n')
    };
    reader.say(
        name,
        if dotted && !dot_ends {
            behind.at
        } else {
            cursor.at
        },
    );
    span_sign(reader);
    if month > 0 {
        day_behind(reader);
    }
    true
}

/// `-` between days or months.
fn span_sign(reader: &mut Reader<'_>) {
    let mut cursor = reader.cursor();
    let sign = cursor.eat_if(|c| matches!(c, '-' | '–'));
    if sign.is_some() && NAMES.contains_key(cursor.letters()) {
        let until = reader.at + sign.map_or(1, char::len_utf8);
        reader.say("to", until);
    }
}

/// ` 15th, 2024` behind a month.
fn day_behind(reader: &mut Reader<'_>) {
    let mut cursor = reader.cursor();
    if cursor.blanks() == 0 {
        return;
    }
    let from = cursor.at;
    let Some(number) = cursor.whole_digits(1, 2).map(numbers::value) else {
        return;
    };
    suffix(&mut cursor);
    let clock = matches!(cursor.peek(), Some(':' | '%' | '/'));
    if !cursor.word_ends() || clock || !(1..=31).contains(&number) {
        return;
    }
    let mut words = day(number);
    let mut ahead = cursor;
    if ahead.eat_if(|c| matches!(c, '-' | '–')).is_some()
        && let Some(last) = ahead.whole_digits(1, 2).map(numbers::value)
        && (1..=31).contains(&last)
    {
        suffix(&mut ahead);
        words = format!("{words} to {}", day(last));
        cursor = ahead;
    }
    reader.say_at(&words, from..cursor.at);
    reader.at = cursor.at;
    let mut ahead = cursor;
    let comma = ahead.eat(',');
    if ahead.blanks() > 0
        && let from = ahead.at
        && let Some(year) = ahead.whole_digits(4, 4)
        && ahead.word_ends()
    {
        if comma {
            reader.mark(",", cursor.at + 1);
        }
        reader.say_at(&numbers::year(numbers::value(year)), from..ahead.at);
        reader.at = ahead.at;
    }
}

/// `st`, `nd`, `rd`, `th` behind a day.
pub fn suffix(cursor: &mut Cursor<'_>) -> bool {
    let mut ahead = *cursor;
    let letters = ahead.letters();
    let is = ["st", "nd", "rd", "th"]
        .iter()
        .any(|s| letters.eq_ignore_ascii_case(s));
    if is && ahead.word_ends() {
        *cursor = ahead;
    }
    is
}

/// `15 March`: the day is an ordinal.
pub fn day_before(reader: &mut Reader<'_>) -> bool {
    let mut cursor = reader.cursor();
    let Some(number) = cursor.whole_digits(1, 2).map(numbers::value) else {
        return false;
    };
    let until = cursor.at;
    let blanks = cursor.blanks();
    let is_month = NAMES
        .get(cursor.letters())
        .is_some_and(|(_, month)| *month > 0);
    let fits = blanks == 1 && is_month && cursor.word_ends() && (1..=31).contains(&number);
    let the = if reader.last_written().eq_ignore_ascii_case("the") {
        ""
    } else {
        "the"
    };
    fits && reader.say(&format!("{the} {} of", day(number)), until)
}

/// `1990s`, `'90s`, `80s`.
pub fn decade(reader: &mut Reader<'_>) -> bool {
    let mut cursor = reader.cursor();
    if !cursor.word_begins() {
        return false;
    }
    cursor.eat_if(|c| matches!(c, '\'' | '’' | '‘'));
    let Some(digits) = cursor
        .whole_digits(2, 4)
        .filter(|digits| digits.ends_with('0'))
    else {
        return false;
    };
    cursor.eat_if(|c| matches!(c, '\'' | '’'));
    let number = numbers::value(digits);
    let fits = match digits.len() {
        2 => number >= 20,
        _ => (1100..2100).contains(&number),
    };
    if !fits || !cursor.eat('s') || !cursor.word_ends() {
        return false;
    }
    let words = if digits.len() == 2 {
        numbers::below_hundred(number)
    } else {
        numbers::year(number)
    };
    reader.say(&numbers::plural(&words), cursor.at)
}
