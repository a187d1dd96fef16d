//! A stretch of speech cut out of a stream.

use crate::SAMPLE_RATE_HZ;
use std::ops::Range;

/// One utterance, with a little silence around it.
#[derive(Debug, Clone, PartialEq)]
pub struct SpeechSegment {
    /// Where the first sample lies, in seconds on the source's timeline.
    pub start_s: f64,
    /// Mono, 16 kHz, -1..1.
    pub samples: Vec<f32>,
    /// Where in it somebody speaks: `(start, end)` in seconds on the source's timeline, ordered.
    pub regions: Vec<(f64, f64)>,
}

impl SpeechSegment {
    /// A whole recording as one segment, wherever its speech may be.
    pub fn whole(samples: Vec<f32>) -> Self {
        let end = samples.len() as f64 / f64::from(SAMPLE_RATE_HZ);
        Self {
            start_s: 0.0,
            samples,
            regions: vec![(0.0, end)],
        }
    }

    /// Length in seconds.
    pub fn duration_s(&self) -> f64 {
        self.samples.len() as f64 / f64::from(SAMPLE_RATE_HZ)
    }

    /// Where the last sample ends, in seconds on the source's timeline.
    pub fn end_s(&self) -> f64 {
        self.start_s + self.duration_s()
    }

    /// Its samples up to a moment on the source's timeline.
    pub fn until(&self, second: f64) -> &[f32] {
        let count = ((second - self.start_s).max(0.0) * f64::from(SAMPLE_RATE_HZ)).round() as usize;
        &self.samples[..count.min(self.samples.len())]
    }

    /// First and last moment of speech: what to report as start and end of the utterance.
    pub fn speech_span(&self) -> (f64, f64) {
        match (self.regions.first(), self.regions.last()) {
            (Some(first), Some(last)) => (first.0, last.1),
            _ => (self.start_s, self.end_s()),
        }
    }

    /// Only these samples of it, with the speech in them.
    #[must_use]
    pub fn cut(mut self, range: Range<usize>) -> Self {
        let end = range.end.min(self.samples.len());
        let start = range.start.min(end);
        self.samples.truncate(end);
        self.samples.drain(..start);
        self.start_s += start as f64 / f64::from(SAMPLE_RATE_HZ);
        let (from, to) = (self.start_s, self.end_s());
        self.regions
            .retain(|&(begin, end)| begin < to && end > from);
        for region in &mut self.regions {
            *region = (region.0.max(from), region.1.min(to));
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_segment_keeps_its_place_and_the_speech_in_it() {
        let segment = SpeechSegment {
            start_s: 10.0,
            samples: (0..32_000).map(|n| n as f32).collect(),
            regions: vec![(10.1, 10.4), (10.6, 11.5), (11.9, 12.0)],
        };
        assert_eq!(segment.clone().cut(0..40_000), segment);
        let cut = segment.cut(8_000..28_000);
        assert_eq!((cut.start_s, cut.end_s()), (10.5, 11.75));
        assert_eq!((cut.samples[0], cut.samples.len()), (8_000.0, 20_000));
        assert_eq!(cut.regions, [(10.6, 11.5)]);
    }
}
