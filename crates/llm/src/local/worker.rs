//! The thread that generates, and the queue beside it.

use super::engine::{self, Engine, backend};
use super::gguf::{self, Header};
use super::{broken, place};
use crate::error::{LlmError, Result};
use crate::local_settings::LocalSettings;
use crate::provider::Event;
use crate::request::Request;
use crate::settings::ProviderKind;
use llama_cpp_2::model::LlamaModel;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::Sender;

/// Requests that may wait for the one that is answered.
const WAITING: usize = 8;
/// When to come back once they are that many.
const COME_BACK: Duration = Duration::from_secs(5);

/// Something to answer.
pub struct Job {
    /// What is asked.
    pub request: Request,
    /// Where the answer goes; closed when nobody wants it any more. It has room for every token.
    pub events: Sender<Result<Event>>,
}

impl Job {
    /// Whether nobody waits any more.
    pub fn left(&self) -> bool {
        self.events.is_closed()
    }

    /// Says something; false when nobody listens.
    pub fn tell(&self, event: Result<Event>) -> bool {
        self.events.try_send(event).is_ok()
    }

    /// Says words, if there are any.
    pub fn tell_text(&self, text: String) {
        if !text.is_empty() {
            self.tell(Ok(Event::Text(text)));
        }
    }
}

/// The thread, started with the first request.
pub struct Worker {
    settings: LocalSettings,
    queue: Mutex<Option<SyncSender<Job>>>,
}

impl Worker {
    pub fn new(settings: LocalSettings) -> Self {
        Worker {
            settings,
            queue: Mutex::new(None),
        }
    }

    /// Tokens of prompt and answer together.
    pub fn context(&self) -> u32 {
        self.settings.local_llm_context
    }

    /// Takes a request in.
    ///
    /// # Errors
    /// [`LlmError::RateLimited`] when too many wait already.
    pub fn take(&self, job: Job) -> Result<()> {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(sender) = queue.as_ref() else {
            return self.begin(&mut queue, job);
        };
        match sender.try_send(job) {
            Ok(()) => Ok(()),
            Err(TrySendError::Full(_)) => Err(full()),
            // The thread is gone, which only a bug in it can do: the next one gets a new one.
            Err(TrySendError::Disconnected(job)) => self.begin(&mut queue, job),
        }
    }

    fn begin(&self, queue: &mut Option<SyncSender<Job>>, job: Job) -> Result<()> {
        let (sender, receiver) = sync_channel(WAITING);
        let settings = self.settings.clone();
        let started = thread::Builder::new()
            .name("local-llm".into())
            .spawn(move || serve(&settings, &receiver));
        started.map_err(|error| broken(format!("no thread can be started: {error}")))?;
        sender.try_send(job).map_err(|_| full())?;
        *queue = Some(sender);
        Ok(())
    }
}

fn full() -> LlmError {
    LlmError::RateLimited {
        provider: ProviderKind::Local,
        retry_after: Some(COME_BACK),
    }
}

/// Answers until nobody can ask any more. Without requests for a while, the model is let go.
fn serve(settings: &LocalSettings, queue: &Receiver<Job>) {
    while let Ok(job) = queue.recv() {
        if !job.left() {
            with_model(settings, job, queue);
        }
    }
}

/// Says why there is no answer; the next request tries again.
fn give_up(job: &Job, error: LlmError) {
    tracing::warn!(%error, "the local model cannot be used");
    job.tell(Err(error));
}

/// The weights, and what their file says of them.
fn load(settings: &LocalSettings) -> Result<(LlamaModel, Header)> {
    let path = place::find(&settings.local_llm_model)?;
    let header = gguf::read(&path).map_err(LlmError::BadModel)?;
    Ok((engine::load(backend()?, &path)?, header))
}

/// Loads the model and answers with it until it is idle.
fn with_model(settings: &LocalSettings, first: Job, queue: &Receiver<Job>) {
    let begun = Instant::now();
    let (model, header) = match load(settings) {
        Ok(loaded) => loaded,
        Err(error) => return give_up(&first, error),
    };
    let mut engine = match Engine::new(&model, &header, settings) {
        Ok(engine) => engine,
        Err(error) => return give_up(&first, error),
    };
    tracing::info!(
        model = place::name(&settings.local_llm_model),
        ms = begun.elapsed().as_millis() as u64,
        context = engine.context(),
        threads = settings.local_llm_threads,
        "the local model is loaded"
    );
    engine.answer(first);
    let idle = Duration::from_secs(settings.local_llm_idle_seconds);
    loop {
        match queue.recv_timeout(idle) {
            Ok(job) if job.left() => {}
            Ok(job) => engine.answer(job),
            Err(RecvTimeoutError::Timeout) => {
                tracing::info!("the local model was not asked for a while and is let go");
                return;
            }
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}
