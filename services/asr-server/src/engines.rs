//! The acoustic models of the variant, loaded at their first use.

use crate::config::Config;
use crate::own_models::OwnModel;
use crate::profiles::{Catalogue, Profile};
use api::recognition::AcousticStatus;
use inference::Runtime;
use model_store::Store;
use service::{ApiError, ApiResult};
use speech::{Engine, EngineOptions};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;
use tokio::sync::{Mutex, OnceCell};

/// Segments of one file in flight, for each place in the workers' batches.
const AHEAD: usize = 1;

/// Segments that one file may have in flight.
fn window(config: &Config) -> usize {
    (config.workers() * usize::from(config.asr_max_batch) * AHEAD).clamp(2, 16)
}

/// How every engine is run.
pub fn options(config: &Config) -> EngineOptions {
    let max_batch = usize::from(config.asr_max_batch);
    EngineOptions {
        workers: config.workers(),
        single_thread: config.threads() == 1,
        // Room for what every file at work may have in flight: nobody is ever turned away here.
        // A live stream has an interim, a guess and a few finals there at most.
        queue: config.concurrency() * window(config)
            + 4 * usize::from(config.asr_streams)
            + max_batch,
        max_batch,
        ..EngineOptions::default()
    }
}

/// One slot for each acoustic model.
#[derive(Clone)]
pub struct Engines {
    slots: Arc<BTreeMap<String, Slot>>,
    runtime: Runtime,
    options: EngineOptions,
    window: usize,
    /// One load at a time: the memory they take is measured, and is not needed twice at once.
    loading: Arc<Mutex<()>>,
}

struct Slot {
    profile: Arc<Profile>,
    dir: std::path::PathBuf,
    cell: OnceCell<Arc<Engine>>,
    /// By how much loading it made the process grow, bytes.
    grown: AtomicU64,
}

impl Engines {
    /// Checks that the weights are there; loads nothing. `own`: models that are loaded already.
    pub fn new(
        catalogue: &Catalogue,
        store: &Store,
        own: Vec<OwnModel>,
        runtime: Runtime,
        config: &Config,
    ) -> Result<Self, model_store::StoreError> {
        let mut slots = BTreeMap::new();
        for model in own {
            let slot = Slot {
                profile: model.profile.clone(),
                dir: model.dir,
                cell: OnceCell::new_with(Some(model.engine)),
                grown: AtomicU64::new(0),
            };
            slots.insert(model.profile.acoustic.clone(), slot);
        }
        for profile in &catalogue.profiles {
            if slots.contains_key(&profile.acoustic) {
                continue;
            }
            let slot = Slot {
                profile: profile.clone(),
                dir: store.dir(&profile.acoustic)?,
                cell: OnceCell::new(),
                grown: AtomicU64::new(0),
            };
            slots.insert(profile.acoustic.clone(), slot);
        }
        let (options, window) = (options(config), window(config));
        Ok(Engines {
            slots: Arc::new(slots),
            runtime,
            options,
            window,
            loading: Arc::default(),
        })
    }

    /// Segments that one file may have in flight.
    pub fn window(&self) -> usize {
        self.window
    }

    /// The engine of an acoustic model, loaded if it is not yet.
    pub async fn get(&self, acoustic: &str) -> ApiResult<Arc<Engine>> {
        let slot = self
            .slots
            .get(acoustic)
            .ok_or_else(|| ApiError::internal(format!("no slot for {acoustic}")))?;
        if let Some(engine) = slot.cell.get() {
            return Ok(engine.clone());
        }
        // In a task of its own: a client that goes away does not throw a half-loaded model away.
        let (engines, acoustic) = (self.clone(), acoustic.to_owned());
        tokio::spawn(async move { engines.load(&acoustic).await })
            .await
            .map_err(ApiError::internal)?
    }

    async fn load(&self, acoustic: &str) -> ApiResult<Arc<Engine>> {
        let slot = self
            .slots
            .get(acoustic)
            .ok_or_else(|| ApiError::internal("the slot is gone"))?;
        let engine = slot.cell.get_or_try_init(|| async {
            let _one_at_a_time = self.loading.lock().await;
            let (runtime, options) = (self.runtime.clone(), self.options.clone());
            let (id, kind, dir) = (acoustic.to_owned(), slot.profile.kind, slot.dir.clone());
            let began = Instant::now();
            let before = service::metrics::resident_bytes();
            let load = move || Engine::load(&runtime, &id, kind, &dir, options);
            let engine = tokio::task::spawn_blocking(load)
                .await
                .map_err(ApiError::internal)?;
            let engine = engine.map_err(|error| {
                tracing::error!(model = acoustic, %error, "the model cannot be loaded");
                ApiError::not_ready(format!(
                    "The model `{acoustic}` cannot be loaded; the log says why."
                ))
                .with_source(error)
            })?;
            let grown = service::metrics::resident_bytes()
                .zip(before)
                .map(|(now, then)| now.saturating_sub(then));
            let label = acoustic.to_owned();
            let grown = grown.unwrap_or_default();
            slot.grown.store(grown, Ordering::Relaxed);
            metrics::gauge!("asr_model_memory_bytes", "model" => label).set(grown as f64);
            let ms = began.elapsed().as_millis() as u64;
            let (workers, device) = (self.options.workers, self.runtime.device().as_str());
            tracing::info!(model = acoustic, device, workers, ms, "model loaded");
            Ok::<_, ApiError>(Arc::new(engine))
        });
        engine.await.cloned()
    }

    /// Whether the weights are in memory.
    pub fn is_loaded(&self, acoustic: &str) -> bool {
        self.slots
            .get(acoustic)
            .is_some_and(|slot| slot.cell.initialized())
    }

    /// Each model as `/status` has it.
    pub fn status(&self) -> Vec<AcousticStatus> {
        let of = |(id, slot): (&String, &Slot)| AcousticStatus {
            id: id.clone(),
            loaded: slot.cell.initialized(),
            memory_bytes: slot.grown.load(Ordering::Relaxed),
            queue_depth: slot.cell.get().map_or(0, |engine| engine.queue_depth()),
        };
        self.slots.iter().map(of).collect()
    }

    /// Segments waiting for a worker, of all models.
    pub fn queue_depth(&self) -> usize {
        self.slots
            .values()
            .filter_map(|slot| slot.cell.get())
            .map(|engine| engine.queue_depth())
            .sum()
    }
}
