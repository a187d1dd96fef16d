//! The answer of a chat as server-sent events, from work that ends when its reader goes away.

use crate::failure;
use crate::talk::{Listener, Part, Talk};
use api::conversation::ChatEvent;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::StreamExt;
use llm::Streaming;
use service::request_id;
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio_stream::wrappers::ReceiverStream;
use tracing::Instrument;

/// Events between the work and a slow reader.
const BETWEEN: usize = 32;
/// A comment is sent after this much silence, so that proxies keep the connection.
const HEARTBEAT: Duration = Duration::from_secs(10);

struct Sent(mpsc::Sender<ChatEvent>);

impl Sent {
    async fn send(&self, event: ChatEvent) {
        // A reader that is gone ends the work elsewhere.
        let _ = self.0.send(event).await;
    }
}

impl Listener for Sent {
    async fn hear(&mut self, part: Part<'_>) {
        self.send(match part {
            Part::Text(content) => ChatEvent::TextChunk { content },
            Part::Call(call) => ChatEvent::ToolCall {
                id: call.id.clone(),
                name: call.name.clone(),
                arguments: call.arguments.clone(),
            },
            Part::Result(call, outcome) => ChatEvent::ToolResult {
                id: call.id.clone(),
                name: call.name.clone(),
                content: outcome.content.clone(),
                is_error: outcome.is_error,
                duration_ms: outcome.took.as_millis() as u64,
            },
        })
        .await;
    }
}

/// Runs the talk in a task of its own and answers with its events.
pub fn respond(talk: Talk, first: Streaming, permit: OwnedSemaphorePermit) -> Response {
    let (sender, receiver) = mpsc::channel(BETWEEN);
    let work = async move {
        let _permit = permit;
        let gone = sender.clone();
        tokio::select! {
            // Dropping the talk ends its requests, at the model and at its tools.
            () = gone.closed() => tracing::debug!("the client went before the answer ended"),
            () = tell(talk, first, Sent(sender)) => {}
        }
    };
    let work = request_id::scope(request_id::current(), work).in_current_span();
    tokio::spawn(work);
    let events = ReceiverStream::new(receiver).map(|event| {
        let event = Event::default().json_data(event);
        // Our own types hold nothing that is not JSON.
        Ok::<_, Infallible>(event.unwrap_or_default())
    });
    let events = Sse::new(events);
    let heartbeat = KeepAlive::new().interval(HEARTBEAT).text("working");
    let mut response = events.keep_alive(heartbeat).into_response();
    // nginx would hold the events back.
    let no = http::HeaderValue::from_static("no");
    response.headers_mut().insert("x-accel-buffering", no);
    response
}

async fn tell(talk: Talk, first: Streaming, mut sent: Sent) {
    match talk.finish(first, &mut sent).await {
        Ok(ending) => {
            let usage = ChatEvent::Usage {
                input_tokens: ending.usage.input,
                cached_tokens: ending.usage.cached,
                output_tokens: ending.usage.output,
                provider: ending.provider.to_owned(),
                model: ending.model,
                rounds: ending.rounds,
            };
            sent.send(usage).await;
        }
        Err(error) => {
            tracing::warn!(%error, "an answer broke off");
            let error = failure::of(error).envelope().error;
            sent.send(ChatEvent::Error { error }).await;
        }
    }
    sent.send(ChatEvent::Done).await;
}
