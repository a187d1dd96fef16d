//! From a live stream to utterances whose ends somebody else decides, frame by frame.

use super::recorder::{Recorder, seconds};
use super::utterance::{Frame, Tracker};
use super::{FRAME, SegmenterOptions, VoiceActivity};
use crate::{SpeechError, SpeechSegment};
use std::collections::VecDeque;

/// Frames given to the model at once when there are many: half a second.
const MOST_FRAMES: usize = 16;

/// Cuts one live stream of 16 kHz mono samples into utterances. [`LiveSegmenter::push`] listens
/// (a millisecond for each 32, blocking); [`LiveSegmenter::step`] then goes through what was heard
/// one frame at a time, so that whoever decides does so at the same moments of the audio however
/// fast it comes in. Memory is bounded by the longest segment and by what was pushed and not yet
/// stepped through.
pub struct LiveSegmenter {
    recorder: Recorder,
    tracker: Tracker,
    /// Heard, and not yet stepped through.
    frames: VecDeque<Frame>,
}

/// The utterance that is going on. Seconds of the stream.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OpenUtterance {
    /// Where speech began.
    pub start_s: f64,
    /// Where speech was last heard.
    pub speech_end_s: f64,
    /// Where the last step came to.
    pub now_s: f64,
    /// Seconds of speech in it.
    pub speech_s: f64,
}

impl OpenUtterance {
    /// Silence since speech was last heard, in seconds.
    pub fn pause_s(&self) -> f64 {
        self.now_s - self.speech_end_s
    }
}

impl LiveSegmenter {
    pub(super) fn new(model: VoiceActivity, options: SegmenterOptions) -> Self {
        Self {
            recorder: Recorder::new(model),
            tracker: Tracker::new(options),
            frames: VecDeque::new(),
        }
    }

    /// Takes the next samples, any number, and listens to the whole frames among them.
    pub fn push(&mut self, samples: &[f32]) -> Result<(), SpeechError> {
        self.recorder.push(samples);
        while self.recorder.unheard() >= FRAME {
            let whole = self.recorder.unheard() / FRAME;
            let frames = self.recorder.listen(whole.min(MOST_FRAMES) * FRAME)?;
            self.frames.extend(frames);
        }
        Ok(())
    }

    /// Listens to what does not fill a frame: no more will come.
    pub fn finish(&mut self) -> Result<(), SpeechError> {
        let frames = self.recorder.listen_to_the_end()?;
        self.frames.extend(frames);
        Ok(())
    }

    /// Goes one frame (32 ms) on. `None` when there is none; a segment when speech has gone on for
    /// so long that it had to be cut.
    pub fn step(&mut self) -> Option<Option<SpeechSegment>> {
        let frame = self.frames.pop_front()?;
        let forced = self
            .tracker
            .push(frame)
            .map(|span| self.recorder.cut(&span));
        self.recorder.forget_before(self.tracker.needed_from());
        Some(forced)
    }

    /// The utterance that is going on, if one is.
    pub fn open(&self) -> Option<OpenUtterance> {
        let (first, last, voiced) = self.tracker.open()?;
        let at = |frame: u64| seconds(frame * FRAME as u64);
        Some(OpenUtterance {
            start_s: at(first),
            speech_end_s: at(last),
            now_s: at(self.tracker.seen()),
            speech_s: at(voiced),
        })
    }

    /// The utterance so far, with the silence after it.
    pub fn snapshot(&self) -> Option<SpeechSegment> {
        self.tracker.so_far().map(|span| self.recorder.cut(&span))
    }

    /// Ends the utterance that is going on, if one is and it is long enough to hold a word.
    pub fn close(&mut self) -> Option<SpeechSegment> {
        let span = self.tracker.finish(self.recorder.received())?;
        Some(self.recorder.cut(&span))
    }

    /// Seconds of audio taken since the start of the stream.
    pub fn received_s(&self) -> f64 {
        seconds(self.recorder.received())
    }

    /// Seconds of audio stepped through since the start of the stream.
    pub fn now_s(&self) -> f64 {
        seconds((self.tracker.seen() * FRAME as u64).min(self.recorder.received()))
    }
}
