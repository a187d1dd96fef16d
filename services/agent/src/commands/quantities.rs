//! Numbers, durations and times of day as they are spoken: `half an hour`, `5:30 pm`,
//! `eine Stunde und 20 Minuten`. The words are in `data/quantities.toml`.

use serde::Deserialize;
use std::collections::BTreeMap;

const DATA: &str = include_str!("../../data/quantities.toml");
/// Longest duration: a year.
const LONGEST: f64 = 366.0 * 86400.0;

/// The words of each language.
pub struct Quantities(BTreeMap<String, Words>);

#[derive(Deserialize)]
struct Words {
    articles: Vec<String>,
    joiners: Vec<String>,
    numbers: BTreeMap<String, f64>,
    units: BTreeMap<String, f64>,
    am: Vec<String>,
    pm: Vec<String>,
    noise: Vec<String>,
    moments: BTreeMap<String, String>,
    today: Vec<String>,
    tomorrow: Vec<String>,
}

/// A time of day.
#[derive(Debug, PartialEq, Eq)]
pub struct Time {
    /// `HH:MM`, 24 hours.
    pub text: String,
    /// It could also be twelve hours later.
    pub ambiguous: bool,
}

/// A number that grows word by word: `twenty`, `twenty five`, `two hundred`, `two and a half`.
#[derive(Default)]
struct Number {
    value: Option<f64>,
    /// From `a`, which a number replaces: `a half`.
    article: bool,
}

impl Number {
    fn add(&mut self, next: f64) {
        self.value = Some(match self.value {
            Some(before) if !self.article && before > next => before + next,
            Some(before) if !self.article && before > 0.0 && before < next => before * next,
            _ => next,
        });
        self.article = false;
    }
}

impl Quantities {
    /// Reads the words, which are part of the program.
    pub fn new() -> Self {
        Quantities(toml::from_str(DATA).expect("data/quantities.toml is well-formed, by test"))
    }

    /// Whole seconds; None for what is no duration.
    pub fn duration(&self, text: &str, language: &str) -> Option<u64> {
        let words = self.0.get(language)?;
        let (mut total, mut unit) = (0.0, None);
        let mut number = Number::default();
        for token in tokens(text) {
            if let Some(size) = words.units.get(&token) {
                // "in der Minute": a unit alone is one of it only behind an article or a number.
                total += number.value.take()? * size;
                (number, unit) = (Number::default(), Some(*size));
            } else if !words.read(&token, &mut number) {
                return None;
            }
        }
        match (number.value, unit) {
            // "an hour and a half"
            (Some(part), Some(size)) if part < 1.0 => total += part * size,
            (Some(_), _) => return None,
            (None, _) => {}
        }
        (1.0..=LONGEST)
            .contains(&total)
            .then_some(total.round() as u64)
    }

    /// A number; None for what is none.
    pub fn number(&self, text: &str, language: &str) -> Option<f64> {
        let words = self.0.get(language)?;
        let mut number = Number::default();
        for token in tokens(text) {
            if !words.read(&token, &mut number) {
                return None;
            }
        }
        number.value
    }

    /// `today` or `tomorrow`.
    pub fn day(&self, text: &str, language: &str) -> Option<&'static str> {
        let words = self.0.get(language)?;
        let text = text.to_lowercase();
        if words.today.contains(&text) {
            Some("today")
        } else {
            words.tomorrow.contains(&text).then_some("tomorrow")
        }
    }

    /// A time of day; None for what is none.
    pub fn time(&self, text: &str, language: &str) -> Option<Time> {
        let words = self.0.get(language)?;
        // The last mark may have gone with the end of the sentence.
        let lower = text
            .to_lowercase()
            .replace("a.m", "am")
            .replace("p.m", "pm");
        if let Some(moment) = words.moments.get(lower.trim()) {
            return Some(Time {
                text: moment.clone(),
                ambiguous: false,
            });
        }
        let (mut hour, mut minutes) = (None, Number::default());
        let (mut am, mut pm, mut half_past) = (false, false, false);
        let clock = lower.contains(':') || lower.contains('h');
        for token in tokens(&lower) {
            let number = token.parse().ok().or_else(|| words.number(&token));
            if words.pm.contains(&token) {
                pm = true;
            } else if words.am.contains(&token) {
                am = true;
            } else if token == "past" {
                half_past = hour.take() == Some(0.5);
                if !half_past {
                    return None;
                }
            } else if let Some(number) = number {
                match hour {
                    None => hour = Some(number),
                    // "las cinco y media"
                    Some(_) if number == 0.5 || number == 0.25 => minutes.add(number * 60.0),
                    Some(_) => minutes.add(number),
                }
            } else if !words.noise.contains(&token) && !words.joiners.contains(&token) {
                return None;
            }
        }
        let minutes = if half_past {
            30.0
        } else {
            minutes.value.unwrap_or(0.0)
        };
        let whole = |value: f64| value.fract() == 0.0;
        let hour = hour.filter(|hour| whole(*hour) && (0.0..24.0).contains(hour))? as u32;
        let minutes = Some(minutes).filter(|value| whole(*value) && (0.0..60.0).contains(value))?;
        let hour = match hour {
            12 if am => 0,
            1..=11 if pm => hour + 12,
            hour => hour,
        };
        let told = am || pm || hour == 0 || hour > 12 || clock && text.trim().starts_with('0');
        Some(Time {
            text: format!("{hour:02}:{minutes:02}"),
            ambiguous: !told,
        })
    }
}

impl Words {
    fn number(&self, token: &str) -> Option<f64> {
        let one = self.articles.iter().any(|article| article == token);
        self.numbers.get(token).copied().or(one.then_some(1.0))
    }

    /// Takes a word into a number; false when it belongs to none.
    fn read(&self, token: &str, number: &mut Number) -> bool {
        if let Ok(value) = token.parse::<f64>() {
            number.add(value);
        } else if let Some(value) = self.numbers.get(token) {
            number.add(*value);
        } else if self.articles.iter().any(|article| article == token) {
            if number.value.is_none() {
                *number = Number {
                    value: Some(1.0),
                    article: true,
                };
            }
        } else if !self.joiners.iter().any(|joiner| joiner == token) {
            return false;
        }
        true
    }
}

/// Words in lower case; `5min` and `5:30` come apart, `1.5` and `après-midi` do not.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut digits = None;
    let letters: Vec<char> = text.to_lowercase().replace(',', ".").chars().collect();
    for (at, letter) in letters.iter().enumerate() {
        let next = letters.get(at + 1);
        let number = letter.is_ascii_digit()
            || *letter == '.' && digits == Some(true) && next.is_some_and(char::is_ascii_digit);
        // Signs that write a vowel are part of a word too.
        let part = number || !(letter.is_whitespace() || matches!(letter, ':' | '.' | '\'' | '’'));
        let joined = *letter == '-'
            && next.is_some_and(|next| next.is_alphabetic())
            && tokens.last().is_some_and(|last| last == "après");
        if *letter == '-' && !joined || !part {
            digits = None;
            continue;
        }
        match tokens.last_mut() {
            Some(last) if digits == Some(number) => last.push(*letter),
            _ => tokens.push(letter.to_string()),
        }
        digits = Some(number);
    }
    tokens
}
