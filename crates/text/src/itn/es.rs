//! Spanish: dates and times; the rest is in the table and the common rules.

use super::digits::grouped;
use super::lexicon::Lexicon;
use super::rules::COMMON;
use super::scan::{Found, Rule, Scan};
use super::style::{Style, Tens};
use super::{Edit, rules_with};
use std::sync::LazyLock;

static STYLE: LazyLock<Style> = LazyLock::new(|| Style {
    lexicon: Lexicon::new(include_str!("../../data/itn/es.tsv")),
    tens: Tens::Spanish,
    decimal_mark: ',',
    sign_first: |sign| sign != "€",
    before_percent: " ",
    articles: &[],
    ordinal,
    telephone,
});

const RULES: [Rule; 4] = [one_o_clock, clock_time, before_the_hour, day_of_month];

/// What to rewrite.
pub(super) fn edits(text: &str) -> Vec<Edit> {
    Scan::new(text, &STYLE).edits(&rules_with(&RULES, &COMMON))
}

fn ordinal(value: u128, word: &str) -> String {
    let ending = match word {
        word if word.ends_with('a') => "ª",
        word if word.ends_with("er") => "ᵉʳ",
        _ => "º",
    };
    format!("{value}.{ending}")
}

fn telephone(digits: &str) -> String {
    match digits.len() {
        8 => grouped(digits, &[4], "-"),
        9 | 10 => grouped(digits, &[3, 3], "-"),
        11..=13 => {
            let (code, number) = digits.split_at(digits.len() - 10);
            format!("{code}-{}", grouped(number, &[3, 3], "-"))
        }
        _ => digits.to_owned(),
    }
}

/// `a eme`, `pe eme`, `p m`: the end and what is written.
fn half_of_day(scan: &Scan<'_>, i: usize) -> Option<(usize, &'static str)> {
    let written = match scan.word(i) {
        "a" => "a.m.",
        "p" | "pe" => "p.m.",
        _ => return None,
    };
    (scan.joined(i) && scan.next_is(i + 1, &["eme", "m"])).then_some((i + 2, written))
}

/// `de la tarde` and its kin follow: they stay, and say that a time stands before them.
fn part_of_day(scan: &Scan<'_>, i: usize) -> bool {
    scan.next_is(i, &["de"])
        && scan.next_is(i + 1, &["la"])
        && scan.next_is(i + 2, &["mañana", "tarde", "noche", "madrugada"])
}

/// `las dos y media`, `la una diez`, `las ocho menos cuarto`, `las dos pe eme`.
fn clock_time(scan: &Scan<'_>, i: usize) -> Option<Found> {
    let article = i > 0 && scan.joined(i) && matches!(scan.word(i - 1), "la" | "las");
    let (mut hour, end) = scan.pair(i, 0..=24).filter(|_| !scan.after_number(i))?;
    let (mut minute, mut end, told) = match minutes(scan, end) {
        Some((minute, end)) => (minute, end, true),
        None => (0, end, false),
    };
    let half = half_of_day(scan, end);
    let day = part_of_day(scan, end);
    let clear = half.is_some() || day || article && told && !scan.counts(end);
    if !clear || !(article || told) {
        return None;
    }
    if minute < 0 {
        (hour, minute) = (
            if hour == 1 { 12 } else { hour.checked_sub(1)? },
            minute + 60,
        );
    }
    let mut text = format!("{hour}:{minute:02}");
    if let Some((after, written)) = half {
        text = format!("{text} {written}");
        end = after;
    }
    Some(Found::new(end, text))
}

/// `las dos menos cuarto` is `la 1:45`.
fn one_o_clock(scan: &Scan<'_>, i: usize) -> Option<Found> {
    let found = (scan.word(i) == "las").then(|| clock_time(scan, i + 1))??;
    let article = scan.tokens[i].text.get(..2)?;
    (found.text.starts_with("1:"))
        .then(|| Found::new(found.end, format!("{article} {}", found.text)))
}

/// Minutes after an hour, or before it (below zero).
fn minutes(scan: &Scan<'_>, i: usize) -> Option<(i128, usize)> {
    if !scan.joined(i) {
        return None;
    }
    let before = scan.word(i) == "menos";
    let linked = before || matches!(scan.word(i), "y" | "con");
    let at = i + usize::from(linked);
    if !scan.joined(at) {
        return None;
    }
    match scan.word(at) {
        "media" if linked && !before => return Some((30, at + 1)),
        "cuarto" if linked => return Some((if before { -15 } else { 15 }, at + 1)),
        _ => {}
    }
    let (minute, end) = scan.pair(at, 1..=59)?;
    let minute = i128::try_from(minute).ok()?;
    // `las dos y tres` may be anything.
    let round = minute >= 10 || minute == 5;
    round.then_some((if before { -minute } else { minute }, end))
}

/// `cuarto para las dos`, `diez para las doce`.
fn before_the_hour(scan: &Scan<'_>, i: usize) -> Option<Found> {
    let (minutes, end) = match (scan.word(i), scan.word(i + 1)) {
        ("cuarto", _) => (15, i + 1),
        ("un", "cuarto") if scan.joined(i + 1) => (15, i + 2),
        _ => scan.pair(i, 1..=29).filter(|_| !scan.after_number(i))?,
    };
    if !scan.next_is(end, &["para"]) || !scan.next_is(end + 1, &["la", "las"]) {
        return None;
    }
    let (hour, after) = scan
        .pair(end + 2, 0..=24)
        .filter(|_| scan.joined(end + 2))?;
    if scan.counts(after) || minutes != 15 && minutes % 5 != 0 {
        return None;
    }
    let hour = match hour {
        0 => 23,
        1 => 12,
        hour => hour - 1,
    };
    let article = if hour == 1 { "la" } else { "las" };
    Some(Found::new(
        after,
        format!("{article} {hour}:{:02}", 60 - minutes),
    ))
}

/// `primero de enero`, `uno de enero`: the day alone.
fn day_of_month(scan: &Scan<'_>, i: usize) -> Option<Found> {
    let first = matches!(scan.word(i), "primero" | "primer");
    let (day, end) = match first {
        true => (1, i + 1),
        false => scan.pair(i, 1..=31)?,
    };
    let of = scan.next_is(end, &["de"])
        && scan.joined(end + 1)
        && scan.phrase("month", end + 1).is_some();
    of.then(|| Found::new(end, day.to_string()))
}
