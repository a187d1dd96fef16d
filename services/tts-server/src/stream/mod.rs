//! Live synthesis: the WebSocket `/stream`.
//!
//! The way of a text: [`messages`] understands the message, [`session`] queues it and has it spoken,
//! [`voice`] makes messages of the sound, [`outbox`] sends them.

mod failure;
pub mod messages;
mod outbox;
mod session;
mod voice;

use crate::openapi::Failures;
use crate::state::AppState;
use api::synthesis::{SpeechClientMessage, SpeechConfig, SpeechEvent};
use axum::extract::ws::{WebSocket, WebSocketUpgrade};
use axum::extract::{RawQuery, State};
use axum::response::Response;
use failure::{Broken, Gone};
use futures::StreamExt;
use outbox::Outbox;
use service::request_id;
use session::Session;
use std::time::Duration;
use tokio::time::timeout;
use tracing::Instrument;

/// Largest message the library takes whole, so that one that is too big is answered and not cut off.
const MAX_MESSAGE: usize = 16 * 1024 * 1024;
/// Texts are short; the library's own 128 KiB would be most of a stream's memory.
const READ_BUFFER: usize = 8 * 1024;
/// Most that waits for a client to read: our messages, and answers to the pings of one that only sends.
const MAX_UNREAD: usize = 4 * 1024 * 1024;
/// How long the closing handshake may take.
const CLOSING: Duration = Duration::from_millis(800);

/// Speaks texts as they come
///
/// A WebSocket. Text messages are `SpeechClientMessage` one way and `SpeechEvent` the other; sound
/// comes as binary messages. docs/synthesis.md has the whole protocol.
#[utoipa::path(
    get, path = "/stream", tag = "Synthesis",
    params(SpeechConfig),
    responses(
        (status = 101, description = "The WebSocket is open; it sends `SpeechEvent`", body = SpeechEvent),
        (status = 426, description = "Not a WebSocket request", body = SpeechClientMessage),
        Failures
    )
)]
pub async fn stream(
    State(state): State<AppState>,
    RawQuery(query): RawQuery,
    upgrade: WebSocketUpgrade,
) -> Response {
    let id = request_id::current();
    let span = tracing::Span::current();
    upgrade
        .read_buffer_size(READ_BUFFER)
        .max_message_size(MAX_MESSAGE)
        .max_frame_size(MAX_MESSAGE)
        .max_write_buffer_size(MAX_UNREAD)
        .on_upgrade(move |socket| {
            let served = async move { serve(&state, &query.unwrap_or_default(), socket).await };
            request_id::scope(id, served).instrument(span)
        })
}

/// A stream from the open socket to the closed one.
async fn serve(state: &AppState, query: &str, socket: WebSocket) {
    let _guard = state.drain.guard();
    let (sink, mut source) = socket.split();
    let id = format!("tts_{}", &request_id::RequestId::new().as_str()[4..]);
    let mut outbox = Outbox::new(sink);
    let ended = match state.enter() {
        Ok(_place) => {
            let mut session = Session::new(state.clone(), id);
            session.run(query, &mut source, &mut outbox).await
        }
        Err(error) => Err(error.into()),
    };
    tracing::info!(audio_ms = outbox.sent_ms(), "stream ended");
    let said = match ended {
        Ok(()) => outbox.end().await,
        Err(Broken::Gone) => Err(Gone),
        Err(Broken::Failed(failure)) => outbox.fail(failure).await,
    };
    // Reading on is what receives the answer to our close.
    if said.is_ok() {
        let _ = timeout(CLOSING, source.for_each(|_| std::future::ready(()))).await;
    }
}
