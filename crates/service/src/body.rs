//! Request bodies that cannot be too large and cannot stall.

use crate::conn::Peer;
use crate::error::{ApiError, BoxError};
use api::ErrorCode;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderValue, header};
use http_body::{Body as _, Frame, SizeHint};
use std::error::Error;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::{Instant, Sleep};

/// Bytes a second that a body must bring at least, over the time it was waited for: a byte now and
/// then would hold a place for ever. Telephone speech brings 8000.
const SLOWEST: u64 = 500;

/// Why a guarded body ended early.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// More bytes than allowed.
    #[error("the body is larger than {limit} bytes")]
    TooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// Nothing arrived for too long.
    #[error("nothing arrived for {0:?}")]
    Stalled(Duration),
    /// Next to nothing arrived.
    #[error("less than {SLOWEST} bytes a second arrived")]
    Slow,
}

impl BodyError {
    /// Looks for a body error in a chain of causes, where extractors bury it.
    pub fn find(error: &(dyn Error + 'static)) -> Option<BodyError> {
        std::iter::successors(Some(error), |&error| error.source())
            .find_map(|error| error.downcast_ref().copied())
    }
}

impl From<BodyError> for ApiError {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::TooLarge { limit } => ApiError::body_too_large(limit),
            BodyError::Stalled(idle) => ApiError::new(
                ErrorCode::RequestTimeout,
                format!(
                    "The body stalled: nothing arrived for {} seconds.",
                    idle.as_secs()
                ),
            ),
            BodyError::Slow => ApiError::new(
                ErrorCode::RequestTimeout,
                format!("The body came too slowly: less than {SLOWEST} bytes a second."),
            ),
        }
    }
}

impl ApiError {
    /// What to answer when a body could not be read to its end.
    pub fn from_body(error: impl Into<BoxError>) -> Self {
        let error = error.into();
        match BodyError::find(error.as_ref()) {
            Some(known) => known.into(),
            None => ApiError::new(
                ErrorCode::MalformedRequest,
                "The body ended before it was complete.",
            )
            .with_source(error),
        }
    }
}

/// What [`guard`] allows.
#[derive(Debug, Clone, Copy)]
pub struct BodyLimits {
    /// Most bytes of a body.
    pub bytes: u64,
    /// Longest pause between two chunks.
    pub idle: Duration,
}

/// Refuses a declared length over the limit before a byte is read; counts the others as they come.
pub async fn limit(State(limits): State<BodyLimits>, request: Request, next: Next) -> Response {
    let declared = request.headers().get(header::CONTENT_LENGTH);
    let declared = declared.and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if declared.is_some_and(|bytes| bytes > limits.bytes) {
        if let Some(peer) = request.extensions().get::<Peer>() {
            peer.linger();
        }
        return ApiError::body_too_large(limits.bytes).into_response();
    }
    let unread = Arc::new(AtomicBool::new(false));
    let mut response = next.run(watched(request, limits, &unread)).await;
    if unread.load(Ordering::Relaxed) {
        // This connection ends with the answer, and whoever keeps connections must know: another request
        // on it would find it closed, and could not be repeated.
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(header::CONNECTION, close);
    }
    response
}

/// Wraps the body of a request. Bodies that are empty anyway are left alone.
pub fn guard(request: Request, limits: BodyLimits) -> Request {
    watched(request, limits, &Arc::default())
}

/// The same; `unread` tells of a body that was dropped before its end.
fn watched(request: Request, limits: BodyLimits, unread: &Arc<AtomicBool>) -> Request {
    if request.body().is_end_stream() {
        return request;
    }
    let peer = request.extensions().get::<Peer>().cloned();
    request.map(|inner| {
        Body::new(Guarded {
            inner,
            left: limits.bytes,
            limits,
            pause: None,
            waiting: None,
            waited: Duration::ZERO,
            finished: false,
            unread: Arc::clone(unread),
            peer,
        })
    })
}

impl Guarded {
    /// Waits for more: not longer than one pause, and not longer in all than what has come so far
    /// allows.
    fn wait(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let idle = self.limits.idle;
        let came = Duration::from_secs((self.limits.bytes - self.left) / SLOWEST);
        let left = (idle + came).saturating_sub(self.waited);
        let longest = idle.min(left);
        let pause = match (&mut self.pause, self.waiting) {
            (Some(pause), Some(_)) => pause,
            (Some(pause), None) => {
                pause.as_mut().reset(Instant::now() + longest);
                pause
            }
            (pause, _) => pause.insert(Box::pin(tokio::time::sleep(longest))),
        };
        self.waiting.get_or_insert_with(Instant::now);
        ready!(pause.as_mut().poll(cx));
        let error = match left < idle {
            true => BodyError::Slow,
            false => BodyError::Stalled(idle),
        };
        Poll::Ready(Some(Err(error.into())))
    }
}

