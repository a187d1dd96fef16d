//! Dates and times of day.

use super::super::cursor::Cursor;
use super::super::reader::Reader;
use super::digits;
use super::{Time, Tongue};

/// Dates in digits, the day first: `15/03/2024`, `2024-03-15`.
pub(super) fn numeric(reader: &mut Reader<'_>, tongue: &dyn Tongue) -> bool {
    let mut cursor = reader.cursor();
    if !cursor.word_begins() {
        return false;
    }
    let found = year_first(&mut cursor).or_else(|| day_first(&mut cursor));
    let Some((year, month, day)) = found else {
        return false;
    };
    let Some(month) = tongue
        .tables()
        .month(month)
        .filter(|_| (1..=31).contains(&day))
    else {
        return false;
    };
    let words = format!("{} {month} {}", tongue.day(day), tongue.year(year));
    reader.say(&words, cursor.at)
}

fn year_first(cursor: &mut Cursor<'_>) -> Option<(u64, u64, u64)> {
    let mut ahead = *cursor;
    let year = digits::whole(&mut ahead, 4, 4)?;
    let sign = ahead.eat_if(|c| matches!(c, '-' | '/' | '.'))?;
    let month = digits::whole(&mut ahead, 1, 2)?;
    ahead.eat(sign).then_some(())?;
    let day = digits::whole(&mut ahead, 1, 2)?;
    // `2024-03-15T10:00`: the time is read next.
    let mut time = ahead;
    if time.eat('T') && time.peek().is_some_and(|c| c.is_ascii_digit()) {
        ahead = time;
    }
    *cursor = ahead;
    Some((
        digits::number(&year),
        digits::number(&month),
        digits::number(&day),
    ))
}

fn day_first(cursor: &mut Cursor<'_>) -> Option<(u64, u64, u64)> {
    let mut ahead = *cursor;
    let day = digits::number(&digits::whole(&mut ahead, 1, 2)?);
    let sign = ahead.eat_if(|c| matches!(c, '-' | '/' | '.'))?;
    let month = digits::number(&digits::whole(&mut ahead, 1, 2)?);
    ahead.eat(sign).then_some(())?;
    let year = digits::whole(&mut ahead, 2, 4).filter(|year| year.len() != 3)?;
    if !digits::ends(&ahead) || (year.len() == 2 && sign != '/') {
        return None;
    }
    let more = ahead.peek() == Some(sign) && ahead.second().and_then(digits::value).is_some();
    if more {
        return None;
    }
    let year = match (year.len(), digits::number(&year)) {
        (2, n) if n < 70 => 2000 + n,
        (2, n) => 1900 + n,
        (_, n) => n,
    };
    *cursor = ahead;
    // Who writes the month first shows it by a day above twelve.
    Some(if month > 12 {
        (year, day, month)
    } else {
        (year, month, day)
    })
}

/// `14:30`, `14 h 30`, `9h`, `3:30 pm`.
pub(super) fn clock(reader: &mut Reader<'_>, tongue: &dyn Tongue) -> bool {
    let mut cursor = reader.cursor();
    if !cursor.word_begins() && cursor.before() != Some('T') {
        return false;
    }
    let Some(time) = time(&mut cursor, tongue) else {
        return false;
    };
    reader.say(&tongue.clock(time), cursor.at);
    let mut ahead = reader.cursor();
    if let Some(sign) = ahead.eat_if(|c| matches!(c, '-' | '–'))
        && time_behind(ahead, tongue)
    {
        let until = reader.at + sign.len_utf8();
        reader.say(tongue.tables().name("to"), until);
    }
    true
}

fn time_behind(mut cursor: Cursor<'_>, tongue: &dyn Tongue) -> bool {
    time(&mut cursor, tongue).is_some()
}

fn time(cursor: &mut Cursor<'_>, tongue: &dyn Tongue) -> Option<Time> {
    let mut ahead = *cursor;
    let hour = digits::number(&digits::whole(&mut ahead, 1, 2)?);
    let mut time = Time {
        hour,
        minute: 0,
        second: None,
        evening: None,
    };
    let mut behind = ahead;
    if behind.eat(':') {
        time.minute = digits::number(&digits::whole(&mut behind, 2, 2)?);
        let mut seconds = behind;
        if seconds.eat(':')
            && let Some(digits) = digits::whole(&mut seconds, 2, 2)
        {
            time.second = Some(digits::number(&digits));
            behind = seconds;
        }
        time.evening = half(&mut behind);
    } else {
        let letter = tongue.tables().name("hour_letter");
        behind.blanks();
        if !letter.is_empty() && behind.eat_str(letter) {
            let mut minutes = behind;
            minutes.blanks();
            if let Some(digits) = digits::whole(&mut minutes, 2, 2) {
                time.minute = digits::number(&digits);
                minutes.take(3, |c| matches!(c, 'm' | 'i' | 'n'));
                behind = minutes;
            }
        } else {
            behind = ahead;
            time.evening = Some(half(&mut behind)?);
        }
    }
    if hour > 24 || time.minute > 59 || time.second > Some(59) {
        return None;
    }
    if !digits::ends(&behind) && !behind.rest().starts_with('Z') {
        return None;
    }
    *cursor = behind;
    Some(time)
}

