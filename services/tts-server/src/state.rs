//! Everything handlers share.

use crate::config::Config;
use crate::failure;
use inference::{DevicePreference, InferenceError, Runtime, RuntimeConfig};
use metrics::{counter, gauge};
use model_store::{Store, StoreError};
use service::{ApiError, ApiResult, Drain};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use synthesis::{
    Event, Language, Request, Speech, SynthesisError, Synthesizer, SynthesizerFiles,
    SynthesizerOptions, VoiceMix,
};

/// Why the service cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A model is not installed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// ONNX Runtime does not start.
    #[error(transparent)]
    Inference(#[from] InferenceError),
    /// The engine does not start, or `TTS_VOICE` is none of its voices.
    #[error(transparent)]
    Synthesis(#[from] SynthesisError),
}

/// Cheap to clone.
#[derive(Clone)]
pub struct AppState(Arc<Inner>);

/// What [`AppState`] derefs to.
pub struct Inner {
    /// Settings.
    pub config: Config,
    /// Speaks.
    pub synthesizer: Synthesizer,
    /// Who speaks when nobody is asked for.
    pub voice: VoiceMix,
    /// Texts being spoken or waiting for it.
    pub active: Count,
    /// Open WebSockets.
    pub streams: Count,
    /// `cpu` or `cuda`.
    pub device: &'static str,
    /// When the service started.
    pub started: Instant,
    /// Tells when it ends.
    pub drain: Drain,
    /// By how much loading the models made the process grow, bytes.
    pub model_memory: u64,
    preloaded: AtomicBool,
}

impl std::ops::Deref for AppState {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

/// How many of something there are now.
#[derive(Debug, Clone)]
pub struct Count {
    now: Arc<AtomicUsize>,
    metric: &'static str,
}

/// One of them, until it is dropped.
#[derive(Debug)]
pub struct One(Count);

impl Count {
    fn new(metric: &'static str) -> Self {
        Count {
            now: Arc::default(),
            metric,
        }
    }

    /// One more, unless there are `limit` already.
    pub fn enter(&self, limit: usize) -> Option<One> {
        let more = |now| (now < limit).then_some(now + 1);
        self.now
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, more)
            .ok()?;
        gauge!(self.metric).increment(1.0);
        Some(One(self.clone()))
    }

    /// How many.
    pub fn now(&self) -> usize {
        self.now.load(Ordering::Acquire)
    }
}

impl Drop for One {
    fn drop(&mut self) {
        self.0.now.fetch_sub(1, Ordering::AcqRel);
        gauge!(self.0.metric).decrement(1.0);
    }
}

/// A speech, counted while it lasts. Dropping it ends the work.
pub struct Speaking {
    speech: Speech,
    _one: Option<One>,
}

impl Speaking {
    /// What comes next; `None` at the end. Nothing is lost when this is dropped while it waits.
    pub async fn next(&mut self) -> Option<ApiResult<Event>> {
        let event = self.speech.next().await?;
        if let Ok(Event::Sound(sound)) = &event {
            let ms = sound.samples.len() as u64 * 1000 / u64::from(synthesis::SAMPLE_RATE);
            counter!("tts_audio_milliseconds_total").increment(ms);
        }
        Some(event.map_err(failure::of))
    }
}

impl AppState {
    /// Starts the runtime and loads the models. Blocks for seconds.
    pub fn start(config: Config, store: &Store, drain: Drain) -> Result<Self, StartError> {
        let (library, cuda_libraries) =
            store.onnx_runtime(config.tts_device != DevicePreference::Cpu)?;
        let runtime = Runtime::start(RuntimeConfig {
            library,
            cuda_libraries,
            device: config.tts_device,
            threads: config.threads(),
        })?;
        let options = SynthesizerOptions {
            workers: usize::from(config.tts_workers),
            speeches: usize::from(config.tts_queue),
        };
        let files = SynthesizerFiles::find(store, runtime.device())?;
        let before = resident();
        let synthesizer = Synthesizer::start(&runtime, &files, options)?;
        let model_memory = resident().saturating_sub(before);
        gauge!("tts_model_memory_bytes").set(model_memory as f64);
        let (voice, _) = synthesizer.voices().parse(&config.tts_voice, None)?;
        let device = runtime.device().as_str();
        tracing::info!(
            engine = config.tts_engine.as_str(),
            device,
            voices = synthesizer.voices().list().len(),
            voice = config.tts_voice,
            threads = config.threads(),
            workers = config.tts_workers,
            queue = config.tts_queue,
            "synthesis is set up"
        );
        Ok(AppState(Arc::new(Inner {
            config,
            synthesizer,
            voice,
            active: Count::new("tts_texts_active"),
            streams: Count::new("tts_streams_active"),
            device,
            started: Instant::now(),
            drain,
            model_memory,
            preloaded: AtomicBool::new(false),
        })))
    }

    /// Loads what English needs, and the language of the default voice.
    pub async fn preload(&self) {
        let state = self.clone();
        let languages = [
            self.voice.language(),
            Language::AmericanEnglish,
            Language::BritishEnglish,
        ];
        let load = move || {
            let mut all = languages.into_iter();
            all.try_for_each(|language| state.synthesizer.preload(language))
        };
        match tokio::task::spawn_blocking(load).await {
            Ok(Ok(())) => self.preloaded.store(true, Ordering::Release),
            Ok(Err(error)) => tracing::error!(%error, "a language cannot be loaded"),
            Err(error) => tracing::error!(%error, "loading languages broke off"),
        }
    }

    /// Line of `/ready`: with `PRELOAD`, English must be in memory.
    pub fn ready(&self) -> Result<(), String> {
        if self.config.preload && !self.preloaded.load(Ordering::Acquire) {
            return Err("loading English".into());
        }
        Ok(())
    }

    /// Starts a speech.
    ///
    /// # Errors
    /// 503 `overloaded` when too many texts wait, and what is wrong with the request.
    pub fn speak(&self, request: Request) -> ApiResult<Speaking> {
        let speech = self.synthesizer.speak(request).map_err(failure::of)?;
        counter!("tts_texts_total").increment(1);
        Ok(Speaking {
            speech,
            _one: self.active.enter(usize::MAX),
        })
    }

    /// A place for a WebSocket.
    pub fn enter(&self) -> ApiResult<One> {
        let place = self.streams.enter(usize::from(self.config.tts_streams));
        place.ok_or_else(|| {
            counter!("tts_streams_refused_total").increment(1);
            ApiError::overloaded(Duration::from_secs(5))
        })
    }
}

fn resident() -> u64 {
    service::metrics::resident_bytes().unwrap_or_default()
}
