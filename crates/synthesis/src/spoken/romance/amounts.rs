//! Amounts: numbers with decimals, units, percent, ranges, and nouns they count.

use super::super::cursor::Cursor;
use super::super::reader::Reader;
use super::{Counted, Gender, Kind, Romance};

/// A number as written: `1.234,50`.
#[derive(Debug, Clone)]
pub(super) struct Number {
    /// Digits before the decimal sign, without separators.
    pub whole: String,
    /// The decimal sign and the digits behind it.
    pub fraction: Option<(char, String)>,
}

impl Number {
    /// Reads one. Three digits behind a point are thousands; so are those behind commas where
    /// another group or a point follows.
    pub fn take(cursor: &mut Cursor<'_>) -> Option<Self> {
        let first = cursor.digits(usize::MAX);
        if first.is_empty() {
            return None;
        }
        let mut whole = first.to_owned();
        let mut separator = None;
        while first.len() <= 3 && !first.starts_with('0') {
            let mut ahead = *cursor;
            let fits = |c: char| match separator {
                Some(separator) => c == separator,
                None => matches!(
                    c,
                    '.' | ',' | ' ' | '\u{202f}' | '\u{a0}' | '\u{2009}' | '\''
                ),
            };
            let Some(sign) = ahead.eat_if(fits) else {
                break;
            };
            let Some(group) = ahead.whole_digits(3, 3) else {
                break;
            };
            // One comma is decimal; one blank parts two numbers unless it is a narrow one.
            let again = ahead.rest().starts_with(sign)
                && ahead.rest()[sign.len_utf8()..].starts_with(|c: char| c.is_ascii_digit());
            let alone = separator.is_none() && matches!(sign, ',') && !again;
            if alone && !ahead.rest().starts_with('.') {
                break;
            }
            separator = Some(sign);
            whole.push_str(group);
            *cursor = ahead;
        }
        let mut ahead = *cursor;
        let mut fraction = None;
        if let Some(sign) = ahead.eat_if(|c| matches!(c, ',' | '.') && separator != Some(c)) {
            let digits = ahead.digits(usize::MAX);
            if !digits.is_empty() {
                fraction = Some((sign, digits.to_owned()));
                *cursor = ahead;
            }
        }
        Some(Self { whole, fraction })
    }

    pub fn is_one(&self) -> bool {
        self.whole == "1" && self.fraction.is_none()
    }
}

impl Romance {
    /// A number by itself.
    pub(super) fn number(&self, number: &Number) -> String {
        self.number_of(number, None)
    }

    fn number_of(&self, number: &Number, gender: Option<Gender>) -> String {
        let whole = match gender {
            Some(gender) if number.fraction.is_none() => self.counting(&number.whole, gender),
            _ => self.cardinal(&number.whole),
        };
        match &number.fraction {
            Some((sign, digits)) => {
                let point = match sign {
                    ',' => self.number_word_point(),
                    _ => self.phrase("dot"),
                };
                let zeros = digits.len() - digits.trim_start_matches('0').len();
                let tail = match digits.len() {
                    1..3 if zeros == 0 => self.cardinal(digits),
                    _ => self.digits(digits),
                };
                format!("{whole} {point} {tail}")
            }
            None => whole,
        }
    }

