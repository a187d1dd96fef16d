//! Hindi numbers: Indian scales (लाख, करोड़), quarters (साढ़े, सवा, पौने), English words among them.

use super::super::token::{Gap, Token, tokens};
use super::lexicon::{Atom, Entry, LEXICON, Phrases, key};

/// A text's words.
pub(super) struct Words<'a> {
    pub text: &'a str,
    pub tokens: Vec<Token<'a>>,
    keys: Vec<String>,
}

/// A number in words.
#[derive(Debug, Clone, Copy)]
pub(super) struct Number {
    /// In hundredths.
    pub hundredths: u128,
    /// The word after it.
    pub end: usize,
    /// Words it is made of.
    pub words: usize,
    /// It may also be an ordinary word.
    pub ordinary: bool,
    /// Characters of the ordinal's ending, none if it is no ordinal.
    pub ending: usize,
}

impl Number {
    /// Its value, if it is whole.
    pub fn whole(&self) -> Option<u128> {
        self.hundredths
            .is_multiple_of(100)
            .then_some(self.hundredths / 100)
    }

    /// As it is written: `250`, `7.5`.
    pub fn text(&self) -> String {
        let (whole, rest) = (self.hundredths / 100, self.hundredths % 100);
        match rest {
            0 => whole.to_string(),
            _ if rest % 10 == 0 => format!("{whole}.{}", rest / 10),
            _ => format!("{whole}.{rest:02}"),
        }
    }
}

impl<'a> Words<'a> {
    pub fn new(text: &'a str) -> Self {
        let tokens = tokens(text);
        let keys = tokens.iter().map(|token| key(token.text)).collect();
        Self { text, tokens, keys }
    }

    /// A word as the tables know it.
    pub fn key(&self, i: usize) -> Option<&str> {
        self.keys.get(i).map(String::as_str)
    }

    /// Whether a word goes on the phrase of the word before it.
    pub fn joined(&self, i: usize) -> bool {
        let token = self.tokens.get(i);
        token.is_some_and(|t| t.clean && matches!(t.gap, Gap::Space | Gap::Hyphen))
    }

    /// Whether a word is one of these and goes on the phrase.
    pub fn follows(&self, i: usize, any: &[&str]) -> bool {
        self.joined(i) && self.key(i).is_some_and(|key| any.contains(&key))
    }

    /// What a word says in a number that it goes on.
    pub fn atom(&self, i: usize, first: bool) -> Option<Entry> {
        let fits = first || self.joined(i);
        let clean = self.tokens.get(i).is_some_and(|token| token.clean);
        (fits && clean).then(|| LEXICON.entry(self.key(i)?))?
    }

    /// The longest of the phrases at a place: what is written for it, and the word after it.
    pub fn phrase(&self, i: usize, phrases: &Phrases) -> Option<(usize, &'static str)> {
        let fits = |words: &[String]| {
            words
                .iter()
                .enumerate()
                .all(|(k, word)| self.key(i + k) == Some(word) && (k == 0 || self.joined(i + k)))
        };
        let found = phrases.iter().filter(|(words, _)| fits(words));
        let (words, sign) = found.max_by_key(|(words, _)| words.len())?;
        Some((i + words.len(), sign))
    }

    /// A number below a hundred, or one with a quarter: in hundredths, and the word after it.
    fn small(&self, i: usize, first: bool) -> Option<(u64, usize)> {
        match self.atom(i, first)?.atom {
            Atom::Number { value, .. } => Some((u64::from(value) * 100, i + 1)),
            Atom::Ten(ten) => {
                let unit = match self.atom(i + 1, false).map(|entry| entry.atom) {
                    Some(Atom::Number {
                        value,
                        after_ten: true,
                    }) => Some(value),
                    _ => None,
                };
                let value = u64::from(ten + unit.unwrap_or(0)) * 100;
                Some((value, i + 1 + usize::from(unit.is_some())))
            }
            Atom::Fraction(hundredths) => Some((hundredths, i + 1)),
            Atom::Quarter(more) => {
                let (value, end) = match self.atom(i + 1, false)?.atom {
                    // सवा सौ, सवा लाख
                    Atom::Scale(_) if more > 0 => (100, i + 1),
                    Atom::Number { value, .. } if value > 0 => (u64::from(value) * 100, i + 2),
                    _ => return None,
                };
                Some((value.checked_add_signed(more)?, end))
            }
            _ => None,
        }
    }

    /// The number that begins at a word.
    pub fn number(&self, start: usize) -> Option<Number> {
        let (mut total, mut section, mut last) = (0u128, None::<u128>, u64::MAX);
        let (mut i, mut hundreds, mut scaled) = (start, false, false);
        let mut ordinary = true;
        let mut ending = 0;
        loop {
            let first = i == start;
            if !first && self.atom(i, false).is_some_and(|e| e.atom == Atom::And) {
                let goes_on = hundreds && self.small(i + 1, false).is_some();
                if !goes_on {
                    break;
                }
                i += 1;
            }
            if let Some((value, end)) = self.small(i, first) {
                let more = value > 0 && (section.is_none() || (hundreds && value % 100 == 0));
                let fits = first || more;
                if !fits {
                    break;
                }
                section = Some(section.unwrap_or(0) + u128::from(value));
                ordinary &= self.atom(i, first).is_some_and(|e| e.ordinary);
                (hundreds, scaled, i) = (false, false, end);
                continue;
            }
            let Some(entry) = self.atom(i, first) else {
                ending = self.ordinal(i, first, &mut section, hundreds);
                i += usize::from(ending > 0);
                break;
            };
            let Atom::Scale(scale) = entry.atom else {
                break;
            };
            let factor = u128::from(scale);
            match section {
                Some(count) if scale == 100 && !hundreds && (1..10_000).contains(&count) => {
                    section = Some(count * 100);
                    hundreds = true;
                }
                Some(count) if scale > 100 && scale < last && count > 0 => {
                    total += count.checked_mul(factor)?;
                    (section, last, hundreds) = (None, scale, false);
                }
                None if first && scale == 100 => (section, hundreds) = (Some(10_000), true),
                None if first => (total, last) = (factor * 100, scale),
                // दो लाख करोड़
                None if scaled && scale > last && i > start + 1 => {
                    total = total.checked_mul(factor)?;
                    last = scale;
                }
                _ => break,
            }
            ordinary &= entry.ordinary;
            (scaled, i) = (true, i + 1);
        }
        let words = i - start;
        (words > 0).then_some(Number {
            hundredths: total + section.unwrap_or(0),
            end: i,
            words,
            ordinary: ordinary && words == 1,
            ending,
        })
    }

    /// Adds a last word with the ending of an ordinal; the characters of the ending.
    fn ordinal(&self, i: usize, first: bool, section: &mut Option<u128>, hundreds: bool) -> usize {
        let clean = self.tokens.get(i).is_some_and(|token| token.clean);
        if !clean || !(first || self.joined(i)) {
            return 0;
        }
        match self.key(i).and_then(|key| LEXICON.ordinal(key)) {
            Some((entry, ending)) => match (entry.atom, *section) {
                (Atom::Number { value, .. }, None) => {
                    *section = Some(u128::from(value) * 100);
                    ending
                }
                (Atom::Number { value, .. }, Some(count)) if hundreds => {
                    *section = Some(count + u128::from(value) * 100);
                    ending
                }
                (Atom::Scale(100), count) if !hundreds => {
                    *section = Some(count.unwrap_or(100) * 100);
                    ending
                }
                _ => 0,
            },
            None => 0,
        }
    }
}
