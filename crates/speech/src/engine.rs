//! An acoustic model with its workers: segments in, hypotheses out.

use crate::acoustic::{AcousticModel, Parts, SpeechJob};
use crate::confidence::Calibration;
use crate::graph::EncoderDecoder;
use crate::moonshine::{self, Moonshine};
use crate::vocabulary::{Spelling, Vocabulary};
use crate::whisper::{self, Prompts, Whisper};
use crate::{
    DecodeOptions, Hypothesis, Language, SAMPLE_RATE_HZ, SegmenterOptions, SpeechError,
    SpeechSegment,
};
use inference::{Batcher, BatcherOptions, Job, Runtime, SessionOptions, Worker};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

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
    /// Worker threads, each with sessions of its own. ONNX Runtime does not share weights between
    /// sessions of one file: each worker costs the model's memory again, so more than one pays
    /// only where there are more cores than one segment can use (about four).
    pub workers: usize,
    /// Whether a worker computes on its own thread alone, rather than on the shared pool: better
    /// for many segments at once, worse for one.
    pub single_thread: bool,
    /// Segments that may wait; one more is answered [`inference::InferenceError::Busy`].
    pub queue: usize,
    /// Segments decoded together at most.
    pub max_batch: usize,
}

impl Default for EngineOptions {
    fn default() -> Self {
        Self {
            workers: 1,
            single_thread: false,
            queue: 256,
            max_batch: 4,
        }
    }
}

/// Longest live segment in seconds: interims decode all of it again and again.
const LONGEST_LIVE_S: f64 = 20.0;

/// A loaded acoustic model. Share it behind an `Arc`.
pub struct Engine {
    id: String,
    kind: ModelKind,
    languages: Vec<Language>,
    batcher: Batcher<Hearer>,
}

