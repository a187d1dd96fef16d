//! Speech for many at once: workers that go from one text to the next, step by step.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::Instant;

use inference::{Device, InferenceError, Runtime, SessionOptions};
use model_store::{Store, StoreError};
use tokio::sync::mpsc;

use crate::kokoro::{GraphFiles, Graphs, Run};
use crate::languages::{LanguageFiles, Languages};
use crate::utterance::Utterance;
use crate::workers::{Job, Shared, State, work};
use crate::{Event, Language, Request, SynthesisError, Urgency, Voices};

/// Stretches of sound that wait to be taken; each is up to a second.
const AHEAD: usize = 8;

/// Files of the model.
#[derive(Debug, Clone)]
pub struct SynthesizerFiles {
    /// Kokoro's graphs.
    pub graphs: GraphFiles,
    /// Folder of `voices.bin` and `voices.json`.
    pub voices: PathBuf,
    /// Of the languages.
    pub languages: LanguageFiles,
}

impl SynthesizerFiles {
    /// Those for a device, and of the languages. On the CPU the acoustic part is rounded
    /// (`kokoro-82m-int8`); with CUDA it is not, but the generator is in half precision
    /// (`kokoro-82m-fp16`) where that is installed.
    ///
    /// # Errors
    /// When one is not installed.
    pub fn find(store: &Store, device: Device) -> Result<Self, StoreError> {
        let kokoro = store.dir("kokoro-82m")?;
        let (acoustic, stages) = match device {
            Device::Cpu => (
                store.file("kokoro-82m-int8", "acoustic.onnx")?,
                kokoro.clone(),
            ),
            Device::Cuda => (
                kokoro.join("acoustic.onnx"),
                store
                    .dir("kokoro-82m-fp16")
                    .unwrap_or_else(|_| kokoro.clone()),
            ),
        };
        Ok(Self {
            graphs: GraphFiles {
                acoustic,
                low_rate: kokoro.join("low_rate.onnx"),
                generator: kokoro.clone(),
                stages,
            },
            voices: kokoro,
            languages: LanguageFiles::find(store)?,
        })
    }
}

/// How many speak.
#[derive(Debug, Clone, Copy)]
pub struct SynthesizerOptions {
    /// Workers, each with its own graphs, some 400 MB.
    pub workers: usize,
    /// Speeches at once, those that wait included; more are [`SynthesisError::Busy`].
    pub speeches: usize,
}

impl Default for SynthesizerOptions {
    fn default() -> Self {
        Self {
            workers: 1,
            speeches: 64,
        }
    }
}

/// See the module. Cheap to clone; the workers end with the last clone.
#[derive(Clone)]
pub struct Synthesizer {
    inner: Arc<Owner>,
}

struct Owner {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

/// A speech in the making. Dropping it ends the work.
pub struct Speech {
    sounds: mpsc::Receiver<Result<Event, SynthesisError>>,
    shared: Arc<Shared>,
    run: Arc<Run>,
    cancelled: Arc<AtomicBool>,
}

impl Speech {
    /// The next event; nothing after the last sound or an error.
    pub async fn next(&mut self) -> Option<Result<Event, SynthesisError>> {
        let event = self.sounds.recv().await;
        // There is room for another.
        self.shared.changed.notify_one();
        event
    }
}

impl Drop for Speech {
    fn drop(&mut self) {
        self.cancelled.store(true, Ordering::Release);
        self.sounds.close();
        // Fails only when nothing runs.
        let _ = self.run.terminate();
        self.shared.changed.notify_one();
    }
}

impl Synthesizer {
    /// Loads graphs and voices and starts the workers. Takes a second or so.
    ///
    /// # Errors
    /// When a file is absent or wrong.
    pub fn start(
        runtime: &Runtime,
        files: &SynthesizerFiles,
        options: SynthesizerOptions,
    ) -> Result<Self, SynthesisError> {
        let shared = Arc::new(Shared {
            voices: Voices::load(&files.voices)?,
            languages: Languages::new(files.languages.clone()),
            options,
            state: Mutex::new(State::new()),
            changed: Condvar::new(),
        });
        let mut owner = Owner {
            shared: shared.clone(),
            threads: Vec::new(),
        };
        for index in 0..options.workers.max(1) {
            let session = SessionOptions::default();
            let mut graphs = Graphs::load(runtime, &files.graphs, &session)?;
            let shared = shared.clone();
            let thread = std::thread::Builder::new()
                .name(format!("synthesis-{index}"))
                .spawn(move || work(&shared, &mut graphs));
            let thread = thread.map_err(|error| InferenceError::Run(error.to_string()))?;
            owner.threads.push(thread);
        }
        Ok(Self {
            inner: Arc::new(owner),
        })
    }

    /// Who can speak.
    pub fn voices(&self) -> &Voices {
        &self.inner.shared.voices
    }

    /// Loads a language before it is asked for.
    ///
    /// # Errors
    /// When its files cannot be read.
    pub fn preload(&self, language: Language) -> Result<(), SynthesisError> {
        self.inner.shared.languages.get(language).map(drop)
    }

    /// Begins a speech. Errors of the text itself come as its first event.
    ///
    /// # Errors
    /// [`SynthesisError::OutOfRange`] and [`SynthesisError::Busy`].
    pub fn speak(&self, request: Request) -> Result<Speech, SynthesisError> {
        let shared = &self.inner.shared;
        let live = request.urgency == Urgency::Live;
        let utterance = Utterance::new(request)?;
        let (out, sounds) = mpsc::channel(AHEAD);
        let run = Arc::new(Run::new()?);
        let cancelled = Arc::new(AtomicBool::new(false));
        let mut state = shared.lock();
        if state.count >= shared.options.speeches {
            return Err(SynthesisError::Busy);
        }
        state.count += 1;
        state.next += 1;
        let number = state.next;
        state.jobs.push_back(Job {
            number,
            utterance,
            live,
            came: Instant::now(),
            begun: None,
            made: 0.0,
            worked: 0.0,
            admitted: !live,
            told: false,
            out,
            run: run.clone(),
            cancelled: cancelled.clone(),
        });
        drop(state);
        shared.changed.notify_one();
        Ok(Speech {
            sounds,
            shared: shared.clone(),
            run,
            cancelled,
        })
    }

    /// Speeches at once, those that wait included.
    pub fn speeches(&self) -> usize {
        self.inner.shared.lock().count
    }

    /// Seconds of work that a second of sound takes, as measured lately.
    pub fn real_time_factor(&self) -> f64 {
        self.inner.shared.lock().cost
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.changed.notify_all();
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}
