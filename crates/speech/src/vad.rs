//! Voice activity: which parts of a stream are speech.

use crate::{SpeechError, SpeechSegment};
use inference::Runtime;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// When a segment starts and ends. Times in seconds.
#[derive(Debug, Clone, PartialEq)]
pub struct SegmenterOptions {
    /// Probability above which speech starts.
    pub onset: f32,
    /// Probability below which speech may end.
    pub offset: f32,
    /// Shorter speech is dropped as a click.
    pub min_speech_s: f64,
    /// Silence that ends an utterance.
    pub min_silence_s: f64,
    /// Audio kept before and after speech.
    pub padding_s: f64,
    /// A longer utterance is cut at its quietest moment.
    pub max_segment_s: f64,
}

impl Default for SegmenterOptions {
    fn default() -> Self {
        Self {
            onset: 0.5,
            offset: 0.35,
            min_speech_s: 0.25,
            min_silence_s: 0.5,
            padding_s: 0.25,
            max_segment_s: 28.0,
        }
    }
}

/// A loaded Silero voice activity model, shared by all streams.
#[derive(Clone)]
pub struct VoiceActivity {
    inner: Arc<()>,
}

impl VoiceActivity {
    /// Loads the graph at `path`; up to `sessions` streams can run it at the same time.
    pub fn load(_runtime: &Runtime, path: &Path, _sessions: usize) -> Result<Self, SpeechError> {
        Err(SpeechError::ModelFile {
            path: path.into(),
            reason: "not loadable yet".into(),
        })
    }

    /// A segmenter for one stream.
    pub fn segmenter(&self, options: SegmenterOptions) -> Segmenter {
        let _ = &self.inner;
        Segmenter {
            options,
            busy: Duration::ZERO,
        }
    }
}

/// Cuts one stream of 16 kHz mono samples into utterances. Blocks while it computes: use it on a
/// thread for work, not on an async one. Memory is bounded by the longest segment.
pub struct Segmenter {
    options: SegmenterOptions,
    busy: Duration,
}

impl Segmenter {
    /// Takes the next samples (any number) and gives the utterances that they complete.
    pub fn push(&mut self, _samples: &[f32]) -> Result<Vec<SpeechSegment>, SpeechError> {
        let _ = &self.options;
        Ok(Vec::new())
    }

    /// Ends the stream: what is still open. The segmenter is then as new.
    pub fn finish(&mut self) -> Result<Vec<SpeechSegment>, SpeechError> {
        Ok(Vec::new())
    }

    /// Time spent in the model so far.
    pub fn busy(&self) -> Duration {
        self.busy
    }
}
