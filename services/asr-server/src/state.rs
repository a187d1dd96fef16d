//! Everything handlers share.

use crate::admission::Admission;
use crate::analysis::Analyst;
use crate::config::Config;
use crate::engines::{self, Engines};
use crate::insight::Insight;
use crate::language_models::{LanguageModelError, LanguageModels};
use crate::own_models;
use crate::profiles::Catalogue;
use crate::stream::Load;
use inference::{DevicePreference, InferenceError, Runtime, RuntimeConfig};
use model_store::{Store, StoreError};
use service::{ApiResult, Drain};
use speech::{SpeechError, TurnDetector, VoiceActivity};
use std::sync::Arc;
use std::time::Instant;

/// Why the service cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A model is not installed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// ONNX Runtime does not start.
    #[error(transparent)]
    Inference(#[from] InferenceError),
    /// A model does not load.
    #[error(transparent)]
    Speech(#[from] SpeechError),
    /// A language model cannot be read.
    #[error(transparent)]
    LanguageModel(#[from] LanguageModelError),
}

/// Cheap to clone.
#[derive(Clone)]
pub struct AppState(Arc<Inner>);

/// What [`AppState`] derefs to.
pub struct Inner {
    /// Settings.
    pub config: Config,
    /// Profiles of the variant.
    pub catalogue: Catalogue,
    /// Acoustic models.
    pub engines: Engines,
    /// Which words follow which.
    pub language_models: LanguageModels,
    /// Finds speech.
    pub vad: VoiceActivity,
    /// Knows whether a sentence is finished.
    pub turns: TurnDetector,
    /// Who spoke, and how.
    pub insight: Insight,
    /// Live streams.
    pub streams: Load,
    /// Whom `summarize=` asks.
    pub analyst: Analyst,
    /// Places at work.
    pub admission: Admission,
    /// `cpu` or `cuda`.
    pub device: &'static str,
    /// When the service started.
    pub started: Instant,
    /// Tells when it ends.
    pub drain: Drain,
}

impl std::ops::Deref for AppState {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl AppState {
    /// Starts the runtime and loads what every request needs. Blocks for a second or so.
    pub fn start(config: Config, store: &Store, drain: Drain) -> Result<Self, StartError> {
        let mut catalogue = Catalogue::of(config.variant);
        catalogue.describe(store)?;
        let language_models = LanguageModels::open(config.lm_dir.as_deref(), store)?;
        let (library, cuda_libraries) =
            store.onnx_runtime(config.asr_device != DevicePreference::Cpu)?;
        let runtime = Runtime::start(RuntimeConfig {
            library,
            cuda_libraries,
            device: config.asr_device,
            threads: config.threads(),
        })?;
        let vad = VoiceActivity::load(
            &runtime,
            &store.file("silero-vad", "vad.onnx")?,
            config.concurrency(),
        )?;
        let turns = TurnDetector::load(&runtime, &store.file("smart-turn", "turn.onnx")?, 1)?;
        let insight = Insight::load(&runtime, store, config.workers())?;
        let own = match &config.ctc_models_dir {
            Some(dir) => own_models::load(&runtime, dir, &engines::options(&config), &catalogue),
            None => Vec::new(),
        };
        let profiles = own.iter().map(|model| model.profile.clone());
        catalogue.profiles.extend(profiles);
        let engines = Engines::new(&catalogue, store, own, runtime.clone(), &config)?;
        let device = runtime.device().as_str();
        for profile in &catalogue.profiles {
            tracing::info!(
                model = profile.id,
                acoustic = profile.acoustic,
                device,
                "offered"
            );
        }
        tracing::info!(
            variant = %config.variant, default = catalogue.default, device, threads = config.threads(),
            workers = config.workers(), concurrency = config.concurrency(), queue = config.asr_queue,
            preload = config.preload, "recognition is set up"
        );
        Ok(AppState(Arc::new(Inner {
            admission: Admission::new(config.concurrency(), usize::from(config.asr_queue)),
            streams: Load::new(usize::from(config.asr_streams)),
            analyst: Analyst::new(&config),
            config,
            catalogue,
            language_models,
            engines,
            vad,
            turns,
            insight,
            device,
            started: Instant::now(),
            drain,
        })))
    }

    /// Loads every model of the variant, the default one first.
    pub async fn preload(&self) -> ApiResult<()> {
        for acoustic in self.catalogue.acoustic_ids() {
            self.engines.get(acoustic).await?;
        }
        Ok(())
    }

    /// Line of `/ready`: with `PRELOAD` the models must be in memory, without it they come when asked for.
    pub fn ready(&self) -> Result<(), String> {
        let missing = self
            .catalogue
            .acoustic_ids()
            .into_iter()
            .find(|id| !self.engines.is_loaded(id));
        match missing {
            Some(id) if self.config.preload => Err(format!("loading {id}")),
            _ => Ok(()),
        }
    }
}
