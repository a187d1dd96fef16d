//! French: dates and times; the rest is in the table and the common rules.

use super::digits::grouped;
use super::lexicon::Lexicon;
use super::rules::COMMON;
use super::scan::{Found, Rule, Scan};
use super::style::{Style, Tens};
use super::{Edit, rules_with};
use std::sync::LazyLock;

static STYLE: LazyLock<Style> = LazyLock::new(|| Style {
    lexicon: Lexicon::new(include_str!("../../data/itn/fr.tsv")),
    tens: Tens::French,
    decimal_mark: ',',
    sign_first: |_| false,
    before_percent: " ",
    articles: &[],
    ordinal,
    telephone,
});

const RULES: [Rule; 2] = [clock_time, day_of_month];

/// What to rewrite.
pub(super) fn edits(text: &str) -> Vec<Edit> {
    Scan::new(text, &STYLE).edits(&rules_with(&RULES, &COMMON))
}

fn ordinal(value: u128, word: &str) -> String {
    let ending = match word.trim_end_matches('s') {
        "premier" => "er",
        "première" => "re",
        _ => "e",
    };
    let plural = if word.ends_with('s') { "s" } else { "" };
    format!("{value}{ending}{plural}")
}

/// Ten digits in pairs, as the numbers of France are.
fn telephone(digits: &str) -> String {
    match digits.len() {
        10 => grouped(digits, &[2, 2, 2, 2], " "),
        _ => digits.to_owned(),
    }
}

/// `huit heures sept`, `onze heures et demie`, `midi moins le quart`.
fn clock_time(scan: &Scan<'_>, i: usize) -> Option<Found> {
    let noon = match scan.word(i) {
        "midi" => Some(12),
        "minuit" => Some(0),
        _ => None,
    };
    let (hour, end) = match noon {
        Some(hour) => (hour, i + 1),
        None => {
            let (hour, end) = scan.pair(i, 0..=24).filter(|_| !scan.after_number(i))?;
            (
                hour,
                end + usize::from(scan.next_is(end, &["heure", "heures"])),
            )
        }
    };
    let named = noon.is_some() || matches!(scan.word(end - 1), "heure" | "heures");
    if !named {
        return None;
    }
    let Some((minute, after)) = minutes(scan, end) else {
        // `une heure` is rather a while than a time.
        return (noon.is_none() && hour != 1).then(|| Found::new(end, format!("{hour} h")));
    };
    let (hour, minute) = match minute {
        0.. => (hour, minute),
        _ if hour == 0 => (23, minute + 60),
        _ => (hour - 1, minute + 60),
    };
    Some(Found::new(after, format!("{hour} h {minute:02}")))
}

/// Minutes after an hour, or before it (below zero).
fn minutes(scan: &Scan<'_>, i: usize) -> Option<(i128, usize)> {
    if !scan.joined(i) || !scan.joined(i + 1) && scan.part_of(i).is_none() {
        return None;
    }
    match (scan.word(i), scan.word(i + 1), scan.word(i + 2)) {
        ("et", "demie" | "demi", _) => return Some((30, i + 2)),
        ("et", "quart", _) => return Some((15, i + 2)),
        ("et", "trois", "quarts") if scan.joined(i + 2) => return Some((45, i + 3)),
        ("moins", "le", "quart") if scan.joined(i + 2) => return Some((-15, i + 3)),
        _ => {}
    }
    let before = scan.word(i) == "moins";
    let (minute, end) = scan.pair(i + usize::from(before), 1..=59)?;
    let minute = i128::try_from(minute).ok()?;
    (!scan.counts(end)).then_some((if before { -minute } else { minute }, end))
}

/// `premier janvier`, `deux mai`: the day alone.
fn day_of_month(scan: &Scan<'_>, i: usize) -> Option<Found> {
    let (day, end) = match scan.word(i) {
        "premier" => ("1er".to_owned(), i + 1),
        _ => {
            let (day, end) = scan.pair(i, 1..=31).filter(|_| !scan.after_number(i))?;
            (day.to_string(), end)
        }
    };
    let month = scan.joined(end) && scan.phrase("month", end).is_some();
    month.then(|| Found::new(end, day))
}