impl Engine {
    /// Loads the model whose installed files lie in `dir` (`encoder.onnx`, `decoder.onnx`,
    /// `tokenizer.json`, for Whisper `generation_config.json`). Blocks for up to seconds.
    pub fn load(
        runtime: &Runtime,
        id: &str,
        kind: ModelKind,
        dir: &Path,
        options: EngineOptions,
    ) -> Result<Self, SpeechError> {
        let spelling = match kind {
            ModelKind::Moonshine => Spelling::Metaspace,
            ModelKind::Whisper => Spelling::ByteLevel,
        };
        let vocabulary = Arc::new(Vocabulary::load(&dir.join("tokenizer.json"), spelling)?);
        let prompts = match kind {
            ModelKind::Moonshine => None,
            ModelKind::Whisper => Some(Arc::new(Prompts::load(id, dir, &vocabulary)?)),
        };
        let languages = prompts
            .as_ref()
            .map_or_else(|| vec![Language::ENGLISH], |prompts| prompts.languages());
        let calibration = Calibration::of(id);
        let session = SessionOptions {
            single_thread: options.single_thread,
            ..SessionOptions::default()
        };
        let (runtime, dir) = (runtime.clone(), dir.to_owned());
        let build = move |_| {
            let graph = EncoderDecoder::load(&runtime, &dir, &session)?;
            let parts = Parts {
                graph,
                vocabulary: vocabulary.clone(),
                calibration,
            };
            let model: Box<dyn AcousticModel> = match &prompts {
                None => Box::new(Moonshine::new(parts, &dir)?),
                Some(prompts) => Box::new(Whisper::new(parts, prompts.clone())),
            };
            Ok(Hearer { model })
        };
        let batching = BatcherOptions {
            name: id.into(),
            workers: options.workers,
            queue: options.queue,
            max_batch: if kind == ModelKind::Whisper {
                options.max_batch
            } else {
                1
            },
            max_padded_size: 120 * SAMPLE_RATE_HZ as usize,
            handicap: (10 * SAMPLE_RATE_HZ as usize, Duration::from_millis(500)),
        };
        let batcher = Batcher::start(batching, build)?;
        Ok(Self {
            id: id.into(),
            kind,
            languages,
            batcher,
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

    /// Longest segment the model takes, in seconds.
    pub fn longest_segment_s(&self) -> f64 {
        match self.kind {
            ModelKind::Moonshine => moonshine::LONGEST_S,
            ModelKind::Whisper => whisper::LONGEST_S,
        }
    }

    /// How to cut audio for this model.
    pub fn segmenter_options(&self) -> SegmenterOptions {
        // Whisper was trained on long stretches with silence around them: it spells and punctuates
        // by what came before. Moonshine errs more with both.
        let (padding_s, min_silence_s) = match self.kind {
            ModelKind::Moonshine => (0.25, 0.6),
            ModelKind::Whisper => (0.4, 1.0),
        };
        SegmenterOptions {
            padding_s,
            min_silence_s,
            ..SegmenterOptions::default()
        }
    }

    /// How to cut live audio for this model. Pauses end nothing by themselves: who listens decides
    /// with [`crate::LiveSegmenter::close`].
    pub fn live_options(&self) -> SegmenterOptions {
        SegmenterOptions {
            min_silence_s: f64::INFINITY,
            max_segment_s: LONGEST_LIVE_S,
            ..self.segmenter_options()
        }
    }

    /// Beam width that buys accuracy at a fair price with this model: Moonshine errs a tenth less
    /// with 5, for a quarter more time; Whisper gains nothing from a beam.
    pub fn recommended_beam(&self) -> usize {
        match self.kind {
            ModelKind::Moonshine => 5,
            ModelKind::Whisper => 1,
        }
    }

    /// Segments waiting for a worker.
    pub fn queue_depth(&self) -> usize {
        self.batcher.depth()
    }

    /// Recognises one segment. Dropping the future gives its place in the queue up.
    ///
    /// Keep a few segments of one file in flight (they are decoded in batches), not all of them:
    /// [`inference::InferenceError::Busy`] is answered at once when the queue is full.
    pub async fn transcribe(
        &self,
        segment: Arc<SpeechSegment>,
        options: &DecodeOptions,
    ) -> Result<Hypothesis, SpeechError> {
        self.submit(segment, options, None).await
    }

    /// As [`Engine::transcribe`], for live audio that came in at `since`: the workers take the
    /// oldest audio first, whichever stream it belongs to.
    pub async fn transcribe_live(
        &self,
        segment: Arc<SpeechSegment>,
        options: &DecodeOptions,
        since: Instant,
    ) -> Result<Hypothesis, SpeechError> {
        self.submit(segment, options, Some(since)).await
    }

    async fn submit(
        &self,
        segment: Arc<SpeechSegment>,
        options: &DecodeOptions,
        since: Option<Instant>,
    ) -> Result<Hypothesis, SpeechError> {
        options.check()?;
        if let Some(language) = options
            .language
            .filter(|language| !self.languages.contains(language))
        {
            return Err(SpeechError::UnsupportedLanguage {
                model: self.id.clone(),
                language: language.code(),
            });
        }
        let (seconds, limit) = (segment.duration_s(), self.longest_segment_s());
        if seconds > limit {
            return Err(SpeechError::SegmentTooLong { seconds, limit });
        }
        self.batcher
            .run(SpeechJob {
                segment,
                options: options.clone(),
                since,
            })
            .await
    }
}

/// A worker: one model.
struct Hearer {
    model: Box<dyn AcousticModel>,
}

impl Worker for Hearer {
    type Job = SpeechJob;
    type Output = Hypothesis;
    type Error = SpeechError;

    fn run(&mut self, jobs: Vec<SpeechJob>) -> Vec<Result<Hypothesis, SpeechError>> {
        self.model.transcribe(&jobs)
    }
}

impl Job for SpeechJob {
    fn size(&self) -> usize {
        self.segment.samples.len()
    }

    /// Greedy searches share a batch while padding to the longer window wastes little.
    fn fits_with(&self, other: &Self) -> bool {
        let frames = |job: &Self| whisper::window_frames(job.segment.samples.len()) as f64;
        let (a, b) = (frames(self), frames(other));
        self.options.beam_width == 1 && other.options.beam_width == 1 && a.max(b) <= 1.3 * a.min(b)
    }

    fn since(&self) -> Option<Instant> {
        self.since
    }
}
