//! An acoustic model with its workers: segments in, hypotheses out.

use crate::{DecodeOptions, Hypothesis, Language, SegmenterOptions, SpeechError, SpeechSegment};
use inference::Runtime;
use std::path::Path;
use std::sync::Arc;

/// Family of an acoustic model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModelKind {
    /// Useful Sensors' Moonshine: English, raw samples, cost in proportion to length.
    Moonshine,
    /// OpenAI's Whisper, multilingual.
    Whisper,
}

/// How an engine is run.
#[derive(Debug, Clone)]
pub struct EngineOptions {
    /// Worker threads, each with sessions of its own (weights are shared).
    pub workers: usize,
    /// Segments that may wait; one more is answered [`inference::InferenceError::Busy`].
    pub queue: usize,
    /// Segments decoded together at most.
    pub max_batch: usize,
}

impl Default for EngineOptions {
    fn default() -> Self {
        Self {
            workers: 1,
            queue: 256,
            max_batch: 4,
        }
    }
}

/// A loaded acoustic model. Cheap to share behind an `Arc`.
pub struct Engine {
    id: String,
    kind: ModelKind,
    languages: Vec<Language>,
}

impl Engine {
    /// Loads the model whose installed files lie in `dir` (`encoder.onnx`, `decoder.onnx`,
    /// `tokenizer.json`, for Whisper `generation_config.json`). Blocks for up to seconds.
    pub fn load(
        _runtime: &Runtime,
        id: &str,
        kind: ModelKind,
        dir: &Path,
        _options: EngineOptions,
    ) -> Result<Self, SpeechError> {
        Err(SpeechError::ModelFile {
            path: dir.into(),
            reason: format!("{id} ({kind:?}) is not loadable yet"),
        })
    }

    /// Id of the model, such as `whisper-base`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Family of the model.
    pub fn kind(&self) -> ModelKind {
        self.kind
    }

    /// Languages the model knows.
    pub fn languages(&self) -> &[Language] {
        &self.languages
    }

    /// How to cut audio for this model.
    pub fn segmenter_options(&self) -> SegmenterOptions {
        SegmenterOptions::default()
    }

    /// Segments waiting for a worker.
    pub fn queue_depth(&self) -> usize {
        0
    }

    /// Recognises one segment. Dropping the future gives its place in the queue up.
    ///
    /// Keep a few segments of one file in flight (they are decoded in batches), not all of them:
    /// [`inference::InferenceError::Busy`] is answered at once when the queue is full.
    pub async fn transcribe(
        &self,
        _segment: Arc<SpeechSegment>,
        options: &DecodeOptions,
    ) -> Result<Hypothesis, SpeechError> {
        options.check()?;
        Err(SpeechError::Inference(inference::InferenceError::Stopped))
    }
}
