//! How a WebSocket session ends, and what each side is told about it.

use crate::ws_pump::UpstreamSocket;
use axum::extract::ws::{CloseFrame, Message, WebSocket};
use futures::stream::{SplitSink, SplitStream};
use futures::{SinkExt, StreamExt};
use service::ApiError;
use std::time::Duration;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::{self, Error as WsError};

/// How long the closing handshake may take.
pub const CLOSING: Duration = Duration::from_millis(800);

/// Close codes (RFC 6455 section 7.4.1, and 4001 of our own).
pub mod code {
    /// One side is leaving.
    pub const GOING_AWAY: u16 = 1001;
    /// Not what the WebSocket protocol allows.
    pub const PROTOCOL: u16 = 1002;
    /// A text message that is no UTF-8.
    pub const NOT_TEXT: u16 = 1007;
    /// Closed without a code; never sent.
    pub const NO_CODE: u16 = 1005;
    /// Not closed at all; never sent.
    pub const ABNORMAL: u16 = 1006;
    /// A message over the limit.
    pub const TOO_BIG: u16 = 1009;
    /// The service behind failed.
    pub const SERVER: u16 = 1011;
    /// The gateway is shutting down.
    pub const TRY_LATER: u16 = 1013;
    /// The token was revoked.
    pub const AUTH: u16 = 4001;
}

/// How a session ended.
pub enum End {
    /// The client closed.
    Client(Option<CloseFrame>),
    /// The client vanished.
    ClientGone,
    /// The service closed.
    Upstream(Option<CloseFrame>),
    /// We end it; the client is told why.
    Ours(u16, ApiError),
}

/// Tells both sides, waits a moment for their answers, and gives the code the session ended with.
pub async fn close(
    end: End,
    mut to_client: SplitSink<WebSocket, Message>,
    from_client: SplitStream<WebSocket>,
    mut to_upstream: SplitSink<UpstreamSocket, tungstenite::Message>,
    from_upstream: SplitStream<UpstreamSocket>,
) -> u16 {
    let (status, client, upstream) = match end {
        End::Client(frame) => (code_of(frame.as_ref()), None, frame),
        End::ClientGone => (
            code::ABNORMAL,
            None,
            Some(frame(code::GOING_AWAY, "the client is gone")),
        ),
        End::Upstream(frame) => (code_of(frame.as_ref()), Some((None, frame)), None),
        End::Ours(code, error) => {
            let text = error.ws_frame();
            (
                code,
                Some((Some(text), Some(frame(code, &error.message)))),
                Some(frame(code::GOING_AWAY, "the gateway ended the session")),
            )
        }
    };
    let client = async {
        if let Some((text, frame)) = client {
            if let Some(text) = text {
                to_client.send(Message::Text(text.into())).await?;
            }
            to_client.send(Message::Close(frame)).await?;
        }
        // Reading on is what sends the answer to a close and receives the one to ours.
        from_client.for_each(|_| std::future::ready(())).await;
        Ok::<_, axum::Error>(())
    };
    let upstream = async {
        let frame = upstream.map(|frame| tungstenite::protocol::CloseFrame {
            code: frame.code.into(),
            reason: frame.reason.as_str().into(),
        });
        to_upstream.send(tungstenite::Message::Close(frame)).await?;
        from_upstream.for_each(|_| std::future::ready(())).await;
        Ok::<_, WsError>(())
    };
    let _ = tokio::join!(timeout(CLOSING, client), timeout(CLOSING, upstream));
    status
}

fn code_of(frame: Option<&CloseFrame>) -> u16 {
    frame.map_or(code::NO_CODE, |frame| frame.code)
}

/// A close frame; the reason is cut to what a control frame holds.
fn frame(code: u16, reason: &str) -> CloseFrame {
    let reason: String = reason.chars().take(100).filter(char::is_ascii).collect();
    CloseFrame {
        code,
        reason: reason.into(),
    }
}
