//! WebSockets of live recognition and synthesis: how they open, and why and how they end.

use crate::{ApiError, request_id};
use api::ErrorCode;
use axum::extract::ws::{WebSocket, WebSocketUpgrade};
use axum::response::Response;
use futures::{Stream, StreamExt};
use std::time::Duration;
use tokio::time::timeout;
use tracing::Instrument;

/// Largest message the library takes whole, so that one that is too big is answered and not cut off.
const MAX_MESSAGE: usize = 16 * 1024 * 1024;
/// Messages are small; the library's own 128 KiB would be most of a stream's memory.
const READ_BUFFER: usize = 8 * 1024;
/// Most that waits for a client to read: our messages, and answers to the pings of one that only sends.
const MAX_UNREAD: usize = 4 * 1024 * 1024;
/// How long the closing handshake may take.
const CLOSING: Duration = Duration::from_millis(800);

/// Close codes (RFC 6455 section 7.4.1).
pub mod code {
    /// All is said.
    pub const DONE: u16 = 1000;
    /// A message that cannot be understood or may not come here.
    pub const BAD_MESSAGE: u16 = 1003;
    /// More than may be sent.
    pub const POLICY: u16 = 1008;
    /// A message over the limit.
    pub const TOO_BIG: u16 = 1009;
    /// We cannot go on.
    pub const SERVER: u16 = 1011;
    /// Too busy, starting or stopping.
    pub const TRY_LATER: u16 = 1013;
}

/// An error that ends a stream.
#[derive(Debug)]
pub struct Failure {
    /// Sent with the close.
    pub code: u16,
    /// Sent before it.
    pub error: ApiError,
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        let code = match error.code {
            ErrorCode::Backpressure => code::POLICY,
            ErrorCode::BodyTooLarge => code::TOO_BIG,
            ErrorCode::Overloaded | ErrorCode::NotReady => code::TRY_LATER,
            ErrorCode::IdleTimeout | ErrorCode::InternalError => code::SERVER,
            _ => code::BAD_MESSAGE,
        };
        Failure { code, error }
    }
}

impl Failure {
    /// A message that makes no sense here.
    pub fn unexpected(message: impl Into<String>) -> Self {
        ApiError::new(ErrorCode::UnexpectedMessage, message).into()
    }
}

/// The client is gone, or does not read.
#[derive(Debug)]
pub struct Gone;

/// Why a session ends before everything is said.
#[derive(Debug)]
pub enum Broken {
    /// Nobody is there to be told.
    Gone,
    /// The client is to be told.
    Failed(Failure),
}

impl From<Gone> for Broken {
    fn from(Gone: Gone) -> Self {
        Broken::Gone
    }
}

impl From<Failure> for Broken {
    fn from(failure: Failure) -> Self {
        Broken::Failed(failure)
    }
}

impl From<ApiError> for Broken {
    fn from(error: ApiError) -> Self {
        Broken::Failed(error.into())
    }
}

/// Answers a handshake; `serve` has the open socket, and the request's id and span, until it ends.
pub fn open<S, F>(upgrade: WebSocketUpgrade, serve: S) -> Response
where
    S: FnOnce(WebSocket) -> F + Send + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let id = request_id::current();
    let span = tracing::Span::current();
    upgrade
        .read_buffer_size(READ_BUFFER)
        .max_message_size(MAX_MESSAGE)
        .max_frame_size(MAX_MESSAGE)
        .max_write_buffer_size(MAX_UNREAD)
        .on_upgrade(move |socket| request_id::scope(id, serve(socket)).instrument(span))
}

/// Receives the client's answer to our close, if it comes soon.
pub async fn closed(source: impl Stream) {
    let rest = source.for_each(|_| std::future::ready(()));
    // Late or never: it is closed all the same.
    let _ = timeout(CLOSING, rest).await;
}
