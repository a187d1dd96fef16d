//! Carries messages between a client and a service until one of them, or we, end it.
//!
//! One message at a time and direction: a side that does not read slows the other down.

use crate::identity::Identity;
use crate::state::Gateway;
use crate::upstreams::Service;
use crate::usage_log::Entry;
use crate::ws_end::{CLOSING, End, close, code};
use api::ErrorCode;
use axum::extract::ws::{CloseFrame, Message, WebSocket};
use futures::stream::{SplitSink, SplitStream};
use futures::{SinkExt, StreamExt};
use metrics::gauge;
use service::ApiError;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{self, Error as WsError};

/// The service's side.
pub type UpstreamSocket = WebSocketStream<TcpStream>;

/// Largest message and frame in bytes.
pub const MAX_MESSAGE: usize = 16 * 1024 * 1024;
/// Audio comes in small messages; the library's own 128 KiB a socket would be most of our memory.
pub const READ_BUFFER: usize = 16 * 1024;

/// How often the client is pinged, and after which silence it is gone.
const PING: Duration = Duration::from_secs(25);
const SILENCE: Duration = Duration::from_secs(80);
/// Kept of the drain for saying goodbye.
const GOODBYE: Duration = Duration::from_secs(2);

/// Runs a session to its end, closes both sides and fills in the row.
pub async fn run(
    gateway: &Gateway,
    service: Service,
    client: WebSocket,
    upstream: UpstreamSocket,
    caller: Option<Arc<Identity>>,
    mut entry: Option<Entry>,
) {
    let open = gauge!("gateway_websockets_open", "service" => service.name());
    open.increment(1.0);
    let _guard = gateway.drain.guard();
    let bytes_in = entry
        .as_ref()
        .map(|entry| entry.bytes_in.clone())
        .unwrap_or_default();
    let told = Told::default();
    if let Some(entry) = &mut entry {
        entry.row().status = code::ABNORMAL;
    }
    let (mut to_client, mut from_client) = client.split();
    let (mut to_upstream, mut from_upstream) = upstream.split();

    let heard = Heard::new();
    let end = tokio::select! {
        end = inward(&mut from_client, &mut to_upstream, service, &bytes_in, &heard) => end,
        end = outward(&mut from_upstream, &mut to_client, service, &told, &heard) => end,
        end = stopped(gateway, caller.as_deref()) => end,
    };
    let status = close(end, to_client, from_client, to_upstream, from_upstream).await;
    if let Some(entry) = &mut entry {
        entry.row().status = status;
        entry.row().bytes_out = told.bytes.into_inner();
        entry.row().audio_seconds = told.audio_ms.into_inner() as f64 / 1000.0;
    }
    tracing::info!(code = status, service = service.name(), "WebSocket closed");
    open.decrement(1.0);
}

/// Ends when the token is revoked or the drain is nearly over.
async fn stopped(gateway: &Gateway, caller: Option<&Identity>) -> End {
    let revoked = async {
        let Some(caller) = caller else {
            return std::future::pending().await;
        };
        tokio::select! {
            () = caller.revoked.cancelled() => {}
            () = gateway.auth.keep_fresh(caller) => {}
        }
    };
    let drained = async {
        gateway.drain.started().await;
        // Sessions get the time to end by themselves, but for the goodbye.
        tokio::time::sleep(
            gateway
                .drain_time
                .saturating_sub(GOODBYE.min(gateway.drain_time / 2)),
        )
        .await;
    };
    tokio::select! {
        () = revoked => End::Ours(code::AUTH, ApiError::new(ErrorCode::InvalidToken, "The API token was revoked.")),
        () = drained => End::Ours(code::TRY_LATER, ApiError::not_ready("The gateway is shutting down.")),
    }
}

async fn inward(
    from: &mut SplitStream<WebSocket>,
    to: &mut SplitSink<UpstreamSocket, tungstenite::Message>,
    service: Service,
    bytes: &AtomicU64,
    heard: &Heard,
) -> End {
    loop {
        let message = match from.next().await {
            Some(Ok(message)) => message,
            Some(Err(error)) if is_too_big(&error) => return End::Ours(code::TOO_BIG, too_big()),
            Some(Err(_)) | None => return End::ClientGone,
        };
        heard.now();
        let message = match message {
            Message::Text(text) => {
                bytes.fetch_add(text.len() as u64, Ordering::Relaxed);
                match tungstenite::Utf8Bytes::try_from(bytes::Bytes::from(text)) {
                    Ok(text) => tungstenite::Message::Text(text),
                    Err(_) => return End::ClientGone,
                }
            }
            Message::Binary(data) => {
                bytes.fetch_add(data.len() as u64, Ordering::Relaxed);
                tungstenite::Message::Binary(data)
            }
            // The libraries answer pings themselves; services still see that somebody is there.
            Message::Ping(data) => tungstenite::Message::Ping(data),
            Message::Pong(_) => continue,
            Message::Close(frame) => return End::Client(frame),
        };
        if to.send(message).await.is_err() {
            // Its own close, if it sent one, is waiting in the other direction.
            tokio::time::sleep(CLOSING).await;
            return End::Ours(code::SERVER, lost(service));
        }
    }
}

