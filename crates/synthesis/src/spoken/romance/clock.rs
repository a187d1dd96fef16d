//! Times of day.

use super::super::cursor::Cursor;
use super::super::reader::Reader;
use super::{Gender, Kind, Romance};

impl Romance {
    /// `15:30`, `9:05 a. m.`, `15h30`, `10:15:30`; in Italian also `alle 15.30`.
    pub(super) fn time(&self, reader: &mut Reader<'_>) -> bool {
        let mut cursor = reader.cursor();
        if !cursor.word_begins() {
            return false;
        }
        let point = self.kind == Kind::Italian && {
            let last = reader.last_written().to_lowercase();
            self.phrase("before time")
                .split(' ')
                .any(|word| word == last)
        };
        let Some(hour) = cursor.whole_digits(1, 2) else {
            return false;
        };
        let sign = cursor.eat_if(|c| matches!(c, ':' | 'h' | 'H') || (point && c == '.'));
        let minute = sign.and_then(|_| cursor.whole_digits(2, 2));
        let (Some(sign), Some(minute)) = (sign, minute) else {
            return false;
        };
        let hours: u64 = hour.parse().unwrap_or(99);
        if hours > 24 || minute > "59" {
            return false;
        }
        let mut second = None;
        let mut end = cursor;
        if sign == ':' && end.eat(':') {
            second = end.whole_digits(2, 2).filter(|second| *second < "60");
            if second.is_none() {
                return false;
            }
        } else {
            end = cursor;
        }
        if !cursor.word_ends() && !cursor.rest().starts_with(['h', 'a', 'p', 'A', 'P']) {
            return false;
        }
        let mut words = self.hour(hours, minute == "00" && second.is_none());
        if minute != "00" || second.is_some() {
            let minutes = self.cardinal(minute.trim_start_matches('0'));
            let minutes = if minutes.is_empty() {
                self.cardinal("0")
            } else {
                minutes
            };
            words = format!("{words} {} {minutes}", self.phrase("and"));
        }
        if let Some(second) = second {
            let plain = second.trim_start_matches('0');
            let seconds = self.cardinal(if plain.is_empty() { "0" } else { plain });
            words = format!(
                "{words} {} {seconds} {}",
                self.phrase("and"),
                self.phrase("seconds")
            );
        }
        let mut cursor = end;
        if let Some((half, after)) = self.half_of_day(cursor, hours) {
            words = format!("{words} {half}");
            cursor = after;
        } else {
            // `15:30 h`.
            let mut ahead = cursor;
            ahead.blanks();
            let marked = ahead.eat_str("hrs") || ahead.eat_str("h");
            if marked && ahead.word_ends() {
                cursor = ahead;
                if minute == "00" && self.kind != Kind::Portuguese {
                    words = format!("{words} {}", self.phrase("hours"));
                }
            }
        }
        reader.say(&words, cursor.at)
    }

    /// An hour; a full one has its noun in Portuguese.
    fn hour(&self, hours: u64, full: bool) -> String {
        let words = self.counting(&hours.to_string(), Gender::Feminine);
        match (full, self.kind) {
            (true, Kind::Portuguese) if hours == 1 => format!("{words} {}", self.phrase("hour")),
            (true, Kind::Portuguese) => format!("{words} {}", self.phrase("hours")),
            _ => words,
        }
    }

    /// `a. m.`, `p.m.`, `PM`: in the morning, in the afternoon, at night.
    fn half_of_day<'t>(
        &self,
        mut cursor: Cursor<'t>,
        hours: u64,
    ) -> Option<(&'static str, Cursor<'t>)> {
        cursor.blanks();
        let half = cursor.eat_if(|c| "aApP".contains(c))?.to_ascii_lowercase();
        let dotted = cursor.eat('.');
        if dotted {
            cursor.blanks();
        }
        cursor.eat_if(|c| matches!(c, 'm' | 'M'))?;
        if !cursor.word_ends() {
            return None;
        }
        if dotted {
            let mut ahead = cursor;
            ahead.eat('.');
            let mut next = ahead;
            // The stop is also the sentence's where a capital or nothing follows.
            next.blanks();
            if next.peek().is_some_and(|c| !c.is_uppercase() && c != '\n') {
                cursor = ahead;
            }
        }
        let said = match (half, hours) {
            ('a', _) => self.phrase("am"),
            (_, 8..12) => self.phrase("night"),
            _ => self.phrase("pm"),
        };
        Some((said, cursor))
    }
}