/// `am`, `p.m.`.
fn half(cursor: &mut Cursor<'_>) -> Option<bool> {
    let mut ahead = *cursor;
    ahead.blanks();
    let evening = matches!(ahead.eat_if(|c| "aApP".contains(c))?, 'p' | 'P');
    let dotted = ahead.eat('.');
    ahead.eat_if(|c| matches!(c, 'm' | 'M'))?;
    if !digits::ends(&ahead) {
        return None;
    }
    if dotted {
        let mut stop = ahead;
        stop.eat('.');
        let mut next = stop;
        next.blanks();
        if next.peek().is_some_and(|c| !c.is_uppercase() && c != '\n') {
            ahead = stop;
        }
    }
    *cursor = ahead;
    Some(evening)
}

/// `15 mars`: a day before a month.
pub(super) fn day_before(reader: &mut Reader<'_>, tongue: &dyn Tongue) -> bool {
    let mut cursor = reader.cursor();
    if !cursor.word_begins() {
        return false;
    }
    let Some(day) = digits::whole(&mut cursor, 1, 2).map(|day| digits::number(&day)) else {
        return false;
    };
    let until = cursor.at;
    let blanks = cursor.blanks();
    let fits = blanks > 0 && (1..=31).contains(&day) && month_at(cursor, tongue);
    fits && reader.say(&tongue.day(day), until)
}

fn month_at(mut cursor: Cursor<'_>, tongue: &dyn Tongue) -> bool {
    let written = word(&mut cursor);
    let calendar = &tongue.tables().calendar;
    let small = written.to_lowercase();
    calendar
        .get(written)
        .or_else(|| calendar.get(small.as_str()))
        .is_some_and(|(_, month)| *month > 0)
}

fn word<'a>(cursor: &mut Cursor<'a>) -> &'a str {
    cursor.take(16, |c| {
        c.is_alphabetic() || matches!(c, '\u{900}'..='\u{963}')
    })
}

/// A month or a day of the week by name, or shortened with a stop, and the year behind a month.
pub(super) fn named(reader: &mut Reader<'_>, tongue: &dyn Tongue) -> bool {
    let mut cursor = reader.cursor();
    if !cursor.word_begins() {
        return false;
    }
    let written = word(&mut cursor);
    let small = written.to_lowercase();
    let calendar = &tongue.tables().calendar;
    let Some(&(name, month)) = calendar
        .get(written)
        .or_else(|| calendar.get(small.as_str()))
    else {
        return false;
    };
    if !digits::ends(&cursor) {
        return false;
    }
    let short = small != name.to_lowercase();
    let mut stop = cursor;
    let dotted = stop.eat('.');
    if short {
        // A short form is one by the figure before it or behind it: *mer.* may be the sea.
        let after_figure = reader
            .last_written()
            .ends_with(|c: char| digits::value(c).is_some());
        let mut figure = stop;
        figure.blanks();
        let before_figure = dotted && figure.peek().and_then(digits::value).is_some();
        let is_date = before_figure || (after_figure && month > 0);
        if !is_date {
            return false;
        }
        if dotted {
            let mut next = stop;
            next.blanks();
            let ends = next.peek().is_none_or(|c| c.is_uppercase() || c == '\n');
            cursor = if ends { cursor } else { stop };
        }
        reader.say(name, cursor.at);
    } else {
        let as_written = written.to_owned();
        reader.say(&as_written, cursor.at);
    }
    if month > 0 {
        year_behind(reader, tongue);
    }
    true
}

fn year_behind(reader: &mut Reader<'_>, tongue: &dyn Tongue) {
    let mut cursor = reader.cursor();
    let comma = cursor.eat(',');
    if cursor.blanks() == 0 {
        return;
    }
    let from = cursor.at;
    let Some(year) = digits::whole(&mut cursor, 4, 4) else {
        return;
    };
    if !digits::ends(&cursor) {
        return;
    }
    if comma {
        let until = reader.at + 1;
        reader.mark(",", until);
    }
    reader.say_at(&tongue.year(digits::number(&year)), from..cursor.at);
    reader.at = cursor.at;
}
