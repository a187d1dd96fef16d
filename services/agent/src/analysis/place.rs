//! Analyses that may be under way at once: a place is taken before a request's body is read.

use crate::state::AppState;
use axum::extract::FromRequestParts;
use http::request::Parts;
use service::{ApiError, ApiResult};
use std::sync::LazyLock;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// When to come back where all places are taken: an analysis takes seconds.
const AGAIN: Duration = Duration::from_secs(5);

/// A thread a core: more would only make each other late.
static CORES: LazyLock<Semaphore> = LazyLock::new(|| {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    Semaphore::new(cores)
});

/// A place, given back when it is dropped.
pub struct Place(#[expect(dead_code, reason = "held, not read")] OwnedSemaphorePermit);

impl FromRequestParts<AppState> for Place {
    type Rejection = ApiError;

    async fn from_request_parts(_: &mut Parts, state: &AppState) -> ApiResult<Self> {
        let permit = state.analyses.clone().try_acquire_owned();
        permit.map(Place).map_err(|_| ApiError::overloaded(AGAIN))
    }
}

/// Work for a processor, off the async threads; waits for a core.
pub(crate) async fn on_a_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    // Never closed; and without a permit the work is still right.
    let _core = CORES.acquire().await.ok();
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // Cancelled: the runtime is going, and so is whoever waits.
            Err(_) => std::future::pending().await,
        },
    }
}
