//! Time of speaking and silent pauses, from the times of words.

/// A silence this long or longer is a pause (Goldman-Eisler 1968; De Jong and Bosker 2013).
pub(super) const PAUSE_S: f64 = 0.25;
/// A longer silence is no pause in what somebody says: they have stopped, or wait.
const LONGEST_PAUSE_S: f64 = 10.0;

/// Something said, and when.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Span {
    pub start: f64,
    pub end: f64,
    /// Whether a clause ends with it, so that a pause after it is one of breath or sense.
    pub ends_clause: bool,
}

/// Time added up.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Timing {
    /// Seconds of sound: words, and gaps too short to be pauses.
    pub phonation_s: f64,
    /// Pauses, seconds each, in order.
    pub pauses: Vec<f64>,
    /// How many of them stand within a clause.
    pub within_clause: usize,
}

/// Adds up spans of one speaker, in any order. A silence in which somebody else speaks (`others`)
/// is no pause of this speaker.
pub(super) fn timing(mut spans: Vec<Span>, others: &[(f64, f64)]) -> Timing {
    spans.retain(|span| span.start.is_finite() && span.end.is_finite() && span.start <= span.end);
    spans.sort_by(|a, b| a.start.total_cmp(&b.start).then(a.end.total_cmp(&b.end)));
    let mut out = Timing::default();
    let mut before: Option<Span> = None;
    let mut next_other = 0;
    for span in spans {
        let Some(last) = before else {
            out.phonation_s += span.end - span.start;
            before = Some(span);
            continue;
        };
        let gap = span.start - last.end;
        while others.get(next_other).is_some_and(|o| o.0 < last.end) {
            next_other += 1;
        }
        let answered = others.get(next_other).is_some_and(|o| o.0 < span.start);
        if gap < PAUSE_S {
            out.phonation_s += (span.end - last.end.min(span.end)).max(0.0);
        } else {
            out.phonation_s += span.end - span.start;
            if gap <= LONGEST_PAUSE_S && !answered {
                out.pauses.push(gap);
                out.within_clause += usize::from(!last.ends_clause);
            }
        }
        before = Some(match span.end >= last.end {
            true => span,
            false => last,
        });
    }
    out
}
