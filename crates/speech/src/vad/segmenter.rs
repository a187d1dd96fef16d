//! From a recording to utterances, with memory for one utterance only.

use super::recorder::{Recorder, seconds};
use super::utterance::{Frame, Tracker};
use super::{FRAME, SegmenterOptions, VoiceActivity};
use crate::{SpeechError, SpeechSegment};
use std::time::Duration;

/// Cuts one stream of 16 kHz mono samples into utterances. Blocks while it computes: use it on a
/// thread for work, not on an async one. Memory is bounded by the longest segment.
pub struct Segmenter {
    recorder: Recorder,
    tracker: Tracker,
    block: usize,
}

impl Segmenter {
    pub(super) fn new(model: VoiceActivity, options: SegmenterOptions) -> Self {
        let block = options.frames_per_call.clamp(1, 256) * FRAME;
        Self {
            recorder: Recorder::new(model),
            tracker: Tracker::new(options),
            block,
        }
    }

    /// Takes the next samples (any number) and gives the utterances that they complete.
    pub fn push(&mut self, samples: &[f32]) -> Result<Vec<SpeechSegment>, SpeechError> {
        let mut done = Vec::new();
        // A long block is taken piece by piece, so that it is not held twice.
        for piece in samples.chunks(self.block) {
            self.recorder.push(piece);
            while self.recorder.unheard() >= self.block {
                let frames = self.recorder.listen(self.block)?;
                self.track(frames, &mut done);
            }
        }
        Ok(done)
    }

    /// Ends the stream: what is still open. The segmenter is then as new.
    pub fn finish(&mut self) -> Result<Vec<SpeechSegment>, SpeechError> {
        let mut done = Vec::new();
        let frames = self.recorder.listen_to_the_end()?;
        self.track(frames, &mut done);
        if let Some(span) = self.tracker.finish(self.recorder.received()) {
            done.push(self.recorder.cut(&span));
        }
        self.recorder.restart();
        self.tracker = Tracker::new(self.tracker.options().clone());
        Ok(done)
    }

    /// Time spent in the model so far.
    pub fn busy(&self) -> Duration {
        self.recorder.busy()
    }

    /// Seconds of audio taken since the start of the stream.
    pub fn position_s(&self) -> f64 {
        seconds(self.recorder.received())
    }

    fn track(&mut self, frames: Vec<Frame>, done: &mut Vec<SpeechSegment>) {
        for frame in frames {
            if let Some(span) = self.tracker.push(frame) {
                done.push(self.recorder.cut(&span));
            }
        }
        self.recorder.forget_before(self.tracker.needed_from());
    }
}
