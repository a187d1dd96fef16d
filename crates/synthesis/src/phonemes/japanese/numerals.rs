//! Numbers in kanji with what they count: 三本 is サンボン, whatever 三 and 本 are by themselves.

use super::dictionary::Class;
use super::lattice::Morpheme;
use crate::spoken::ja::{counters, numbers};

/// In characters; what is longer is no number.
const LONGEST: usize = 24;

/// Joins runs of numerals, with the counter behind them, into one word each.
pub(super) fn join(text: &str, words: Vec<Morpheme>) -> Vec<Morpheme> {
    let mut joined: Vec<Morpheme> = Vec::with_capacity(words.len());
    let mut at = 0;
    while at < words.len() {
        let run = words[at..].iter().take_while(|word| {
            word.class == Class::Numeral || is_number(&text[word.start..word.end])
        });
        let count = run.count();
        let found = (count > 0)
            .then(|| number(text, &words[at..], count))
            .flatten();
        match found {
            Some((taken, word)) => {
                joined.push(word);
                at += taken;
            }
            None => {
                let next = at + count.max(1);
                joined.extend_from_slice(&words[at..next]);
                at = next;
            }
        }
    }
    joined
}

/// A number of the first `count` words, with a counter if one follows: how many words, and which.
fn number(text: &str, words: &[Morpheme], count: usize) -> Option<(usize, Morpheme)> {
    let (start, end) = (words[0].start, words[count - 1].end);
    let value = value(&text[start..end])?;
    let whole = |end, sounds| Morpheme {
        start,
        end,
        class: Class::Other,
        sounds,
    };
    if let Some((length, counter)) = counters::at(&text[end..])
        && let Some(last) = words[count..]
            .iter()
            .position(|word| word.end == end + length)
        && last < 3
    {
        return Some((
            count + last + 1,
            whole(end + length, counter.counting(value)),
        ));
    }
    let compound = count > 1 || is_number(&text[start..end]);
    compound.then(|| (count, whole(end, numbers::cardinal(value))))
}

/// 八百 is a number, whatever else the dictionary may have for it; 万一 is none.
fn is_number(written: &str) -> bool {
    let mut characters = written.chars();
    characters
        .next()
        .is_some_and(|c| "一二三四五六七八九".contains(c))
        && characters.next().is_some_and(|c| "十百千".contains(c))
        && characters.all(|c| "一二三四五六七八九十百千万億".contains(c))
}

/// The value of 二十三 or 二〇二四.
fn value(written: &str) -> Option<u64> {
    if written.chars().count() > LONGEST {
        return None;
    }
    let digit = |c: char| "〇一二三四五六七八九".chars().position(|d| d == c);
    let by_place = written.chars().count() > 1 && written.chars().all(|c| digit(c).is_some());
    let (mut total, mut section, mut last) = (0u64, 0u64, None);
    for c in written.chars() {
        let c = if c == '零' { '〇' } else { c };
        if let Some(digit) = digit(c) {
            let digit = u64::try_from(digit).ok()?;
            last = match last {
                None => Some(digit),
                Some(before) if by_place => {
                    Some(u64::checked_add(u64::checked_mul(before, 10)?, digit)?)
                }
                Some(_) => return None,
            };
            continue;
        }
        let small = match c {
            '十' => 10,
            '百' => 100,
            '千' => 1000,
            _ => 0,
        };
        if small > 0 {
            section = section.checked_add(last.take().unwrap_or(1).checked_mul(small)?)?;
            continue;
        }
        let large = match c {
            '万' => 10_000,
            '億' => 100_000_000,
            _ => return None,
        };
        section = section.checked_add(last.take().unwrap_or(0))?;
        total = total.checked_add(section.max(1).checked_mul(large)?)?;
        section = 0;
    }
    let value = total.checked_add(section)?.checked_add(last.unwrap_or(0))?;
    Some(value).filter(|value| *value < 10_000_000_000_000_000)
}
