//! Carries messages between a client and a service until one of them, or we, end it.
//!
//! One message at a time and direction: a side that does not read slows the other down.

use crate::identity::Identity;
use crate::state::Gateway;
use crate::upstreams::Service;
use crate::usage_log::Entry;
use crate::ws_end::{CLOSING, End, close, code};
use crate::ws_told::{self, Told};
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
use tokio::sync::mpsc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::{self, Error as WsError};

/// The service's side.
pub type UpstreamSocket = WebSocketStream<TcpStream>;

/// Largest message and frame in bytes.
pub const MAX_MESSAGE: usize = 16 * 1024 * 1024;
/// Audio comes in small messages; the library's own 128 KiB a socket would be most of our memory.
pub const READ_BUFFER: usize = 16 * 1024;

/// Largest message of a service; ours end a socket sooner than let more wait.
pub const MAX_ANSWER: usize = 4 * 1024 * 1024;
/// Most that waits for a client to read: a message, and answers to the pings of one that only sends.
pub const MAX_UNREAD: usize = MAX_ANSWER + 64 * 1024;

/// How often the client is pinged, and after which silence it is gone.
const PING: Duration = Duration::from_secs(25);
const SILENCE: Duration = Duration::from_secs(80);
/// Answers of our own that wait for the client to read.
const ANSWERS: usize = 16;
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
    let open = gauge!("gateway_websockets_open", "upstream" => service.name());
    open.increment(1.0);
    let _guard = gateway.drain.guard();
    let bytes_in = entry
        .as_ref()
        .map(|entry| entry.bytes_in.clone())
        .unwrap_or_default();
    let told = Told::of(caller.clone());
    if let Some(entry) = &mut entry {
        entry.row().status = code::ABNORMAL;
    }
    let (mut to_client, mut from_client) = client.split();
    let (mut to_upstream, mut from_upstream) = upstream.split();

    let heard = Heard::new();
    let (answer, answers) = mpsc::channel(ANSWERS);
    let speaker = caller
        .as_deref()
        .filter(|_| service == Service::Tts)
        .map(|caller| (caller, answer));
    let end = tokio::select! {
        end = inward(&mut from_client, &mut to_upstream, service, (&bytes_in, &heard), speaker.as_ref()) => end,
        end = outward(&mut from_upstream, &mut to_client, service, (&told, &heard), answers) => end,
        end = stopped(gateway, caller.as_deref()) => end,
    };
    let status = close(end, to_client, from_client, to_upstream, from_upstream).await;
    if let Some(entry) = &mut entry {
        entry.row().status = status;
        let row = entry.row();
        row.bytes_out = told.bytes.into_inner();
        row.audio_seconds = told.audio_us.into_inner() as f64 / 1e6;
        row.characters = told.characters.into_inner();
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
    (bytes, heard): (&AtomicU64, &Heard),
    speaker: Option<&(&Identity, mpsc::Sender<String>)>,
) -> End {
    loop {
        let message = match from.next().await {
            Some(Ok(message)) => message,
            Some(Err(error)) => return refused(&error),
            None => return End::ClientGone,
        };
        heard.now();
        let message = match message {
            Message::Text(text) => {
                bytes.fetch_add(text.len() as u64, Ordering::Relaxed);
                if let Some((caller, answer)) = speaker
                    && let Some(refusal) = ws_told::refusal(caller, &text)
                {
                    if answer.send(refusal).await.is_err() {
                        return End::ClientGone;
                    }
                    continue;
                }
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
    (told, heard): (&Told, &Heard),
    mut answers: mpsc::Receiver<String>,
) -> End {
    let mut ping = tokio::time::interval(PING);
    ping.reset();
    loop {
        let message = tokio::select! {
            message = from.next() => message,
            Some(answer) = answers.recv() => {
                told.bytes.fetch_add(answer.len() as u64, Ordering::Relaxed);
                if to.send(Message::Text(answer.into())).await.is_err() {
                    return End::ClientGone;
                }
                continue;
            }
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
                match service {
                    Service::Asr => told.look_for_audio(&text),
                    Service::Tts => told.look_for_speech(&text),
                    _ => {}
                }
                match axum::extract::ws::Utf8Bytes::try_from(bytes::Bytes::from(text)) {
                    Ok(text) => Message::Text(text),
                    Err(_) => return End::Ours(code::SERVER, lost(service)),
                }
            }
            Some(Ok(tungstenite::Message::Binary(data))) => {
                told.bytes.fetch_add(data.len() as u64, Ordering::Relaxed);
                told.count_sound(data.len());
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

/// What to say to a client whose bytes could not be read.
fn refused(error: &axum::Error) -> End {
    let source =
        std::error::Error::source(error).and_then(|source| source.downcast_ref::<WsError>());
    let malformed = |what: String| ApiError::new(ErrorCode::MalformedRequest, what);
    match source {
        Some(WsError::Capacity(_)) => End::Ours(code::TOO_BIG, too_big()),
        Some(WsError::Utf8(_)) => End::Ours(
            code::NOT_TEXT,
            malformed("A text message must be UTF-8.".into()),
        ),
        Some(WsError::Protocol(ProtocolError::ResetWithoutClosingHandshake)) => End::ClientGone,
        Some(WsError::Protocol(what)) => End::Ours(
            code::PROTOCOL,
            malformed(format!("This is no WebSocket any more: {what}.")),
        ),
        _ => End::ClientGone,
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
