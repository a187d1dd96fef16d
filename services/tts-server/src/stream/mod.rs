//! Live synthesis: the WebSocket `/stream`.
//!
//! The way of a text: [`messages`] understands the message, [`session`] queues it and has it spoken,
//! [`voice`] makes messages of the sound, [`outbox`] sends them.

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
use futures::StreamExt;
use outbox::Outbox;
use service::request_id;
use service::socket::{self, Broken, Gone};
use session::Session;

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
    socket::open(upgrade, move |socket| async move {
        serve(&state, &query.unwrap_or_default(), socket).await;
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
    if said.is_ok() {
        socket::closed(source).await;
    }
}
