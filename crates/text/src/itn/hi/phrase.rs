//! Numbers with what stands after them: decimals, fractions, money, units, dates and times.

use super::lexicon::{Atom, LEXICON};
use super::number::{Number, Words};

/// The word after a phrase, and what is written for it; none if it stays in words.
type Found = (usize, Option<String>);

/// After hours on the clock.
const OCLOCK: &[&str] = &["बजे", "वजे", "baje", "bje"];
/// After hours, when minutes follow.
const PAST: &[&str] = &["बजकर", "बजके", "bajkar", "bajke"];
const MINUTES: &[&str] = &["मिनट", "मिनिट", "minute", "minutes", "minat"];
const SECONDS: &[&str] = &["सेकंड", "सेकेंड", "सेकण्ड", "second", "seconds"];
const PAISE: &[&str] = &["पैसे", "पैसा", "paise", "paisa"];
const AND: &[&str] = &["और", "aur", "and"];

impl Words<'_> {
    /// What is written for the number that begins at a word, and all that belongs to it.
    pub fn spoken(&self, i: usize) -> Option<Found> {
        let number = self.number(i)?;
        let end = number.end;
        if number.ending > 0 {
            return Some((end, Some(self.ordinal_text(&number))));
        }
        if let Some(next) = self.number(end).filter(|_| self.joined(end)) {
            return Some(self.two(i, &number, &next));
        }
        let found = self
            .decimals(&number)
            .or_else(|| self.fraction(&number))
            .or_else(|| self.date(&number))
            .or_else(|| self.years(&number))
            .or_else(|| self.clock(&number));
        if let Some((end, text)) = found {
            return Some((end, Some(text)));
        }
        if self.is_written(end) {
            return Some((end, None));
        }
        if let Some((end, text)) = self.with_unit(end, &number.text()) {
            return Some((end, Some(text)));
        }
        if number.ordinary {
            let counted = self.joined(end) && self.phrase(end, &LEXICON.counted).is_some();
            let few = number.hundredths > 100 && number.hundredths < 10_000;
            let text = (counted && few).then(|| number.text());
            return Some((end, text));
        }
        Some((end, Some(self.alone(&number))))
    }

    /// Whether a word has digits, and only white space and signs part it from the one before.
    pub fn is_written(&self, i: usize) -> bool {
        let Some(token) = self.tokens.get(i) else {
            return false;
        };
        let start = i
            .checked_sub(1)
            .map_or(0, |last| self.tokens[last].span.end);
        let between = &self.text[start..token.span.start];
        token.text.contains(char::is_numeric)
            && !between.contains([',', '.', ';', ':', '!', '?', '।', '/'])
    }

    /// `दसवें` as `10वें`.
    fn ordinal_text(&self, number: &Number) -> String {
        let word = self.tokens[number.end - 1].text;
        let length = word.chars().count();
        let ending: String = word.chars().skip(length - number.ending).collect();
        format!("{}{ending}", number.text())
    }

    /// Two numbers that do not go together: a range (`दो-तीन`), or a day and a year after
    /// their month; else they stay in words.
    fn two(&self, i: usize, one: &Number, two: &Number) -> Found {
        let hyphen = self.tokens[one.end].gap == super::super::token::Gap::Hyphen;
        let step = two.hundredths.checked_sub(one.hundredths);
        let simple = one.words == 1 && two.words == 1 && two.hundredths < 10_000;
        let next = self.number(two.end).filter(|_| self.joined(two.end));
        if next.is_none() && simple && (step == Some(100) || (hyphen && step > Some(0))) {
            return (two.end, Some(format!("{}-{}", one.text(), two.text())));
        }
        let month = i > 0 && self.joined(i) && self.phrase(i - 1, &LEXICON.months).is_some();
        if let (true, Some(day), Some(year)) = (month, self.day(one), self.year(two)) {
            return (two.end, Some(format!("{day}, {year}")));
        }
        let mut end = two.end;
        while let Some(more) = self.number(end).filter(|_| self.joined(end)) {
            end = more.end;
        }
        (end, None)
    }

    /// `दो सौ छह दशमलव दो नौ` as `206.29`, with a unit.
    fn decimals(&self, number: &Number) -> Option<(usize, String)> {
        let point = self.atom(number.end, false)?.atom == Atom::Point;
        let whole = number.whole().filter(|_| point)?;
        let (mut digits, mut i) = (String::new(), number.end + 1);
        while let Some(Atom::Number { value, .. }) = self.atom(i, false).map(|e| e.atom) {
            if value > 9 && !digits.is_empty() {
                break;
            }
            digits.push_str(&value.to_string());
            i += 1;
            if value > 9 {
                break;
            }
        }
        if digits.is_empty() {
            return None;
        }
        let text = format!("{whole}.{digits}");
        Some(self.with_unit(i, &text).unwrap_or((i, text)))
    }

    /// `तीन बटा चार` as `3/4`, `एक सही तीन बटा चार` as `1 3/4`, `तीन चौथाई`, `दो बाई दो`.
    fn fraction(&self, number: &Number) -> Option<(usize, String)> {
        let (value, end) = (number.whole()?, number.end);
        let next = || {
            self.number(end + 1)
                .filter(|n| self.joined(end + 1) && n.ending == 0)
        };
        if self.follows(end, &["बटा"]) {
            let under = next()?;
            return Some((under.end, format!("{value}/{}", under.whole()?)));
        }
        if self.follows(end, &["बाई"]) {
            let by = next()?;
            return Some((by.end, format!("{value}x{}", by.whole()?)));
        }
        if self.follows(end, &["सही"]) {
            let over = next()?;
            let (end, text) = self
                .fraction(&over)
                .filter(|(_, text)| text.contains('/'))?;
            return Some((end, format!("{value} {text}")));
        }
        let under = match () {
            () if self.follows(end, &["चौथाई", "chauthai"]) => 4,
            () if self.follows(end, &["तिहाई", "tihai"]) => 3,
            () => return None,
        };
        (value < under).then(|| (end + 1, format!("{value}/{under}")))
    }

    /// `पच्चीस मार्च दो हज़ार दस` as `25 मार्च, 2010`.
    fn date(&self, number: &Number) -> Option<(usize, String)> {
        let day = self.day(number)?;
        let (end, _) = self
            .phrase(number.end, &LEXICON.months)
            .filter(|_| self.joined(number.end))?;
        let month = self.tokens[end - 1].text;
        let year = self.number(end).filter(|_| self.joined(end));
        Some(match year.and_then(|n| Some((n.end, self.year(&n)?))) {
            Some((end, year)) => {
                let text = format!("{day} {month}, {year}");
                self.with_unit(end, &text)
                    .filter(|(_, t)| t.starts_with(&text))
                    .unwrap_or((end, text))
            }
            None => (end, format!("{day} {month}")),
        })
    }

    /// `उन्नीस सौ बीस से छब्बीस` as `1920-26`.
    fn years(&self, number: &Number) -> Option<(usize, String)> {
        let from = self.year(number)?;
        let start = number.end + 1;
        let to = self
            .number(start)
            .filter(|_| self.follows(start - 1, &["से", "se"]));
        let to = to.filter(|n| self.joined(start) && n.ending == 0)?;
        let short = to.whole().filter(|y| *y < 100 && *y > from % 100);
        let until = short.or(self.year(&to).filter(|y| *y > from))?;
        let text = format!("{from}-{until:02}");
        let era = self
            .with_unit(to.end, &text)
            .filter(|(_, t)| t.ends_with('.'));
        Some(era.unwrap_or((to.end, text)))
    }

    fn day(&self, number: &Number) -> Option<u128> {
        number.whole().filter(|day| (1..=31).contains(day))
    }

    fn year(&self, number: &Number) -> Option<u128> {
        number.whole().filter(|year| (1000..=2999).contains(year))
    }

    /// `सात बजे` as `7:00`, `दो बजकर ग्यारह मिनट` as `2:11`, `साढ़े पाँच बजे` as `5:30`.
    fn clock(&self, number: &Number) -> Option<(usize, String)> {
        let end = number.end;
        let oclock = self.follows(end, OCLOCK);
        if number.hundredths > 2400 || !(oclock || self.follows(end, PAST)) {
            return None;
        }
        let hour = number.hundredths / 100;
        let part = number.hundredths % 100 * 60 / 100;
        let minutes = self.counted(end + 1, MINUTES).filter(|_| part == 0);
        let after = minutes.map_or(end + 1, |(_, end)| end);
        let seconds = self.counted(after, SECONDS);
        let minute = minutes.map_or(part, |(minute, _)| minute);
        match seconds {
            Some((second, end)) => Some((end, format!("{hour}:{minute:02}:{second:02}"))),
            None => (oclock || minutes.is_some()).then(|| (after, format!("{hour}:{minute:02}"))),
        }
    }

    /// A number up to 59 before one of the words, and the word after them.
    fn counted(&self, i: usize, words: &[&str]) -> Option<(u128, usize)> {
        let number = self.number(i).filter(|_| self.joined(i))?;
        let value = number.whole().filter(|v| *v < 60)?;
        self.follows(number.end, words)
            .then_some((value, number.end + 1))
    }

    /// A currency or a unit after an amount: `₹500`, `206 g`, `20%`.
    fn with_unit(&self, i: usize, amount: &str) -> Option<(usize, String)> {
        if !self.joined(i) {
            return None;
        }
        let money = self.phrase(i, &LEXICON.currencies);
        let unit = self.phrase(i, &LEXICON.units);
        if let Some((end, sign)) = money.filter(|(end, _)| unit.is_none_or(|(e, _)| e <= *end)) {
            let start = end + usize::from(self.follows(end, AND));
            let paise = self.number(start).filter(|n| {
                self.joined(start) && !amount.contains('.') && self.follows(n.end, PAISE)
            });
            let paise = paise.and_then(|n| Some((n.whole().filter(|v| *v < 100)?, n.end + 1)));
            return Some(match paise {
                Some((paise, end)) => (end, format!("{sign}{amount}.{paise:02}")),
                None => (end, format!("{sign}{amount}")),
            });
        }
        let (end, sign) = unit?;
        let space = if sign == "%" { "" } else { " " };
        Some((end, format!("{amount}{space}{sign}")))
    }

    /// A number with nothing after it. Quarters at the end of a phrase are hours up to twelve
    /// (`साढ़े ग्यारह`) and fractions above; before a word they count it (`ढाई साल`).
    fn alone(&self, number: &Number) -> String {
        let (whole, rest) = (number.hundredths / 100, number.hundredths % 100);
        let quarters = match rest {
            25 => "1/4",
            50 => "1/2",
            75 => "3/4",
            _ => return number.text(),
        };
        if self.joined(number.end) {
            return number.text();
        }
        match whole {
            _ if number.words == 1 => format!("{whole} {quarters}"),
            1..=12 => format!("{whole}:{:02}", rest * 60 / 100),
            _ => format!("{whole} {quarters}"),
        }
    }
}
