//! The receiving half of a stream: messages from the socket into a bounded queue.
//!
//! While much audio waits, nothing is read, so that TCP slows the client down. What that cannot slow
//! down is refused: one message with more than [`LIMIT_S`] of audio.

use super::messages::{self, Control};
use api::ErrorCode;
use audio::LiveEncoding;
use axum::extract::ws::{Message, WebSocket};
use bytes::Bytes;
use futures::StreamExt;
use futures::stream::SplitStream;
use service::ApiError;
use service::socket::Failure;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::{Notify, mpsc};
use tokio::time::timeout;

/// Longest binary message that is taken.
pub const LONGEST_MESSAGE: usize = 1024 * 1024;
/// Seconds of audio that may wait.
const LIMIT_S: f64 = 30.0;
/// Seconds of audio from which on nothing more is read for now.
const PAUSE_S: f64 = 10.0;
/// How long that may last.
const STUCK: Duration = Duration::from_secs(30);
/// Bytes that a second of audio has at most: 16-bit samples at 48 kHz.
const MOST_BYTES_A_SECOND: f64 = 96_000.0;
/// Messages between the halves.
pub const QUEUE: usize = 256;

/// What a client sent.
#[derive(Debug)]
pub enum Inbound {
    /// Audio, and how many microseconds of it.
    Audio(Bytes, u64),
    /// Finals now.
    Finalize,
    /// Nothing more will come.
    End,
    /// Nothing came for a while, though somebody was speaking.
    Stalled,
    /// Something that ends the stream.
    Failed(Failure),
}

/// Seconds of audio read but not yet heard, shared by both halves.
#[derive(Debug, Clone, Default)]
pub struct Backlog(Arc<(AtomicU64, Notify)>);

impl Backlog {
    /// Seconds.
    pub fn seconds(&self) -> f64 {
        self.0.0.load(Ordering::Acquire) as f64 / 1e6
    }

    /// So many microseconds were heard.
    pub fn heard(&self, micros: u64) {
        self.0.0.fetch_sub(micros, Ordering::AcqRel);
        self.0.1.notify_one();
    }

    fn add(&self, micros: u64) {
        self.0.0.fetch_add(micros, Ordering::AcqRel);
    }

    /// Waits until no more than so many seconds wait; that they do for long means that we are
    /// overloaded.
    async fn below(&self, limit_s: f64) -> Result<(), Failure> {
        let heard = async {
            while self.seconds() > limit_s {
                self.0.1.notified().await;
            }
        };
        timeout(STUCK, heard)
            .await
            .map_err(|_| ApiError::overloaded(STUCK).into())
    }
}

/// Waits for the next message; `None` when the client is gone.
pub async fn next(
    socket: &mut (impl StreamExt<Item = Result<Message, axum::Error>> + Unpin),
    idle: Duration,
) -> Result<Option<Message>, Failure> {
    loop {
        match timeout(idle, socket.next()).await {
            Err(_) => {
                let message = format!(
                    "No message came for {} seconds; send {{\"type\":\"keepalive\"}} while there is no audio.",
                    idle.as_secs()
                );
                return Err(ApiError::new(ErrorCode::IdleTimeout, message).into());
            }
            Ok(Some(Ok(Message::Ping(_) | Message::Pong(_)))) => {}
            Ok(Some(Ok(Message::Close(_)) | Err(_)) | None) => return Ok(None),
            Ok(Some(Ok(Message::Binary(data)))) if data.len() > LONGEST_MESSAGE => {
                let message = format!(
                    "A message may have at most {LONGEST_MESSAGE} bytes, not {}; send a tenth of a second at a time.",
                    data.len()
                );
                return Err(ApiError::new(ErrorCode::BodyTooLarge, message).into());
            }
            Ok(Some(Ok(message))) => return Ok(Some(message)),
        }
    }
}

/// What audio is, for counting its seconds.
#[derive(Debug, Clone, Copy)]
pub struct Measure {
    /// How samples travel.
    pub encoding: LiveEncoding,
    /// Samples a second.
    pub rate_hz: u32,
}

/// The message that holds audio, once there is room for it.
pub async fn audio(data: Bytes, measure: Measure, backlog: &Backlog) -> Result<Inbound, Failure> {
    // No message is lighter than its bytes: a broken Opus packet has no seconds of its own.
    let least_s = data.len() as f64 / MOST_BYTES_A_SECOND;
    let seconds = measure
        .encoding
        .seconds(&data, measure.rate_hz)
        .max(least_s);
    if seconds > LIMIT_S {
        let message = format!(
            "A message may have at most {LIMIT_S} seconds of audio, not {seconds:.0}; send a tenth of a second at a time."
        );
        return Err(ApiError::new(ErrorCode::Backpressure, message).into());
    }
    backlog.below(LIMIT_S - seconds).await?;
    let micros = (seconds * 1e6) as u64;
    backlog.add(micros);
    Ok(Inbound::Audio(data, micros))
}

/// Reads until the client is gone. What comes after an `end` or a failure is not looked at.
pub async fn read(
    socket: &mut SplitStream<WebSocket>,
    measure: Measure,
    backlog: Backlog,
    idle: Duration,
    queue: mpsc::Sender<Inbound>,
) {
    loop {
        let message = match next(socket, idle).await {
            Ok(None) => return,
            Ok(Some(message)) => take(message, measure, &backlog).await,
            Err(failure) => Err(failure),
        };
        let inbound = match message {
            Ok(None) => continue,
            Ok(Some(inbound)) => inbound,
            Err(failure) => Inbound::Failed(failure),
        };
        let last = matches!(inbound, Inbound::End | Inbound::Failed(_));
        if queue.send(inbound).await.is_err() || last {
            break;
        }
        if let Err(failure) = backlog.below(PAUSE_S).await {
            let _ = queue.send(Inbound::Failed(failure)).await;
            break;
        }
    }
    while let Some(Ok(_)) = socket.next().await {}
}

/// A message, understood; `None` when nothing follows from it.
async fn take(
    message: Message,
    measure: Measure,
    backlog: &Backlog,
) -> Result<Option<Inbound>, Failure> {
    match message {
        Message::Binary(data) => audio(data, measure, backlog).await.map(Some),
        Message::Text(text) => match messages::read(&text)? {
            Control::Keepalive => Ok(None),
            Control::Finalize => Ok(Some(Inbound::Finalize)),
            Control::End => Ok(Some(Inbound::End)),
            Control::Config(_) => Err(Failure::unexpected(
                "The configuration comes once, and before any audio; open another stream for another one.",
            )),
        },
        _ => Ok(None),
    }
}
