//! Rows of digits: telephone and account numbers.

use super::lexicon::Atom;
use super::scan::{Found, Scan};

/// Fewest digits said one by one that make a row.
const SINGLE: usize = 3;
/// Fewest digits of a row that holds two-digit numbers, and fewest words or pairs in it.
const MIXED: (usize, usize) = (7, 4);

/// `five five five one two three four`, `double seven`, `oh two`, `plus four four ...`.
pub(super) fn telephone(scan: &Scan<'_>, i: usize) -> Option<Found> {
    let plus = scan
        .phrase("plus", i)
        .filter(|(end, _)| scan.joined(*end) && !scan.after_number(i));
    let begin = plus.map_or(i, |(end, _)| end);
    let mut row: Vec<Step> = Vec::new();
    let mut free_call_in = false;
    let mut at = begin;
    while at == begin || scan.joined(at) {
        let free = (row.len() < 2).then(|| free_call(scan, at)).flatten();
        free_call_in |= free.is_some();
        let Some(step) = free.or_else(|| step(scan, at)) else {
            break;
        };
        at = step.end;
        row.push(step);
    }
    // A number that goes on (`one two three hundred`) is none of the row.
    while let Some(end) = row.last().map(|step| step.end)
        && scan.joined(end)
        && let Some(part) = scan.part_of(end).and_then(|p| scan.part(p))
        && matches!(part.atom, Atom::Hundred | Atom::Scale(_))
    {
        row.pop();
    }
    let singles = row.iter().take_while(|step| step.single).count();
    let total: usize = row.iter().map(|step| step.digits.len()).sum();
    if singles < row.len() && (total < MIXED.0 || row.len() < MIXED.1) {
        row.truncate(singles);
    }
    let digits: String = row.iter().map(|step| step.digits.as_str()).collect();
    // `oh two` may be an exclamation.
    let least = SINGLE + usize::from(scan.phrase("oh", begin).is_some());
    if digits.len() < least
        || plus.is_some() && digits.len() < 8
        || free_call_in && digits.len() < 10
    {
        return None;
    }
    let end = row.last()?.end;
    let written = (scan.style.telephone)(&digits);
    Some(Found::new(
        end,
        format!("{}{written}", if plus.is_some() { "+" } else { "" }),
    ))
}

/// One word of a row, or a digit with how often it is repeated.
pub(super) struct Step {
    /// The word after it.
    pub end: usize,
    pub digits: String,
    /// Digits said one by one.
    single: bool,
}

/// The step at a word.
pub(super) fn step(scan: &Scan<'_>, i: usize) -> Option<Step> {
    let Some((end, times)) = scan.phrase("repeat", i) else {
        return once(scan, i);
    };
    // `double double seven` says nothing.
    let mut digit = once(scan, end).filter(|step| step.digits.len() == 1 && scan.joined(end))?;
    digit.digits = digit.digits.repeat(times.parse().unwrap_or(1));
    Some(digit)
}

/// A step that is not repeated.
fn once(scan: &Scan<'_>, i: usize) -> Option<Step> {
    if let Some((end, _)) = scan.phrase("oh", i) {
        let digits = "0".into();
        return Some(Step {
            end,
            digits,
            single: true,
        });
    }
    let (value, end) = scan.piece(i).filter(|(value, _)| *value < 100)?;
    Some(Step {
        end,
        digits: value.to_string(),
        single: value < 10,
    })
}

/// `eight hundred` at the beginning of a telephone number.
fn free_call(scan: &Scan<'_>, i: usize) -> Option<Step> {
    let (digit, end) = scan
        .within_word(i)
        .filter(|(digit, _)| (1..10).contains(digit))?;
    let hundred = scan.part_of(end).and_then(|p| scan.part(p))?;
    let called = scan.joined(end) && hundred.last && hundred.atom == Atom::Hundred;
    called.then(|| Step {
        end: end + 1,
        digits: format!("{digit}00"),
        single: true,
    })
}

/// Digits in groups of these sizes.
pub(super) fn grouped(digits: &str, sizes: &[usize], between: &str) -> String {
    let mut groups = Vec::with_capacity(sizes.len());
    let mut rest = digits;
    for &size in sizes {
        let (group, tail) = rest.split_at(size.min(rest.len()));
        groups.push(group);
        rest = tail;
    }
    groups.push(rest);
    groups.retain(|group| !group.is_empty());
    groups.join(between)
}
