//! Days, months and years: `March 3rd, 2024`, `the 5th of May`, `next Friday`, `two weeks ago`.

use super::lexicon::Lexicon;
use super::token::Token;
use super::{EntityKind, Found};

pub(super) fn date(tokens: &[Token<'_>], i: usize, lexicon: &Lexicon<'_>) -> Option<Found> {
    let read = Reader { tokens, lexicon };
    [
        Reader::numeric,
        Reader::month_first,
        Reader::day_first,
        Reader::weekday,
        Reader::relative,
        Reader::year_alone,
    ]
    .iter()
    .filter_map(|rule| rule(&read, i))
    .max()
    .map(|end| (EntityKind::Date, end))
}

struct Reader<'a> {
    tokens: &'a [Token<'a>],
    lexicon: &'a Lexicon<'a>,
}

impl Reader<'_> {
    fn is(&self, i: usize, class: &str) -> bool {
        self.tokens
            .get(i)
            .is_some_and(|t| self.lexicon.is(class, &t.lower))
    }

    /// Whether the phrase goes on to a token.
    fn joined(&self, i: usize) -> bool {
        i.checked_sub(1).is_some_and(|b| self.tokens[b].goes_on())
    }

    /// A day of the month: `3`, `3rd`, `1er`, `15.`
    fn day(&self, i: usize) -> Option<bool> {
        let text = &self.tokens.get(i)?.lower;
        let digits = text.trim_end_matches(|c: char| c.is_alphabetic() || c == 'º' || c == '.');
        let ordinal = matches!(
            &text[digits.len()..],
            "st" | "nd" | "rd" | "th" | "er" | "º"
        );
        let value: u32 = digits.parse().ok()?;
        ((1..=31).contains(&value) && (ordinal || digits.len() == text.len())).then_some(ordinal)
    }

    fn year(&self, i: usize) -> bool {
        self.tokens
            .get(i)
            .and_then(Token::number)
            .is_some_and(|n| (1800..=2199).contains(&n))
            && self.tokens[i].text.len() == 4
    }

    /// A month; `may` where a capital says so within a sentence, or `sure` does.
    fn month(&self, i: usize, sure: bool) -> bool {
        let capital =
            || i > 0 && self.tokens[i].capital() && !self.tokens[i - 1].after.contains('.');
        self.is(i, "month") || self.is(i, "month-or-word") && (sure || capital())
    }

    /// `2024-03-15`, `3/15/2024`, `15.03.2024`.
    fn numeric(&self, i: usize) -> Option<usize> {
        let text = self.tokens[i].text;
        let sign = ['-', '/', '.']
            .into_iter()
            .find(|&s| text.matches(s).count() == 2)?;
        let parts: Option<Vec<u32>> = text.split(sign).map(|p| p.parse().ok()).collect();
        let lengths: Vec<usize> = text.split(sign).map(str::len).collect();
        let parts = parts?;
        let [a, b, c] = parts.as_slice() else {
            return None;
        };
        let small = |n: &u32| (1..=31).contains(n);
        let ends = small(a) && small(b) && matches!(lengths[2], 2 | 4) && lengths[0] <= 2;
        let begins =
            lengths[0] == 4 && (1..=12).contains(b) && small(c) && (1800..=2199).contains(a);
        (ends || begins).then_some(i + 1)
    }

    /// A year after a day or a month, perhaps after a comma or `of`.
    fn with_year(&self, end: usize) -> usize {
        let comma = end > 0 && self.tokens[end - 1].goes_on_or_comma();
        if comma && self.year(end) {
            return end + 1;
        }
        match self.joined(end) && self.is(end, "of") && self.year(end + 1) {
            true => end + 2,
            false => end,
        }
    }

    /// `March 3rd`, `March 2024`, `March`.
    fn month_first(&self, i: usize) -> Option<usize> {
        let next = i + 1;
        let follows = self.joined(next).then(|| self.day(next)).flatten();
        let the = self.joined(next)
            && self.tokens.get(next).is_some_and(|t| t.lower == "the")
            && self.day(next + 1) == Some(true);
        let dated = follows.is_some() || the || self.joined(next) && self.year(next);
        if !self.month(i, dated) {
            return None;
        }
        if the {
            return Some(self.with_year(next + 2));
        }
        Some(match follows {
            Some(_) => self.with_year(next + 1),
            None => self.with_year(next),
        })
    }

    /// `3 March`, `the 3rd of March`, `25 de julio de 2024`, `the 15th`.
    fn day_first(&self, i: usize) -> Option<usize> {
        let the = self.tokens[i].lower == "the";
        let at = i + usize::from(the);
        let ordinal = self.day(at)?;
        if the && !ordinal {
            return None;
        }
        let mut end = at + 1;
        let point = self.tokens[at].after == "."; // `15. März`
        if self.joined(end) && self.is(end, "of") {
            end += 1;
        }
        if (self.joined(end) || point && end == at + 1) && self.month(end, true) {
            return Some(self.with_year(end + 1));
        }
        let alone = self
            .tokens
            .get(at + 1)
            .is_none_or(|t| !self.tokens[at].goes_on() || self.lexicon.is("after-day", &t.lower));
        (the && alone && self.lexicon.is("day", "today")).then_some(at + 1)
    }

    /// `Monday`, `next Friday, March 3rd`.
    fn weekday(&self, i: usize) -> Option<usize> {
        let at = i + usize::from(self.is(i, "which") && self.joined(i + 1));
        if !self.is(at, "weekday") {
            return None;
        }
        let next = at + 1;
        let goes_on = self.tokens[at].goes_on_or_comma() && next < self.tokens.len();
        // `Monday the 5th`, `Friday, March 3rd`.
        let further = goes_on
            .then(|| {
                self.day_first(next)
                    .or_else(|| self.month_first(next).filter(|&end| end > next + 1))
            })
            .flatten();
        Some(further.unwrap_or(next))
    }

    /// `today`, `next week`, `two weeks ago`, `in 30 days`, `the day after tomorrow`.
    fn relative(&self, i: usize) -> Option<usize> {
        if self.is(i, "day") {
            return Some(i + 1);
        }
        if self.is(i, "which") && self.joined(i + 1) && self.is(i + 1, "period") {
            return Some(i + 2);
        }
        let the = usize::from(self.tokens[i].lower == "the");
        if let [day, side, today, ..] = &self.tokens[i + the..]
            && day.lower == "day"
            && matches!(side.lower.as_str(), "after" | "before")
            && self.lexicon.is("day", &today.lower)
        {
            return Some(i + the + 3);
        }
        let counts = |i: usize| {
            self.is(i, "small") || self.tokens.get(i).is_some_and(|t| t.number().is_some())
        };
        let within = usize::from(self.is(i, "in"));
        let mut at = i + within;
        // `a couple of weeks`, `2 business days`.
        let start = at;
        while at < start + 3
            && (counts(at)
                || at > start
                    && self
                        .tokens
                        .get(at)
                        .is_some_and(|t| matches!(t.lower.as_str(), "of" | "business" | "working")))
        {
            at += 1;
        }
        if at == start || !self.joined(at) || !self.is(at, "unit-of-days") {
            return None;
        }
        match within {
            1 => Some(at + 1),
            _ => (self.joined(at + 1) && self.is(at + 1, "ago")).then_some(at + 2),
        }
    }

    /// `in 2024`, `the 1980s`: the year alone.
    fn year_alone(&self, i: usize) -> Option<usize> {
        let text = &self.tokens[i].lower;
        let decade = text.strip_suffix("0s").is_some_and(|d| {
            d.len() == 3 && d.parse::<u32>().is_ok_and(|d| (180..220).contains(&d))
        });
        let after = i > 0 && self.joined(i) && self.is(i - 1, "year-after");
        let measured = self.joined(i + 1)
            && self.tokens.get(i + 1).is_some_and(|t| {
                self.lexicon.is("currency", &t.lower) || self.lexicon.is("unit-of-days", &t.lower)
            });
        (decade || after && self.year(i) && !measured).then_some(i + 1)
    }
}
