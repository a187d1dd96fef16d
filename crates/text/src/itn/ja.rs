//! Japanese, by the conventions of NeMo's inverse text normalisation but for single characters
//! and words: `一番`, `一緒` and `一人` are no numbers, so one character alone is written in
//! digits only before a unit that makes it sure.

use super::Edit;
use super::han::{self, Run, touches};
use super::myriad::{Rules, grouped};
use super::walk::{Walk, pairs, words};
use std::sync::LazyLock;

const RULES: Rules = Rules {
    bare_small: true,
    bare_large: false,
    short_tail: false,
};

static STAYS: LazyLock<Vec<&str>> =
    LazyLock::new(|| words(include_str!("../../data/itn/ja/stays.txt")));
static UNITS: LazyLock<Vec<&str>> =
    LazyLock::new(|| words(include_str!("../../data/itn/ja/units.txt")));
static SIGNS: LazyLock<Vec<(&str, &str)>> =
    LazyLock::new(|| pairs(include_str!("../../data/itn/ja/signs.tsv")));

const ZERO: &[&str] = &["ゼロ", "れい"];
const POINT: &[&str] = &["点", "・"];
/// Words that make `十分` ten minutes and not "enough", before it or after it.
const CLOCK_BEFORE: &[&str] = &["時", "正午", "午前", "午後", "約"];
const CLOCK_AFTER: &[&str] = &[
    "間",
    "前",
    "後",
    "過",
    "頃",
    "くらい",
    "ぐらい",
    "ほど",
    "以内",
    "おき",
];

/// What to rewrite.
pub(super) fn edits(text: &str) -> Vec<Edit> {
    han::edits(text, &STAYS, signed)
}

/// What stands for the characters from a place on, and where they end.
fn signed(walk: &Walk, i: usize) -> Option<(usize, String)> {
    if let Some(start) = walk.after(i, "マイナス") {
        let (end, text) = number(walk, start, true)?;
        return Some((end, format!("-{text}")));
    }
    number(walk, i, false)
}

fn number(walk: &Walk, i: usize, sure: bool) -> Option<(usize, String)> {
    if let Some((point, _)) = walk.longest(i, ZERO) {
        // ゼロ点五; the word alone stays.
        let (end, decimals) =
            point_and_decimals(walk, point).filter(|(end, _)| !touches(walk, &(i..*end)))?;
        return Some(signed_unit(walk, end, format!("0.{decimals}")));
    }
    let run = Run::at(walk, i)?;
    // The rest of a fraction that could not be read is no number of its own.
    if touches(walk, &run.span) || walk.follows(i, &["分の"]) {
        return None;
    }
    let after = run.end();
    if let Some(found) = fraction(walk, &run) {
        return Some(found);
    }
    if let Some((end, decimals)) = point_and_decimals(walk, after) {
        let text = format!("{}.{decimals}", grouped(run.value(RULES)?));
        return Some(signed_unit(walk, end, text));
    }
    if let Some(found) = telephone(walk, &run) {
        return Some(found);
    }
    if let Some(found) = range(walk, &run) {
        return Some(found);
    }
    if walk.get(after) == Some('年') {
        let year = run.digits().or(run.value(RULES).map(|v| v.to_string()))?;
        return Some((after, year));
    }
    let value = run.value(RULES);
    if walk.before(i) == Some('第') || walk.after(after, "番目").is_some() {
        return Some((after, value?.to_string()));
    }
    let text = value.map(grouped).or(run.code())?;
    let (end, written) = signed_unit(walk, after, text);
    if run.is_single() {
        let sure = sure || end > after || counted(walk, &run) || walk.is_all(&run.span);
        return sure.then_some((end, written));
    }
    Some((end, written))
}

/// Whether a unit follows that makes a single character a number.
fn counted(walk: &Walk, run: &Run) -> bool {
    let after = run.end();
    let ten_minutes = || {
        walk.follows(run.span.start, CLOCK_BEFORE) || walk.longest(after + 1, CLOCK_AFTER).is_some()
    };
    match walk.longest(after, &UNITS) {
        Some((_, "分")) => run.value(RULES) != Some(10) || ten_minutes(),
        Some((_, "人")) => run.value(RULES).is_some_and(|v| v > 2),
        None => walk.get(after) == Some('番') && walk.follows(run.span.start, &["丁目"]),
        unit => unit.is_some(),
    }
}

/// `五から九日` as `5〜9日`.
fn range(walk: &Walk, run: &Run) -> Option<(usize, String)> {
    let to = Run::at(walk, walk.after(run.end(), "から")?)?;
    walk.longest(to.end(), &UNITS)?;
    let (from, until) = (run.value(RULES)?, to.value(RULES)?);
    (from < until).then(|| (to.end(), format!("{from}〜{until}")))
}

/// A unit that is written as a sign: `三十パーセント` as `30%`.
fn signed_unit(walk: &Walk, end: usize, number: String) -> (usize, String) {
    let units = SIGNS
        .iter()
        .filter_map(|(sign, name)| Some((walk.after(end, name)?, sign)));
    match units.max_by_key(|(end, _)| *end) {
        Some((end, sign)) => (end, format!("{number}{sign}")),
        None => (end, number),
    }
}

/// The point at a place and the decimals after it: where they end, and the digits.
fn point_and_decimals(walk: &Walk, at: usize) -> Option<(usize, String)> {
    let (start, _) = walk.longest(at, POINT)?;
    let (digits, end) = Run::decimals(walk, start)?;
    Some((end, digits))
}

/// `三分の一` as `1/3`, `一と四分の三` as `1 3/4`.
fn fraction(walk: &Walk, run: &Run) -> Option<(usize, String)> {
    if let Some(start) = walk.after(run.end(), "分の") {
        let over = Run::at(walk, start)?;
        let text = format!("{}/{}", over.value(RULES)?, run.value(RULES)?);
        return Some((over.end(), text));
    }
    let (start, _) = walk.longest(run.end(), &["と", "荷"])?;
    let part = Run::at(walk, start)?;
    walk.after(part.end(), "分の")?;
    let (end, text) = fraction(walk, &part)?;
    Some((end, format!("{} {text}", run.value(RULES)?)))
}

/// Groups of digits with の between them: `〇三の一二三四の五六七八` as `03-1234-5678`.
fn telephone(walk: &Walk, run: &Run) -> Option<(usize, String)> {
    let mut text = run.digits().filter(|d| d.len() >= 2)?;
    let (mut end, mut groups) = (run.end(), 1);
    while let Some(next) = walk.after(end, "の").and_then(|start| Run::at(walk, start)) {
        let Some(digits) = next.digits().filter(|d| d.len() >= 3) else {
            break;
        };
        text = format!("{text}-{digits}");
        (end, groups) = (next.end(), groups + 1);
    }
    (groups >= 3).then_some((end, text))
}
