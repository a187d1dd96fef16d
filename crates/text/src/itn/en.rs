//! English: dates, years and times; the rest is in the table and the common rules.

use super::digits::grouped;
use super::labelled::labelled;
use super::lexicon::Lexicon;
use super::rules::{COMMON, fixed};
use super::scan::{Found, Rule, Scan};
use super::style::{Style, Tens};
use super::token::Gap;
use super::{Edit, rules_with};
use std::sync::LazyLock;

static STYLE: LazyLock<Style> = LazyLock::new(|| Style {
    lexicon: Lexicon::new(include_str!("../../data/itn/en.tsv")),
    tens: Tens::English,
    decimal_mark: '.',
    sign_first: |_| true,
    before_percent: "",
    articles: &["a"],
    ordinal,
    telephone,
});

const RULES: [Rule; 9] = [
    fixed,
    labelled,
    short_hundreds,
    clock_time,
    relative_time,
    day_of_month,
    month_day,
    decade,
    year,
];

/// What to rewrite.
pub(super) fn edits(text: &str) -> Vec<Edit> {
    Scan::new(text, &STYLE).edits(&rules_with(&RULES, &COMMON))
}

fn ordinal(value: u128, _word: &str) -> String {
    let ending = match (value % 100, value % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
    format!("{value}{ending}")
}

/// The American form of ten digits, with a country's code before it.
fn telephone(digits: &str) -> String {
    match digits.len() {
        10 => grouped(digits, &[3, 3], "-"),
        11..=13 => {
            let (code, number) = digits.split_at(digits.len() - 10);
            format!("{code} {}", grouped(number, &[3, 3], "-"))
        }
        16 => grouped(digits, &[4, 4, 4], " "),
        _ => digits.to_owned(),
    }
}

/// `a m`, `pm`, `p.m.` after a time: its end and what is written.
fn half_of_day(scan: &Scan<'_>, i: usize) -> Option<(usize, String)> {
    if !scan.joined(i) {
        return None;
    }
    let letter = |c: char| if c.is_ascii_uppercase() { "M" } else { "m" };
    let first = scan.tokens[i].text.chars().next()?;
    match scan.word(i) {
        "am" | "pm" => Some((i + 1, format!("{first}.{}.", letter(first)))),
        "a" | "p"
            if scan.word(i + 1) == "m" && matches!(scan.gap(i + 1), Gap::Space | Gap::Dot) =>
        {
            Some((i + 2, format!("{first}.{}.", letter(first))))
        }
        _ => None,
    }
}

/// Hour and minute as they are written, with the half of the day where it follows.
fn written(scan: &Scan<'_>, end: usize, hour: u128, minute: u128) -> Found {
    let time = format!("{hour:02}:{minute:02}");
    match half_of_day(scan, end) {
        Some((end, half)) => Found::new(end, format!("{time} {half}")),
        None => Found::new(end, time),
    }
}

/// `three thirty`, `eight oh six`, `two p m`, `three o'clock`.
fn clock_time(scan: &Scan<'_>, i: usize) -> Option<Found> {
    if scan.after_number(i) {
        return None;
    }
    let (hour, end) = scan.pair(i, 1..=12)?;
    if scan.next_is(end, &["o'clock", "oclock"]) {
        return Some(written(scan, end + 1, hour, 0));
    }
    if half_of_day(scan, end).is_some() {
        return Some(written(scan, end, hour, 0));
    }
    if !scan.joined(end) {
        return None;
    }
    let (minute, end) = match scan.phrase("oh", end) {
        Some((oh, _)) => scan.pair(oh, 1..=9).filter(|_| scan.joined(oh))?,
        None => scan.pair(end, 10..=59)?,
    };
    let half = half_of_day(scan, end).is_some();
    // `eleven fifty five` is a year unless something says that it is a time.
    let clear = half || hour < 10 || i > 0 && scan.phrase("at", i - 1).is_some() && scan.joined(i);
    (clear && (half || !scan.counts(end))).then(|| written(scan, end, hour, minute))
}

/// `half past three`, `a quarter to four`, `ten minutes to eleven`, `ten to eleven p m`.
fn relative_time(scan: &Scan<'_>, i: usize) -> Option<Found> {
    let (minutes, end, sure) = match scan.phrase("part-of-hour", i) {
        Some((end, minutes)) => (minutes.parse().unwrap_or(0), end, true),
        None => {
            let (minutes, end) = scan.pair(i, 1..=29).filter(|_| !scan.after_number(i))?;
            match scan.next_is(end, &["minute", "minutes", "min"]) {
                true => (minutes, end + 1, true),
                false => (minutes, end, false),
            }
        }
    };
    let past = scan.next_is(end, &["past", "after"]);
    if !past && !scan.next_is(end, &["to", "before", "of", "till"]) {
        return None;
    }
    let strict = !scan.next_is(end, &["past", "to"]);
    let (hour, after) = scan
        .pair(end + 1, 1..=12)
        .filter(|_| scan.joined(end + 1))?;
    let half = half_of_day(scan, after).is_some();
    if !half && (scan.counts(after) || strict || !(sure || past && minutes % 5 == 0)) {
        return None;
    }
    let (hour, minute) = match past {
        true => (hour, minutes),
        false if hour == 1 => (12, 60 - minutes),
        false => (hour - 1, 60 - minutes),
    };
    Some(written(scan, after, hour, minute))
}

/// Whether a word is a month. `may` and `march` are, where the writer's capital says so, or a
/// preposition or a number does (`sure`).
fn is_month(scan: &Scan<'_>, i: usize, sure: bool) -> bool {
    match scan.phrase("month", i) {
        Some((_, "?")) => sure || scan.tokens[i].text.starts_with(char::is_uppercase),
        Some(_) => true,
        None => false,
    }
}

/// `the fifth of May`: the day alone, `of` and the month stay as they are.
fn day_of_month(scan: &Scan<'_>, i: usize) -> Option<Found> {
    let (day, end) = scan.ordinal(i).filter(|(day, _)| (1..=31).contains(day))?;
    let of = scan.next_is(end, &["of"]) && scan.joined(end + 1) && is_month(scan, end + 1, true);
    of.then(|| Found::new(end, ordinal(day, "")))
}

/// `July twenty fifth`, `June thirty`: the day alone.
fn month_day(scan: &Scan<'_>, i: usize) -> Option<Found> {
    let before = i.checked_sub(1).filter(|_| scan.joined(i))?;
    if scan.word(before) == "the" && before > 0 && is_month(scan, before - 1, false) {
        let (day, end) = scan.ordinal(i).filter(|(day, _)| (1..=31).contains(day))?;
        return Some(Found::new(end, ordinal(day, "")));
    }
    if let Some((day, end)) = scan.ordinal(i) {
        let cased = scan.text.chars().any(char::is_uppercase);
        return (is_month(scan, before, !cased) && (1..=31).contains(&day))
            .then(|| Found::new(end, day.to_string()));
    }
    let (day, end) = scan
        .pair(i, 1..=31)
        .filter(|_| is_month(scan, before, false))?;
    (!scan.counts(end)).then(|| Found::new(end, day.to_string()))
}

/// `nineteen eighties`.
fn decade(scan: &Scan<'_>, i: usize) -> Option<Found> {
    let (century, end) = scan.pair(i, 10..=20)?;
    let (end, decade) = scan.phrase("decade", end).filter(|_| scan.joined(end))?;
    Some(Found::new(end, format!("{century}{decade}s")))
}

/// `nineteen eighty four`, `twenty oh five`.
fn year(scan: &Scan<'_>, i: usize) -> Option<Found> {
    if scan.after_number(i) && !after_date(scan, i) {
        return None;
    }
    let (year, end) = scan.year_in_halves(i, 10..=20)?;
    (!scan.counts(end)).then(|| Found::new(end, year.to_string()))
}

/// Whether the number before a word is the day of a month.
fn after_date(scan: &Scan<'_>, i: usize) -> bool {
    let day = (0..i)
        .rev()
        .take(3)
        .take_while(|&j| scan.is_number(j) && scan.joined(j + 1));
    day.last()
        .is_some_and(|first| first > 0 && scan.joined(first) && is_month(scan, first - 1, true))
}

/// `one fifty five dollars`: the hundred left out, before a currency.
fn short_hundreds(scan: &Scan<'_>, i: usize) -> Option<Found> {
    let (hundreds, end) = scan.pair(i, 1..=9).filter(|_| !scan.after_number(i))?;
    let (rest, end) = scan.pair(end, 10..=99).filter(|_| scan.joined(end))?;
    let (end, sign) = scan.phrase("currency", end).filter(|_| scan.joined(end))?;
    Some(Found::new(end, format!("{sign}{}", hundreds * 100 + rest)))
}
