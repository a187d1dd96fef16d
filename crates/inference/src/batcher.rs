//! Worker threads, each with sessions of its own, behind one bounded queue.

use crate::InferenceError;
pub use crate::queue::Job;
use crate::queue::{BatchLimits, PushError, Queue};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// Does batches of jobs; owned by one thread.
pub trait Worker: 'static {
    /// What it is asked.
    type Job: Job;
    /// What it answers.
    type Output: Send + 'static;
    /// Why it could not.
    type Error: From<InferenceError> + Send + 'static;

    /// Answers the jobs in order, one result each.
    fn run(&mut self, jobs: Vec<Self::Job>) -> Vec<Result<Self::Output, Self::Error>>;
}

/// How a [`Batcher`] is made.
#[derive(Debug, Clone)]
pub struct BatcherOptions {
    /// Names threads and metrics, such as `whisper-base`.
    pub name: Arc<str>,
    /// Worker threads.
    pub workers: usize,
    /// Jobs that may wait.
    pub queue: usize,
    /// Jobs in a batch at most.
    pub max_batch: usize,
    /// Largest size times count of a batch at most.
    pub max_padded_size: usize,
    /// A job of this size waits as if it had come this much later, so that short ones pass:
    /// `(size, delay)`.
    pub handicap: (usize, Duration),
}

struct Ticket<W: Worker> {
    job: W::Job,
    reply: oneshot::Sender<Result<W::Output, W::Error>>,
}

/// See the module. Dropping it lets the workers finish what waits, then joins them.
pub struct Batcher<W: Worker> {
    queue: Arc<Queue<Ticket<W>>>,
    alive: Arc<AtomicUsize>,
    threads: Vec<JoinHandle<()>>,
    name: Arc<str>,
}

impl<W: Worker> Batcher<W> {
    /// Builds the workers, each on its own thread with `build(index)`; fails when the first that
    /// fails does. `build` is called again for a worker that panicked.
    pub fn start<F>(options: BatcherOptions, build: F) -> Result<Self, W::Error>
    where
        F: Fn(usize) -> Result<W, W::Error> + Send + Sync + 'static,
    {
        let limits = BatchLimits {
            jobs: options.max_batch.max(1),
            padded_size: options.max_padded_size,
            handicap: options.handicap,
        };
        let workers = options.workers.max(1);
        let mut batcher = Self {
            queue: Arc::new(Queue::new(options.queue, limits)),
            alive: Arc::new(AtomicUsize::new(workers)),
            threads: Vec::new(),
            name: options.name.clone(),
        };
        let build = Arc::new(build);
        let (ready, built) = std::sync::mpsc::sync_channel(workers);
        for index in 0..workers {
            let (queue, alive, build, ready) = (
                batcher.queue.clone(),
                batcher.alive.clone(),
                build.clone(),
                ready.clone(),
            );
            let name = options.name.clone();
            let body = move || {
                let worker = match build(index) {
                    Ok(worker) => worker,
                    Err(error) => {
                        let _ = ready.send(Err(error));
                        return;
                    }
                };
                let _ = ready.send(Ok(()));
                work(&name, &queue, worker, || build(index));
                if alive.fetch_sub(1, Ordering::AcqRel) == 1 {
                    queue.close();
                }
            };
            let thread = std::thread::Builder::new()
                .name(format!("{}-{index}", options.name))
                .spawn(body);
            batcher
                .threads
                .push(thread.map_err(|error| InferenceError::Run(error.to_string()))?);
        }
        drop(ready);
        for outcome in built.iter().take(workers) {
            outcome?;
        }
        Ok(batcher)
    }

    /// Jobs that wait for a worker.
    pub fn depth(&self) -> usize {
        self.queue.len()
    }

    /// Queues a job and waits for its answer. [`InferenceError::Busy`] at once when the queue is
    /// full. Dropping the future withdraws the job, unless it is already being done.
    pub async fn run(&self, job: W::Job) -> Result<W::Output, W::Error> {
        let (reply, answer) = oneshot::channel();
        let depth = self
            .queue
            .push(Ticket { job, reply })
            .map_err(|error| match error {
                PushError::Full => InferenceError::Busy,
                PushError::Closed => InferenceError::Stopped,
            })?;
        metrics::gauge!("inference_queue_depth", "model" => self.name.clone()).set(depth as f64);
        answer
            .await
            .unwrap_or_else(|_| Err(InferenceError::Stopped.into()))
    }
}

impl<W: Worker> Drop for Batcher<W> {
    fn drop(&mut self) {
        self.queue.close();
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

/// One worker's life: take, do, answer; a panic costs the worker but not the thread.
fn work<W: Worker>(
    name: &Arc<str>,
    queue: &Queue<Ticket<W>>,
    mut worker: W,
    rebuild: impl Fn() -> Result<W, W::Error>,
) {
    while let Some(batch) = queue.take(|ticket| (!ticket.reply.is_closed()).then_some(&ticket.job))
    {
        metrics::gauge!("inference_queue_depth", "model" => name.clone()).set(queue.len() as f64);
        metrics::histogram!("inference_batch_size", "model" => name.clone())
            .record(batch.len() as f64);
        let (mut jobs, mut replies) = (Vec::new(), Vec::new());
        for (ticket, waited) in batch {
            metrics::histogram!("inference_wait_seconds", "model" => name.clone())
                .record(waited.as_secs_f64());
            jobs.push(ticket.job);
            replies.push(ticket.reply);
        }
        let begun = Instant::now();
        let outcome = catch_unwind(AssertUnwindSafe(|| worker.run(jobs)));
        metrics::histogram!("inference_run_seconds", "model" => name.clone())
            .record(begun.elapsed().as_secs_f64());
        match outcome {
            Ok(results) => {
                let mut results = results.into_iter();
                for reply in replies {
                    let result = results
                        .next()
                        .unwrap_or_else(|| Err(InferenceError::WorkerFailed.into()));
                    let _ = reply.send(result);
                }
            }
            Err(_) => {
                tracing::error!(model = %name, "a worker panicked; replacing it");
                for reply in replies {
                    let _ = reply.send(Err(InferenceError::WorkerFailed.into()));
                }
                match rebuild() {
                    Ok(fresh) => worker = fresh,
                    Err(_) => {
                        tracing::error!(model = %name, "the worker could not be replaced");
                        return;
                    }
                }
            }
        }
    }
}