    fn number_word_point(&self) -> &'static str {
        self.numbers.get("point").copied().unwrap_or("")
    }

    /// A number of something: *un kilómetro, dos coma cinco kilos, un millón de euros*.
    pub(super) fn number_with(&self, number: &Number, (one, many, gender): Counted) -> String {
        let noun = if number.is_one() { one } else { many };
        // `2 M de ...`: scales take the masculine.
        let of = match number.fraction {
            None => self.of_millions(&number.whole),
            Some(_) => "",
        };
        format!("{} {of} {noun}", self.number_of(number, Some(gender)))
    }

    /// A unit at a place, where it ends.
    pub(super) fn unit<'t>(&self, cursor: Cursor<'t>) -> Option<(Counted, Cursor<'t>)> {
        let mut start = cursor;
        let gap = start.blanks();
        self.units.at(start.rest()).find_map(|(sign, unit)| {
            let mut end = start;
            end.eat_str(sign);
            let letters = sign.ends_with(char::is_alphabetic);
            let ends = !letters || end.word_ends();
            // `5 a`, `3 m`: letters far away are no units.
            let near = gap < 2 && !(letters && end.rest().starts_with(['\'', '’']));
            (ends && near).then_some((*unit, end))
        })
    }

    /// Any number, with what it counts.
    pub(super) fn amount(&self, reader: &mut Reader<'_>) -> bool {
        let mut cursor = reader.cursor();
        let begins = cursor.word_begins();
        let apart = cursor
            .before()
            .is_none_or(|c| c.is_whitespace() || "([{<\"“«'‘:;=/*".contains(c));
        let minus = apart && cursor.eat_if(|c| matches!(c, '-' | '−')).is_some();
        let plus = apart && !minus && cursor.eat('+');
        let Some(number) = Number::take(&mut cursor) else {
            return false;
        };
        let sign = if minus {
            self.numbers.get("minus").copied().unwrap_or("")
        } else if plus {
            self.symbols.get(&'+').copied().unwrap_or("")
        } else {
            ""
        };
        if let Some((unit, end)) = self.unit(cursor) {
            return reader.say(
                &format!("{sign} {}", self.number_with(&number, unit)),
                end.at,
            );
        }
        // `5-10 km`: the first of a range.
        let mut ahead = cursor;
        let dash = ahead.eat_if(|c| matches!(c, '-' | '–')).is_some();
        if begins && dash && ahead.peek().is_some_and(|c| c.is_ascii_digit()) {
            let words = format!("{sign} {}", self.number(&number));
            reader.say(&words, cursor.at);
            return reader.say(self.phrase("to"), ahead.at);
        }
        // `2x4`.
        let mut ahead = cursor;
        ahead.blanks();
        let times = ahead.eat_if(|c| matches!(c, 'x' | 'X')).is_some();
        ahead.blanks();
        if times && ahead.peek().is_some_and(|c| c.is_ascii_digit()) {
            let words = format!("{} {}", self.number(&number), self.symbols[&'×']);
            return reader.say(&words, ahead.at);
        }
        let words = match self.noun_behind(cursor) {
            Some(gender) if begins => self.number_of(&number, Some(gender)),
            _ => self.number(&number),
        };
        reader.say(&format!("{sign} {words}"), cursor.at)
    }

    /// The gender of a noun right behind a number, as far as its ending tells.
    fn noun_behind(&self, cursor: Cursor<'_>) -> Option<Gender> {
        let mut ahead = cursor;
        if ahead.blanks() != 1 {
            return None;
        }
        let word = ahead.take(24, |c| c.is_alphabetic() && c.is_lowercase());
        if word.chars().count() < 3 || !ahead.word_ends() || self.shouted.contains(word) {
            return None;
        }
        let stem = word.strip_suffix('s').unwrap_or(word);
        let feminine = match self.kind {
            Kind::Italian => stem.ends_with('a') || stem.ends_with("ione"),
            Kind::Spanish => {
                stem.ends_with('a')
                    || ["ción", "sión", "cione", "sione", "dad", "dade"]
                        .iter()
                        .any(|end| stem.ends_with(end))
            }
            Kind::Portuguese => {
                stem.ends_with('a')
                    || ["ção", "são", "çõe", "sõe", "dade", "agem", "agen"]
                        .iter()
                        .any(|end| stem.ends_with(end))
            }
        };
        let odd = self.phrase("masculine").split(' ').any(|odd| odd == word);
        Some(if feminine && !odd {
            Gender::Feminine
        } else {
            Gender::Masculine
        })
    }

    /// `1.º`, `2ª`, `3er`, `4º`.
    pub(super) fn ordinal(&self, reader: &mut Reader<'_>) -> bool {
        let mut cursor = reader.cursor();
        if !cursor.word_begins() {
            return false;
        }
        let Some(digits) = cursor.whole_digits(1, 3) else {
            return false;
        };
        let n: u64 = digits.parse().unwrap_or(0);
        let gender = |c: char| match c {
            'ª' | 'a' => Gender::Feminine,
            _ => Gender::Masculine,
        };
        let mut end = cursor;
        let dotted = end.eat('.');
        let found = if let Some(sign) = end.eat_if(|c| matches!(c, 'º' | 'ª')) {
            Some(gender(sign))
        } else if !dotted && end.eat('°') {
            // A sign of degrees, where no temperature is.
            let next = end.rest().strip_prefix(' ').unwrap_or("");
            let noun = next.chars().take_while(|c| c.is_lowercase()).count() > 3;
            (noun && n < 13).then_some(Gender::Masculine)
        } else {
            let suffix = end.take(3, char::is_alphabetic);
            let known = self
                .phrase("suffixes")
                .split(' ')
                .any(|known| known == suffix);
            (!dotted && known && end.word_ends())
                .then(|| suffix.chars().next_back().map_or(Gender::Masculine, gender))
        };
        let Some(gender) = found else { return false };
        let Some(words) = self.nth(n, gender) else {
            return false;
        };
        // *tercer piso*.
        let mut next = end;
        let noun = next.blanks() == 1 && next.take(4, char::is_lowercase).chars().count() > 3;
        let short = self.kind == Kind::Spanish
            && gender == Gender::Masculine
            && matches!(n % 10, 1 | 3)
            && (noun || reader.text[cursor.at..end.at].ends_with("er"));
        let words = match words.strip_suffix('o') {
            Some(stem) if short => stem.to_owned(),
            _ => words,
        };
        reader.say(&words, end.at)
    }
}
