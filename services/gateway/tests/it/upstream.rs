//! A stand-in for a service: says back what it got, streams, fails, hangs, and keeps count.

use axum::body::{Body, Bytes};
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::extract::{OriginalUri, Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use axum::{Json, Router};
use futures::StreamExt;
use http_body::Frame;
use http_body_util::StreamBody;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::SeqCst};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

const METRICS: &str = "# TYPE stand_in_total counter\nstand_in_total{route=\"/x\"} 4\n\n# TYPE http_requests_total counter\nhttp_requests_total{status=\"200\"} 1\n";

#[derive(Clone)]
pub struct Upstream {
    pub url: String,
    pub seen: Arc<Seen>,
}

/// What the stand-in noticed.
pub struct Seen {
    /// Bytes of bodies that have arrived at `/sink`.
    pub received: AtomicU64,
    /// Uploads that broke off.
    pub broken: AtomicU64,
    /// Requests and sessions running now.
    pub running: AtomicI64,
    /// Permission for `/events` to send its next event.
    pub next_event: Semaphore,
}

struct Busy(Arc<Seen>);

impl Busy {
    fn new(seen: &Arc<Seen>) -> Self {
        seen.running.fetch_add(1, SeqCst);
        Busy(seen.clone())
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, SeqCst);
    }
}

impl Upstream {
    pub async fn start() -> Self {
        let seen = Arc::new(Seen {
            received: AtomicU64::new(0),
            broken: AtomicU64::new(0),
            running: AtomicI64::new(0),
            next_event: Semaphore::new(0),
        });
        let app = Router::new()
            .route("/sink", post(sink))
            .route("/events", get(events))
            .route("/synthesize", post(synthesize))
            .route("/hang", any(hang))
            .route("/status/{code}", any(status))
            .route("/envelope", any(envelope))
            .route("/ready", get(|| async { "ok" }))
            .route("/metrics", get(|| async { METRICS }))
            .route(
                "/status",
                get(|| async { Json(json!({ "status": "ok", "stand_in": true })) }),
            )
            .route("/openapi.json", get(document))
            .route("/stream", get(stream))
            .route("/ws/twilio", get(stream))
            .route("/api/calls/socket", get(stream))
            .fallback(say_back)
            .with_state(seen.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Upstream { url, seen }
    }
}

fn said(method: &Method, uri: &OriginalUri, headers: &HeaderMap) -> Value {
    let headers: serde_json::Map<_, _> = headers
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap_or("?").into()))
        .collect();
    json!({ "method": method.as_str(), "uri": uri.0.to_string(), "headers": headers })
}

async fn say_back(method: Method, uri: OriginalUri, headers: HeaderMap, body: Bytes) -> Response {
    let mut said = said(&method, &uri, &headers);
    said["bytes"] = body.len().into();
    let extra = [
        ("x-audio-seconds", "2.5"),
        ("x-characters", "7"),
        ("x-internal-note", "private"),
        ("keep-alive", "timeout=5"),
    ];
    (extra, Json(said)).into_response()
}

async fn sink(State(seen): State<Arc<Seen>>, body: Body) -> Response {
    let _busy = Busy::new(&seen);
    let mut total = 0;
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        let Ok(chunk) = chunk else {
            seen.broken.fetch_add(1, SeqCst);
            return StatusCode::BAD_REQUEST.into_response();
        };
        total += chunk.len();
        seen.received.fetch_add(chunk.len() as u64, SeqCst);
    }
    Json(json!({ "bytes": total })).into_response()
}

async fn events(State(seen): State<Arc<Seen>>) -> Response {
    let busy = Busy::new(&seen);
    let events = futures::stream::unfold((busy, 0), |(busy, number)| async move {
        busy.0.next_event.acquire().await.unwrap().forget();
        Some((
            Ok::<_, std::io::Error>(format!("data: {number}\n\n")),
            (busy, number + 1),
        ))
    });
    (
        [("content-type", "text/event-stream")],
        Body::from_stream(events),
    )
        .into_response()
}

/// So many characters as the body has bytes, and two seconds of sound, which it says at the end.
async fn synthesize(headers: HeaderMap, body: Bytes) -> Response {
    assert_eq!(headers["te"], "trailers");
    let trailers = HeaderMap::from_iter([(
        HeaderName::from_static("x-audio-seconds"),
        HeaderValue::from_static("2.000"),
    )]);
    let frames = [
        Ok::<_, std::io::Error>(Frame::data(Bytes::from_static(b"RIFF"))),
        Ok(Frame::trailers(trailers)),
    ];
    let head = [
        ("x-characters", body.len().to_string()),
        ("trailer", "x-audio-seconds".to_owned()),
    ];
    let body = Body::new(StreamBody::new(futures::stream::iter(frames)));
    (head, body).into_response()
}

async fn hang(State(seen): State<Arc<Seen>>) -> Response {
    let _busy = Busy::new(&seen);
    tokio::time::sleep(Duration::from_secs(2)).await;
    "done".into_response()
}

async fn status(Path(code): Path<u16>) -> Response {
    (
        StatusCode::from_u16(code).unwrap(),
        "secret details of the service",
    )
        .into_response()
}

async fn envelope(headers: HeaderMap) -> Response {
    let id = headers["x-request-id"].to_str().unwrap();
    let body = json!({"error": {"type": "invalid_request_error", "code": "unsupported_audio",
        "message": "not audio", "param": "file", "request_id": id}});
    (StatusCode::UNSUPPORTED_MEDIA_TYPE, Json(body)).into_response()
}

async fn document() -> Json<Value> {
    Json(json!({
        "openapi": "3.1.0", "info": {"title": "asr", "version": "1"},
        "paths": {"/transcribe": {"post": {"responses": {}}}, "/health": {"get": {"responses": {}}}}
    }))
}

async fn stream(
    State(seen): State<Arc<Seen>>,
    method: Method,
    uri: OriginalUri,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    if uri.0.query() == Some("refuse") {
        return envelope(headers).await;
    }
    let hello = said(&method, &uri, &headers).to_string();
    upgrade
        .max_message_size(64 << 20)
        .on_upgrade(move |socket| session(socket, seen, hello))
}

/// Says what the handshake was, then echoes; of more than 4 MiB it says how many bytes came. `close CODE`
/// closes, `drop` vanishes.
async fn session(mut socket: WebSocket, seen: Arc<Seen>, hello: String) {
    let _busy = Busy::new(&seen);
    if socket.send(Message::Text(hello.into())).await.is_err() {
        return;
    }
    while let Some(Ok(message)) = socket.recv().await {
        match &message {
            Message::Text(text) if text.as_str() == "drop" => return,
            Message::Text(text) if text.starts_with("close ") => {
                let code = text[6..].parse().unwrap();
                let _ = socket
                    .send(Message::Close(Some(CloseFrame {
                        code,
                        reason: "as asked".into(),
                    })))
                    .await;
            }
            Message::Close(frame) => {
                seen.received
                    .store(frame.as_ref().map_or(0, |frame| frame.code.into()), SeqCst);
            }
            Message::Ping(_) | Message::Pong(_) => {}
            Message::Binary(data) if data.len() > 4 << 20 => {
                drop(
                    socket
                        .send(Message::Text(data.len().to_string().into()))
                        .await,
                );
            }
            Message::Text(_) | Message::Binary(_) => drop(socket.send(message).await),
        }
    }
}