async fn outward(
    from: &mut SplitStream<UpstreamSocket>,
    to: &mut SplitSink<WebSocket, Message>,
    service: Service,
    told: &Told,
    heard: &Heard,
) -> End {
    let mut ping = tokio::time::interval(PING);
    ping.reset();
    loop {
        let message = tokio::select! {
            message = from.next() => message,
            _ = ping.tick() => {
                if heard.since() > SILENCE || to.send(Message::Ping(bytes::Bytes::new())).await.is_err() {
                    return End::ClientGone;
                }
                continue;
            }
        };
        let message = match message {
            Some(Ok(tungstenite::Message::Text(text))) => {
                told.bytes.fetch_add(text.len() as u64, Ordering::Relaxed);
                if service == Service::Asr {
                    told.look_for_audio(&text);
                }
                match axum::extract::ws::Utf8Bytes::try_from(bytes::Bytes::from(text)) {
                    Ok(text) => Message::Text(text),
                    Err(_) => return End::Ours(code::SERVER, lost(service)),
                }
            }
            Some(Ok(tungstenite::Message::Binary(data))) => {
                told.bytes.fetch_add(data.len() as u64, Ordering::Relaxed);
                Message::Binary(data)
            }
            Some(Ok(tungstenite::Message::Ping(data))) => Message::Ping(data),
            Some(Ok(tungstenite::Message::Pong(_) | tungstenite::Message::Frame(_))) => continue,
            Some(Ok(tungstenite::Message::Close(frame))) => {
                let frame = frame.map(|frame| CloseFrame {
                    code: frame.code.into(),
                    reason: frame.reason.as_str().into(),
                });
                return End::Upstream(frame);
            }
            Some(Err(_)) | None => return End::Ours(code::SERVER, lost(service)),
        };
        if to.send(message).await.is_err() {
            return End::ClientGone;
        }
    }
}

fn lost(service: Service) -> ApiError {
    crate::proxy::unavailable(service, "broke the connection off")
}

fn too_big() -> ApiError {
    ApiError::new(
        ErrorCode::BodyTooLarge,
        format!(
            "A message may have at most {} MiB.",
            MAX_MESSAGE / 1024 / 1024
        ),
    )
}

fn is_too_big(error: &axum::Error) -> bool {
    let source =
        std::error::Error::source(error).and_then(|source| source.downcast_ref::<WsError>());
    matches!(source, Some(WsError::Capacity(_)))
}

/// What a service has said, for the usage row.
#[derive(Default)]
struct Told {
    bytes: AtomicU64,
    audio_ms: AtomicU64,
}

impl Told {
    /// A stream of recognition says in its events how far into the audio they reach, and in the
    /// last one how long it was.
    fn look_for_audio(&self, text: &str) {
        #[derive(serde::Deserialize)]
        struct Reach {
            end: Option<f64>,
            duration: Option<f64>,
        }
        let reach = serde_json::from_str::<Reach>(text).ok();
        if let Some(seconds) = reach.and_then(|reach| reach.duration.or(reach.end)) {
            self.audio_ms
                .fetch_max((seconds.max(0.0) * 1000.0) as u64, Ordering::Relaxed);
        }
    }
}

/// When the client was last heard of; shared by both directions.
struct Heard {
    start: Instant,
    last_ms: AtomicU64,
}

impl Heard {
    fn new() -> Self {
        Heard {
            start: Instant::now(),
            last_ms: AtomicU64::new(0),
        }
    }

    fn now(&self) {
        self.last_ms
            .store(self.start.elapsed().as_millis() as u64, Ordering::Relaxed);
    }

    fn since(&self) -> Duration {
        self.start
            .elapsed()
            .saturating_sub(Duration::from_millis(self.last_ms.load(Ordering::Relaxed)))
    }
}
