//! Korean, by the conventions of NeMo's inverse text normalisation but for percent signs
//! (without a space), degrees (in words), and short words: 일 is "work" and 이 "this", so a
//! number of one syllable counts only before a unit that makes it sure.

mod clock;
mod native;
mod sino;
mod telephone;

use super::Edit;
use super::walk::{Walk, is_written, pairs, words};
use std::sync::LazyLock;

/// The tables in `data/itn/ko`.
struct Tables {
    particles: Vec<&'static str>,
    stays: Vec<&'static str>,
    counters: Vec<&'static str>,
    units: Vec<(&'static str, &'static str)>,
    currencies: Vec<(&'static str, &'static str)>,
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| Tables {
    particles: words(include_str!("../../../data/itn/ko/particles.txt")),
    stays: words(include_str!("../../../data/itn/ko/stays.txt")),
    counters: words(include_str!("../../../data/itn/ko/counters.txt")),
    units: pairs(include_str!("../../../data/itn/ko/units.tsv")),
    currencies: pairs(include_str!("../../../data/itn/ko/currency.tsv")),
});

/// Words that a number may be grown together with.
const PREFIXES: &[&str] = &[
    "오전", "오후", "새벽", "아침", "저녁", "밤", "약", "총", "제", "영하",
];
/// Words that make a number after them vague: 몇 백, 수 천.
const VAGUE: &[&str] = &["몇", "수", "여러"];

/// What to rewrite.
pub(super) fn edits(text: &str) -> Vec<Edit> {
    let walk = Walk::new(text);
    let mut out = Vec::new();
    let (mut i, mut word_end) = (0, 0);
    while i < walk.len() {
        let begins = begins(&walk, i, word_end);
        let next = if !begins {
            i + 1
        } else if let Some((end, _)) = walk.longest(i, &TABLES.stays) {
            end
        } else if let Some((end, text)) = read(&walk, i) {
            out.push(walk.edit(i..end, text));
            end
        } else {
            i + 1
        };
        if walk.before(next).is_some_and(|c| !c.is_whitespace()) {
            word_end = next;
        }
        i = next;
    }
    out
}

/// What stands for the characters from the beginning of a word on, and where they end.
fn read(walk: &Walk, i: usize) -> Option<(usize, String)> {
    if let Some(start) = walk.after(i, "마이너스") {
        let (end, text) = sino::signed(walk, walk.space(start))?;
        return Some((end, format!("-{text}")));
    }
    clock::date(walk, i)
        .or_else(|| clock::time(walk, i))
        .or_else(|| telephone::telephone(walk, i))
        .or_else(|| native::counted(walk, i))
        .or_else(|| sino::number(walk, i))
}

/// Whether a number may begin here: at the beginning of a word that follows nothing written
/// in digits and nothing vague, or after a word it grows together with. `word_end` is where
/// the last thing before white space ended.
fn begins(walk: &Walk, i: usize, word_end: usize) -> bool {
    let Some(before) = walk.before(i) else {
        return true;
    };
    if before.is_whitespace() {
        let Some(last) = word_end.checked_sub(1) else {
            return true;
        };
        return !walk.prefixed(word_end, VAGUE) && !is_written(walk.get(last));
    }
    let joint = matches!(before, '.' | ',' | ':' | '-' | '/' | '~')
        && is_written(i.checked_sub(2).and_then(|at| walk.get(at)));
    let prefixed = walk.prefixed(i, PREFIXES);
    !joint && (!before.is_alphanumeric() && !is_sign(before) || prefixed)
}

fn is_sign(c: char) -> bool {
    matches!(c, '₩' | '$' | '€' | '¥' | '£' | '₹' | '-' | '+' | '%')
}

/// Whether a word ends at a place, or goes on with particles only.
fn ends_word(walk: &Walk, at: usize) -> bool {
    let rest = walk.rest_of_word(at);
    rest.is_empty() || TABLES.particles.contains(&rest.as_str())
}

/// Whether a word really ends at a place.
fn word_ends(walk: &Walk, at: usize) -> bool {
    walk.rest_of_word(at).is_empty()
}
