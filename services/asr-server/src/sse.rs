//! Server-sent events from work that ends when its reader goes away.

use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::StreamExt;
use serde::Serialize;
use service::request_id;
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::task::AbortOnDropHandle;
use tracing::Instrument;

/// Events between the work and a slow reader.
const BETWEEN: usize = 16;
/// A comment is sent after this much silence, so that proxies keep the connection.
const KEEP_ALIVE: Duration = Duration::from_secs(10);

/// Where work puts its events.
#[derive(Debug, Clone)]
pub struct Events(mpsc::Sender<Event>);

impl Events {
    /// Sends one; waits for a slow reader. False when the reader is gone.
    pub async fn send(&self, name: &str, data: &impl Serialize) -> bool {
        match Event::default().event(name).json_data(data) {
            Ok(event) => self.0.send(event).await.is_ok(),
            Err(error) => {
                tracing::error!(%error, "an event cannot be written as JSON");
                false
            }
        }
    }
}

/// Runs `work` in a task of its own and answers with its events.
pub fn respond<F>(work: impl FnOnce(Events) -> F) -> Response
where
    F: Future<Output = ()> + Send + 'static,
{
    let (sender, receiver) = mpsc::channel(BETWEEN);
    let work = request_id::scope(request_id::current(), work(Events(sender))).in_current_span();
    let task = AbortOnDropHandle::new(tokio::spawn(work));
    let events = ReceiverStream::new(receiver).map(move |event| {
        // The stream owns the task: when the client goes, so does the work.
        let _owned = &task;
        Ok::<_, Infallible>(event)
    });
    Sse::new(events)
        .keep_alive(KeepAlive::new().interval(KEEP_ALIVE).text("working"))
        .into_response()
}
