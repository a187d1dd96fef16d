//! Connections on which nothing is under way: the oldest of them gives way when a newcomer finds no
//! place, so that thousands of silent clients keep nobody out.

use axum::body::{Body, Bytes};
use axum::response::Response;
use http::StatusCode;
use http_body::{Frame, SizeHint};
use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// Nobody gives way sooner: whoever was just let in gets to say what they want.
const GRACE: Duration = Duration::from_secs(1);

/// All connections of a listener that wait for a request, oldest first.
#[derive(Debug, Default)]
pub struct Idle(Mutex<Waiting>);

#[derive(Debug, Default)]
struct Waiting {
    next: u64,
    lines: BTreeMap<u64, (Instant, Arc<Notify>)>,
    /// Somebody found no place and nobody to give way.
    wanted: bool,
}

impl Idle {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks the oldest to give way; where there is none, the next one that has nothing to do. Gives
    /// the time until the oldest can be asked, where that is not now.
    pub fn make_room(&self) -> Option<Duration> {
        let mut waiting = self.lock();
        let Some(oldest) = waiting.lines.first_entry() else {
            waiting.wanted = true;
            return None;
        };
        let young = GRACE.saturating_sub(oldest.get().0.elapsed());
        if young > Duration::ZERO {
            return Some(young);
        }
        oldest.remove().1.notify_one();
        None
    }
}

/// One connection among them.
#[derive(Debug)]
pub struct Line {
    idle: Arc<Idle>,
    go: Arc<Notify>,
    place: Mutex<Option<u64>>,
}

impl Line {
    /// A new connection, which waits for its first request.
    pub fn new(idle: Arc<Idle>) -> Arc<Self> {
        let line = Arc::new(Line {
            idle,
            go: Arc::default(),
            place: Mutex::default(),
        });
        line.waits();
        line
    }

    /// It waits for a request.
    pub fn waits(&self) {
        let mut waiting = self.idle.lock();
        if std::mem::take(&mut waiting.wanted) {
            self.go.notify_one();
            return;
        }
        let id = waiting.next;
        waiting.next += 1;
        waiting.lines.insert(id, (Instant::now(), self.go.clone()));
        *self.place() = Some(id);
    }

    /// A request has come.
    pub fn works(&self) {
        if let Some(id) = self.place().take() {
            self.idle.lock().lines.remove(&id);
        }
    }

    /// Comes when it is to give way.
    pub async fn asked(&self) {
        self.go.notified().await;
    }

    fn place(&self) -> MutexGuard<'_, Option<u64>> {
        self.place.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.works();
    }
}

/// The connection waits again once its answer has been read to the end; one that became a WebSocket
/// never does.
pub fn then_wait(answer: Response, line: Arc<Line>) -> Response {
    if answer.status() == StatusCode::SWITCHING_PROTOCOLS {
        return answer;
    }
    answer.map(|body| Body::new(Answer { body, line }))
}

struct Answer {
    body: Body,
    line: Arc<Line>,
}

impl http_body::Body for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.line.waits();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    fn asked(line: &Line) -> bool {
        line.asked().now_or_never().is_some()
    }

    #[tokio::test]
    async fn the_oldest_that_has_nothing_to_do_gives_way_after_a_moment() {
        let idle = Arc::new(Idle::default());
        let [first, second, third] = [(); 3].map(|()| Line::new(idle.clone()));
        first.works();
        drop(second);
        assert!(idle.make_room().is_some());
        assert!(!asked(&third));
        tokio::time::sleep(GRACE).await;
        assert_eq!(idle.make_room(), None);
        assert!(!asked(&first) && asked(&third));
    }

    #[test]
    fn where_all_work_the_first_to_finish_gives_way_once() {
        let idle = Arc::new(Idle::default());
        let [first, second] = [(); 2].map(|()| Line::new(idle.clone()));
        first.works();
        second.works();
        idle.make_room();
        assert!(!asked(&first));
        second.waits();
        first.waits();
        assert!(asked(&second) && !asked(&first));
    }
}
