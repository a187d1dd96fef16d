//! Languages of which we know numbers and signs: Spanish, Italian, Portuguese.
//!
//! Figures, decimals, percent and money come in words of the language; words stay as they are
//! written, capitals that cannot be words are spelled, letters of other scripts come in Latin ones.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::cursor::{is_accent, is_invisible};
use super::reader::{Reader, Rules};
use super::tables;

/// Tables of one language.
#[derive(Debug)]
pub(super) struct Plain {
    numbers: HashMap<&'static str, &'static str>,
    symbols: HashMap<char, &'static str>,
}

macro_rules! language {
    ($name:ident, $code:literal) => {
        static $name: LazyLock<Plain> = LazyLock::new(|| {
            Plain::new(
                include_str!(concat!("../../data/spoken/", $code, "/numbers.tsv")),
                include_str!(concat!("../../data/spoken/", $code, "/symbols.tsv")),
            )
        });
    };
}

language!(SPANISH, "es");
language!(ITALIAN, "it");
language!(PORTUGUESE, "pt");

/// The language of a code such as `es` or `pt-br`, if it is one of these.
pub(super) fn language(code: &str) -> Option<&'static Plain> {
    match code.get(..2)?.to_ascii_lowercase().as_str() {
        "es" => Some(&SPANISH),
        "it" => Some(&ITALIAN),
        "pt" => Some(&PORTUGUESE),
        _ => None,
    }
}

impl Plain {
    fn new(numbers: &'static str, symbols: &'static str) -> Self {
        let symbols = tables::pairs(symbols).into_iter();
        Self {
            numbers: tables::pairs(numbers),
            symbols: symbols
                .filter_map(|(sign, said)| {
                    Some((sign.chars().next()?, if said == "-" { "" } else { said }))
                })
                .collect(),
        }
    }

