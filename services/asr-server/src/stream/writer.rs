//! The sending half of a stream.

use api::stream::{ServerMessage, StreamEvent};
use axum::extract::ws::{CloseFrame, Message, WebSocket};
use futures::SinkExt;
use futures::stream::SplitSink;
use service::socket::{Failure, Gone};
use std::time::Duration;
use tokio::time::timeout;

/// A client that does not read for so long is gone.
const PATIENCE: Duration = Duration::from_secs(10);

/// See the module.
pub struct Writer {
    socket: SplitSink<WebSocket, Message>,
    session_id: String,
}

impl Writer {
    /// Sends on behalf of this session.
    pub fn new(socket: SplitSink<WebSocket, Message>, session_id: String) -> Self {
        Writer { socket, session_id }
    }

    /// Sends an event.
    pub async fn send(&mut self, event: StreamEvent) -> Result<(), Gone> {
        let message = ServerMessage {
            session_id: self.session_id.clone(),
            event,
        };
        let text = serde_json::to_string(&message).map_err(|_| Gone)?;
        self.put(Message::Text(text.into())).await
    }

    /// Says why the stream ends, and ends it.
    pub async fn fail(&mut self, failure: Failure) -> Result<(), Gone> {
        let Failure { code, error } = failure;
        error.log();
        self.send(StreamEvent::Error {
            error: error.envelope().error,
        })
        .await?;
        self.close(code, &error.message).await
    }

    /// Closes with a code and a reason, which is cut to what a control frame holds.
    pub async fn close(&mut self, code: u16, reason: &str) -> Result<(), Gone> {
        let reason: String = reason.chars().filter(char::is_ascii).take(100).collect();
        self.put(Message::Close(Some(CloseFrame {
            code,
            reason: reason.into(),
        })))
        .await
    }

    async fn put(&mut self, message: Message) -> Result<(), Gone> {
        match timeout(PATIENCE, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(Gone),
        }
    }
}
