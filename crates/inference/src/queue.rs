//! A bounded queue from which batches of like jobs are taken, small ones first, old ones before all.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What the queue must know of a job.
pub trait Job: Send + 'static {
    /// Cost of the job alone, such as samples or frames; a batch costs its largest times its count.
    fn size(&self) -> usize;

    /// Whether both can run in one call.
    fn fits_with(&self, other: &Self) -> bool;

    /// When its wait began, if not when it was queued: live work is as old as its audio.
    fn since(&self) -> Option<Instant> {
        None
    }
}

/// What a batch may hold, and how waiting is weighed.
#[derive(Debug, Clone)]
pub struct BatchLimits {
    /// Jobs at most.
    pub jobs: usize,
    /// Largest size times count at most.
    pub padded_size: usize,
    /// A job of this size is served as if it had come this much later: `(size, delay)`.
    pub handicap: (usize, Duration),
}

struct Waiting<T> {
    item: T,
    since: Instant,
}

struct State<T> {
    waiting: VecDeque<Waiting<T>>,
    open: bool,
}

/// See the module.
pub struct Queue<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
    capacity: usize,
    limits: BatchLimits,
}

impl<T> Queue<T> {
    /// A queue in which at most `capacity` items wait.
    pub fn new(capacity: usize, limits: BatchLimits) -> Self {
        let state = Mutex::new(State {
            waiting: VecDeque::new(),
            open: true,
        });
        Self {
            state,
            changed: Condvar::new(),
            capacity,
            limits,
        }
    }

    /// Adds an item; gives the number of those that wait now.
    pub fn push(&self, item: T) -> Result<usize, PushError> {
        let mut state = self.lock();
        if !state.open {
            return Err(PushError::Closed);
        }
        if state.waiting.len() >= self.capacity {
            return Err(PushError::Full);
        }
        state.waiting.push_back(Waiting {
            item,
            since: Instant::now(),
        });
        self.changed.notify_one();
        Ok(state.waiting.len())
    }

    /// Items that wait.
    pub fn len(&self) -> usize {
        self.lock().waiting.len()
    }

    /// Lets `take` end once the queue is empty.
    pub fn close(&self) {
        self.lock().open = false;
        self.changed.notify_all();
    }

    /// Waits for work; `None` once closed and empty. `job` gives the job in an item, or nothing
    /// when nobody wants it any more: such items are dropped. With each item: how long it waited.
    pub fn take<J: Job>(&self, job: impl Fn(&T) -> Option<&J>) -> Option<Vec<(T, Duration)>> {
        let mut state = self.lock();
        loop {
            state.waiting.retain(|waiting| job(&waiting.item).is_some());
            if let Some(batch) = self.pick(&mut state.waiting, &job) {
                return Some(batch);
            }
            if !state.open {
                return None;
            }
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn pick<J: Job>(
        &self,
        waiting: &mut VecDeque<Waiting<T>>,
        job: &impl Fn(&T) -> Option<&J>,
    ) -> Option<Vec<(T, Duration)>> {
        let (unit, delay) = self.limits.handicap;
        let due = |w: &Waiting<T>| {
            let (since, size) = job(&w.item).map_or((None, 0), |job| (job.since(), job.size()));
            since.unwrap_or(w.since) + delay.mul_f64(size as f64 / unit.max(1) as f64)
        };
        let leader = (0..waiting.len()).min_by_key(|&i| due(&waiting[i]))?;
        let lead = job(&waiting[leader].item)?;
        let mut company: Vec<usize> = (0..waiting.len())
            .filter(|&i| i != leader)
            .filter(|&i| job(&waiting[i].item).is_some_and(|other| lead.fits_with(other)))
            .collect();
        // Like sizes together: padding is wasted work.
        company.sort_by_key(|&i| {
            job(&waiting[i].item).map_or(0, |other| other.size().abs_diff(lead.size()))
        });
        let mut chosen = vec![leader];
        let mut largest = lead.size();
        for i in company {
            let size = job(&waiting[i].item).map_or(0, Job::size).max(largest);
            if chosen.len() >= self.limits.jobs
                || size * (chosen.len() + 1) > self.limits.padded_size
            {
                break;
            }
            largest = size;
            chosen.push(i);
        }
        // From the back, so that the positions still to be removed stay valid.
        chosen.sort_unstable_by(|a, b| b.cmp(a));
        Some(
            chosen
                .into_iter()
                .filter_map(|i| waiting.remove(i))
                .map(|w| (w.item, w.since.elapsed()))
                .collect(),
        )
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why an item was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PushError {
    /// As many items wait as may.
    Full,
    /// Nobody will take items any more.
    Closed,
}
