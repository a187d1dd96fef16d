//! How many files are worked on at once, and how many requests may wait for that.

use metrics::gauge;
use service::{ApiError, ApiResult};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Places at work and places to wait in.
#[derive(Debug, Clone)]
pub struct Admission {
    places: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    concurrency: usize,
    queue: usize,
}

/// A place at work, given back when dropped.
#[derive(Debug)]
pub struct Place {
    _permit: OwnedSemaphorePermit,
}

impl Drop for Place {
    fn drop(&mut self) {
        gauge!("asr_files_active").decrement(1.0);
    }
}

/// Counts one that waits, also when it is cancelled.
struct Waiting(Arc<AtomicUsize>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
        gauge!("asr_files_waiting").decrement(1.0);
    }
}

impl Admission {
    /// `concurrency` files at work and `queue` that wait.
    pub fn new(concurrency: usize, queue: usize) -> Self {
        Admission {
            places: Arc::new(Semaphore::new(concurrency)),
            waiting: Arc::default(),
            concurrency,
            queue,
        }
    }

    /// Recordings at work.
    pub fn active(&self) -> usize {
        self.concurrency - self.places.available_permits().min(self.concurrency)
    }

    /// 503 when nobody else may wait: refuses a request before its body is read.
    pub fn check(&self) -> ApiResult<()> {
        let full = self.places.available_permits() == 0 && self.waiting() >= self.queue;
        if full { Err(self.refuse()) } else { Ok(()) }
    }

    /// A place, after waiting for it if need be; 503 when too many wait already.
    pub async fn enter(&self) -> ApiResult<Place> {
        if let Ok(permit) = self.places.clone().try_acquire_owned() {
            return Ok(place(permit));
        }
        if self.waiting.fetch_add(1, Ordering::AcqRel) >= self.queue {
            self.waiting.fetch_sub(1, Ordering::AcqRel);
            return Err(self.refuse());
        }
        gauge!("asr_files_waiting").increment(1.0);
        let _waiting = Waiting(self.waiting.clone());
        self.wait().await
    }

    /// A place for work that was let in as part of a request: it waits, but is never refused.
    pub async fn wait(&self) -> ApiResult<Place> {
        let permit = self.places.clone().acquire_owned().await;
        permit
            .map(place)
            .map_err(|_| ApiError::not_ready("The server is shutting down."))
    }

    /// Requests that wait.
    pub fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Acquire)
    }

    fn refuse(&self) -> ApiError {
        metrics::counter!("asr_refused_total").increment(1);
        // About a second for each that waits at one place.
        let seconds = (self.waiting() / self.concurrency.max(1)).clamp(1, 30) as u64;
        ApiError::overloaded(Duration::from_secs(seconds))
    }
}

fn place(permit: OwnedSemaphorePermit) -> Place {
    gauge!("asr_files_active").increment(1.0);
    Place { _permit: permit }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_works_one_waits_and_the_third_is_refused() {
        let admission = Admission::new(1, 1);
        let working = admission.enter().await.unwrap();
        let second = tokio::spawn({
            let admission = admission.clone();
            async move { admission.enter().await.map(drop) }
        });
        while admission.waiting() == 0 {
            tokio::task::yield_now().await;
        }
        let error = admission.enter().await.unwrap_err();
        assert_eq!(error.code, api::ErrorCode::Overloaded);
        assert!(error.retry_after.is_some() && admission.check().is_err());
        drop(working);
        second.await.unwrap().unwrap();
        assert_eq!(admission.waiting(), 0);
        assert!(admission.check().is_ok());
    }

    #[tokio::test]
    async fn one_that_gives_up_waiting_frees_its_place_in_the_queue() {
        let admission = Admission::new(1, 1);
        let _working = admission.enter().await.unwrap();
        let gone = tokio::time::timeout(Duration::from_millis(10), admission.enter()).await;
        assert!(gone.is_err());
        assert_eq!(admission.waiting(), 0);
    }
}
