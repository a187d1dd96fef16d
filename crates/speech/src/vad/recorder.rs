//! The part of a stream that an utterance may still need, and what the model says of it.

use super::utterance::{Frame, Span};
use super::{FRAME, Memory, VoiceActivity};
use crate::decode::guard::QUIETEST_RMS;
use crate::{SAMPLE_RATE_HZ, SpeechError, SpeechSegment};
use std::time::{Duration, Instant};

/// Samples of one stream, from as far back as needed, and how far the model has heard them.
pub(super) struct Recorder {
    model: VoiceActivity,
    memory: Memory,
    audio: Vec<f32>,
    /// Position of the first sample kept.
    start: u64,
    /// Samples given to the model so far.
    heard: u64,
    busy: Duration,
}

impl Recorder {
    pub fn new(model: VoiceActivity) -> Self {
        Self {
            model,
            memory: Memory::new(),
            audio: Vec::new(),
            start: 0,
            heard: 0,
            busy: Duration::ZERO,
        }
    }

    /// As new, but for the time spent.
    pub fn restart(&mut self) {
        *self = Self {
            busy: self.busy,
            ..Self::new(self.model.clone())
        };
    }

    pub fn push(&mut self, samples: &[f32]) {
        self.audio.extend_from_slice(samples);
    }

    /// Samples taken since the start of the stream.
    pub fn received(&self) -> u64 {
        self.start + self.audio.len() as u64
    }

    /// Samples that the model has not heard yet.
    pub fn unheard(&self) -> usize {
        (self.received() - self.heard) as usize
    }

    /// Has the model hear the next `count` samples, a multiple of a frame.
    pub fn listen(&mut self, count: usize) -> Result<Vec<Frame>, SpeechError> {
        let begun = Instant::now();
        let from = (self.heard - self.start) as usize;
        let samples = &self.audio[from..from + count];
        let speech = self.model.listen(samples, &mut self.memory)?;
        let frames = samples
            .chunks_exact(FRAME)
            .zip(speech)
            .map(|(frame, p)| observe(frame, p))
            .collect();
        self.heard += count as u64;
        self.busy += begun.elapsed();
        Ok(frames)
    }

    /// Has the model hear the rest, filled up with silence that is not kept.
    pub fn listen_to_the_end(&mut self) -> Result<Vec<Frame>, SpeechError> {
        let left = self.unheard();
        let whole = left.next_multiple_of(FRAME);
        if whole == 0 {
            return Ok(Vec::new());
        }
        self.audio.resize(self.audio.len() + whole - left, 0.0);
        let frames = self.listen(whole);
        self.audio.truncate(self.audio.len() - (whole - left));
        self.heard = self.heard.min(self.received());
        frames
    }

    /// Forgets what lies before this sample.
    pub fn forget_before(&mut self, sample: u64) {
        let keep = sample.clamp(self.start, self.heard);
        self.audio.drain(..(keep - self.start) as usize);
        self.start = keep;
        // A stream that fell silent does not go on holding the room of its longest utterance.
        if self.audio.capacity() > 4 * self.audio.len().max(FRAME * 16) {
            self.audio.shrink_to(2 * self.audio.len());
        }
    }

    /// The samples of a span, as far as they are there.
    pub fn cut(&self, span: &Span) -> SpeechSegment {
        let place = |sample: u64| (sample.clamp(self.start, self.received()) - self.start) as usize;
        let (from, to) = (place(span.start), place(span.end));
        let end = seconds(self.start + to as u64);
        SpeechSegment {
            start_s: seconds(self.start + from as u64),
            samples: self.audio[from..to].to_vec(),
            regions: span
                .regions
                .iter()
                .map(|&(a, b)| (seconds(a), seconds(b).min(end)))
                .collect(),
        }
    }

    /// Time spent in the model.
    pub fn busy(&self) -> Duration {
        self.busy
    }
}

pub(super) fn seconds(samples: u64) -> f64 {
    samples as f64 / f64::from(SAMPLE_RATE_HZ)
}

/// Nothing is heard in silence, whatever the model says.
fn observe(samples: &[f32], speech: f32) -> Frame {
    let power = samples.iter().map(|x| x * x).sum::<f32>() / samples.len() as f32;
    let speech = if power.is_finite() && power.sqrt() > QUIETEST_RMS {
        speech
    } else {
        0.0
    };
    Frame {
        speech,
        level_db: 10.0 * (power + 1e-10).log10(),
    }
}
