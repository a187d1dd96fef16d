//! The queue and its workers, without any model.

use inference::{Batcher, BatcherOptions, InferenceError, Job, Worker};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A job of a size; jobs of the same kind share a batch.
#[derive(Debug, Clone, Copy)]
struct Task {
    size: usize,
    kind: u8,
}

impl Job for Task {
    fn size(&self) -> usize {
        self.size
    }

    fn fits_with(&self, other: &Self) -> bool {
        self.kind == other.kind
    }
}

/// Waits for leave before each batch, notes it, and panics on size 666.
struct Gated {
    leave: Arc<Mutex<Receiver<()>>>,
    batches: Arc<Mutex<Vec<Vec<usize>>>>,
}

impl Worker for Gated {
    type Job = Task;
    type Output = usize;
    type Error = InferenceError;

    fn run(&mut self, jobs: Vec<Task>) -> Vec<Result<usize, InferenceError>> {
        let waited = self
            .leave
            .lock()
            .map(|gate| gate.recv_timeout(Duration::from_secs(10)));
        assert!(
            waited.is_ok_and(|leave| leave.is_ok()),
            "no leave was given"
        );
        assert!(jobs.iter().all(|job| job.size != 666), "the beast");
        let sizes: Vec<usize> = jobs.iter().map(|job| job.size).collect();
        self.batches
            .lock()
            .expect("not poisoned")
            .push(sizes.clone());
        sizes.into_iter().map(|size| Ok(size * 2)).collect()
    }
}

struct Bench {
    batcher: Arc<Batcher<Gated>>,
    leave: SyncSender<()>,
    batches: Arc<Mutex<Vec<Vec<usize>>>>,
    built: Arc<AtomicUsize>,
}

fn bench(queue: usize, max_batch: usize) -> Bench {
    let (leave, gate) = sync_channel(100);
    let (gate, batches, built) = (
        Arc::new(Mutex::new(gate)),
        Arc::default(),
        Arc::new(AtomicUsize::new(0)),
    );
    let options = BatcherOptions {
        name: "test".into(),
        workers: 1,
        queue,
        max_batch,
        max_padded_size: 1000,
        handicap: (100, Duration::from_millis(200)),
    };
    let (noted, count) = (Arc::clone(&batches), built.clone());
    let build = move |_| {
        count.fetch_add(1, Ordering::SeqCst);
        Ok(Gated {
            leave: gate.clone(),
            batches: Arc::clone(&noted),
        })
    };
    Bench {
        batcher: Arc::new(Batcher::start(options, build).expect("it builds")),
        leave,
        batches,
        built,
    }
}

impl Bench {
    /// Submits a job; the answer comes with the handle.
    async fn submit(
        &self,
        size: usize,
        kind: u8,
    ) -> tokio::task::JoinHandle<Result<usize, InferenceError>> {
        let batcher = self.batcher.clone();
        let task = tokio::spawn(async move { batcher.run(Task { size, kind }).await });
        tokio::time::sleep(Duration::from_millis(30)).await;
        task
    }
}

#[tokio::test]
async fn like_jobs_share_a_batch_and_each_gets_its_own_answer() {
    let bench = bench(10, 3);
    let first = bench.submit(1, 0).await;
    let mut others = Vec::new();
    for (size, kind) in [(10, 0), (11, 0), (12, 1), (13, 0), (14, 0)] {
        others.push(bench.submit(size, kind).await);
    }
    assert_eq!(bench.batcher.depth(), 5);
    (0..4).for_each(|_| bench.leave.send(()).expect("open"));
    assert_eq!(first.await.expect("no panic").expect("done"), 2);
    for (task, size) in others.into_iter().zip([10, 11, 12, 13, 14]) {
        assert_eq!(task.await.expect("no panic").expect("done"), size * 2);
    }
    let batches = bench.batches.lock().expect("not poisoned").clone();
    assert_eq!(batches.len(), 4, "{batches:?}");
    assert!(batches.iter().all(|batch| batch.len() <= 3));
    assert!(
        batches.contains(&vec![12]),
        "another kind goes alone: {batches:?}"
    );
}

#[tokio::test]
async fn a_full_queue_answers_busy_at_once() {
    let bench = bench(2, 1);
    let mut waiting = Vec::new();
    for _ in 0..3 {
        waiting.push(bench.submit(1, 0).await);
    }
    let refused = bench.batcher.run(Task { size: 1, kind: 0 }).await;
    assert!(matches!(refused, Err(InferenceError::Busy)));
    (0..3).for_each(|_| bench.leave.send(()).expect("open"));
    for task in waiting {
        assert!(task.await.expect("no panic").is_ok());
    }
}

#[tokio::test]
async fn a_job_nobody_waits_for_is_not_done() {
    let bench = bench(10, 1);
    let first = bench.submit(1, 0).await;
    bench.submit(50, 0).await.abort();
    let last = bench.submit(60, 0).await;
    (0..2).for_each(|_| bench.leave.send(()).expect("open"));
    assert!(first.await.expect("no panic").is_ok() && last.await.expect("no panic").is_ok());
    assert_eq!(*bench.batches.lock().expect("not poisoned"), [[1], [60]]);
}

#[tokio::test]
async fn a_panic_costs_one_answer_and_the_worker_is_replaced() {
    let bench = bench(10, 1);
    let failed = bench.submit(666, 0).await;
    (0..2).for_each(|_| bench.leave.send(()).expect("open"));
    assert!(matches!(
        failed.await.expect("caught"),
        Err(InferenceError::WorkerFailed)
    ));
    assert_eq!(
        bench
            .batcher
            .run(Task { size: 4, kind: 0 })
            .await
            .expect("done"),
        8
    );
    assert_eq!(bench.built.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn short_jobs_pass_long_ones_until_these_have_waited() {
    let bench = bench(10, 1);
    let mut tasks = vec![
        bench.submit(1, 0).await,
        bench.submit(100, 0).await,
        bench.submit(2, 1).await,
    ];
    tokio::time::sleep(Duration::from_millis(300)).await;
    tasks.push(bench.submit(3, 1).await);
    (0..4).for_each(|_| bench.leave.send(()).expect("open"));
    for task in tasks {
        assert!(task.await.expect("no panic").is_ok());
    }
    assert_eq!(
        *bench.batches.lock().expect("not poisoned"),
        [[1], [2], [100], [3]]
    );
}

#[test]
fn a_worker_that_cannot_be_built_fails_the_start() {
    let options = BatcherOptions {
        name: "test".into(),
        workers: 2,
        queue: 1,
        max_batch: 1,
        max_padded_size: 1,
        handicap: (1, Duration::ZERO),
    };
    let failed = Batcher::<Gated>::start(options, |_| Err(InferenceError::Run("no".into())));
    assert!(matches!(failed, Err(InferenceError::Run(_))));
}
