//! An acoustic model with its workers: segments in, hypotheses out.

use crate::acoustic::{AcousticModel, Parts, SpeechJob};
use crate::confidence::Calibration;
use crate::ctc::{Aligner, Ctc, CtcAbout, Description};
use crate::graph::EncoderDecoder;
use crate::moonshine::{self, Moonshine};
use crate::vocabulary::{Spelling, Vocabulary};
use crate::whisper::{self, Prompts, Whisper};
use crate::{
    DecodeOptions, Hypothesis, Language, MAX_BEAM_WIDTH, MAX_CTC_BEAM_WIDTH, SAMPLE_RATE_HZ,
    SegmenterOptions, SpeechError, SpeechSegment,
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
    /// Any CTC model with `model.onnx`, a vocabulary and perhaps `ctc.json`; see docs/ctc.md.
    Ctc,
}

impl ModelKind {
    /// Widest beam that the model is searched with.
    pub fn widest_beam(self) -> usize {
        match self {
            Self::Moonshine | Self::Whisper => MAX_BEAM_WIDTH,
            Self::Ctc => MAX_CTC_BEAM_WIDTH,
        }
    }
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
    /// Whether a model that has an aligner tells by it when words are said, rather than by its
    /// attention.
    pub aligner: bool,
}

impl Default for EngineOptions {
    fn default() -> Self {
        Self {
            workers: 1,
            single_thread: false,
            queue: 256,
            max_batch: 4,
            aligner: true,
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
    /// Of a CTC model.
    ctc: Option<Arc<Description>>,
    batcher: Batcher<Hearer>,
}

impl Engine {
    /// Loads the model whose installed files lie in `dir` (`encoder.onnx`, `decoder.onnx`,
    /// `tokenizer.json`, for Whisper `generation_config.json`, for Moonshine `aligner.onnx` and
    /// `tokens.txt`; for CTC `model.onnx` and a vocabulary). Blocks for up to seconds.
    pub fn load(
        runtime: &Runtime,
        id: &str,
        kind: ModelKind,
        dir: &Path,
        options: EngineOptions,
    ) -> Result<Self, SpeechError> {
        let plan = Plan::read(id, kind, dir, options.aligner)?;
        let (languages, ctc) = (plan.languages(), plan.ctc());
        let calibration = Calibration::of(id);
        let session = SessionOptions {
            single_thread: options.single_thread,
            ..SessionOptions::default()
        };
        let (runtime, dir) = (runtime.clone(), dir.to_owned());
        let build = move |_| {
            let model = plan.build(&runtime, &dir, &session, calibration)?;
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
            ctc,
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
            ModelKind::Ctc => self
                .ctc
                .as_ref()
                .map_or(LONGEST_LIVE_S, |it| it.longest_s()),
        }
    }

    /// How to cut audio for this model.
    pub fn segmenter_options(&self) -> SegmenterOptions {
        // Whisper was trained on long stretches with silence around them: it spells and punctuates
        // by what came before. Moonshine errs more with both.
        let (padding_s, min_silence_s) = match self.kind {
            ModelKind::Moonshine | ModelKind::Ctc => (0.25, 0.6),
            ModelKind::Whisper => (0.4, 1.0),
        };
        let defaults = SegmenterOptions::default();
        SegmenterOptions {
            padding_s,
            min_silence_s,
            max_segment_s: defaults.max_segment_s.min(self.longest_segment_s()),
            ..defaults
        }
    }

    /// How to cut live audio for this model. Pauses end nothing by themselves: who listens decides
    /// with [`crate::LiveSegmenter::close`].
    pub fn live_options(&self) -> SegmenterOptions {
        SegmenterOptions {
            min_silence_s: f64::INFINITY,
            max_segment_s: LONGEST_LIVE_S.min(self.longest_segment_s()),
            ..self.segmenter_options()
        }
    }

    /// Beam width that buys accuracy at a fair price with this model: Moonshine errs a tenth less
    /// with 5, for a quarter more time; Whisper gains nothing from a beam; a CTC beam costs next to
    /// nothing beside its model.
    pub fn recommended_beam(&self) -> usize {
        match self.kind {
            ModelKind::Moonshine => 5,
            ModelKind::Whisper => 1,
            ModelKind::Ctc => 20,
        }
    }

    /// What a CTC model says of itself.
    pub fn about(&self) -> Option<CtcAbout> {
        self.ctc.as_ref().map(|it| it.about())
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
        options.check(self.kind.widest_beam())?;
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

/// What the workers of a model share, by its family.
enum Plan {
    Moonshine {
        vocabulary: Arc<Vocabulary>,
        with_aligner: bool,
    },
    Whisper(Arc<Vocabulary>, Arc<Prompts>),
    Ctc(Arc<Description>),
}

impl Plan {
    fn read(
        id: &str,
        kind: ModelKind,
        dir: &Path,
        with_aligner: bool,
    ) -> Result<Self, SpeechError> {
        let vocabulary = |spelling| Vocabulary::load(&dir.join("tokenizer.json"), spelling);
        Ok(match kind {
            ModelKind::Moonshine => Self::Moonshine {
                vocabulary: Arc::new(vocabulary(Spelling::Metaspace)?),
                with_aligner,
            },
            ModelKind::Whisper => {
                let vocabulary = Arc::new(vocabulary(Spelling::ByteLevel)?);
                let prompts = Prompts::load(id, dir, &vocabulary)?;
                Self::Whisper(vocabulary, Arc::new(prompts))
            }
            ModelKind::Ctc => Self::Ctc(Arc::new(Description::load(dir)?)),
        })
    }

    fn languages(&self) -> Vec<Language> {
        match self {
            Self::Moonshine { .. } => vec![Language::ENGLISH],
            Self::Whisper(_, prompts) => prompts.languages(),
            Self::Ctc(about) => about.languages().to_vec(),
        }
    }

    fn ctc(&self) -> Option<Arc<Description>> {
        match self {
            Self::Ctc(about) => Some(about.clone()),
            Self::Moonshine { .. } | Self::Whisper(..) => None,
        }
    }

    /// One worker's model.
    fn build(
        &self,
        runtime: &Runtime,
        dir: &Path,
        session: &SessionOptions,
        calibration: Calibration,
    ) -> Result<Box<dyn AcousticModel>, SpeechError> {
        let parts = |vocabulary: &Arc<Vocabulary>| -> Result<Parts, SpeechError> {
            Ok(Parts {
                graph: EncoderDecoder::load(runtime, dir, session)?,
                vocabulary: vocabulary.clone(),
                calibration,
            })
        };
        Ok(match self {
            Self::Moonshine {
                vocabulary,
                with_aligner,
            } => {
                let aligner = || Aligner::load(runtime, dir, session);
                let aligner = with_aligner.then(aligner).transpose()?;
                Box::new(Moonshine::new(parts(vocabulary)?, aligner, dir)?)
            }
            Self::Whisper(vocabulary, prompts) => {
                Box::new(Whisper::new(parts(vocabulary)?, prompts.clone()))
            }
            Self::Ctc(about) => Box::new(Ctc::load(
                runtime,
                dir,
                session,
                about.clone(),
                calibration,
            )?),
        })
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
