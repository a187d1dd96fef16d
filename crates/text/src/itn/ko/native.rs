//! Native Korean numbers (하나 둘 셋, 열 스물), which count things and hours.

use super::super::walk::Walk;
use super::{TABLES, ends_word};

const TENS: &[(&str, u32)] = &[
    ("열", 10),
    ("스물", 20),
    ("스무", 20),
    ("서른", 30),
    ("마흔", 40),
    ("쉰", 50),
    ("예순", 60),
    ("일흔", 70),
    ("여든", 80),
    ("아흔", 90),
];
const ONES: &[(&str, u32)] = &[
    ("하나", 1),
    ("한", 1),
    ("둘", 2),
    ("두", 2),
    ("셋", 3),
    ("세", 3),
    ("넷", 4),
    ("네", 4),
    ("다섯", 5),
    ("여섯", 6),
    ("일곱", 7),
    ("여덟", 8),
    ("아홉", 9),
];
/// Counters of one syllable that may be grown together with a number of one syllable: not
/// 대 (세대, "generation") or 통 (두통, "headache").
const GROWN: &[&str] = &["개", "명", "번", "살", "권"];

/// A native number.
pub(super) struct Native {
    pub value: u32,
    pub end: usize,
    /// Words it is made of.
    parts: usize,
}

/// The number at a place.
pub(super) fn native(walk: &Walk, i: usize) -> Option<Native> {
    let find = |at: usize, table: &[(&str, u32)]| {
        let found = table
            .iter()
            .filter_map(|(word, value)| Some((walk.after(at, word)?, *value)));
        found.max_by_key(|(end, _)| *end)
    };
    let ten = find(i, TENS);
    let one = find(ten.map_or(i, |(end, _)| end), ONES);
    let (end, _) = one.or(ten)?;
    Some(Native {
        value: ten.map_or(0, |(_, v)| v) + one.map_or(0, |(_, v)| v),
        end,
        parts: usize::from(ten.is_some()) + usize::from(one.is_some()),
    })
}

/// A native number before what it counts: `두 개`, `스물한송이`, `첫 번째`.
pub(super) fn counted(walk: &Walk, i: usize) -> Option<(usize, String)> {
    if let Some(first) = walk.after(i, "첫") {
        let end = walk.after(walk.space(first), "번째")?;
        return ends_word(walk, end).then(|| (end, "1번째".to_owned()));
    }
    let number = native(walk, i)?;
    let name = walk.space(number.end);
    let counters = TABLES.counters.iter().filter_map(|counter| {
        let not_one = counter.starts_with('!');
        let end = walk.after(name, counter.trim_start_matches('!'))?;
        (ends_word(walk, end) && !(not_one && number.value == 1)).then_some(end)
    });
    let Some(end) = counters.max() else {
        let long = number.parts > 1 && ends_word(walk, number.end);
        return long.then(|| (number.end, number.value.to_string()));
    };
    let grown = name == number.end && number.end - i == 1 && end - name == 1 && number.value < 10;
    let sure = !grown || GROWN.iter().any(|word| walk.after(name, word).is_some());
    sure.then(|| (number.end, number.value.to_string()))
}