    fn word(&self, key: &str) -> &'static str {
        self.numbers.get(key).copied().unwrap_or("")
    }

    fn digits(&self, digits: &str) -> String {
        let words: Vec<_> = digits
            .split("")
            .filter(|d| !d.is_empty())
            .map(|d| self.word(d))
            .collect();
        words.join(" ")
    }

    /// A whole number in words; leading zeros and more than twelve digits one by one.
    fn cardinal(&self, digits: &str) -> String {
        match digits.parse::<u64>() {
            Ok(n) if digits.len() < 13 && (digits.len() == 1 || !digits.starts_with('0')) => {
                self.of(n)
            }
            _ => self.digits(digits),
        }
    }

    fn of(&self, n: u64) -> String {
        let (scale, one, several) = match n {
            0..100 => return self.word(&n.to_string()).to_owned(),
            100 => return self.word("100").to_owned(),
            101..1000 => {
                let hundreds = self.word(&format!("{}+", n / 100 * 100));
                return self.joined(hundreds, n % 100, true);
            }
            1000..1_000_000 => (1000, "thousand", "thousands"),
            _ if n >= 1_000_000_000 && self.numbers.contains_key("billion") => {
                (1_000_000_000, "billion", "billions")
            }
            _ => (1_000_000, "million", "millions"),
        };
        let (many, rest) = (n / scale, n % scale);
        let lead = match (many, one) {
            (1, "thousand") => self.word(one).to_owned(),
            (1, _) => format!("{} {}", self.word("before_scale"), self.word(one)),
            _ => format!("{} {}", shortened(&self.of(many)), self.word(several)),
        };
        // Portuguese has its `e` before the last group where that is small or round.
        self.joined(&lead, rest, rest < 100 || (rest < 1000 && rest % 100 == 0))
    }

    fn joined(&self, lead: &str, rest: u64, join: bool) -> String {
        match rest {
            0 => lead.to_owned(),
            _ if join => format!("{lead} {} {}", self.word("join"), self.of(rest)),
            _ => format!("{lead} {}", self.of(rest)),
        }
    }

    fn number(&self, reader: &mut Reader<'_>) -> bool {
        let mut cursor = reader.cursor();
        let begins = cursor.word_begins();
        // The sign of money before a number is said behind it.
        let mut money = "";
        let minus = begins && cursor.eat_if(|c| matches!(c, '-' | '−')).is_some();
        if let Some(sign) = cursor.eat_if(|c| matches!(c, '$' | '€' | '£')) {
            money = self.symbol(sign).unwrap_or("");
            cursor.blanks();
        }
        let first = cursor.digits(usize::MAX);
        if first.is_empty() {
            return false;
        }
        let mut whole = first.to_owned();
        loop {
            let mut ahead = cursor;
            let separated = ahead
                .eat_if(|c| matches!(c, '.' | '\u{202f}' | '\u{a0}'))
                .is_some();
            match ahead.whole_digits(3, 3) {
                Some(group) if separated && first.len() < 4 => {
                    whole.push_str(group);
                    cursor = ahead;
                }
                _ => break,
            }
        }
        let mut words = self.cardinal(&whole);
        let mut ahead = cursor;
        if ahead.eat_if(|c| matches!(c, ',' | '.')).is_some() {
            let digits = ahead.digits(usize::MAX);
            if !digits.is_empty() {
                let tail = if digits.len() < 3 {
                    self.cardinal(digits)
                } else {
                    self.digits(digits)
                };
                words = format!("{words} {} {tail}", self.word("point"));
                cursor = ahead;
            }
        }
        let minus = if minus { self.word("minus") } else { "" };
        reader.say(&format!("{minus} {words} {money}"), cursor.at)
    }

    fn letters(&self, reader: &mut Reader<'_>) -> bool {
        let mut cursor = reader.cursor();
        if !cursor
            .peek()
            .is_some_and(|c| c.is_alphabetic() && !c.is_numeric())
        {
            return false;
        }
        // Letters of scripts without spaces go one by one, lest a text become a word.
        let wide = cursor.peek().is_some_and(|c| c >= '\u{2e80}');
        cursor.take(if wide { 1 } else { 64 }, |c| {
            (c.is_alphabetic() && !c.is_numeric() && (wide || c < '\u{2e80}'))
                || is_accent(c)
                || is_invisible(c)
                || matches!(c, '\'' | '’')
        });
        let written: String = reader.text[reader.at..cursor.at]
            .chars()
            .filter(|&c| !is_invisible(c) && !is_accent(c))
            .map(|c| if c == '’' { '\'' } else { c })
            .collect();
        let written = written.trim_end_matches('\'');
        if !written.chars().all(|c| c <= '\u{24f}') {
            let latin: String = deunicode::deunicode(written)
                .chars()
                .filter(|&c| c.is_ascii_alphabetic() || c == ' ')
                .collect();
            let said = if latin.trim().is_empty() { "X" } else { &latin };
            return reader.say(&said.to_lowercase(), cursor.at);
        }
        let count = written.chars().count();
        let vowels = written
            .to_lowercase()
            .contains(|c| "aeiouyáéíóúàèìòùâêîôûäëïöüãõ".contains(c));
        let capitals = count > 1 && written.chars().all(char::is_uppercase);
        let unsayable = !vowels && count > 1 && !written.contains('\'');
        if capitals && (count < 4 || unsayable) {
            let spelled: Vec<String> = written.chars().map(String::from).collect();
            return reader.say(&spelled.join(" "), cursor.at);
        }
        reader.say(written, cursor.at)
    }
}

/// Before a scale `uno` loses its last letter (Spanish).
fn shortened(words: &str) -> String {
    match words.strip_suffix("uno") {
        Some("veinti") => "veintiún".to_owned(),
        Some(lead) if lead.is_empty() || lead.ends_with(' ') => format!("{lead}un"),
        _ => words.to_owned(),
    }
}

impl Rules for Plain {
    fn read(&self, reader: &mut Reader<'_>) -> bool {
        self.number(reader) || self.letters(reader)
    }

    fn symbol(&self, sign: char) -> Option<&'static str> {
        self.symbols.get(&sign).copied()
    }

    fn emoji(&self, _emoji: &str) -> Option<&'static str> {
        None
    }
}
