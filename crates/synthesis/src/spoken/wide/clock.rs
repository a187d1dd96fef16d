//! Times of day and ratios in figures, which Chinese and Japanese write alike.

use super::figures::few;
use super::narrow;
use crate::spoken::cursor::Cursor;
use crate::spoken::reader::Reader;

/// How a language says them.
pub struct Words {
    /// An hour, with whether it is after noon where that is written.
    pub hour: fn(u64, Option<bool>) -> String,
    /// Minutes behind an hour.
    pub minutes: fn(u64) -> String,
    /// Seconds behind minutes.
    pub seconds: fn(u64) -> String,
    /// Between two times of day.
    pub until: &'static str,
    /// A number of a ratio.
    pub number: fn(u64) -> String,
    /// Between the numbers of a ratio.
    pub against: &'static str,
}

/// The value of few figures.
pub fn value(text: &str) -> u64 {
    text.parse().unwrap_or(u64::MAX)
}

/// Reads a time of day: `9:30`, `09:30:15 pm`, `3 pm`, and the dash of `9:00-17:00`.
pub fn time(reader: &mut Reader<'_>, words: &Words) -> bool {
    let mut cursor = reader.cursor();
    let mut ahead = cursor;
    let (hour, minutes) = match figures(&mut ahead, words) {
        Some(time) => {
            cursor = ahead;
            time
        }
        None => match few(&mut cursor, 1, 2).map(|hour| value(&hour)) {
            Some(hour) if hour <= 12 && half(&mut cursor.clone()).is_some() => {
                (hour, String::new())
            }
            _ => return false,
        },
    };
    let hour = (words.hour)(hour, half(&mut cursor));
    reader.say(&format!("{hour} {minutes}"), cursor.at);
    let mut ahead = cursor;
    ahead.blanks();
    if ahead
        .eat_if(|c| matches!(narrow(c), '-' | '~' | '–' | '—' | '〜'))
        .is_some()
    {
        ahead.blanks();
        if figures(&mut ahead.clone(), words).is_some() {
            return reader.say(words.until, ahead.at);
        }
    }
    true
}

/// An hour, and its minutes and seconds in words: `9:30`, `09:30:15`.
fn figures(cursor: &mut Cursor<'_>, words: &Words) -> Option<(u64, String)> {
    let mut ahead = *cursor;
    let hour = value(&few(&mut ahead, 1, 2)?);
    ahead.eat_if(|c| narrow(c) == ':')?;
    let minute = value(&few(&mut ahead, 2, 2)?);
    if hour > 24 || minute > 59 {
        return None;
    }
    *cursor = ahead;
    let colon = ahead.eat_if(|c| narrow(c) == ':');
    let second = colon.and_then(|_| few(&mut ahead, 2, 2));
    match second
        .map(|second| value(&second))
        .filter(|second| *second < 60)
    {
        Some(second) => {
            *cursor = ahead;
            let (minutes, seconds) = ((words.minutes)(minute), (words.seconds)(second));
            Some((hour, format!("{minutes} {seconds}")))
        }
        None if minute == 0 => Some((hour, String::new())),
        None => Some((hour, (words.minutes)(minute))),
    }
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

/// Reads `3:2`.
pub fn ratio(reader: &mut Reader<'_>, words: &Words) -> bool {
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
    let number = |text: &str| (words.number)(value(text));
    let said = format!("{} {} {}", number(&first), words.against, number(&last));
    reader.say(&said, cursor.at)
}
