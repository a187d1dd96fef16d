//! From a stream of samples to utterances, with memory for one utterance only.

use super::utterance::{Frame, Span, Tracker};
use super::{FRAME, Memory, SegmenterOptions, VoiceActivity};
use crate::decode::guard::QUIETEST_RMS;
use crate::{SAMPLE_RATE_HZ, SpeechError, SpeechSegment};
use std::time::{Duration, Instant};

/// Cuts one stream of 16 kHz mono samples into utterances. Blocks while it computes: use it on a
/// thread for work, not on an async one. Memory is bounded by the longest segment.
pub struct Segmenter {
    model: VoiceActivity,
    memory: Memory,
    tracker: Tracker,
    /// Samples from `start` on, as far back as an utterance may reach.
    audio: Vec<f32>,
    start: u64,
    /// Samples given to the model so far.
    heard: u64,
    block: usize,
    busy: Duration,
}

impl Segmenter {
    pub(super) fn new(model: VoiceActivity, options: SegmenterOptions) -> Self {
        let block = options.frames_per_call.clamp(1, 256) * FRAME;
        let tracker = Tracker::new(options);
        Self {
            model,
            memory: Memory::new(),
            tracker,
            audio: Vec::new(),
            start: 0,
            heard: 0,
            block,
            busy: Duration::ZERO,
        }
    }

    /// Takes the next samples (any number) and gives the utterances that they complete.
    pub fn push(&mut self, samples: &[f32]) -> Result<Vec<SpeechSegment>, SpeechError> {
        let mut done = Vec::new();
        // A long block is taken piece by piece, so that it is not held twice.
        for piece in samples.chunks(self.block) {
            self.audio.extend_from_slice(piece);
            while self.received() - self.heard >= self.block as u64 {
                self.listen(self.block, &mut done)?;
            }
        }
        Ok(done)
    }

    /// Ends the stream: what is still open. The segmenter is then as new.
    pub fn finish(&mut self) -> Result<Vec<SpeechSegment>, SpeechError> {
        let mut done = Vec::new();
        let received = self.received();
        let left = (received - self.heard) as usize;
        let whole = left.next_multiple_of(FRAME);
        self.audio.resize(self.audio.len() + whole - left, 0.0);
        if whole > 0 {
            self.listen(whole, &mut done)?;
        }
        // The silence that filled the last frame is not the source's.
        self.audio.truncate((received - self.start) as usize);
        if let Some(span) = self.tracker.finish(received) {
            done.push(self.cut(&span));
        }
        let busy = self.busy;
        *self = Self::new(self.model.clone(), self.tracker.options().clone());
        self.busy = busy;
        Ok(done)
    }

    /// Time spent in the model so far.
    pub fn busy(&self) -> Duration {
        self.busy
    }

    /// Seconds of audio taken since the start of the stream.
    pub fn position_s(&self) -> f64 {
        seconds(self.received())
    }

    fn received(&self) -> u64 {
        self.start + self.audio.len() as u64
    }

    fn listen(&mut self, count: usize, done: &mut Vec<SpeechSegment>) -> Result<(), SpeechError> {
        let begun = Instant::now();
        let from = (self.heard - self.start) as usize;
        let samples = &self.audio[from..from + count];
        let speech = self.model.listen(samples, &mut self.memory)?;
        let frames: Vec<Frame> = samples
            .chunks_exact(FRAME)
            .zip(speech)
            .map(|(frame, p)| observe(frame, p))
            .collect();
        self.heard += count as u64;
        for frame in frames {
            if let Some(span) = self.tracker.push(frame) {
                done.push(self.cut(&span));
            }
        }
        // What no utterance can reach any more.
        let keep = self.tracker.needed_from().clamp(self.start, self.heard);
        self.audio.drain(..(keep - self.start) as usize);
        self.start = keep;
        self.busy += begun.elapsed();
        Ok(())
    }

    fn cut(&self, span: &Span) -> SpeechSegment {
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
}

fn seconds(samples: u64) -> f64 {
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
