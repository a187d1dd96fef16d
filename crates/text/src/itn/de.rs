//! German: dates, years and times; the rest is in the table and the common rules.

use super::lexicon::Lexicon;
use super::rules::COMMON;
use super::scan::{Found, Rule, Scan};
use super::style::{Style, Tens};
use super::{Edit, rules_with};
use std::sync::LazyLock;

static STYLE: LazyLock<Style> = LazyLock::new(|| Style {
    lexicon: Lexicon::new(include_str!("../../data/itn/de.tsv")),
    tens: Tens::German,
    decimal_mark: ',',
    sign_first: |_| false,
    before_percent: " ",
    articles: &[],
    ordinal,
    telephone: str::to_owned,
});

const RULES: [Rule; 4] = [clock_time, relative_time, day_of_month, year];

/// What to rewrite.
pub(super) fn edits(text: &str) -> Vec<Edit> {
    Scan::new(text, &STYLE).edits(&rules_with(&RULES, &COMMON))
}

fn ordinal(value: u128, _word: &str) -> String {
    format!("{value}.")
}

/// `acht Uhr`, `acht Uhr sieben`, `null Uhr null Minuten null Sekunden`.
fn clock_time(scan: &Scan<'_>, i: usize) -> Option<Found> {
    let (hour, end) = scan.pair(i, 0..=24).filter(|_| !scan.after_number(i))?;
    let end = scan.next_is(end, &["uhr"]).then_some(end + 1)?;
    let Some((minute, after)) = scan.pair(end, 0..=59).filter(|_| scan.joined(end)) else {
        return Some(Found::new(end, format!("{hour} Uhr")));
    };
    if !scan.next_is(after, &["minute", "minuten"]) {
        return match scan.counts(after) {
            true => Some(Found::new(end, format!("{hour} Uhr"))),
            false => Some(Found::new(after, format!("{hour:02}:{minute:02} Uhr"))),
        };
    }
    let seconds = scan
        .pair(after + 1, 0..=59)
        .filter(|_| scan.joined(after + 1));
    let seconds = seconds.filter(|(_, end)| scan.next_is(*end, &["sekunde", "sekunden"]));
    Some(match seconds {
        Some((second, last)) => {
            Found::new(last + 1, format!("{hour:02}:{minute:02}:{second:02} Uhr"))
        }
        None => Found::new(after + 1, format!("{hour:02}:{minute:02} Uhr")),
    })
}

/// `halb zwölf`, `Viertel vor zwölf`, `drei nach zwölf`.
fn relative_time(scan: &Scan<'_>, i: usize) -> Option<Found> {
    let (minutes, at) = match scan.word(i) {
        "halb" => (-30, i + 1),
        _ => {
            let (minutes, end) = match scan.word(i) {
                "viertel" => (15, i + 1),
                _ => scan.pair(i, 1..=29).filter(|_| !scan.after_number(i))?,
            };
            let minutes = i128::try_from(minutes).ok()?;
            match scan.word(end) {
                "vor" if scan.joined(end) => (-minutes, end + 1),
                "nach" if scan.joined(end) => (minutes, end + 1),
                _ => return None,
            }
        }
    };
    let (hour, end) = scan.pair(at, 1..=12).filter(|_| scan.joined(at))?;
    if scan.counts(end)
        || matches!(
            scan.word(end - 1),
            "ein" | "eine" | "einen" | "einem" | "einer"
        )
    {
        return None;
    }
    let (hour, minute) = match minutes {
        0.. => (hour, minutes),
        _ if hour == 1 => (12, minutes + 60),
        _ => (hour - 1, minutes + 60),
    };
    let end = end + usize::from(scan.next_is(end, &["uhr"]));
    Some(Found::new(end, format!("{hour:02}:{minute:02} Uhr")))
}

/// `erster Januar`: the day alone.
fn day_of_month(scan: &Scan<'_>, i: usize) -> Option<Found> {
    let (day, end) = scan.ordinal(i).filter(|(day, _)| (1..=31).contains(day))?;
    let month = scan.joined(end) && scan.phrase("month", end).is_some();
    month.then(|| Found::new(end, ordinal(day, "")))
}

/// `neunzehn vierundneunzig`, also grown together.
fn year(scan: &Scan<'_>, i: usize) -> Option<Found> {
    if scan.after_number(i) && !scan.is_ordinal(i - 1) {
        return None;
    }
    if let Some((year, end)) = scan.year_in_halves(i, 11..=20) {
        return (!scan.counts(end)).then(|| Found::new(end, year.to_string()));
    }
    let (century, p) = scan.below_hundred(scan.part_of(i)?)?;
    let (rest, after) = scan.below_hundred(p)?;
    let within = scan.part(p)?.token == i && scan.part(after - 1)?.token == i;
    let whole = scan.part(after - 1)?.last && !scan.is_ordinal(i);
    ((11..=20).contains(&century) && rest >= 10 && within && whole)
        .then(|| Found::new(i + 1, (century * 100 + rest).to_string()))
}
