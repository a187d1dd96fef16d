//! What speakers do to one another: shares of talking, and interruptions.

use crate::Utterance;
use std::collections::BTreeMap;

/// Somebody interrupts where both speak for this long at least, seconds.
const OVERLAP_S: f64 = 0.25;
/// Shorter ones (`mm-hm`, `yes, right`) are listening, not interrupting; words.
const FEWEST_WORDS: usize = 3;
/// How many later utterances are looked at for each one.
const NEIGHBOURS: usize = 64;

/// Times of the utterances whose label passes, in order of their start.
pub(super) fn spans(
    utterances: &[Utterance],
    wanted: impl Fn(Option<&str>) -> bool,
) -> Vec<(f64, f64)> {
    let mut spans: Vec<(f64, f64)> = utterances
        .iter()
        .filter(|u| wanted(u.label.as_deref()) && u.start.is_finite() && u.end.is_finite())
        .map(|u| (u.start, u.end))
        .collect();
    spans.sort_by(|a, b| a.0.total_cmp(&b.0));
    spans
}

/// How often each speaker begins while another one speaks, both speak for [`OVERLAP_S`] or more,
/// and the other one stops first.
pub(super) fn interruptions(utterances: &[Utterance]) -> BTreeMap<&str, usize> {
    let mut order: Vec<&Utterance> = utterances
        .iter()
        .filter(|u| u.label.is_some() && u.start.is_finite() && u.end.is_finite())
        .collect();
    order.sort_by(|a, b| a.start.total_cmp(&b.start));
    let mut out = BTreeMap::new();
    for (i, second) in order.iter().enumerate() {
        let interrupted = order[i.saturating_sub(NEIGHBOURS)..i].iter().any(|first| {
            first.label != second.label
                && second.start > first.start
                && first.end - second.start >= OVERLAP_S
                && second.end > first.end
        });
        let long = second
            .text
            .split_whitespace()
            .nth(FEWEST_WORDS - 1)
            .is_some();
        if let Some(name) = second.label.as_deref().filter(|_| interrupted && long) {
            *out.entry(name).or_insert(0) += 1;
        }
    }
    out
}

/// A part of a whole, 0..1.
pub(super) fn share(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| (part / whole).clamp(0.0, 1.0))
}
