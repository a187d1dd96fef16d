//! Whole and decimal numbers, with sign and magnitude: `minus sixty point two`, `five million`.

use super::lexicon::Atom;
use super::scan::Scan;

/// A number as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Amount {
    /// The word after the last one of it.
    pub end: usize,
    /// `-60.2`; without the magnitude.
    pub digits: String,
    /// The word of a magnitude that stays a word, as the text has it: `million`.
    pub magnitude: Option<String>,
    /// Its value, where it is a whole number without magnitude.
    pub value: Option<u128>,
    /// Only one digit behind a point that begins it: a number only where a unit follows.
    pub weak: bool,
    /// Nothing but an article and a round number: `a hundred`.
    pub vague: bool,
}

impl Amount {
    /// `5.2 million`.
    pub fn written(&self) -> String {
        match &self.magnitude {
            Some(magnitude) => format!("{} {magnitude}", self.digits),
            None => self.digits.clone(),
        }
    }
}

impl Scan<'_> {
    /// The amount that begins at a word.
    pub fn amount(&self, i: usize) -> Option<Amount> {
        let (at, minus) = match self.phrase("minus", i) {
            Some((end, sign)) if self.joined(end) && !self.after_number(i) => (end, sign),
            _ => (i, ""),
        };
        let number = self.number(at);
        let whole = number.filter(|number| number.magnitude.is_none());
        let point = whole.map_or(at, |number| number.end);
        if let Some((begin, mark)) = self.phrase("point", point)
            && (point == at || self.joined(point))
            && let Some((end, decimals)) = self.decimals(begin)
        {
            let whole = whole.map(|number| number.value.to_string());
            let weak = whole.is_none() && decimals.len() < 2 && decimals != "0";
            let scale = self.joined(end).then(|| self.part_of(end)).flatten();
            let scale = scale.is_some_and(|p| {
                self.part(p)
                    .is_some_and(|part| part.last && matches!(part.atom, Atom::Scale(_)))
            });
            return Some(Amount {
                end: end + usize::from(scale),
                digits: format!("{minus}{}{mark}{decimals}", whole.unwrap_or_default()),
                magnitude: scale.then(|| self.tokens[end].text.to_owned()),
                value: None,
                weak,
                vague: false,
            });
        }
        let number = number?;
        let vague = number.end == at + 2 && self.style.articles.contains(&self.word(at));
        Some(match number.magnitude {
            Some((word, many)) => Amount {
                end: number.end,
                digits: format!("{minus}{many}"),
                magnitude: Some(self.magnitude_word(word)),
                value: None,
                weak: false,
                vague,
            },
            None => Amount {
                end: number.end,
                digits: format!("{minus}{}", number.value),
                magnitude: None,
                value: Some(number.value),
                weak: false,
                vague,
            },
        })
    }

    /// The word of a magnitude; only its last part where it is grown together with the number.
    fn magnitude_word(&self, token: usize) -> String {
        let word = &self.tokens[token];
        let tail = word.lower.char_indices().map(|(at, _)| at).find(|&at| {
            matches!(
                self.style.lexicon.atoms(&word.lower[at..]),
                [Atom::Scale(6..), ..]
            )
        });
        // Lower-casing may change lengths; then the lower-case word must do.
        match tail {
            Some(at) => word.text.get(at..).unwrap_or(&word.lower[at..]).to_owned(),
            None => word.text.to_owned(),
        }
    }

    /// What is said after a point, digit by digit or in greater numbers: `two five`, `o five`.
    fn decimals(&self, i: usize) -> Option<(usize, String)> {
        let mut digits = String::new();
        let mut end = i;
        while self.joined(end) {
            let (after, piece) = match self.phrase("oh", end) {
                Some((after, _)) => (after, "0".to_owned()),
                None => match self.piece(end) {
                    Some((value, after)) => (after, value.to_string()),
                    None => break,
                },
            };
            digits.push_str(&piece);
            end = after;
        }
        (end > i).then_some((end, digits))
    }

    /// A number below a thousand that ends with its word.
    pub fn piece(&self, token: usize) -> Option<(u128, usize)> {
        if self.is_ordinal(token) {
            return None;
        }
        let (value, after) = self.below_thousand(self.part_of(token)?, false)?;
        let last = self.part(after.checked_sub(1)?)?;
        (last.last && value < 1000 && !self.is_ordinal(last.token))
            .then_some((value, last.token + 1))
    }
}
