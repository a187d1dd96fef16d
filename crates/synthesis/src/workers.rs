//! What the workers share: the speeches in the making, and which of them goes on.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use inference::InferenceError;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use crate::kokoro::{Graphs, Run};
use crate::languages::Languages;
use crate::schedule::{self, Speaker};
use crate::utterance::{Step, Utterance};
use crate::{Event, SAMPLE_RATE, SynthesisError, SynthesizerOptions, Voices};

/// Seconds that a second of sound takes, until it is known better.
const FIRST_GUESS: f64 = 0.7;

/// Of all workers and callers.
pub(crate) struct Shared {
    pub voices: Voices,
    pub languages: Languages,
    pub options: SynthesizerOptions,
    pub state: Mutex<State>,
    pub changed: Condvar,
}

/// The speeches.
#[derive(Default)]
pub(crate) struct State {
    /// Those that no worker has in hand.
    pub jobs: VecDeque<Job>,
    /// All, those in hand included.
    pub count: usize,
    /// Live ones that are allowed to begin, in hand or not, by number.
    pub speaking: Vec<(u64, Speaker)>,
    pub next: u64,
    /// Seconds of work for a second of sound.
    pub cost: f64,
    pub closed: bool,
}

/// A speech, as a worker has it.
pub(crate) struct Job {
    pub number: u64,
    pub utterance: Utterance,
    pub live: bool,
    pub came: Instant,
    /// When the first sound was given.
    pub begun: Option<Instant>,
    /// Seconds of sound given.
    pub made: f64,
    /// Seconds of work since the last sound.
    pub worked: f64,
    pub admitted: bool,
    pub told: bool,
    pub out: mpsc::Sender<Result<Event, SynthesisError>>,
    pub run: Arc<Run>,
    pub cancelled: Arc<AtomicBool>,
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

impl Shared {
    pub fn lock(&self) -> MutexGuard<'_, State> {
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
    /// No speeches yet.
    pub fn new() -> Self {
        Self {
            cost: FIRST_GUESS,
            ..Self::default()
        }
    }

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
pub(crate) fn work(shared: &Shared, graphs: &mut Graphs) {
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
