//! A stretch of speech cut out of a stream.

use crate::SAMPLE_RATE_HZ;

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

    /// First and last moment of speech: what to report as start and end of the utterance.
    pub fn speech_span(&self) -> (f64, f64) {
        match (self.regions.first(), self.regions.last()) {
            (Some(first), Some(last)) => (first.0, last.1),
            _ => (self.start_s, self.end_s()),
        }
    }
}
