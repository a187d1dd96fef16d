//! Times of day: `3:30 pm`, `14:05`, `9:00`, `3pm`, `9-5`, `1:23:45`.

use super::super::cursor::Cursor;
use super::super::reader::Reader;
use super::numbers;

/// Reads a time.
pub fn read(reader: &mut Reader<'_>) -> bool {
    let mut cursor = reader.cursor();
    if !cursor.word_begins() && cursor.before() != Some('T') {
        return false;
    }
    let Some(hour) = cursor.whole_digits(1, 2) else {
        return false;
    };
    let hour_value = numbers::value(hour);
    let mut ahead = cursor;
    let minutes = ahead.eat(':').then(|| ahead.whole_digits(2, 2)).flatten();
    let Some(minutes) = minutes.map(numbers::value).filter(|&minutes| minutes < 60) else {
        // Without minutes only the half of the day makes it a time.
        return match half(&mut cursor) {
            Some(half) if (1..=12).contains(&hour_value) => {
                let words = format!("{} {half}", numbers::below_hundred(hour_value));
                reader.say(&words, cursor.at);
                until(reader);
                true
            }
            _ => false,
        };
    };
    cursor = ahead;
    let mut seconds = None;
    if ahead.eat(':')
        && let Some(digits) = ahead.whole_digits(2, 2)
    {
        seconds = Some(numbers::value(digits));
        cursor = ahead;
        // Fractions of a second are read on as `point five`.
    }
    if hour_value > 24 && seconds.is_some() {
        return false;
    }
    let half = half(&mut cursor);
    let zone = half.is_none() && cursor.peek() == Some('Z');
    if !cursor.word_ends() && !zone {
        return false;
    }
    let mut words = numbers::below_hundred(hour_value % 100);
    match (minutes, seconds, half) {
        (0, None, Some(_)) => {}
        (0, None, None) if (1..=12).contains(&hour_value) => {
            let mut next = cursor;
            next.blanks();
            if !next.rest().starts_with("o'clock") {
                words.push_str(" o'clock");
            }
        }
        (0, None, None) => words.push_str(" hundred"),
        (1..10, ..) => words = format!("{words} oh {}", numbers::below_hundred(minutes)),
        (0, ..) => words.push_str(" oh oh"),
        _ => words = format!("{words} {}", numbers::below_hundred(minutes)),
    }
    if let Some(seconds) = seconds.filter(|&seconds| seconds > 0) {
        let unit = if seconds == 1 { "second" } else { "seconds" };
        words = format!(
            "{words} and {} {unit}",
            numbers::below_hundred(seconds % 100)
        );
    }
    if let Some(half) = half {
        words = format!("{words} {half}");
    }
    reader.say(&words, cursor.at);
    until(reader);
    true
}

/// `am`, `p.m.`: the letters' names. The stop of `p.m.` is left when a sentence may end with it.
fn half(cursor: &mut Cursor<'_>) -> Option<&'static str> {
    let mut ahead = *cursor;
    ahead.blanks();
    let said = match ahead.eat_if(|c| c.is_ascii_alphabetic())? {
        'a' | 'A' => "A M",
        'p' | 'P' => "P M",
        _ => return None,
    };
    let dotted = ahead.eat('.');
    ahead.eat_if(|c| matches!(c, 'm' | 'M'))?;
    if !ahead.word_ends() {
        return None;
    }
    if dotted {
        let mut stop = ahead;
        stop.eat('.');
        let mut next = stop;
        next.blanks();
        // `a.m. EST`: a time zone goes on, a capitalised word begins a sentence.
        let mut word = next;
        let letters = word.letters();
        let zone = letters.len() > 1 && letters.bytes().all(|b| b.is_ascii_uppercase());
        if zone || next.peek().is_some_and(|c| !c.is_uppercase() && c != '\n') {
            ahead = stop;
        }
    }
    *cursor = ahead;
    Some(said)
}

/// A hyphen between two times.
fn until(reader: &mut Reader<'_>) {
    let mut cursor = reader.cursor();
    let Some(sign) = cursor.eat_if(|c| matches!(c, '-' | '–')) else {
        return;
    };
    if cursor.whole_digits(1, 2).is_some() {
        let until = reader.at + sign.len_utf8();
        reader.say("to", until);
    }
}
