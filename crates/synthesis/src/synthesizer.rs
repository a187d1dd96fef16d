//! Speech for many at once: workers that go from one text to the next, step by step.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use inference::{InferenceError, Runtime, SessionOptions};
use model_store::{Store, StoreError};
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use crate::kokoro::{GraphFiles, Graphs, Run};
use crate::languages::{LanguageFiles, Languages};
use crate::schedule::{self, Speaker};
use crate::utterance::{Step, Utterance};
use crate::{Event, Language, Request, SAMPLE_RATE, SynthesisError, Urgency, Voices};

/// Stretches of sound that wait to be taken; each is up to a second.
const AHEAD: usize = 8;

/// Seconds that a second of sound takes, until it is known better.
const FIRST_GUESS: f64 = 0.7;

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
    /// Those of the models `kokoro-82m` and `kokoro-82m-int8`, and of the languages.
    ///
    /// # Errors
    /// When one is not installed.
    pub fn find(store: &Store) -> Result<Self, StoreError> {
        let voices = store.dir("kokoro-82m")?;
        Ok(Self {
            graphs: GraphFiles {
                acoustic: store.file("kokoro-82m-int8", "acoustic.onnx")?,
                low_rate: voices.join("low_rate.onnx"),
                generator: voices.clone(),
            },
            voices,
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

struct Shared {
    voices: Voices,
    languages: Languages,
    options: SynthesizerOptions,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// Those that no worker has in hand.
    jobs: VecDeque<Job>,
    /// All, those in hand included.
    count: usize,
    /// Live ones that are allowed to begin, in hand or not, by number.
    speaking: Vec<(u64, Speaker)>,
    next: u64,
    /// Seconds of work for a second of sound.
    cost: f64,
    closed: bool,
}

struct Job {
    number: u64,
    utterance: Utterance,
    live: bool,
    came: Instant,
    /// When the first sound was given.
    begun: Option<Instant>,
    /// Seconds of sound given.
    made: f64,
    /// Seconds of work since the last sound.
    worked: f64,
    admitted: bool,
    told: bool,
    out: mpsc::Sender<Result<Event, SynthesisError>>,
    run: Arc<Run>,
    cancelled: Arc<AtomicBool>,
}

impl Job {
    fn speaker(&self) -> Speaker {
        let lead = self
            .begun
            .map(|begun| self.made - begun.elapsed().as_secs_f64());
        Speaker {
            live: self.live,
            lead,
            remaining: self.utterance.remaining(),
            age: self.came.elapsed().as_secs_f64(),
        }
    }
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
            state: Mutex::new(State {
                cost: FIRST_GUESS,
                ..State::default()
            }),
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

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The most urgent job that can go on; waits for one. Nothing when the service ends.
    fn take(&self) -> Option<Job> {
        let mut state = self.lock();
        loop {
            if state.closed {
                return None;
            }
            state.sweep();
            state.admit();
            let able = |job: &Job| job.admitted && job.out.capacity() > 0;
            let places = state.jobs.iter().enumerate().filter(|(_, job)| able(job));
            let urgencies = places.map(|(place, job)| (place, schedule::urgency(&job.speaker())));
            let first = urgencies.min_by(|a, b| a.1.total_cmp(&b.1));
            if let Some((place, _)) = first {
                return state.jobs.remove(place);
            }
            // Leads shrink with time: look again even if nobody calls.
            let wait = match state.jobs.is_empty() {
                true => Duration::from_secs(3600),
                false => Duration::from_millis(50),
            };
            let woken = self.changed.wait_timeout(state, wait);
            state = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn put_back(&self, job: Job) {
        let mut state = self.lock();
        let speaker = job.speaker();
        if let Some(entry) = state
            .speaking
            .iter_mut()
            .find(|(number, _)| *number == job.number)
        {
            entry.1 = speaker;
        }
        state.jobs.push_back(job);
    }

    fn finish(&self, job: &Job) {
        self.lock().forget(job.number);
        self.changed.notify_one();
    }
}

impl State {
    fn forget(&mut self, number: u64) {
        self.count -= 1;
        self.speaking.retain(|(other, _)| *other != number);
    }

    /// Drops what nobody waits for.
    fn sweep(&mut self) {
        while let Some(place) = self.jobs.iter().position(|job| job.out.is_closed()) {
            if let Some(job) = self.jobs.remove(place) {
                self.forget(job.number);
            }
        }
    }

    /// Lets waiting listeners begin, in the order they came, as long as there is room.
    fn admit(&mut self) {
        for job in self.jobs.iter().filter(|job| job.admitted && job.live) {
            if let Some(entry) = self
                .speaking
                .iter_mut()
                .find(|(number, _)| *number == job.number)
            {
                entry.1 = job.speaker();
            }
        }
        let ahead = self.speaking.len();
        let mut full = false;
        let mut waiting: Vec<&mut Job> = self.jobs.iter_mut().filter(|job| !job.admitted).collect();
        waiting.sort_by_key(|job| job.number);
        for (ahead, job) in (ahead..).zip(waiting) {
            let speakers: Vec<Speaker> =
                self.speaking.iter().map(|(_, speaker)| *speaker).collect();
            let speaker = job.speaker();
            if !full && schedule::fits(&speakers, speaker.remaining, self.cost) {
                job.admitted = true;
                self.speaking.push((job.number, speaker));
            } else {
                full = true;
                if !job.told {
                    job.told = true;
                    let _ = job.out.try_send(Ok(Event::Waiting { ahead }));
                }
            }
        }
    }

    fn learn(&mut self, work: f64, sound: f64) {
        if sound > 0.05 {
            self.cost += 0.1 * ((work / sound).clamp(0.01, 20.0) - self.cost);
        }
    }
}

/// A worker's life.
fn work(shared: &Shared, graphs: &mut Graphs) {
    while let Some(mut job) = shared.take() {
        let begun = Instant::now();
        let is_alone = shared.lock().count == 1;
        let step = catch_unwind(AssertUnwindSafe(|| {
            job.utterance.step(
                graphs,
                &job.run,
                is_alone,
                &shared.voices,
                &shared.languages,
            )
        }));
        job.worked += begun.elapsed().as_secs_f64();
        if job.cancelled.load(Ordering::Acquire) {
            shared.finish(&job);
            continue;
        }
        match step {
            Ok(Ok(Step::Working)) => shared.put_back(job),
            Ok(Ok(Step::Sound(sound))) => {
                let seconds = sound.samples.len() as f64 / f64::from(SAMPLE_RATE);
                shared
                    .lock()
                    .learn(std::mem::take(&mut job.worked), seconds);
                job.begun.get_or_insert_with(Instant::now);
                job.made += seconds;
                match job.out.try_send(Ok(Event::Sound(sound))) {
                    Ok(()) => shared.put_back(job),
                    // It was not full when it was chosen, and only this worker adds to it.
                    Err(TrySendError::Full(_) | TrySendError::Closed(_)) => shared.finish(&job),
                }
            }
            Ok(Ok(Step::Done)) => shared.finish(&job),
            Ok(Err(error)) => {
                let _ = job.out.try_send(Err(error));
                shared.finish(&job);
            }
            Err(_) => {
                tracing::error!("a step of synthesis panicked");
                let _ = job.out.try_send(Err(InferenceError::WorkerFailed.into()));
                shared.finish(&job);
            }
        }
    }
}
