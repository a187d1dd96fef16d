//! The process's one ONNX Runtime environment, and sessions in it.

use crate::{Device, DevicePreference, InferenceError};
use ort::environment::{Environment, GlobalThreadPoolOptions};
use ort::session::Session;
use ort::session::builder::{GraphOptimizationLevel, SessionBuilder};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// How to start ONNX Runtime.
#[derive(Debug, Clone, PartialEq)]
pub struct RuntimeConfig {
    /// `libonnxruntime.so` (the CUDA provider is looked for beside it).
    pub library: PathBuf,
    /// Folder of the CUDA and cuDNN libraries, where they are not in the loader's own path.
    pub cuda_libraries: Option<PathBuf>,
    /// Device to run on.
    pub device: DevicePreference,
    /// Threads that one operator may use, the calling one included; shared by all sessions.
    pub threads: usize,
}

/// How one session is made.
#[derive(Debug, Clone, Copy, Default)]
pub struct SessionOptions {
    /// Keep freed buffers for the next run: faster, but the peak stays resident.
    pub arena: bool,
    /// Run on the calling thread alone.
    pub single_thread: bool,
}

/// A started ONNX Runtime. Cheap to clone.
#[derive(Clone)]
pub struct Runtime {
    inner: Arc<Inner>,
}

struct Inner {
    environment: Environment,
    device: Device,
    config: RuntimeConfig,
}

/// ONNX Runtime allows one environment in a process, and never unloads cleanly: kept for good.
static STARTED: Mutex<Option<Runtime>> = Mutex::new(None);

impl Runtime {
    /// Loads the library and decides on the device. A second start with the same library gives
    /// the running environment; with another library it fails.
    pub fn start(config: RuntimeConfig) -> Result<Self, InferenceError> {
        let mut started = STARTED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(runtime) = &*started {
            return match runtime.inner.config == config {
                true => Ok(runtime.clone()),
                false => Err(InferenceError::AlreadyStarted(
                    runtime.inner.config.library.clone(),
                )),
            };
        }
        let environment = environment(&config)?;
        let device = choose_device(&environment, config.device)?;
        tracing::info!(
            library = %config.library.display(), device = device.as_str(), threads = config.threads,
            version = ort::info(), "ONNX Runtime started"
        );
        let runtime = Self {
            inner: Arc::new(Inner {
                environment,
                device,
                config,
            }),
        };
        *started = Some(runtime.clone());
        Ok(runtime)
    }

    /// Where sessions run.
    pub fn device(&self) -> Device {
        self.inner.device
    }

    /// Threads that one operator may use.
    pub fn threads(&self) -> usize {
        self.inner.config.threads
    }

    /// Loads a graph.
    pub fn session(
        &self,
        path: &Path,
        options: &SessionOptions,
    ) -> Result<Session, InferenceError> {
        let failed = |error: ort::Error| InferenceError::Graph {
            path: path.into(),
            reason: error.message().to_owned(),
        };
        if !path.is_file() {
            return Err(InferenceError::Graph {
                path: path.into(),
                reason: "no such file".into(),
            });
        }
        let session = self
            .builder(options)
            .and_then(|mut builder| builder.commit_from_file(path))
            .map_err(failed)?;
        tracing::debug!(graph = %path.display(), device = self.device().as_str(), "graph loaded");
        Ok(session)
    }

    fn builder(&self, options: &SessionOptions) -> Result<SessionBuilder, ort::Error> {
        let mut builder = Session::builder(&self.inner.environment)?
            .with_optimization_level(GraphOptimizationLevel::All)?
            // Shapes differ from run to run: planned patterns would only pile up.
            .with_memory_pattern(false)?
            // Without VNNI, AVX2's 8-bit products saturate: ask for the kernels that do not.
            .with_config_entry("session.x64quantprecision", "1")?;
        if options.single_thread {
            builder = builder
                .with_independent_thread_pool()?
                .with_intra_threads(1)?
                .with_intra_op_spinning(false)?;
        }
        let provider = match self.inner.device {
            Device::Cuda => ort::ep::CUDA::default().build().error_on_failure(),
            Device::Cpu => ort::ep::CPU::default()
                .with_arena_allocator(options.arena)
                .build(),
        };
        Ok(builder.with_execution_providers([provider])?)
    }
}

/// Runs one call of a graph and adds its time to the metric `onnx_run_seconds` of `graph`, so that
/// what ONNX Runtime takes can be told from what we do around it.
pub fn timed<T>(graph: &'static str, run: impl FnOnce() -> T) -> T {
    let begun = Instant::now();
    let result = run();
    metrics::histogram!("onnx_run_seconds", "graph" => graph).record(begun.elapsed().as_secs_f64());
    result
}

fn environment(config: &RuntimeConfig) -> Result<Environment, InferenceError> {
    let failed = |reason: String| InferenceError::Library {
        path: config.library.clone(),
        reason,
    };
    if let Some(folder) = &config.cuda_libraries
        && let Err(error) = ort::ep::cuda::preload_dylibs(Some(folder), Some(folder))
    {
        // Not fatal: `choose_device` finds out whether CUDA works, and says so.
        tracing::warn!(reason = error.message(), "CUDA's libraries do not load");
    }
    let library = ort::init_from(&config.library).map_err(|error| failed(error.to_string()))?;
    // Spinning threads cost more than they gain as soon as two things run at once.
    GlobalThreadPoolOptions::default()
        .with_intra_threads(config.threads.max(1))
        .and_then(|pool| pool.with_inter_threads(1))
        .and_then(|pool| pool.with_spin_control(false))
        .and_then(|pool| {
            library
                .with_name("whissle")
                .with_telemetry(false)
                .with_global_thread_pool(pool)
                .build()
        })
        .map_err(|error| failed(error.message().to_owned()))
}

fn choose_device(
    environment: &Environment,
    wanted: DevicePreference,
) -> Result<Device, InferenceError> {
    if wanted == DevicePreference::Cpu {
        return Ok(Device::Cpu);
    }
    let usable = Session::builder(environment).and_then(|builder| {
        Ok(builder
            .with_execution_providers([ort::ep::CUDA::default().build().error_on_failure()])?)
    });
    match (usable, wanted) {
        (Ok(_), _) => Ok(Device::Cuda),
        (Err(error), DevicePreference::Cuda) => {
            Err(InferenceError::NoCuda(error.message().to_owned()))
        }
        (Err(error), _) => {
            tracing::info!(
                reason = error.message(),
                "CUDA is not usable; running on the CPU"
            );
            Ok(Device::Cpu)
        }
    }
}
