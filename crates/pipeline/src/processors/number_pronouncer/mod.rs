//! Numbers as people say them: `forty-five hundred`, telephone and account numbers in groups.
//!
//! Only what the synthesizer would read otherwise is changed. In languages other than English that
//! is long rows of digits.

mod groups;
#[cfg(test)]
mod tests;
mod words;

use crate::frame::Frame;
use crate::processor::{Context, Processor, Way};
use crate::wording::plain;
use groups::{LONG, in_groups, number};
use serde::Deserialize;
use std::sync::LazyLock;

/// Words that may stand between a name and its number, at most.
const BETWEEN: usize = 4;

/// The words around numbers, from `data/numbers.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cues {
    codes: Vec<String>,
    between: Vec<String>,
    years: Vec<String>,
    units: Vec<String>,
}

static CUES: LazyLock<Cues> = LazyLock::new(|| {
    toml::from_str(include_str!("../../../data/numbers.toml")).expect("checked by a test")
});

/// See the module.
#[derive(Default)]
pub struct NumberPronouncer {}

impl NumberPronouncer {
    /// At the start of a call.
    pub fn new() -> Self {
        NumberPronouncer::default()
    }
}

impl Processor for NumberPronouncer {
    fn name(&self) -> &'static str {
        "NumberPronouncer"
    }

    fn process(&mut self, mut frame: Frame, way: Way, context: &mut Context) {
        if let Frame::Phrase(phrase) = &mut frame {
            let text = phrase.spoken.as_deref().unwrap_or(&phrase.text);
            let spoken = pronounced(text, &context.settings.language);
            if spoken != phrase.text {
                phrase.spoken = Some(spoken);
            }
        }
        context.pass(frame, way);
    }
}

/// A text with its numbers as they are said in a language such as `en-GB`.
fn pronounced(text: &str, language: &str) -> String {
    let code = language.split(['-', '_']).next().unwrap_or_default();
    let is_english = code.eq_ignore_ascii_case("en");
    let mut out = String::with_capacity(text.len() + 32);
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let said = match c {
            '$' if is_english => amount(rest),
            '+' | '(' | '0'..='9' if begins(&text[..at]) => {
                let english = is_english.then(|| in_english(&text[..at], rest)).flatten();
                english.or_else(|| row(rest, is_english))
            }
            _ => None,
        };
        if let Some((words, length)) = said {
            out.push_str(&words);
            at += length;
            continue;
        }
        // A number that is left alone is left alone as a whole.
        let is_digit = |c: char| c.is_ascii_digit();
        let length = match rest.find(|c| !is_digit(c)) {
            Some(0) => c.len_utf8(),
            digits => digits.unwrap_or(rest.len()),
        };
        out.push_str(&rest[..length]);
        at += length;
    }
    out
}

/// Whether a number may begin after a text: not in the middle of a word, a price or a decimal.
fn begins(before: &str) -> bool {
    let mut last = before.chars().rev();
    match last.next() {
        None => true,
        Some(c) if c.is_ascii_digit() || c.is_ascii_alphabetic() => false,
        Some('.' | ',' | ':' | '/' | '-') => last.next().is_none_or(|c| !c.is_alphanumeric()),
        Some(c) => !matches!(
            c,
            '$' | '€' | '£' | '¥' | '₹' | '+' | '#' | '_' | '@' | '\\' | '='
        ),
    }
}

/// Whether a number ends before a text.
fn ends(after: &str) -> bool {
    let mut next = after.chars();
    match next.next() {
        None => true,
        Some(c) if c.is_ascii_alphanumeric() => false,
        Some('.' | ',' | ':' | '/' | '-' | '–') => {
            next.next().is_none_or(|c| !c.is_alphanumeric())
        }
        Some(c) => !matches!(
            c,
            '%' | '‰' | '°' | '€' | '£' | '¥' | '₹' | '$' | '_' | '@' | '+' | '='
        ),
    }
}

/// `$4500` is `forty-five hundred dollars`.
fn amount(text: &str) -> Option<(String, usize)> {
    let digits = number(&text[1..])?.first()?;
    let after = &text[1 + digits.len()..];
    let scale = after_word(after);
    let is_plain =
        ends(after) && !matches!(scale.as_str(), "million" | "billion" | "k" | "thousand");
    let words = words::hundreds(digits.parse().ok()?).filter(|_| is_plain)?;
    Some((format!("{words} dollars"), 1 + digits.len()))
}

/// What English says of the number at the beginning of `text`.
fn in_english(before: &str, text: &str) -> Option<(String, usize)> {
    let number = number(text)?;
    if let Some(groups) = number.dialled()
        && ends(&text[number.length..])
    {
        let plus = if number.plus { "plus " } else { "" };
        return Some((format!("{plus}{}", read(&groups, true)), number.length));
    }
    let digits = number.first()?;
    let after = &text[digits.len()..];
    if !ends(after) || CUES.units.contains(&after_word(after)) {
        return None;
    }
    let said = |words: String| Some((words, digits.len()));
    let names: Vec<String> = plain(tail(before)).split(' ').map(str::to_owned).collect();
    if (3..LONG).contains(&digits.len()) && is_code(&names) {
        return said(read(&in_groups(digits), true));
    }
    let value: u32 = digits.parse().ok().filter(|_| digits.len() == 4)?;
    let is_year = names.last().is_some_and(|word| CUES.years.contains(word)) || is_day(&names);
    if is_year && let Some(words) = words::year(value) {
        return said(words);
    }
    said(words::hundreds(value)?)
}

/// A long row of digits, in groups.
fn row(text: &str, is_english: bool) -> Option<(String, usize)> {
    let number = number(text)?;
    let digits = number.first()?;
    let is_row = digits.len() >= LONG && !digits.ends_with("000");
    let fits = is_row && ends(&text[digits.len()..]) && number.groups.len() == 1;
    fits.then(|| (read(&in_groups(digits), is_english), digits.len()))
}

/// Groups with a pause between them; digits apart where their words are the synthesizer's.
fn read(groups: &[&str], is_english: bool) -> String {
    let apart = |group: &&str| match is_english {
        true => words::digits(group),
        false => group
            .chars()
            .map(String::from)
            .collect::<Vec<_>>()
            .join(" "),
    };
    groups.iter().map(apart).collect::<Vec<_>>().join(", ")
}

/// Whether the words before a number say that it is a name: `your code is`.
fn is_code(before: &[String]) -> bool {
    let mut words = before.iter().rev();
    for _ in 0..=BETWEEN {
        match words.next() {
            Some(word) if CUES.codes.contains(word) => return true,
            Some(word) if CUES.between.contains(word) => {}
            _ => return false,
        }
    }
    false
}

/// `May 5,` before a year.
fn is_day(before: &[String]) -> bool {
    let [.., month, day] = before else {
        return false;
    };
    let day = day.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let is_date = day.parse().is_ok_and(|day: u32| (1..=31).contains(&day));
    is_date && month.len() > 2 && CUES.years.contains(month)
}

/// The end of a text, enough for a few words.
fn tail(text: &str) -> &str {
    &text[text.ceil_char_boundary(text.len().saturating_sub(80))..]
}

/// The word after a number, plain.
fn after_word(after: &str) -> String {
    let word = after.split_whitespace().next().unwrap_or_default();
    if after.starts_with(' ') {
        plain(word)
    } else {
        String::new()
    }
}
