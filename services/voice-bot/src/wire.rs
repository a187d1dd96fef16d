//! Between axum's WebSockets and the transports of the pipeline.

use api::ErrorCode;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use futures::{Sink, SinkExt, Stream, StreamExt};
use pipeline::transport::socket::{Fault, Incoming, Outgoing};
use service::{ApiError, ApiResult};
use std::future::ready;
use tokio_tungstenite::tungstenite::Error as WsError;

/// Largest message the library takes whole, so that one that is too big is answered and not cut off.
const MAX_MESSAGE: usize = 4 * 1024 * 1024;
/// Sound comes in small messages; the library's own 128 KiB would be most of a call's memory.
const READ_BUFFER: usize = 8 * 1024;
/// Most that waits for a client to read: our messages, and answers to the pings of one that only sends.
const MAX_UNREAD: usize = 4 * 1024 * 1024;

/// What axum made of a handshake.
pub type Upgrade = Result<WebSocketUpgrade, WebSocketUpgradeRejection>;

/// A handshake, with our limits; 400 where it is none.
pub fn accepted(upgrade: Upgrade) -> ApiResult<WebSocketUpgrade> {
    let upgrade = upgrade.map_err(|rejection| {
        let why = rejection.body_text();
        let message = format!("This is a WebSocket: {}.", why.trim_end_matches('.'));
        ApiError::new(ErrorCode::MalformedRequest, message)
    })?;
    Ok(upgrade
        .read_buffer_size(READ_BUFFER)
        .max_message_size(MAX_MESSAGE)
        .max_frame_size(MAX_MESSAGE)
        .max_write_buffer_size(MAX_UNREAD))
}

/// The two halves of a socket, as [`pipeline::transport::socket::drive`] takes them.
pub fn halves(
    socket: WebSocket,
) -> (
    impl Stream<Item = Incoming> + Unpin,
    impl Sink<Outgoing> + Unpin,
) {
    let (sink, source) = socket.split();
    let source = source.scan((), |(), message| ready(incoming(message)));
    let sink = sink.with(|message| ready(Ok::<_, axum::Error>(outgoing(message))));
    (source, sink)
}

/// None: the connection is gone.
fn incoming(message: Result<Message, axum::Error>) -> Option<Incoming> {
    match message {
        Ok(Message::Text(text)) => Some(Incoming::Text(text.as_str().to_owned())),
        Ok(Message::Binary(bytes)) => Some(Incoming::Binary(bytes.into())),
        Ok(Message::Ping(_) | Message::Pong(_)) => Some(Incoming::Alive),
        Ok(Message::Close(_)) => Some(Incoming::Closed),
        Err(error) => refused(&error).map(Incoming::Refused),
    }
}

/// Of what breaks a connection, the peer can be told where it is to blame.
fn refused(error: &axum::Error) -> Option<Fault> {
    let cause = std::error::Error::source(error)?.downcast_ref::<WsError>()?;
    match cause {
        WsError::Utf8(_) => Some(Fault::unexpected("A text message must be UTF-8.")),
        WsError::Capacity(_) => Some(Fault::too_big(MAX_MESSAGE)),
        _ => None,
    }
}

fn outgoing(message: Outgoing) -> Message {
    match message {
        Outgoing::Text(text) => Message::Text(text.into()),
        Outgoing::Binary(bytes) => Message::Binary(bytes.into()),
        Outgoing::Ping => Message::Ping(Default::default()),
        Outgoing::Close { code, reason } => Message::Close(Some(CloseFrame {
            code,
            reason: reason.into(),
        })),
    }
}
