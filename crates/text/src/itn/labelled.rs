//! Numbers that are names: `room two oh five`, `flight four fifty six`, `one twenty three Main
//! Street`. They are said in digits and pairs, as times and years are, and are neither.

use super::digits::step;
use super::lexicon::Atom;
use super::scan::{Found, Scan};

/// Digits of such a number at most.
const DIGITS: usize = 6;
/// Words between a house number and the `Street` it is in.
const STREET_WITHIN: usize = 4;

/// A number after its label, or before its street.
pub(super) fn labelled(scan: &Scan<'_>, i: usize) -> Option<Found> {
    let label = i > 0 && scan.joined(i) && scan.phrase("label", i - 1).is_some();
    let mut digits = String::new();
    let mut steps = 0;
    let mut end = i;
    while end == i || scan.joined(end) {
        let Some(step) = step(scan, end) else { break };
        digits.push_str(&step.digits);
        steps += 1;
        end = step.end;
        if digits.len() > DIGITS {
            return None;
        }
    }
    let goes_on = scan.joined(end)
        && scan
            .part_of(end)
            .and_then(|p| scan.part(p))
            .is_some_and(|part| matches!(part.atom, Atom::Hundred | Atom::Scale(_)));
    let named = label || !scan.after_number(i) && in_street(scan, end);
    let told = steps >= 2 && (3..=DIGITS).contains(&digits.len());
    (named && told && !goes_on).then(|| Found::new(end, digits))
}

/// Whether a street's name stands at a word: capitals, the last of them `Street` or its like.
fn in_street(scan: &Scan<'_>, i: usize) -> bool {
    let name = (i..scan.tokens.len().min(i + STREET_WITHIN)).take_while(|&j| {
        scan.joined(j)
            && scan.tokens[j]
                .text
                .starts_with(|c: char| c.is_uppercase() || c.is_numeric())
    });
    name.skip(1).any(|j| scan.phrase("street", j).is_some())
}
