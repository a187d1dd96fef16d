//! Stretches: what one local speaker of a window says without a pause, and what of it is embedded.

use super::segmentation::{Activity, FRAME, FRAMES, HOP_FRAMES, LOCAL};
use crate::voice::excerpt_of_spans;
use std::ops::Range;

/// Pauses up to this many frames (0.3 s) do not end a stretch, where nobody else speaks in them.
const PAUSE: usize = 18;
/// Frames at the edges that are not embedded where there is enough: the model's edges are off by
/// a frame or two.
const EDGE: usize = 1;

/// A local speaker of a window speaks.
#[derive(Debug, Clone, PartialEq)]
pub struct Stretch {
    /// Which window of the recording.
    pub window: usize,
    /// Which of its speakers, 0..3.
    pub local: usize,
    /// Frames of the recording.
    pub frames: Range<usize>,
    /// What was embedded of it, an index of units.
    pub unit: Option<usize>,
}

/// Frames of a window that are taken from it alone: the middle, where the model hears most around.
pub fn own(first: bool, last: bool, frames: usize) -> Range<usize> {
    let margin = (FRAMES - HOP_FRAMES) / 2;
    let start = if first { 0 } else { margin.min(frames) };
    let end = if last { frames } else { margin + HOP_FRAMES };
    start..end.min(frames).max(start)
}

/// The stretches within `own`: `(local speaker, frames)`, by speaker.
pub fn stretches(activity: &Activity, own: &Range<usize>) -> Vec<(usize, Range<usize>)> {
    let mut found: Vec<(usize, Range<usize>)> = Vec::new();
    for local in 0..LOCAL {
        for run in runs(own.clone(), |frame| activity.active(frame, local)) {
            let quiet = |gap: Range<usize>| {
                gap.len() <= PAUSE
                    && !gap
                        .clone()
                        .any(|frame| (0..LOCAL).any(|k| activity.active(frame, k)))
            };
            match found.last_mut() {
                Some((who, last)) if *who == local && quiet(last.end..run.start) => {
                    last.end = run.end
                }
                _ => found.push((local, run)),
            }
        }
    }
    found
}

/// The samples of a stretch to embed, and whether nobody else speaks in them: those of the local
/// speaker alone, else those with others too. `None` where there are too few.
pub fn excerpt(
    activity: &Activity,
    local: usize,
    frames: &Range<usize>,
    window: &[f32],
) -> Option<(Vec<f32>, bool)> {
    let of = |holds: &dyn Fn(usize) -> bool| {
        let spans: Vec<Range<usize>> = runs(frames.clone(), holds)
            .into_iter()
            .map(samples)
            .collect();
        excerpt_of_spans(window, &spans)
    };
    let alone = of(&|frame| activity.alone(frame, local)).map(|found| (found, true));
    alone.or_else(|| Some((of(&|frame| activity.active(frame, local))?, false)))
}

fn samples(run: Range<usize>) -> Range<usize> {
    let edge = if run.len() > 12 * EDGE { EDGE } else { 0 };
    (run.start + edge) * FRAME..(run.end - edge) * FRAME
}

/// Maximal ranges of frames that hold.
pub fn runs(frames: Range<usize>, holds: impl Fn(usize) -> bool) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for frame in frames.filter(|&frame| holds(frame)) {
        match runs.last_mut() {
            Some(run) if run.end == frame => run.end += 1,
            _ => runs.push(frame..frame + 1),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Local speakers who are on in runs of frames.
    fn activity(frames: usize, on: &[(usize, Range<usize>)]) -> Activity {
        let mut levels = vec![[0; LOCAL]; frames];
        for (local, run) in on {
            levels[run.clone()]
                .iter_mut()
                .for_each(|frame| frame[*local] = 255);
        }
        Activity::of(levels)
    }

    #[test]
    fn the_parts_of_windows_lie_side_by_side() {
        let (first, middle) = (own(true, false, FRAMES), own(false, false, FRAMES));
        assert_eq!(first.end, middle.start + HOP_FRAMES);
        assert_eq!(middle.len(), HOP_FRAMES);
        assert_eq!(own(true, true, 100), 0..100);
        assert!(own(false, true, 20).is_empty());
    }

    #[test]
    fn short_pauses_are_within_a_stretch_unless_another_speaks_in_them() {
        let on = [
            (0, 0..50),
            (0, 60..100),
            (1, 150..160),
            (0, 140..151),
            (0, 159..200),
        ];
        let found = stretches(&activity(300, &on), &(0..300));
        let expected = [(0, 0..100), (0, 140..151), (0, 159..200), (1, 150..160)];
        assert_eq!(found, expected);
    }

    #[test]
    fn what_is_spoken_alone_is_embedded_and_the_rest_only_for_want_of_it() {
        let window: Vec<f32> = (0..100 * FRAME).map(|n| n as f32).collect();
        let both = activity(100, &[(0, 0..100), (1, 40..100)]);
        let (alone, pure) = excerpt(&both, 0, &(0..100), &window).expect("0.6 s alone");
        assert!(pure && alone.last() < Some(&(40.0 * FRAME as f32)));
        let (mixed, pure) = excerpt(&both, 1, &(40..100), &window).expect("1 s with another");
        assert!(!pure && mixed[0] >= 40.0 * FRAME as f32);
        assert_eq!(excerpt(&both, 1, &(40..50), &window), None);
    }
}
