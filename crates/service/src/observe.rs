//! The outermost layer: request id, span, access log, metrics, and panics turned into answers.

use crate::error::ApiError;
use crate::phases::{self, Phases};
use crate::request_id::{self, RequestId, X_REQUEST_ID};
use crate::{conn::Peer, metrics, trace};
use api::ErrorCode;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use http::{StatusCode, header};
use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};
use tracing::Instrument;

/// Routes asked for all the time by machines; logged only with `debug`.
const QUIET: [&str; 3] = ["/health", "/ready", "/metrics"];

/// What the log and the metrics call a request that no route matched.
pub const NO_ROUTE: &str = "(none)";

/// What is observed, and how closely.
#[derive(Debug, Clone, Copy)]
pub struct Observed {
    /// Whether the client's address is logged; it is personal data.
    pub peers: bool,
    /// After what time a request is logged as slow.
    pub slow: Option<Duration>,
}

/// Runs the rest of the service for one request.
///
/// Logs the route template, never the path or query: both can hold tokens and personal data.
pub async fn observe(State(what): State<Observed>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = RequestId::from_headers(request.headers());
    request
        .headers_mut()
        .insert(X_REQUEST_ID, id.header_value());
    request.extensions_mut().insert(id.clone());
    let method = metrics::method_label(request.method());
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let route = matched.as_ref().map_or(NO_ROUTE, MatchedPath::as_str);
    let peer = request
        .extensions()
        .get::<Peer>()
        .filter(|_| what.peers)
        .map(|peer| tracing::field::display(peer.addr.ip()));
    let span = tracing::info_span!("request", request_id = %id, method, route, peer);
    let trace = if QUIET.contains(&route) {
        tracing::Span::none()
    } else {
        span.in_scope(|| trace::server(request.headers(), method, route, id.as_str()))
    };

    let run = async move {
        match AssertUnwindSafe(next.run(request)).catch_unwind().await {
            Ok(response) => response,
            // The hook has logged what and where; the client learns only that it was our fault.
            Err(_) => ApiError::internal("a handler panicked").into_response(),
        }
    };
    let phases = Phases::default();
    let run = phases::scope(phases.clone(), run);
    // The trace inside: it is what those who send requests on, or spawn tasks, find as current.
    let mut response = request_id::scope(id.clone(), run)
        .instrument(trace.clone())
        .instrument(span.clone())
        .await;

    response
        .headers_mut()
        .insert(X_REQUEST_ID, id.header_value());
    let elapsed = started.elapsed();
    let status = response.status();
    metrics::count_request(method, route, status, elapsed);
    trace::answered(&trace, status, &phases.all());
    let code = response
        .extensions()
        .get::<ErrorCode>()
        .map(|code| code.as_str());
    let ms = elapsed.as_micros() as f64 / 1000.0;
    span.in_scope(|| {
        if QUIET.contains(&route) {
            tracing::debug!(status = status.as_u16(), ms, code, "answered");
        } else {
            tracing::info!(status = status.as_u16(), ms, code, "answered");
        }
        let slow = what.slow.is_some_and(|slow| elapsed >= slow);
        if slow && !QUIET.contains(&route) && !is_stream(&response) {
            let phases = phases.text();
            // The fields of the span once more: with RUST_LOG=warn there is none.
            tracing::warn!(request_id = %id, route, ms, phases, "slow request");
        }
    });
    response
}

/// Whether an answer goes on for as long as somebody talks: a WebSocket, or server-sent events.
fn is_stream(response: &Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE);
    response.status() == StatusCode::SWITCHING_PROTOCOLS
        || kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"))
}