struct Guarded {
    inner: Body,
    left: u64,
    limits: BodyLimits,
    /// Made at the first pause; most bodies are there already.
    pause: Option<Pin<Box<Sleep>>>,
    /// Since when there is nothing to give on.
    waiting: Option<Instant>,
    /// Before that, in all.
    waited: Duration,
    finished: bool,
    unread: Arc<AtomicBool>,
    peer: Option<Peer>,
}

impl http_body::Body for Guarded {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = &mut *self;
        let Poll::Ready(frame) = Pin::new(&mut this.inner).poll_frame(cx) else {
            return this.wait(cx);
        };
        if let Some(since) = this.waiting.take() {
            this.waited += since.elapsed();
        }
        let frame = match frame {
            Some(Ok(frame)) => frame,
            Some(Err(error)) => return Poll::Ready(Some(Err(error.into()))),
            None => {
                this.finished = true;
                return Poll::Ready(None);
            }
        };
        let bytes = frame.data_ref().map_or(0, Bytes::len) as u64;
        match this.left.checked_sub(bytes) {
            Some(left) => this.left = left,
            None => {
                return Poll::Ready(Some(Err(BodyError::TooLarge {
                    limit: this.limits.bytes,
                }
                .into())));
            }
        }
        this.finished = this.inner.is_end_stream();
        Poll::Ready(Some(Ok(frame)))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl Drop for Guarded {
    /// A client still sending must not have its answer destroyed by a reset.
    fn drop(&mut self) {
        if !self.finished {
            self.unread.store(true, Ordering::Relaxed);
            if let Some(peer) = &self.peer {
                peer.linger();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;

    fn limits(bytes: u64) -> BodyLimits {
        BodyLimits {
            bytes,
            idle: Duration::from_millis(50),
        }
    }

    async fn read(body: Body, bytes: u64) -> Result<usize, BodyError> {
        let guarded = guard(Request::new(body), limits(bytes)).into_body();
        match guarded.collect().await {
            Ok(whole) => Ok(whole.to_bytes().len()),
            Err(error) => Err(BodyError::find(&error).expect("a body error in the chain")),
        }
    }

    #[tokio::test]
    async fn a_body_may_be_as_large_as_the_limit_and_no_larger() {
        assert_eq!(read(Body::from("12345"), 5).await, Ok(5));
        assert_eq!(
            read(Body::from("123456"), 5).await,
            Err(BodyError::TooLarge { limit: 5 })
        );
    }

    #[tokio::test]
    async fn who_is_answered_before_the_body_was_read_is_told_that_the_connection_ends() {
        use tower::ServiceExt;
        let read = axum::routing::post(|body: Bytes| async move { body.len().to_string() });
        let refuse = axum::routing::post(|| async { http::StatusCode::UNPROCESSABLE_ENTITY });
        let router = axum::Router::new()
            .route("/read", read)
            .route("/refuse", refuse);
        let guarded = axum::middleware::from_fn_with_state(limits(100), limit);
        let router = router.layer(guarded);
        let ends = async |path: &str, body: Body| {
            let request = Request::post(path).body(body).expect("a request");
            let answer = router.clone().oneshot(request).await.expect("an answer");
            answer.headers().contains_key(header::CONNECTION)
        };
        let pieces =
            || Body::from_stream(futures::stream::iter([Ok::<_, BoxError>("ab"), Ok("cd")]));
        assert!(!ends("/read", pieces()).await);
        assert!(!ends("/refuse", Body::empty()).await);
        assert!(ends("/refuse", pieces()).await);
    }

    #[tokio::test]
    async fn a_body_that_drips_is_given_up() {
        let drops = futures::stream::unfold((), |()| async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            Some((Ok::<_, BoxError>(Bytes::from_static(b"x")), ()))
        });
        let drips = read(Body::from_stream(drops), 1 << 20).await;
        assert_eq!(drips, Err(BodyError::Slow));
    }

    #[tokio::test]
    async fn a_body_that_pauses_often_but_brings_enough_is_read() {
        let pieces = futures::stream::unfold(0, |at| async move {
            tokio::time::sleep(Duration::from_millis(20)).await;
            (at < 8).then(|| (Ok::<_, BoxError>(Bytes::from(vec![0; 500])), at + 1))
        });
        let whole = read(Body::from_stream(pieces), 1 << 20).await;
        assert_eq!(whole, Ok(4000));
    }

    #[tokio::test]
    async fn a_body_that_stalls_is_given_up() {
        let stream = futures::stream::pending::<Result<Bytes, BoxError>>();
        let stalled = read(Body::from_stream(stream), 5).await;
        assert_eq!(stalled, Err(BodyError::Stalled(Duration::from_millis(50))));
    }
}
