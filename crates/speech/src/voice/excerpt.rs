//! What of a segment is embedded. ECAPA's cost grows with the length, and its answer hardly gets
//! better after a few seconds of speech, so long segments are represented by their middle.

use crate::voice::SHORTEST_CLIP_S;
use crate::{SAMPLE_RATE_HZ, SpeechSegment};
use std::ops::Range;

/// Samples of an excerpt at most (4 s). With 3 s voices are mistaken up to half as often again, with
/// 1.5 s two to four times as often.
const LONGEST: usize = 4 * SAMPLE_RATE_HZ as usize;
const SHORTEST: usize = (SHORTEST_CLIP_S * SAMPLE_RATE_HZ as f64) as usize;

/// Only the speech of a segment, and of that the 4 s in its middle: what [`crate::Voices::print`]
/// wants. `None` where less than 0.4 s is speech. (Parts from all over the segment say less of the
/// voice than as much in one piece: speech begins and ends weak.)
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
    let length = all.min(LONGEST);
    let first = (all - length) / 2;
    let mut taken = Vec::with_capacity(length);
    // Where a span begins, counted in speech alone.
    let mut place = 0;
    for span in speech {
        let from = first.clamp(place, place + span.len()) - place;
        let to = (first + length).clamp(place, place + span.len()) - place;
        taken.extend_from_slice(&samples[span.start + from..span.start + to]);
        place += span.len();
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
    fn a_long_segment_is_represented_by_the_middle_of_its_speech() {
        let taken = excerpt(&SpeechSegment::whole(counted(11 * RATE))).expect("11 s of speech");
        assert_eq!(taken, counted(11 * RATE)[56_000..120_000]);
        let segment = SpeechSegment {
            start_s: 0.0,
            samples: counted(11 * RATE),
            regions: vec![(0.0, 3.0), (4.0, 5.0), (9.0, 11.0)],
        };
        let taken = excerpt(&segment).expect("6 s of speech");
        let seconds: Vec<f32> = taken
            .chunks(RATE / 2)
            .map(|part| part[0] / RATE as f32)
            .collect();
        assert_eq!(seconds, [1.0, 1.5, 2.0, 2.5, 4.0, 4.5, 9.0, 9.5]);
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
