//! What of a segment is embedded. ECAPA's cost grows with the length, and its answer hardly gets
//! better after a few seconds of speech, so long segments are represented by parts of them.

use crate::voice::SHORTEST_CLIP_S;
use crate::{SAMPLE_RATE_HZ, SpeechSegment};
use std::ops::Range;

/// Samples of an excerpt at most (3 s).
const LONGEST: usize = 3 * SAMPLE_RATE_HZ as usize;
/// Parts that a longer stretch of speech is represented by, evenly spread over it: a voice is more
/// itself at three moments than at one.
const PARTS: usize = 3;
const SHORTEST: usize = (SHORTEST_CLIP_S * SAMPLE_RATE_HZ as f64) as usize;

/// Only the speech of a segment, at most 3 s of it, spread over all of it: what
/// [`crate::Voices::print`] wants. `None` where less than 0.4 s is speech.
pub fn excerpt(segment: &SpeechSegment) -> Option<Vec<f32>> {
    let place = |second: f64| {
        let offset = (second - segment.start_s).max(0.0) * f64::from(SAMPLE_RATE_HZ);
        offset.round() as usize
    };
    let spans: Vec<Range<usize>> = segment
        .regions
        .iter()
        .map(|&(start, end)| place(start)..place(end))
        .collect();
    excerpt_of_spans(&segment.samples, &spans)
}

/// The same of any samples (16 kHz) of which `spans` are one speaker's. Spans are in order; what
/// lies beyond the samples, or in an earlier span already, is left out.
pub fn excerpt_of_spans(samples: &[f32], spans: &[Range<usize>]) -> Option<Vec<f32>> {
    let mut end = 0;
    let mut speech: Vec<Range<usize>> = Vec::with_capacity(spans.len());
    for span in spans {
        let span = span.start.max(end)..span.end.min(samples.len());
        if !span.is_empty() {
            end = span.end;
            speech.push(span);
        }
    }
    let all: usize = speech.iter().map(ExactSizeIterator::len).sum();
    if all < SHORTEST {
        return None;
    }
    let mut taken = Vec::with_capacity(all.min(LONGEST));
    let mut take = |from: usize, to: usize| {
        let mut before = 0;
        for span in &speech {
            let (first, last) = (from.max(before), to.min(before + span.len()));
            if first < last {
                let start = span.start - before;
                taken.extend_from_slice(&samples[start + first..start + last]);
            }
            before += span.len();
        }
    };
    if all <= LONGEST {
        take(0, all);
    } else {
        let part = LONGEST / PARTS;
        for place in 0..PARTS {
            let from = (all - part) * place / (PARTS - 1);
            take(from, from + part);
        }
    }
    Some(taken)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RATE: usize = SAMPLE_RATE_HZ as usize;

    fn counted(count: usize) -> Vec<f32> {
        (0..count).map(|n| n as f32).collect()
    }

    #[test]
    fn pauses_are_left_out() {
        let segment = SpeechSegment {
            start_s: 10.0,
            samples: counted(2 * RATE),
            regions: vec![(9.9, 10.25), (10.5, 10.75), (11.9, 12.5)],
        };
        let taken = excerpt(&segment).expect("0.6 s of speech");
        assert_eq!(taken.len(), 9_600);
        assert_eq!(taken[3_999..4_001], [3_999.0, 8_000.0]);
        assert_eq!(taken[9_599], 31_999.0);
    }

    #[test]
    fn a_long_segment_is_represented_by_its_beginning_middle_and_end() {
        let taken = excerpt(&SpeechSegment::whole(counted(11 * RATE))).expect("11 s of speech");
        assert_eq!(taken.len(), LONGEST);
        let seconds: Vec<f32> = taken
            .chunks(RATE)
            .map(|part| part[0] / RATE as f32)
            .collect();
        assert_eq!(seconds, [0.0, 5.0, 10.0]);
        assert_eq!(taken[LONGEST - 1], (11 * RATE - 1) as f32);
    }

    #[test]
    fn too_little_speech_gives_nothing() {
        assert_eq!(excerpt(&SpeechSegment::whole(counted(SHORTEST - 1))), None);
        assert!(excerpt(&SpeechSegment::whole(counted(SHORTEST))).is_some());
        let silent = SpeechSegment {
            start_s: 0.0,
            samples: counted(RATE),
            regions: Vec::new(),
        };
        assert_eq!(excerpt(&silent), None);
    }

    proptest! {
        #[test]
        fn any_spans_give_samples_in_order_and_never_twice(
            count in 0usize..60_000,
            spans in prop::collection::vec((0usize..70_000, 0usize..70_000), 0..8),
        ) {
            let spans: Vec<_> = spans.into_iter().map(|(from, to)| from..to).collect();
            if let Some(taken) = excerpt_of_spans(&counted(count), &spans) {
                prop_assert!((SHORTEST..=LONGEST).contains(&taken.len()));
                prop_assert!(taken.windows(2).all(|pair| pair[0] < pair[1]));
            }
        }
    }
}
