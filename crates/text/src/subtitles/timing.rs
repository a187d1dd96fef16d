//! How long cues stay up: at least a second, at most seven.

use super::{CUE_SECONDS, Cue, LATE_SECONDS, MIN_CUE_SECONDS};
use std::collections::HashMap;

/// Times rounded to milliseconds may collide: pushes each cue of an utterance behind the one
/// before it.
pub(super) fn stretch(cues: &mut [Cue], end: f64) {
    let mut floor = 0;
    for cue in cues.iter_mut() {
        cue.start_ms = cue.start_ms.max(floor);
        cue.end_ms = cue.end_ms.max(cue.start_ms + 1);
        floor = cue.end_ms;
    }
    if let Some(last) = cues.last_mut() {
        // The utterance may end a little after its last word.
        last.end_ms = last.end_ms.max(millis(end).min(last.end_ms + 500));
    }
}

/// Gives short cues a second to be read: out of the silence after them, or else out of the next
/// cue's time, which then comes late, but never by more than [`LATE_SECONDS`]. No cue stays
/// longer than [`CUE_SECONDS`].
///
/// The cues of each voice (or channel) are seen to by themselves: voices may overlap.
pub(super) fn keep_up_long_enough(cues: &mut [Cue]) {
    let mut before: HashMap<Option<String>, usize> = HashMap::new();
    for i in 0..cues.len() {
        let Some(last) = before.insert(cues[i].label.clone(), i) else {
            continue;
        };
        let wanted = cues[last].start_ms + millis(MIN_CUE_SECONDS);
        let latest = cues[i].start_ms + millis(LATE_SECONDS);
        if cues[last].end_ms < wanted {
            cues[i].start_ms = cues[i].start_ms.max(wanted.min(latest));
            cues[i].end_ms = cues[i].end_ms.max(cues[i].start_ms + 1);
            let room = wanted.min(cues[i].start_ms);
            cues[last].end_ms = cues[last].end_ms.max(room);
        }
    }
    for last in before.into_values() {
        cues[last].end_ms = cues[last]
            .end_ms
            .max(cues[last].start_ms + millis(MIN_CUE_SECONDS));
    }
    for cue in cues.iter_mut() {
        cue.end_ms = cue.end_ms.min(cue.start_ms + millis(CUE_SECONDS));
    }
    cues.sort_by_key(|cue| cue.start_ms);
}

pub(super) fn millis(seconds: f64) -> u64 {
    // A float cast saturates, so no time can overflow; a year is further than any audio.
    ((seconds.max(0.0) * 1000.0).round() as u64).min(365 * 24 * 3_600_000)
}
